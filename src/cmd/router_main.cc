// kthena-router: routes model requests to inference engines.
#include <fmt/format.h>

#include <csignal>
#include <cstdlib>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "app/api_client.h"
#include "app/flags.h"
#include "async/channel.h"
#include "async/epoll_loop.h"
#include "async/scope.h"
#include "async/shard.h"
#include "async/signals.h"
#include "async/time.h"
#include "base/duration.h"
#include "net/tcp.h"
#include "router/data_shard.h"
#include "router/datastore/datastore.h"
#include "router/observe/access_log.h"
#include "router/observe/admin.h"
#include "router/observe/lost_lines.h"
#include "router/observe/metrics.h"
#include "router/watch/cluster_watch.h"
#include "router/watch/manifest_directory.h"
#include "telemetry/log.h"
#include "telemetry/process_metrics.h"

namespace kthena {
namespace {

using namespace std::chrono_literals;

/// How long what was asked on the metrics and debug ports may take when the process stops.
constexpr Duration kAdminPatience = 15s;

/// How long a problem with an object lasts before it is told of: what belongs together does not
/// arrive at once.
constexpr Duration kProblemPatience = 1s;

struct Options {
  std::string manifests;
  app::ApiClientOptions api;
  net::IpAddress host = net::IpAddress::v4(0);
  std::uint16_t port = 8080;
  std::uint32_t shards = 0;
  Duration lame_duck = 500ms;
  Duration drain_timeout = 5min;
  std::uint64_t body_memory_mib = 1024;
  bool access_log_enabled = true;
  router::AccessLogFormat access_log_format = router::AccessLogFormat::Text;
  std::string access_log_output = "stdout";
  log::Options log;
  bool metrics_on_router_port = false;
  router::AdminOptions admin;
  router::DataShardOptions shard;
};

[[noreturn]] void die(std::string_view message) {
  fmt::print(stderr, "kthena-router: {}\n", message);
  std::exit(1);
}

void declare_flags(app::Flags& flags, Options& options) {
  flags.section("Objects");
  flags
      .add("manifests", options.manifests,
           "directory of YAML files with ModelRoutes, ModelServers and Pods; followed. Without it, "
           "the objects of a cluster")
      .placeholder("DIR");
  options.api.declare(flags);
  flags.section("Ports");
  flags.add("host", options.host, "address to listen on");
  flags.add("port", options.port, "port for model requests; 0 takes a free one");
  flags.add("metrics-port", options.admin.metrics_port, "port for /metrics; 0 takes a free one");
  flags.add("debug-port", options.admin.debug_port,
            "port for /debug pages, on loopback; 0 takes a free one");
  flags.add("expose-metrics-on-router-port", options.metrics_on_router_port,
            "serve /metrics on the port for model requests too");
  flags.section("Limits");
  flags
      .add("shards", options.shards,
           "threads that serve requests; 0: one for each CPU of this process")
      .within(0, 1024);
  flags
      .add("body-memory-mib", options.body_memory_mib,
           "request bodies held in memory; beyond, requests get 503")
      .within(1, 1 << 24);
  flags
      .add("max-connections", options.shard.server.max_connections,
           "connections of clients for each thread")
      .within(1, 10'000'000);
  flags
      .add("stream-idle-timeout", options.shard.forward.stream_idle_timeout,
           "an engine silent for so long in an answer is given up")
      .positive();
  flags.add("lame-duck", options.lame_duck, "on SIGTERM, how long new requests are still taken")
      .env("LAME_DUCK");
  flags
      .add("drain-timeout", options.drain_timeout, "on SIGTERM, how long running requests may take")
      .positive()
      .lenient_env("DRAIN_TIMEOUT");
  flags.section("Logs");
  flags.add("access-log", options.access_log_enabled, "write a line for each request")
      .lenient_env("ACCESS_LOG_ENABLED");
  flags
      .add("access-log-format", options.access_log_format,
           {{"text", router::AccessLogFormat::Text}, {"json", router::AccessLogFormat::Json}},
           "how the lines look")
      .lenient_env("ACCESS_LOG_FORMAT");
  flags.add("access-log-output", options.access_log_output, "stdout, stderr or a file")
      .env("ACCESS_LOG_OUTPUT");
  flags.add("log-level", options.log.level,
            {{"error", log::Level::Error},
             {"warn", log::Level::Warn},
             {"info", log::Level::Info},
             {"debug", log::Level::Debug}},
            "what the program says of itself, on stderr");
  flags.add("log-format", options.log.format,
            {{"text", log::Format::Text}, {"json", log::Format::Json}}, "how it says it");
}

/// A thread, and what lives on it.
struct RunningShard {
  std::unique_ptr<async::ShardThread> thread;
  std::unique_ptr<net::TcpNetwork> network;
  std::unique_ptr<router::DataShard> shard;
};

/// The process: one control loop on the main thread, data shards on threads of their own.
class Process {
 public:
  Process(const Options& options, async::EpollLoop& loop, router::AccessLog& access_log)
      : options_(options),
        loop_(loop),
        access_log_(access_log),
        metrics_(registry_),
        dropped_lines_(router::count_dropped_lines(registry_, access_log)),
        lost_lines_(loop, access_log),
        budget_(options.body_memory_mib << 20),
        manifests_(options.manifests),
        store_(follows_cluster() ? kube::PodSource::Cluster : kube::PodSource::Manifest),
        admin_(loop, registry_, world_),
        problem_timer_(loop, [this] { report_problems(); }) {
    telemetry::add_process_metrics(registry_);
  }

  async::Task<Result<>> start() {
    if (follows_cluster()) {
      api_ = CO_TRY(app::ApiClient::create(loop_, "kthena-router", options_.api));
    } else {
      CO_TRY(with_context(reload(), "--manifests"));
    }
    net::SocketAddress address{.ip = options_.host, .port = options_.port};
    CO_TRY(admin_.listen(address.ip, options_.admin));
    // Shards share the port, which would let another router share it too: so ask for it alone
    // first.
    static_cast<void>(CO_TRY(with_context(net::TcpNetwork(loop_).listen(address, {}), "--port")));
    address = CO_TRY(co_await start_shards(address));
    log::info("serving", kv("address", address), kv("metrics", admin_.metrics_address()),
              kv("debug", admin_.debug_address()), kv("shards", shards_.size()),
              kv("models", world_.get()->model_names().size()));
    // Only now: a change is told to all shards.
    if (follows_cluster()) {
      log::info("reading the objects of the cluster",
                kv("server", api_->client().server().authority()));
      cluster_ = std::make_unique<router::ClusterWatch>(api_->client(), store_, registry_,
                                                        [this] { on_cluster_change(); });
      co_return {};
    }
    // What has changed since the shards were made is read here.
    watch_ = CO_TRY(with_context(
        router::DirectoryWatch::create(loop_, options_.manifests, [this] { on_manifest_change(); }),
        "--manifests"));
    on_manifest_change();
    readiness_.set_synced();
    co_return {};
  }

  /// Answers what runs, then ends all threads. How many requests were cut.
  async::Task<std::size_t> stop() {
    readiness_.set_stopping();
    for (RunningShard& running : shards_) {
      co_await running.thread->shard().run([&] { running.shard->server().start_lame_duck(); });
    }
    log::info("stopping: not ready any more, new connections are still taken",
              kv("lame_duck", print_duration(options_.lame_duck)));
    static_cast<void>(co_await async::sleep_for(options_.lame_duck));
    log::info("draining: new connections are refused, running requests are finished",
              kv("timeout", print_duration(options_.drain_timeout)));
    const std::size_t cut = co_await end(options_.drain_timeout, kAdminPatience);
    lost_lines_.report();
    co_return cut;
  }

  /// Ends what start() began before it failed: at once, for it was never ready.
  async::Task<void> abandon() { co_await end(Duration::zero(), Duration::zero()); }

 private:
  bool follows_cluster() const noexcept { return options_.manifests.empty(); }

  /// @return  the address that all of them listen on
  async::Task<Result<net::SocketAddress>> start_shards(net::SocketAddress address) {
    router::DataShardOptions shard_options = options_.shard;
    shard_options.metrics_on_front = options_.metrics_on_router_port ? &registry_ : nullptr;
    const std::uint32_t count = options_.shards != 0 ? options_.shards : async::usable_cpus();
    for (std::uint32_t i = 0; i < count; ++i) {
      RunningShard& running = shards_.emplace_back();
      running.thread = CO_TRY(async::ShardThread::start(i + 1, fmt::format("data-{}", i)));
      auto& loop = static_cast<async::EpollLoop&>(running.thread->shard().loop());
      address = CO_TRY(co_await running.thread->shard().run([&]() -> Result<net::SocketAddress> {
        running.network = std::make_unique<net::TcpNetwork>(loop);
        running.shard = std::make_unique<router::DataShard>(*running.network, budget_, access_log_,
                                                            metrics_, readiness_, shard_options);
        running.shard->follow({.after = world_.get(), .gone = {}});
        return running.shard->server().listen(address, {.reuse_port = true});
      }));
    }
    co_return address;
  }

  async::Task<std::size_t> end(Duration patience, Duration admin_patience) {
    watch_.reset();
    if (cluster_ != nullptr) {
      co_await cluster_->stop();
      cluster_.reset();
    }
    std::erase_if(shards_, [](const RunningShard& running) { return running.shard == nullptr; });
    std::size_t cut = 0;
    for (RunningShard& running : shards_) {
      co_await running.thread->shard().run([&] { running.shard->begin_drain(patience); });
    }
    for (RunningShard& running : shards_) {
      while (!co_await running.thread->shard().run([&] { return running.shard->drained(); })) {
        static_cast<void>(co_await async::sleep_for(2ms));
      }
      co_await running.thread->shard().run([&] {
        cut += running.shard->cut();
        running.shard.reset();
        running.network.reset();
      });
    }
    shards_.clear();
    co_await admin_.stop(admin_patience);
    co_return cut;
  }

  /// Whether there is something new.
  Result<bool> reload() {
    const bool first = world_.get()->version == 0;
    if (!TRY(manifests_.rescan()) && !first) {
      return false;
    }
    store_.replace(manifests_.objects());
    if (!store_.dirty() && !first) {
      return false;
    }
    publish();
    report_problems();
    return true;
  }

  void on_manifest_change() {
    const auto changed = reload();
    if (!changed) {
      log::error("manifests cannot be read; going on with what is known",
                 kv("reason", changed.error()));
    } else if (*changed) {
      log::info("manifests changed", kv("routes", world_.get()->routes.size()),
                kv("servers", world_.get()->servers.size()));
    }
  }

  void on_cluster_change() {
    publish();
    if (!readiness_.synced()) {
      readiness_.set_synced();
      log::info("the objects of the cluster are known", kv("routes", world_.get()->routes.size()),
                kv("servers", world_.get()->servers.size()), kv("pods", world_.get()->pods.size()));
    }
    if (!problem_timer_.armed()) {
      problem_timer_.set(loop_.now() + kProblemPatience);
    }
  }

  /// Gives all shards the world as it is now.
  void publish() {
    auto change = std::make_shared<router::Change>(store_.update());
    world_.set(change->after);
    const auto retirement = std::make_shared<router::Retirement>(registry_, change->gone);
    for (RunningShard& running : shards_) {
      running.thread->shard().loop().post(
          [shard = running.shard.get(), change, retirement] { shard->follow(*change); });
    }
  }

  void report_problems() {
    for (const router::Problem& problem : store_.problems().take_new()) {
      log::warn("object with a problem", kv("object", problem.object), kv("problem", problem.what));
    }
  }

  const Options& options_;
  async::EpollLoop& loop_;
  router::AccessLog& access_log_;
  telemetry::Registry registry_;
  router::RouterMetrics metrics_;
  telemetry::Registration dropped_lines_;
  router::LostLinesReport lost_lines_;
  router::Readiness readiness_;
  http::MemoryBudget budget_;
  router::ManifestSet manifests_;
  router::Datastore store_;
  router::CurrentSnapshot world_;
  router::Admin admin_;
  async::CallbackTimer<std::function<void()>> problem_timer_;
  std::unique_ptr<app::ApiClient> api_;
  std::unique_ptr<router::ClusterWatch> cluster_;
  std::unique_ptr<router::DirectoryWatch> watch_;
  std::vector<RunningShard> shards_;
};

async::Task<int> serve(Process& process, async::Event& stop_asked) {
  if (const auto started = co_await process.start(); !started) {
    fmt::print(stderr, "kthena-router: {}\n", started.error().message());
    co_await process.abandon();
    co_return 1;
  }
  static_cast<void>(co_await stop_asked.wait());
  const std::size_t cut = co_await process.stop();
  if (cut > 0) {
    log::warn("requests were cut at the end of the drain timeout", kv("requests", cut));
  }
  log::info("stopped");
  co_return 0;
}

int run(int argc, char** argv) {
  Options options;
  app::Flags flags("kthena-router", "routes model requests to inference engines");
  declare_flags(flags, options);
  flags.parse_or_exit(argc, argv);
  if (!options.manifests.empty() && !options.api.sources.kubeconfig_flag.empty()) {
    die("--manifests and --kubeconfig exclude each other: objects come from a directory or from a "
        "cluster");
  }

  net::raise_descriptor_limit();
  auto loop = async::EpollLoop::create();
  if (!loop) {
    die(loop.error().message());
  }
  async::Event stop_asked;
  std::unique_ptr<router::AccessLog> access_log;
  // Before any thread starts: threads inherit the blocked signals.
  const auto signals =
      async::SignalWatch::create(**loop, {SIGTERM, SIGINT, SIGHUP}, [&](int signal) {
        if (signal == SIGHUP) {
          access_log->reopen();
        } else if (stop_asked.is_set()) {
          std::_Exit(130);  // asked twice: now
        } else {
          stop_asked.set();
        }
      });
  if (!signals) {
    die(signals.error().message());
  }
  const auto log_output = log::Output::start(options.log);
  if (!log_output) {
    die(log_output.error().message());
  }
  for (const std::string& warning : flags.warnings()) {
    log::warn("setting ignored", kv("reason", warning));
  }
  std::unique_ptr<telemetry::LineSink> sink;
  if (options.access_log_enabled) {
    auto created = telemetry::LineSink::create(options.access_log_output);
    if (!created) {
      die("--access-log-output: " + created.error().message());
    }
    sink = *std::move(created);
  }
  access_log = std::make_unique<router::AccessLog>(std::move(sink), options.access_log_format);
  Process process(options, **loop, *access_log);
  return async::run_until_done(**loop, serve(process, stop_asked));
}

}  // namespace
}  // namespace kthena

int main(int argc, char** argv) { return kthena::run(argc, argv); }
