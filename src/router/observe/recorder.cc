#include "router/observe/recorder.h"

namespace kthena::router {

void Recorder::record(const Call& call, const http::Sent& /*sent*/, Instant now) noexcept {
  if (!access_log_.enabled()) {
    return;
  }
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
      if (outcome.status == 0 || outcome.status < 400) {
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
  if (call_->timings.upstream_start != Instant{} && call_->timings.upstream_end == Instant{}) {
    call_->timings.upstream_end = loop_.now();
  }
  recorder_.record(*call_, sent, loop_.now());
}

}  // namespace kthena::router
