#include "kube/admission/certificate_keeper.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <utility>

#include "async/loop.h"
#include "async/task.h"
#include "async/time.h"
#include "base/error.h"
#include "base/result.h"
#include "base/rfc3339.h"
#include "kube/admission/ca_bundle.h"
#include "kube/admission/serving_certificate.h"
#include "net/certificate_authority.h"
#include "telemetry/log.h"

namespace kthena::kube {

using namespace std::chrono_literals;

namespace {

constexpr Duration kFirstRetry = 500ms;  // doubled with each failure
constexpr Duration kMaxRetry = 30s;
constexpr Duration kFilePause = 5s;  // what the kubelet renews is seen after a minute anyway
constexpr Duration kLookLimit = 30s;
constexpr Duration kRecheck = 10min;  // signatures of what did not change
constexpr int kTries = 5;

WallTime wall_now() { return async::Loop::current()->wall_now(); }

}  // namespace

CertificateMetrics::CertificateMetrics(telemetry::Registry& registry)
    : not_after(registry.gauge("webhook_certificate_not_after_timestamp_seconds",
                               "Until when the certificate in use is valid; 0: there is none.")),
      renewals(registry.counter("webhook_certificate_renewals_total",
                                "Certificates taken into use in the place of another.")),
      errors(registry.counter("webhook_certificate_errors_total",
                              "Looks at certificates and webhook configurations that failed.")) {}

CertificateKeeper::CertificateKeeper(Client* client, const FileReader& files,
                                     CertificateKeeperOptions options, Use use,
                                     CertificateMetrics metrics)
    : client_(client),
      files_(files),
      options_(std::move(options)),
      use_(std::move(use)),
      metrics_(std::move(metrics)),
      pace_{.check_interval = 10s, .overlap = 10s} {}

async::Task<void> CertificateKeeper::run() {
  while (true) {
    Result<> result;
    {
      const async::DeadlineScope limit(co_await async::this_task(), kLookLimit);
      result = co_await look();
    }
    if (!result && result.error().code() == ErrorCode::Cancelled) {
      co_return;
    }
    report(result);
    if (!co_await async::sleep_for(pause())) {
      co_return;
    }
  }
}

void CertificateKeeper::report(const Result<>& result) {
  if (result) {
    failures_ = 0;
    last_error_.clear();
    return;
  }
  ++failures_;
  metrics_.errors.inc();
  if (last_error_ != result.error().message()) {
    last_error_ = result.error().message();
    log::warn("webhook certificates need attention; trying again", kv("reason", result.error()));
  }
}

Duration CertificateKeeper::pause() const {
  if (failures_ > 0) {
    const Duration retry = std::min(kMaxRetry, kFirstRetry * (1U << std::min(failures_ - 1, 8U)));
    return std::min(retry, pace_.check_interval);
  }
  if (options_.mode == CertificateMode::Files) {
    return kFilePause;
  }
  if (next_) {
    const Duration left = next_since_ + pace_.overlap - async::Loop::current()->now();
    return std::clamp<Duration>(left, 1ms, pace_.check_interval);
  }
  return pace_.check_interval;
}

async::Task<Result<>> CertificateKeeper::look() {
  if (options_.mode == CertificateMode::Files) {
    co_return look_at_files();
  }
  co_return co_await look_at_secret();
}

Result<net::CertificatePair> CertificateKeeper::read_files() const {
  return net::CertificatePair{.certificate_pem = TRY(files_.read(options_.certificate_file)),
                              .private_key_pem = TRY(files_.read(options_.key_file))};
}

Result<> CertificateKeeper::look_at_files() {
  const net::CertificatePair pair = TRY(read_files());
  known_ = true;  // that is the business of whoever makes the files
  return with_context(adopt(pair, Duration::zero()), options_.certificate_file);
}

async::Task<Result<>> CertificateKeeper::look_at_secret() {
  const std::optional<ServingCertificate> found = CO_TRY(co_await fetch());
  if (!found) {
    co_return look_at_files();
  }
  const Result<> known = found->ca_pem.empty() ? Result<>() : co_await make_known(*found);
  known_ = known.has_value();
  if (!known && used_) {
    co_return known;  // the one in use is still trusted, the new one may not be
  }
  CO_TRY(adopt(found->pair, pace_.overlap));
  co_return known;
}

async::Task<Result<std::optional<ServingCertificate>>> CertificateKeeper::fetch() {
  auto secret = co_await client_->get<Secret>(options_.secret);
  if (!secret && secret.error().code() == ErrorCode::NotFound) {
    if (read_files()) {
      co_return std::nullopt;
    }
    secret = co_await create();
  }
  if (!secret) {
    co_return fail(secret.error());
  }
  ServingCertificate certificate = CO_TRY(read_certificate_secret(*secret));
  if (is_good(certificate) || !is_self_issued(*secret, certificate)) {
    co_return std::move(certificate);
  }
  std::string why = why_renew(certificate, options_.dns_names, wall_now());
  if (why.empty()) {
    remember_good(certificate);
    co_return std::move(certificate);
  }
  co_return CO_TRY(co_await renew(*std::move(secret), certificate, std::move(why)));
}

bool CertificateKeeper::is_good(const ServingCertificate& certificate) const {
  return good_ && wall_now() < good_->until && good_->certificate == certificate;
}

void CertificateKeeper::remember_good(const ServingCertificate& certificate) {
  const auto info = net::read_certificate(certificate.pair.certificate_pem);
  if (info) {
    good_ = Good{.certificate = certificate,
                 .until = std::min(renewal_time(info->validity), wall_now() + kRecheck)};
  }
}

async::Task<Result<Secret>> CertificateKeeper::create() {
  const ServingCertificate made =
      CO_TRY(make_serving_certificate(options_.dns_names, wall_now(), options_.validity, {}));
  auto created = co_await client_->create(certificate_secret(options_.secret, made));
  if (created) {
    log::info("made a certificate for the webhooks", kv("secret", options_.secret.to_string()));
  } else if (created.error().code() == ErrorCode::AlreadyExists) {
    created = co_await client_->get<Secret>(options_.secret);  // another replica was faster
  }
  co_return created;
}

async::Task<Result<ServingCertificate>> CertificateKeeper::renew(Secret secret,
                                                                 const ServingCertificate& old,
                                                                 std::string why) {
  ServingCertificate made = CO_TRY(
      make_serving_certificate(options_.dns_names, wall_now(), options_.validity, old.ca_pem));
  const Secret wanted = certificate_secret(options_.secret, made);
  // Labels and whatever else there is stay; the version makes one replica win.
  for (const auto& [key, value] : wanted.data) {
    secret.data[key] = value;
  }
  const auto updated = co_await client_->update(secret);
  if (updated) {
    log::info("renewed the certificate of the webhooks", kv("reason", why),
              kv("secret", options_.secret.to_string()));
    co_return made;
  }
  if (updated.error().code() != ErrorCode::Conflict) {
    co_return fail(Error(updated.error()).with_context("renewing the webhooks' certificate"));
  }
  const Secret theirs = CO_TRY(co_await client_->get<Secret>(options_.secret));
  co_return read_certificate_secret(theirs);
}

async::Task<Result<>> CertificateKeeper::make_known(const ServingCertificate& certificate) {
  Result<> all;
  for (const WebhookConfigurationName& configuration : options_.configurations) {
    auto known = co_await make_known_in(configuration, certificate);
    if (!known) {
      all = fail(std::move(known).error().with_context(configuration.name));
    }
  }
  co_return all;
}

async::Task<Result<>> CertificateKeeper::make_known_in(
    const WebhookConfigurationName& configuration, const ServingCertificate& certificate) {
  const ResourceType& type = *configuration.type;
  const ObjectKey key{.namespace_name = {}, .name = configuration.name};
  const std::string ca_pem = live_authorities(certificate.ca_pem);
  for (int left = kTries;; --left) {
    const auto present = co_await client_->get(type, key);
    if (!present && present.error().code() == ErrorCode::NotFound) {
      log::debug("there is no such webhook configuration", kv("name", key.name));
      co_return Result<>();
    }
    if (!present) {
      co_return fail(present.error());
    }
    const auto patch = CO_TRY(plan_ca_bundle(*present, options_.service, ca_pem));
    if (!patch) {
      co_return Result<>();
    }
    // Read after the configuration: whoever renewed the Secret before it was read is seen here,
    // and whoever changes the configuration later makes our patch fail. So what a slow replica
    // read long ago never takes the place of what is newer.
    CO_TRY(co_await check_unchanged(certificate));
    const auto patched = co_await client_->patch(type, key, PatchType::Json, *patch);
    if (patched) {
      log::info("the API server is told to trust our certificates", kv("kind", type.kind),
                kv("name", key.name));
      co_return Result<>();
    }
    // A failed test is InvalidArgument: the configuration has changed since it was read.
    const ErrorCode code = patched.error().code();
    const bool changed = code == ErrorCode::Conflict || code == ErrorCode::InvalidArgument;
    if (!changed || left == 1) {
      co_return fail(patched.error());
    }
  }
}

const std::string& CertificateKeeper::live_authorities(const std::string& ca_pem) {
  const WallTime now = wall_now();
  if (live_.of != ca_pem || now >= live_.until) {
    live_ = {.of = ca_pem, .until = now + kRecheck, .text = live_certificates(ca_pem, now)};
  }
  return live_.text;
}

async::Task<Result<>> CertificateKeeper::check_unchanged(const ServingCertificate& certificate) {
  const Secret secret = CO_TRY(co_await client_->get<Secret>(options_.secret));
  const ServingCertificate now = CO_TRY(read_certificate_secret(secret));
  if (now != certificate) {
    co_return fail(ErrorCode::Conflict, "the certificate was renewed meanwhile");
  }
  co_return Result<>();
}

Result<> CertificateKeeper::adopt(const net::CertificatePair& pair, Duration overlap) {
  const Instant now = async::Loop::current()->now();
  if (used_ == pair) {
    next_.reset();
    return {};
  }
  if (used_ && overlap > Duration::zero()) {
    if (next_ != pair) {
      next_ = pair;
      next_since_ = now;
    }
    if (now < next_since_ + overlap) {
      return {};
    }
  }
  const net::CertificateInfo info = TRY(net::read_certificate(pair.certificate_pem));
  TRY(use_(pair));
  if (used_) {
    metrics_.renewals.inc();
  }
  used_ = pair;
  next_.reset();
  pace_ = pace_of(info.validity);
  metrics_.not_after.set(
      std::chrono::duration<double>(info.validity.not_after.time_since_epoch()).count());
  log::info("serving webhooks with a certificate", kv("serial", info.serial),
            kv("until", print_rfc3339(info.validity.not_after, Rfc3339Fraction::None).view()));
  return {};
}

}  // namespace kthena::kube
