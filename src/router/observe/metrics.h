// What the router counts. Names, labels and buckets are user interface: docs/reference/metrics.md.
#pragma once

#include <string_view>
#include <utility>

#include "router/datastore/snapshot.h"
#include "router/observe/access_log.h"
#include "telemetry/metrics.h"

namespace kthena::router {

/// All families of the router. Shared by all shards; they count through a Recorder each, which
/// keeps the series that it uses. "destination": model_route, backend_type, backend_name,
/// upstream_model.
struct RouterMetrics {
  explicit RouterMetrics(telemetry::Registry& registry);

  telemetry::Gauge active_requests;
  telemetry::GaugeFamily<1> active_downstream_requests;  ///< model
  /// model_server, model_route, backend_type, backend_name, upstream_model
  telemetry::GaugeFamily<5> active_upstream_requests;
  /// model, path, status_code, error_type, destination
  telemetry::CounterFamily<8> requests;
  /// model, path, status_code, destination
  telemetry::HistogramFamily<7> request_duration;
  /// model, path, destination
  telemetry::HistogramFamily<6> time_to_first_token;
  /// model, path, token_type, destination
  telemetry::CounterFamily<7> tokens;
  /// destination
  telemetry::CounterFamily<4> upstream_retries;
  telemetry::Counter upstream_connections_opened;
  telemetry::Counter upstream_connections_reused;
};

/// Counts the access log's lost lines for as long as the result lives.
[[nodiscard]] telemetry::Registration count_dropped_lines(telemetry::Registry& registry,
                                                          const AccessLog& access_log);

/// The path as a label: one that engines are known to serve, else `other`.
std::string_view path_label(std::string_view path) noexcept;

/// The model as a label: the client's name if a route of the snapshot registers it, else `unknown`.
std::string_view model_label(const Snapshot& world, std::string_view model);

/// Removes the series of what a new snapshot no longer has: models, routes, servers, and those of
/// servers whose model has another name now. To be destroyed when every shard works with the new
/// one, so that none of them makes them again: give each shard a share.
class Retirement {
 public:
  Retirement(telemetry::Registry& registry, Gone gone)
      : registry_(registry), gone_(std::move(gone)) {}
  Retirement(const Retirement&) = delete;
  Retirement& operator=(const Retirement&) = delete;
  ~Retirement();

 private:
  telemetry::Registry& registry_;
  Gone gone_;
};

}  // namespace kthena::router
