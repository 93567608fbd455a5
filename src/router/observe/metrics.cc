#include "router/observe/metrics.h"

#include <algorithm>
#include <array>

namespace kthena::router {
namespace {

constexpr std::array kDurationBounds = {0.005, 0.01, 0.025, 0.05, 0.1,  0.25,  0.5,   1.0,
                                        2.5,   5.0,  10.0,  30.0, 60.0, 120.0, 300.0, 600.0};
constexpr std::array kFirstTokenBounds = {0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5,  1.0,
                                          2.5,   5.0,  10.0,  20.0, 30., 60.0, 120.0};

/// Beside these, clients choose the path.
constexpr std::array<std::string_view, 12> kPaths = {"/v1/chat/completions",
                                                     "/v1/completions",
                                                     "/v1/embeddings",
                                                     "/v1/responses",
                                                     "/v1/messages",
                                                     "/v1/rerank",
                                                     "/v1/score",
                                                     "/v1/audio/transcriptions",
                                                     "/v1/audio/translations",
                                                     "/v1/audio/speech",
                                                     "/v1/images/generations",
                                                     "/v1/images/edits"};

}  // namespace

RouterMetrics::RouterMetrics(telemetry::Registry& registry)
    : active_requests(registry.gauge("kthena_router_active_requests",
                                     "Requests that the router is answering.")),
      active_downstream_requests(registry.gauges(
          "kthena_router_active_downstream_requests",
          "Requests being answered, by model, from the reading of their body to the last byte.",
          {"model"})),
      active_upstream_requests(registry.gauges(
          "kthena_router_active_upstream_requests",
          "Attempts on engines under way, from the choice of the engine to its last byte.",
          {"model_server", "model_route", "backend_type", "backend_name", "upstream_model"})),
      requests(registry.counters("kthena_router_requests_total", "Requests that have ended.",
                                 {"model", "path", "status_code", "error_type", "model_route",
                                  "backend_type", "backend_name", "upstream_model"})),
      request_duration(registry.histograms(
          "kthena_router_request_duration_seconds",
          "Time from the reading of the body to the last byte sent to the client.",
          {"model", "path", "status_code", "model_route", "backend_type", "backend_name",
           "upstream_model"},
          kDurationBounds)),
      time_to_first_token(registry.histograms(
          "kthena_router_time_to_first_token_seconds",
          "Time from the request's head to the first token of a streamed answer.",
          {"model", "path", "model_route", "backend_type", "backend_name", "upstream_model"},
          kFirstTokenBounds)),
      tokens(registry.counters("kthena_router_tokens_total",
                               "Tokens: input as estimated when a request is placed, output as "
                               "engines report them.",
                               {"model", "path", "token_type", "model_route", "backend_type",
                                "backend_name", "upstream_model"})),
      upstream_retries(registry.counters(
          "kthena_router_upstream_retries_total", "Attempts after the first of their request.",
          {"model_route", "backend_type", "backend_name", "upstream_model"})),
      upstream_connections_opened(registry.counter(
          "kthena_router_upstream_connections_opened_total", "Connections opened to engines.")),
      upstream_connections_reused(
          registry.counter("kthena_router_upstream_connections_reused_total",
                           "Attempts that went over a connection kept from an earlier one.")) {}

telemetry::Registration count_dropped_lines(telemetry::Registry& registry,
                                            const AccessLog& access_log) {
  return registry.add_collector([&access_log](telemetry::Scrape& scrape) {
    scrape.counter(
        "kthena_router_access_log_dropped_lines_total",
        "Lines of the access log that were lost because it could not be written in time.",
        static_cast<double>(access_log.dropped()));
  });
}

std::string_view path_label(std::string_view path) noexcept {
  const auto* found = std::ranges::find(kPaths, path);
  return found == kPaths.end() ? "other" : *found;
}

std::string_view model_label(const Snapshot& world, std::string_view model) {
  return world.knows_model(model) ? model : "unknown";
}

Retirement::~Retirement() {
  for (const std::string& name : gone_.models) {
    registry_.remove_where("model", name);
  }
  for (const std::string& key : gone_.routes) {
    registry_.remove_where("model_route", key);
  }
  for (const std::string& key : gone_.servers) {
    registry_.remove_where("backend_name", key);
  }
}

}  // namespace kthena::router
