// bench-router-watch: how long after a pod's readiness changes all shards of a router know. Run by
// bench/watch/run.py, which says what the figures are.
#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "app/api_client.h"
#include "app/flags.h"
#include "async/channel.h"
#include "async/epoll_loop.h"
#include "async/scope.h"
#include "async/shard.h"
#include "async/time.h"
#include "base/clock.h"
#include "kube/types/cluster.h"
#include "router/watch/cluster_watch.h"

namespace kthena {
namespace {

using namespace std::chrono_literals;
using api::networking::ModelRoute;
using api::networking::ModelServer;

struct Options {
  app::ApiClientOptions api;
  std::uint32_t pods = 10'000;
  std::uint32_t routes = 2'000;
  std::uint32_t changes = 1'000;
  std::uint32_t shards = 2;
  std::string namespace_name = "bench";
};

[[noreturn]] void die(std::string_view message) {
  fmt::print(stderr, "bench-router-watch: {}\n", message);
  std::exit(1);
}

template <class T>
T or_die(Result<T> result) {
  if (!result) {
    die(result.error().message());
  }
  return *std::move(result);
}

/// The time itself, not that of the loop's turn.
RealClock clock() { return {}; }

double cpu_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

json::Value pod_object(const Options& options, std::uint32_t index) {
  return json::Object{
      {"apiVersion", "v1"},
      {"kind", "Pod"},
      {"metadata",
       json::Object{{"name", fmt::format("engine-{}", index)},
                    {"namespace", options.namespace_name},
                    {"labels", json::Object{{"managed-by", "kthena"},
                                            {"app", fmt::format("m{}", index % options.routes)}}}}},
      {"spec", json::Object{{"containers",
                             json::Array{json::Object{{"name", "engine"}, {"image", "engine"}}}}}}};
}

json::Value status_of(std::uint32_t index, bool ready) {
  const std::string ip = fmt::format("10.{}.{}.{}", index >> 16, index >> 8 & 255, index & 255);
  return json::Object{
      {"status", json::Object{{"phase", "Running"},
                              {"podIP", ip},
                              {"podIPs", json::Array{json::Object{{"ip", ip}}}},
                              {"conditions",
                               json::Array{json::Object{{"type", "Ready"},
                                                        {"status", ready ? "True" : "False"}}}}}}};
}

json::Value server_object(const Options& options, std::uint32_t index) {
  return json::Object{
      {"apiVersion", ModelServer::kResource.api_version},
      {"kind", "ModelServer"},
      {"metadata",
       json::Object{{"name", fmt::format("m{}", index)}, {"namespace", options.namespace_name}}},
      {"spec", json::Object{{"inferenceEngine", "vLLM"},
                            {"workloadSelector",
                             json::Object{{"matchLabels",
                                           json::Object{{"app", fmt::format("m{}", index)}}}}},
                            {"workloadPort", json::Object{{"port", 8000}}}}}};
}

json::Value route_object(const Options& options, std::uint32_t index) {
  return json::Object{
      {"apiVersion", ModelRoute::kResource.api_version},
      {"kind", "ModelRoute"},
      {"metadata",
       json::Object{{"name", fmt::format("m{}", index)}, {"namespace", options.namespace_name}}},
      {"spec",
       json::Object{
           {"modelName", fmt::format("model-{}", index)},
           {"rules",
            json::Array{json::Object{
                {"targetModels",
                 json::Array{json::Object{{"modelServerName", fmt::format("m{}", index)}}}}}}}}}};
}

/// Makes what is not there yet.
class World {
 public:
  World(kube::Client& client, const Options& options) : client_(client), options_(options) {}

  async::Task<void> make() {
    static_cast<void>(co_await client_.create(
        kube::Namespace::kResource,
        json::Value(json::Object{{"apiVersion", "v1"},
                                 {"kind", "Namespace"},
                                 {"metadata", json::Object{{"name", options_.namespace_name}}}})));
    async::TaskScope tasks(client_.loop());
    for (int i = 0; i < 24; ++i) {
      tasks.spawn(work());
    }
    co_await tasks.join();
  }

  static async::Task<Result<json::Value>> set_ready(kube::Client& client, const Options& options,
                                                    std::uint32_t index, bool ready) {
    co_return co_await client.patch(
        kube::Pod::kResource,
        {.namespace_name = options.namespace_name, .name = fmt::format("engine-{}", index)},
        kube::PatchType::StrategicMerge, status_of(index, ready), {}, "status");
  }

 private:
  async::Task<void> work() {
    while (next_ < 2 * options_.routes + options_.pods) {
      const std::uint32_t index = next_++;
      if (index < options_.routes) {
        co_await create(ModelServer::kResource, server_object(options_, index));
      } else if (index < 2 * options_.routes) {
        co_await create(ModelRoute::kResource, route_object(options_, index - options_.routes));
      } else {
        const std::uint32_t pod = index - 2 * options_.routes;
        co_await create(kube::Pod::kResource, pod_object(options_, pod));
        static_cast<void>(or_die(co_await set_ready(client_, options_, pod, true)));
      }
      if (index % 2000 == 1999) {
        fmt::print(stderr, "made {} objects\n", index + 1);
      }
    }
  }

  async::Task<void> create(const kube::ResourceType& type, json::Value object) {
    const auto created = co_await client_.create(type, std::move(object));
    if (!created && created.error().code() != ErrorCode::AlreadyExists) {
      die(created.error().message());
    }
  }

  kube::Client& client_;
  const Options& options_;
  std::uint32_t next_ = 0;
};

struct Percentiles {
  double p50 = 0;
  double p99 = 0;
  double most = 0;
};

Percentiles percentiles(std::vector<double> values) {
  std::ranges::sort(values);
  const auto at = [&](double share) {
    return values[std::min(values.size() - 1,
                           static_cast<std::size_t>(share * static_cast<double>(values.size())))];
  };
  return {.p50 = at(0.5), .p99 = at(0.99), .most = values.back()};
}

/// The control shard's part of a router, and shards that only look.
class Bench {
 public:
  Bench(async::EpollLoop& loop, kube::Client& router_client, kube::Client& writer,
        const Options& options)
      : loop_(loop), router_client_(router_client), writer_(writer), options_(options) {
    for (std::uint32_t i = 0; i < options.shards; ++i) {
      shards_.push_back(or_die(async::ShardThread::start(i + 1, fmt::format("shard-{}", i))));
    }
  }

  async::Task<void> run() {
    router::ClusterWatch watch(router_client_, store_, readiness_, registry_,
                               [this] { on_change(); });
    if (!co_await watch.wait_synced()) {
      die("the cluster's objects did not come");
    }
    fmt::print(stderr, "synced: {} pods, {} routes\n", store_.current()->pods.size(),
               store_.current()->routes.size());
    const double cpu = cpu_seconds();
    for (std::uint32_t i = 0; i < options_.changes; ++i) {
      co_await change(i * 7919 % options_.pods, false);
      co_await change(i * 7919 % options_.pods, true);
    }
    const double used = cpu_seconds() - cpu;
    co_await watch.stop();
    report(used);
  }

 private:
  async::Task<void> change(std::uint32_t pod, bool ready) {
    key_ = fmt::format("{}/engine-{}", options_.namespace_name, pod);
    ready_ = ready;
    waiting_.store(options_.shards);
    seen_.reset();
    const Instant sent = clock().now();
    const auto answer = co_await World::set_ready(writer_, options_, pod, ready);
    static_cast<void>(or_die(answer));
    static_cast<void>(co_await seen_.wait());
    from_sent_.push_back(milliseconds(known_at_ - sent));
    from_built_.push_back(milliseconds(known_at_ - built_at_));
    co_await async::sleep_for(2ms);
  }

  void on_change() {
    const Instant began = clock().now();
    const auto change = std::make_shared<router::Change>(store_.update());
    const bool has_pod = change->after->pods.contains(key_);
    if (waiting_.load() == 0 || has_pod != ready_ || key_.empty()) {
      return;
    }
    built_at_ = began;
    for (const auto& shard : shards_) {
      shard->shard().loop().post([this, change] {
        // As a data shard does: it takes the snapshot.
        if (waiting_.fetch_sub(1) == 1) {
          const Instant now = clock().now();
          loop_.post([this, now] {
            known_at_ = now;
            seen_.set();
          });
        }
      });
    }
  }

  static double milliseconds(Duration duration) {
    return std::chrono::duration<double, std::milli>(duration).count();
  }

  void report(double cpu) const {
    const Percentiles sent = percentiles(from_sent_);
    const Percentiles built = percentiles(from_built_);
    fmt::print(
        R"({{"changes":{},"pods":{},"routes":{},"shards":{},"from_write_ms":{{"p50":{:.3f},"p99":{:.3f},"max":{:.3f}}},"snapshot_to_shards_ms":{{"p50":{:.3f},"p99":{:.3f},"max":{:.3f}}},"cpu_us_per_change":{:.0f}}})"
        "\n",
        from_sent_.size(), options_.pods, options_.routes, options_.shards, sent.p50, sent.p99,
        sent.most, built.p50, built.p99, built.most,
        cpu * 1e6 / static_cast<double>(from_sent_.size()));
  }

  async::EpollLoop& loop_;
  kube::Client& router_client_;
  kube::Client& writer_;
  const Options& options_;
  telemetry::Registry registry_;
  router::Datastore store_{kube::PodSource::Cluster};
  router::Readiness readiness_;
  std::vector<std::unique_ptr<async::ShardThread>> shards_;
  std::string key_;
  bool ready_ = false;
  std::atomic<std::uint32_t> waiting_ = 0;
  Instant built_at_{};
  Instant known_at_{};
  async::Event seen_;
  std::vector<double> from_sent_;
  std::vector<double> from_built_;
};

async::Task<void> run(async::EpollLoop& loop, const Options& options) {
  // Two clients, as in life somebody else changes pods.
  const auto writer = or_die(app::ApiClient::create(loop, "bench-writer", options.api));
  const auto reader = or_die(app::ApiClient::create(loop, "kthena-router", options.api));
  co_await World(writer->client(), options).make();
  Bench bench(loop, reader->client(), writer->client(), options);
  co_await bench.run();
}

}  // namespace
}  // namespace kthena

int main(int argc, char** argv) {
  using namespace kthena;
  Options options;
  options.api.qps = 1e6;
  options.api.burst = 1'000'000;
  app::Flags flags("bench-router-watch", "measures how soon all shards know of a pod's readiness");
  options.api.declare(flags);
  flags.add("pods", options.pods, "pods, spread over the routes").within(1, 1'000'000);
  flags.add("routes", options.routes, "ModelRoutes, each with a ModelServer").within(1, 100'000);
  flags.add("changes", options.changes, "pods that turn unready and ready again")
      .within(1, 1'000'000);
  flags.add("shards", options.shards, "threads that are told").within(1, 64);
  flags.add("namespace", options.namespace_name, "where the objects are made");
  flags.parse_or_exit(argc, argv);
  const auto loop = or_die(async::EpollLoop::create());
  async::run_until_done(*loop, run(*loop, options));
  return 0;
}
