// kthena-controller-manager: webhooks of all kinds, on every replica; controllers, which come
// later, on the one that leads.
#include <fmt/format.h>

#include <csignal>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "app/admin_port.h"
#include "app/api_client.h"
#include "app/flags.h"
#include "async/channel.h"
#include "async/epoll_loop.h"
#include "async/scope.h"
#include "async/signals.h"
#include "kube/admission/ca_bundle.h"
#include "kube/admission/certificate_keeper.h"
#include "kube/client/kubeconfig.h"
#include "kube/controller/leader_election.h"
#include "net/tcp.h"
#include "telemetry/log.h"
#include "telemetry/metrics.h"
#include "telemetry/process_metrics.h"
#include "webhook/service.h"

namespace kthena {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kProgram = "kthena-controller-manager";
constexpr std::string_view kLease = "lease.kthena.controller-manager";
/// How long what was asked on the metrics port may take when the process stops.
constexpr Duration kAdminPatience = 5s;

struct Options {
  app::ApiClientOptions api;
  std::string namespace_name;
  bool leader_elect = true;
  net::IpAddress host = net::IpAddress::any();
  std::uint16_t metrics_port = 9090;
  bool webhook_enabled = true;
  std::uint16_t webhook_port = 8443;
  std::uint32_t webhook_timeout_seconds = 30;
  kube::CertificateMode certificate_mode = kube::CertificateMode::Auto;
  Duration certificate_validity = 87600h;
  std::string certificate_file = "/etc/tls/tls.crt";
  std::string key_file = "/etc/tls/tls.key";
  std::string secret_name = "kthena-controller-manager-webhook-certs";
  std::string service_name = "kthena-controller-manager-webhook";
  std::string client_ca_file;
  Duration drain_timeout = 30s;
  std::uint32_t verbosity = 0;
  log::Options log;
};

void declare_api_flags(app::Flags& flags, Options& options) {
  flags.section("Kubernetes API");
  options.api.declare(flags);
  flags
      .add("namespace", options.namespace_name,
           "where this process runs; else the pod's own, or that of the kubeconfig's context")
      .env("POD_NAMESPACE");
  flags.add("leader-elect", options.leader_elect,
            "one of several replicas runs the controllers, the one that holds the Lease "
            "lease.kthena.controller-manager; every replica serves webhooks");
}

void declare_webhook_flags(app::Flags& flags, Options& options) {
  flags.section("Webhooks");
  flags.add("enable-webhook", options.webhook_enabled, "serve the webhooks of all kinds");
  flags.add("port", options.webhook_port, "port of the webhooks, HTTPS; 0 takes a free one");
  flags
      .add("webhook-timeout", options.webhook_timeout_seconds,
           "seconds after which a silent connection is given up")
      .within(1, 3600);
  flags.add("cert-mode", options.certificate_mode,
            {{"auto", kube::CertificateMode::Auto},
             {"cert-manager", kube::CertificateMode::Files},
             {"manual", kube::CertificateMode::Files}},
            "auto: from the Secret, else the files, else made, renewed and put into the webhook "
            "configurations; others: the files, whoever renews them");
  flags.add("cert-secret-name", options.secret_name, "Secret of the certificate");
  flags.add("service-name", options.service_name, "Service that the certificate is for");
  flags
      .add("cert-validity", options.certificate_validity,
           "of certificates that are made here; renewed after two thirds of it")
      .positive();
  flags.add("tls-cert-file", options.certificate_file, "certificate, PEM").placeholder("FILE");
  flags.add("tls-private-key-file", options.key_file, "its key, PEM").placeholder("FILE");
  flags
      .add("client-ca-file", options.client_ca_file,
           "whoever asks must show a certificate signed by one of these; then probe the metrics "
           "port")
      .placeholder("FILE");
}

void declare_flags(app::Flags& flags, Options& options) {
  declare_api_flags(flags, options);
  declare_webhook_flags(flags, options);
  flags.section("Process");
  flags.add("host", options.host, "address to listen on");
  flags.add("metrics-port", options.metrics_port,
            "port for /metrics, /healthz and /readyz; 0 takes a free one");
  flags
      .add("drain-timeout", options.drain_timeout, "on SIGTERM, how long running requests may take")
      .positive();
  flags.section("Logs");
  flags.add("log-level", options.log.level,
            {{"error", log::Level::Error},
             {"warn", log::Level::Warn},
             {"info", log::Level::Info},
             {"debug", log::Level::Debug}},
            "what the program says of itself, on stderr");
  flags.add("log-format", options.log.format,
            {{"text", log::Format::Text}, {"json", log::Format::Json}}, "how it says it");
  flags.add("v", options.verbosity, "4 and above: as --log-level=debug").hidden();
}

kube::CertificateKeeperOptions certificate_options(const Options& options,
                                                   const std::string& own_namespace) {
  return {.mode = options.certificate_mode,
          .secret = {.namespace_name = own_namespace, .name = options.secret_name},
          .service = {.namespace_name = own_namespace, .name = options.service_name},
          .dns_names = webhook::service_dns_names(options.service_name, own_namespace),
          .configurations = {{.type = &kube::kValidatingWebhooks,
                              .name = "kthena-controller-manager-validating-webhook"},
                             {.type = &kube::kValidatingWebhooks,
                              .name = "kthena-router-validating-webhook"},
                             {.type = &kube::kMutatingWebhooks,
                              .name = "kthena-controller-manager-mutating-webhook"}},
          .validity = options.certificate_validity,
          .certificate_file = options.certificate_file,
          .key_file = options.key_file};
}

/// What runs on one replica only.
class Controllers final : public kube::LeaderTask {
 public:
  async::Task<void> lead() override {
    log::info("there are no controllers in this version: only webhooks are served");
    async::Event never;
    static_cast<void>(co_await never.wait());
  }
};

/// All on one loop.
class Process {
 public:
  /// @param over  set when the process can no longer do its work
  Process(const Options& options, async::EpollLoop& loop, async::Event& over)
      : options_(options),
        loop_(loop),
        network_(loop),
        over_(over),
        admin_(network_, registry_, [this] { return ready(); }),
        tasks_(loop) {
    telemetry::add_process_metrics(registry_);
  }

  Result<> start() {
    const auto metrics = TRY(with_context(
        admin_.listen({.ip = options_.host, .port = options_.metrics_port}), "--metrics-port"));
    if (options_.leader_elect || uses_secret()) {
      api_ = TRY(app::ApiClient::create(loop_, kProgram, options_.api));
    }
    if (options_.webhook_enabled) {
      TRY(start_webhooks());
    }
    TRY(start_controllers());
    log::info("serving metrics and health", kv("address", metrics));
    return {};
  }

  /// Whether another took the lease, or might have.
  bool lost_lease() const noexcept { return lost_lease_; }

  /// The lease goes first, so that another replica works while this one finishes what it was asked.
  async::Task<void> stop() {
    log::info("stopping: running requests are finished", kv("timeout", options_.drain_timeout));
    stopping_ = true;
    tasks_.cancel();
    if (webhooks_ != nullptr) {
      co_await webhooks_->stop(options_.drain_timeout);
    }
    co_await admin_.stop(kAdminPatience);
    co_await tasks_.stop();
  }

 private:
  // Who waits to lead is as ready as who leads.
  bool ready() const { return webhooks_ == nullptr || webhooks_->ready(); }

  bool uses_secret() const {
    return options_.webhook_enabled && options_.certificate_mode == kube::CertificateMode::Auto;
  }

  std::string own_namespace() const {
    if (!options_.namespace_name.empty()) {
      return options_.namespace_name;
    }
    return api_ != nullptr ? api_->client().config().namespace_name : "default";
  }

  Result<> start_controllers() {
    if (!options_.leader_elect) {
      tasks_.spawn(controllers_.lead());
      return {};
    }
    const kube::ObjectKey lease{.namespace_name = own_namespace(), .name = std::string(kLease)};
    kube::LeaderElection election = TRY(kube::LeaderElection::create(
        api_->client(), {.lease = lease,
                         .identity = kube::unique_identity(),
                         .leads = kube::leader_gauge(registry_, kLease)}));
    election_.emplace(std::move(election));
    tasks_.spawn(campaign());
    return {};
  }

  async::Task<void> campaign() {
    co_await election_->run_once(controllers_);
    if (!stopping_) {
      // What the controllers hold in memory is of before: better to begin anew.
      lost_lease_ = true;
      over_.set();
    }
  }

  Result<> start_webhooks() {
    webhooks_ = TRY(webhook::Service::create(
        network_, api_ != nullptr ? &api_->client() : nullptr, files_, registry_,
        {.address = {.ip = options_.host, .port = options_.webhook_port},
         .timeout = std::chrono::seconds(options_.webhook_timeout_seconds),
         .certificates = certificate_options(options_, own_namespace()),
         .client_ca_file = options_.client_ca_file}));
    auto address = webhooks_->start();
    if (!address) {
      webhooks_.reset();
      return fail(std::move(address).error().with_context("--port"));
    }
    log::info("serving webhooks", kv("address", *address));
    return {};
  }

  const Options& options_;
  async::EpollLoop& loop_;
  net::TcpNetwork network_;
  kube::DiskFiles files_;
  async::Event& over_;
  telemetry::Registry registry_;
  app::AdminPort admin_;
  std::unique_ptr<app::ApiClient> api_;
  std::unique_ptr<webhook::Service> webhooks_;
  Controllers controllers_;
  std::optional<kube::LeaderElection> election_;
  bool stopping_ = false;
  bool lost_lease_ = false;
  async::TaskScope tasks_;
};

async::Task<int> serve(Process& process, async::Event& stop_asked) {
  const auto started = process.start();
  if (started) {
    static_cast<void>(co_await stop_asked.wait());
  } else {
    fmt::print(stderr, "{}: {}\n", kProgram, started.error().message());
  }
  co_await process.stop();
  co_return started && !process.lost_lease() ? 0 : 1;
}

template <class T>
T or_die(Result<T> result) {
  if (!result) {
    fmt::print(stderr, "{}: {}\n", kProgram, result.error().message());
    std::exit(1);
  }
  return *std::move(result);
}

int run(int argc, char** argv) {
  Options options;
  app::Flags flags(kProgram,
                   "checks and completes objects of all kinds, as webhooks of the API server; "
                   "controllers come in a later version");
  declare_flags(flags, options);
  flags.parse_or_exit(argc, argv);
  if (options.verbosity >= 4) {
    options.log.level = log::Level::Debug;
  }

  net::raise_descriptor_limit();
  const auto loop = or_die(async::EpollLoop::create());
  async::Event stop_asked;
  bool signalled = false;
  // Before any thread starts: threads inherit the blocked signals.
  const auto signals = or_die(async::SignalWatch::create(*loop, {SIGTERM, SIGINT}, [&](int) {
    if (std::exchange(signalled, true)) {
      std::_Exit(130);  // asked twice: now
    }
    stop_asked.set();
  }));
  const auto log_output = or_die(log::Output::start(options.log));
  for (const std::string& warning : flags.warnings()) {
    log::warn("setting ignored", kv("reason", warning));
  }
  Process process(options, *loop, stop_asked);
  return async::run_until_done(*loop, serve(process, stop_asked));
}

}  // namespace
}  // namespace kthena

int main(int argc, char** argv) { return kthena::run(argc, argv); }
