// All that one data shard of the router owns, built and destroyed on its thread.
#pragma once

#include <chrono>
#include <cstdint>

#include "http/client.h"
#include "http/server.h"
#include "net/stream.h"
#include "router/front.h"
#include "router/pipeline.h"

namespace kthena::router {

struct DataShardOptions {
  http::ServerOptions server;
  http::ClientOptions client;
  IntakeOptions intake;
  ForwardOptions forward;
  telemetry::Registry* metrics_on_front = nullptr;  ///< what /metrics of the inference port shows
  std::uint64_t seed = 0;  ///< of all that is drawn by lot; 0: another one in each run
};

/// A connection, its requests and their upstream connections stay on one of these.
class DataShard final : private async::Timer {
 public:
  /// Calls under way go on with the world they began with, and may use a pod or a model once more
  /// that is gone: what they leave is looked for so long after a change that took something away.
  static constexpr Duration kSweepAfter = std::chrono::minutes(1);

  DataShard(net::Network& network, http::MemoryBudget& budget, AccessLog& access_log,
            const RouterMetrics& metrics, const Readiness& readiness,
            const DataShardOptions& options)
      : Timer(network.loop()),
        client_(network, options.client),
        random_(options.seed != 0 ? options.seed : random_seed()),
        recorder_(access_log, metrics, snapshots_, client_),
        intake_(budget, options.intake),
        connector_(network.loop(), client_, random_, options.forward),
        pipeline_(network.loop(), snapshots_, intake_, connector_, recorder_, random_),
        front_(pipeline_, readiness, options.metrics_on_front),
        server_(network, budget, front_, options.server),
        tasks_(network.loop()) {}

  /// The world from the next call on. What is kept for models and pods that are gone is let go.
  void follow(const Change& change);
  const CurrentSnapshot& snapshots() const noexcept { return snapshots_; }
  const AggregatedConnector& connector() const noexcept { return connector_; }
  http::Server& server() noexcept { return server_; }
  const http::Client& client() const noexcept { return client_; }

  /// Stops accepting and lets what runs finish, for at most `patience`. drained() tells when that
  /// is done.
  void begin_drain(Duration patience) { tasks_.spawn(drain(tasks_.loop().now() + patience)); }
  bool drained() const noexcept { return drained_; }
  /// Requests that did not finish in time.
  std::size_t cut() const noexcept { return cut_; }

 private:
  /// Sweeps.
  void on_timer() noexcept override;
  async::Task<void> drain(Instant deadline) {
    cut_ = co_await server_.drain(deadline);
    drained_ = true;
  }

  http::Client client_;
  Random random_;
  CurrentSnapshot snapshots_;
  Recorder recorder_;
  Intake intake_;
  AggregatedConnector connector_;
  Pipeline pipeline_;
  Front front_;
  http::Server server_;
  std::size_t cut_ = 0;
  bool drained_ = false;
  async::TaskScope tasks_;
};

}  // namespace kthena::router
