// What the router's ports answer: health, models, and model requests.
#pragma once

#include <functional>
#include <string>

#include "http/server.h"
#include "router/pipeline.h"
#include "router/readiness.h"
#include "telemetry/metrics.h"

namespace kthena::router {

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
