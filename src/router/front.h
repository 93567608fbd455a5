// What the router's ports answer: health, models, and model requests.
#pragma once

#include <atomic>
#include <functional>
#include <string>

#include "http/server.h"
#include "router/pipeline.h"

namespace kthena::router {

/// Whether the router should get new traffic. Shared by all shards.
class Readiness {
 public:
  void set_synced() noexcept { synced_.store(true, std::memory_order_release); }
  void set_stopping() noexcept { stopping_.store(true, std::memory_order_release); }
  bool ready() const noexcept {
    return synced_.load(std::memory_order_acquire) && !stopping_.load(std::memory_order_acquire);
  }

 private:
  std::atomic<bool> synced_ = false;
  std::atomic<bool> stopping_ = false;
};

/// The inference port of one shard.
class Front final : public http::Handler {
 public:
  Front(Pipeline& pipeline, const Readiness& readiness)
      : pipeline_(pipeline), readiness_(readiness) {}

  async::Task<http::Response> handle(http::Request& request) override;
  http::Response refuse(int status, std::string_view message) override;

 private:
  http::Response health(std::string_view path) const;

  Pipeline& pipeline_;
  const Readiness& readiness_;
};

}  // namespace kthena::router
