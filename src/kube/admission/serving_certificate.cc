#include "kube/admission/serving_certificate.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/result.h"
#include "base/rfc3339.h"
#include "json/base64.h"
#include "kube/admission/ca_bundle.h"

namespace kthena::kube {

using namespace std::chrono_literals;

namespace {

constexpr std::string_view kCertificate = "tls.crt";
constexpr std::string_view kKey = "tls.key";
constexpr std::string_view kAuthority = "ca.crt";
constexpr std::string_view kOrganization = "Volcano";
constexpr std::string_view kCertManagerAnnotation = "cert-manager.io/certificate-name";
constexpr std::size_t kMaxAuthorities = 3;  // of a bundle: renewals in a row do not pile up

Result<std::string> find_text(const Secret& secret, std::string_view key) {
  auto text = TRY(with_context(secret.find(key), "data[" + std::string(key) + "]"));
  return std::move(text).value_or("");
}

/// From when it was made.
Duration life_of(const net::Validity& validity) {
  const Duration whole = validity.not_after - validity.not_before;
  return whole > kCertificateBackdate ? whole - kCertificateBackdate : whole;
}

}  // namespace

Result<ServingCertificate> read_certificate_secret(const Secret& secret) {
  ServingCertificate certificate{.pair = {.certificate_pem = TRY(find_text(secret, kCertificate)),
                                          .private_key_pem = TRY(find_text(secret, kKey))},
                                 .ca_pem = TRY(find_text(secret, kAuthority))};
  if (certificate.pair.certificate_pem.empty() || certificate.pair.private_key_pem.empty()) {
    return fail(ErrorCode::InvalidArgument,
                fmt::format("the Secret {} has no {} or no {}", secret.metadata.key().to_string(),
                            kCertificate, kKey));
  }
  return certificate;
}

Secret certificate_secret(const ObjectKey& key, const ServingCertificate& certificate) {
  Secret secret;
  secret.metadata.name = key.name;
  secret.metadata.namespace_name = key.namespace_name;
  secret.type = "kubernetes.io/tls";
  secret.data.emplace(kCertificate, json::encode_base64(certificate.pair.certificate_pem));
  secret.data.emplace(kKey, json::encode_base64(certificate.pair.private_key_pem));
  secret.data.emplace(kAuthority, json::encode_base64(certificate.ca_pem));
  return secret;
}

bool is_self_issued(const Secret& secret, const ServingCertificate& certificate) {
  if (secret.metadata.annotations.contains(kCertManagerAnnotation)) {
    return false;
  }
  const auto info = net::read_certificate(certificate.pair.certificate_pem);
  return info && info->issuer_common_name == kWebhookAuthority;
}

Result<ServingCertificate> make_serving_certificate(const std::vector<std::string>& dns_names,
                                                    WallTime now, Duration validity,
                                                    std::string_view before) {
  if (dns_names.empty()) {
    return fail(ErrorCode::InvalidArgument, "dnsNames cannot be empty");
  }
  const net::Validity when{.not_before = now - kCertificateBackdate, .not_after = now + validity};
  const net::CertificatePair authority = TRY(net::make_authority(
      {.common_name = std::string(kWebhookAuthority), .organization = std::string(kOrganization)},
      when));
  ServingCertificate made{
      .pair = TRY(net::issue_server_certificate(authority,
                                                {.common_name = dns_names.front(),
                                                 .organization = std::string(kOrganization),
                                                 .dns_names = dns_names},
                                                when)),
      .ca_pem = authority.certificate_pem};
  const auto old = net::split_certificates(live_certificates(before, now));
  for (std::size_t i = 0; old && i < old->size() && i + 1 < kMaxAuthorities; ++i) {
    made.ca_pem += (*old)[i];
  }
  return made;
}

WallTime renewal_time(const net::Validity& validity) {
  return validity.not_after - life_of(validity) / 3;
}

std::string why_renew(const ServingCertificate& certificate,
                      const std::vector<std::string>& dns_names, WallTime now) {
  const auto info = net::read_certificate(certificate.pair.certificate_pem);
  if (!info) {
    return info.error().message();
  }
  for (const std::string& name : dns_names) {
    if (std::ranges::find(info->dns_names, name) == info->dns_names.end()) {
      return "it is not for " + name;
    }
  }
  if (now >= renewal_time(info->validity)) {
    return fmt::format("it is valid until {}",
                       print_rfc3339(info->validity.not_after, Rfc3339Fraction::None).view());
  }
  // Not before: whoever made it may have a clock that is ahead of ours.
  const WallTime at = std::max(now, info->validity.not_before);
  const auto checked =
      net::check_server_certificate(certificate.pair, certificate.ca_pem, dns_names.front(), at);
  return checked ? "" : checked.error().message();
}

CertificatePace pace_of(const net::Validity& validity) {
  const Duration life = life_of(validity);
  return {.check_interval = std::clamp<Duration>(life / 100, 1s, 10s),
          .overlap = std::clamp<Duration>(life / 20, 1s, 10s)};
}

}  // namespace kthena::kube
