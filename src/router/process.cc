#include "router/process.h"

#include <fmt/format.h>

#include <utility>

#include "async/shard.h"
#include "async/time.h"
#include "base/duration.h"
#include "net/tcp.h"
#include "telemetry/log.h"
#include "telemetry/process_metrics.h"

namespace kthena::router {
namespace {

using namespace std::chrono_literals;

/// How long what was asked on the metrics and debug ports may take when the process stops.
constexpr Duration kAdminPatience = 15s;

/// How long a problem with an object lasts before it is told of: what belongs together does not
/// arrive at once.
constexpr Duration kProblemPatience = 1s;

}  // namespace

/// A thread, and what lives on it.
struct Process::RunningShard {
  std::unique_ptr<async::ShardThread> thread;
  std::unique_ptr<net::TcpNetwork> network;
  std::unique_ptr<DataShard> shard;
};

Process::Process(const ProcessOptions& options, async::EpollLoop& loop, AccessLog& access_log)
    : options_(options),
      loop_(loop),
      access_log_(access_log),
      metrics_(registry_),
      dropped_lines_(count_dropped_lines(registry_, access_log)),
      lost_lines_(loop, access_log),
      budget_(options.body_memory_mib << 20),
      manifests_(options.manifests),
      store_(follows_cluster() ? kube::PodSource::Cluster : kube::PodSource::Manifest),
      admin_(loop, registry_, world_),
      problem_timer_(loop, [this] { report_problems(); }) {
  telemetry::add_process_metrics(registry_);
}

Process::~Process() = default;

async::Task<Result<>> Process::start() {
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
    cluster_ = std::make_unique<ClusterWatch>(api_->client(), store_, readiness_, registry_,
                                              [this] { on_cluster_change(); });
    co_return {};
  }
  // What has changed since the shards were made is read here.
  watch_ = CO_TRY(with_context(
      DirectoryWatch::create(loop_, options_.manifests, [this] { on_manifest_change(); }),
      "--manifests"));
  on_manifest_change();
  readiness_.set_synced();
  co_return {};
}

async::Task<std::size_t> Process::stop() {
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

async::Task<void> Process::abandon() { co_await end(Duration::zero(), Duration::zero()); }

async::Task<Result<net::SocketAddress>> Process::start_shards(net::SocketAddress address) {
  DataShardOptions shard_options = options_.shard;
  shard_options.metrics_on_front = options_.metrics_on_router_port ? &registry_ : nullptr;
  const std::uint32_t count = options_.shards != 0 ? options_.shards : async::usable_cpus();
  for (std::uint32_t i = 0; i < count; ++i) {
    RunningShard& running = shards_.emplace_back();
    running.thread = CO_TRY(async::ShardThread::start(i + 1, fmt::format("data-{}", i)));
    auto& loop = static_cast<async::EpollLoop&>(running.thread->shard().loop());
    address = CO_TRY(co_await running.thread->shard().run([&]() -> Result<net::SocketAddress> {
      running.network = std::make_unique<net::TcpNetwork>(loop);
      running.shard = std::make_unique<DataShard>(*running.network, budget_, access_log_, metrics_,
                                                  readiness_, shard_options);
      running.shard->follow({.after = world_.get(), .gone = {}});
      return running.shard->server().listen(address, {.reuse_port = true});
    }));
  }
  co_return address;
}

async::Task<std::size_t> Process::end(Duration patience, Duration admin_patience) {
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

Result<bool> Process::reload() {
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

void Process::on_manifest_change() {
  const auto changed = reload();
  if (!changed) {
    log::error("manifests cannot be read; going on with what is known",
               kv("reason", changed.error()));
  } else if (*changed) {
    log::info("manifests changed", kv("routes", world_.get()->routes.size()),
              kv("servers", world_.get()->servers.size()));
  }
}

void Process::on_cluster_change() {
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

void Process::publish() {
  auto change = std::make_shared<Change>(store_.update());
  world_.set(change->after);
  const auto retirement = std::make_shared<Retirement>(registry_, change->gone);
  for (RunningShard& running : shards_) {
    running.thread->shard().loop().post(
        [shard = running.shard.get(), change, retirement] { shard->follow(*change); });
  }
}

void Process::report_problems() {
  for (const Problem& problem : store_.problems().take_new()) {
    log::warn("object with a problem", kv("object", problem.object), kv("problem", problem.what));
  }
}

}  // namespace kthena::router
