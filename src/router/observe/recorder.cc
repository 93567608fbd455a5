#include "router/observe/recorder.h"

namespace kthena::router {
namespace {

/// Whether the world still has what the call was bound to, so that its series may be shown.
bool is_there(const Snapshot& world, const Call& call) {
  const auto* const server = world.servers.find(call.server->key);
  return world.routes.contains(call.route->key) && server != nullptr &&
         (*server)->upstream_model == call.server->upstream_model;
}

std::string_view resolved_reason(const Outcome& outcome) {
  if (!outcome.reason.empty()) {
    return outcome.reason;
  }
  return outcome.status >= 400 ? "request_failed" : "successful_request";
}

}  // namespace

void Recorder::begin(Call& call) { call.active = telemetry::GaugeHold(active_); }

void Recorder::identified(Call& call) {
  follow_world();
  call.active_downstream =
      telemetry::GaugeHold(series_.find_active(model_label(*call.world, call.model)));
}

void Recorder::placed(Call& call) {
  follow_world();
  count_connections();
  call.bound = true;
  const SeriesTable::Labels labels = labels_of(call);
  call.series = series_.find(labels);
  series_.add_tokens(*call.series, labels, TokenType::Input, call.input_tokens);
}

void Recorder::end(Call& call, Instant now) noexcept {
  count(call, now);
  if (access_log_.enabled()) {
    write_line(call, now);
  }
}

void Recorder::count(Call& call, Instant now) {
  count_connections();
  if (call.listing) {
    return;
  }
  follow_world();
  const Timings& timings = call.timings;
  const SeriesTable::Labels labels = labels_of(call);
  const bool has_series = call.series != nullptr && is_of_today(call);
  const std::shared_ptr<CallSeries> series = has_series ? call.series : series_.find(labels);
  if (!call.bound) {
    series_.add_tokens(*series, labels, TokenType::Input, call.input_tokens);
  }
  series_.add_tokens(*series, labels, TokenType::Output, call.outcome.usage.completion_tokens);
  if (timings.first_token != Instant{}) {
    series_.observe_first_token(*series, labels, timings.first_token - timings.start);
  }
  const Instant began = timings.read != Instant{} ? timings.read : timings.start;
  series_.count_end(*series, labels, call.outcome.status, resolved_reason(call.outcome),
                    now - began);
}

SeriesTable::Labels Recorder::labels_of(const Call& call) const {
  SeriesTable::Labels labels{.model = "unknown", .path = path_label(call.request.path()), .to = {}};
  if (call.world == nullptr) {
    return labels;
  }
  // What was removed while the call ran must not come back for good: it is counted as unknown.
  const Snapshot& world = *current_.get();
  labels.model = model_label(world, call.model);
  if (call.bound && (is_of_today(call) || is_there(world, call))) {
    labels.to = {.model_route = call.route->key,
                 .backend_type = "model_server",
                 .backend_name = call.server->key,
                 .upstream_model = call.upstream_model};
  }
  return labels;
}

void Recorder::follow_world() {
  if (const std::uint64_t now = current_.get()->retirements; now != retirements_) {
    retirements_ = now;
    series_.clear();
  }
}

bool Recorder::is_of_today(const Call& call) const noexcept {
  return call.world->retirements == current_.get()->retirements;
}

void Recorder::count_connections() noexcept {
  const http::Client::Stats& stats = client_.stats();
  if (stats.opened != opened_) {
    metrics_.upstream_connections_opened.add(static_cast<double>(stats.opened - opened_));
    opened_ = stats.opened;
  }
  if (stats.reused != reused_) {
    metrics_.upstream_connections_reused.add(static_cast<double>(stats.reused - reused_));
    reused_ = stats.reused;
  }
}

void Recorder::refused(int status, std::string_view message, WallTime now) noexcept {
  constexpr std::string_view kReason = "request_parsing";
  const Destination to;
  metrics_.requests.inc({"unknown", "other", std::to_string(status), kReason, to.model_route,
                         to.backend_type, to.backend_name, to.upstream_model});
  if (access_log_.enabled()) {
    access_log_.write({.timestamp = now,
                       .method = "-",
                       .path = "-",
                       .protocol = "-",
                       .status = status,
                       .error_type = kReason,
                       .error_message = message});
  }
}

void Recorder::write_line(const Call& call, Instant now) noexcept {
  const http::Request& request = call.request;
  const Outcome& outcome = call.outcome;
  const Timings& timings = call.timings;
  // Checkpoints that were not reached take the next one's time.
  const Instant upstream_end = timings.upstream_end != Instant{} ? timings.upstream_end : now;
  const Instant read = timings.read != Instant{} ? timings.read : upstream_end;
  const Instant upstream_start =
      timings.upstream_start != Instant{} ? timings.upstream_start : read;
  const bool placed = call.endpoint != nullptr;
  access_log_.write({
      .timestamp = call.started,
      .method = request.method == http::Method::Other ? std::string_view(request.method_text)
                                                      : to_string(request.method),
      .path = request.path(),
      .protocol = to_string(request.version),
      .status = outcome.status,
      .error_type = outcome.log_type,
      .error_message = outcome.log_message,
      .model_name = call.model,
      .model_route = call.route != nullptr ? std::string_view(call.route->key) : "",
      .model_server = call.server != nullptr ? std::string_view(call.server->key) : "",
      .selected_pod = placed ? std::string_view(call.endpoint->pod_name) : "",
      .request_id = call.request_id,
      .backend_type = placed ? "model_server" : "",
      .backend_name = placed ? std::string_view(call.server->key) : "",
      .upstream_model = placed ? call.upstream_model : "",
      .upstream_status = outcome.upstream_status,
      .upstream_attempts = outcome.attempts,
      .error_origin = {},
      .gateway = {},
      .http_route = {},
      .inference_pool = {},
      .input_tokens = call.input_tokens,
      .output_tokens = outcome.usage.completion_tokens,
      .total = now - timings.start,
      .request_processing = read - timings.start,
      .upstream_processing = upstream_end - upstream_start,
      .response_processing = now - upstream_end,
  });
}

void CallEnd::on_sent(const http::Sent& sent) noexcept {
  Outcome& outcome = call_->outcome;
  const auto ended = [&outcome](std::string_view reason, std::string_view message) {
    outcome.reason = outcome.log_type = reason;
    outcome.log_message = message;
  };
  switch (sent.end) {
    case http::Sent::End::Complete:
      break;
    case http::Sent::End::ClientGone:
      if (outcome.status < 400 && !outcome.stream_complete) {
        outcome.status = 499;
        ended("client_cancelled", "the client closed the connection");
      }
      break;
    case http::Sent::End::SourceFailed:
      ended("response_forwarding", "the engine's answer broke off");
      break;
    case http::Sent::End::ShutDown:
      ended("response_forwarding", "the router stopped before the answer was complete");
      break;
  }
  if (!outcome.stream_complete && outcome.usage.completion_tokens == 0) {
    outcome.usage.completion_tokens = outcome.token_events;
  }
  if (call_->timings.upstream_start != Instant{} && call_->timings.upstream_end == Instant{}) {
    call_->timings.upstream_end = loop_.now();
  }
  recorder_.end(*call_, loop_.now());
}

}  // namespace kthena::router
