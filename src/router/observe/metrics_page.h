// The metrics as HTTP serves them.
#pragma once

#include "http/server.h"
#include "telemetry/metrics.h"

namespace kthena::router {

/// All metrics, in the format that the request accepts. Any shard.
http::Response metrics_page(telemetry::Registry& registry, const http::Request& request);

/// The metrics port: /metrics and nothing else.
class MetricsFront final : public http::Handler {
 public:
  explicit MetricsFront(telemetry::Registry& registry) : registry_(registry) {}
  async::Task<http::Response> handle(http::Request& request) override;

 private:
  telemetry::Registry& registry_;
};

}  // namespace kthena::router
