// What the router's ports answer: health, models, and model requests.
#pragma once

#include <atomic>
#include <functional>
#include <string>

#include "http/server.h"
#include "router/pipeline.h"
#include "telemetry/metrics.h"

namespace kthena::router {

/// Whether the router should get new traffic. Shared by all shards.
class Readiness {
 public:
  void set_synced() noexcept { synced_.store(true, std::memory_order_release); }
  void set_stopping() noexcept { stopping_.store(true, std::memory_order_release); }
  /// Whether the objects that routing needs are known.
  bool synced() const noexcept { return synced_.load(std::memory_order_acquire); }
  bool ready() const noexcept { return synced() && !stopping_.load(std::memory_order_acquire); }

 private:
  std::atomic<bool> synced_ = false;
  std::atomic<bool> stopping_ = false;
};

/// The inference port of one shard.
class Front final : public http::Handler {
 public:
  /// @param metrics  served on /metrics here too; null: not
  Front(Pipeline& pipeline, const Readiness& readiness, telemetry::Registry* metrics)
      : pipeline_(pipeline), readiness_(readiness), metrics_(metrics) {}

  async::Task<http::Response> handle(http::Request& request) override;
  http::Response refuse(int status, std::string_view message) override;

 private:
  http::Response health(std::string_view path) const;

  Pipeline& pipeline_;
  const Readiness& readiness_;
  telemetry::Registry* metrics_;
};

}  // namespace kthena::router
