#include "router/observe/access_log.h"

#include <algorithm>
#include <charconv>
#include <chrono>

#include "base/rfc3339.h"
#include "telemetry/escape.h"

namespace kthena::router {
namespace {

void append_number(std::string& out, std::uint64_t number) {
  char digits[20];
  const auto [end, error] = std::to_chars(digits, digits + sizeof(digits), number);
  out.append(digits, end);
}

std::uint64_t milliseconds(Duration duration) {
  return static_cast<std::uint64_t>(std::max<std::int64_t>(
      0, std::chrono::duration_cast<std::chrono::milliseconds>(duration).count()));
}

void append_pair(std::string& out, std::string_view key, std::string_view value) {
  if (!value.empty()) {
    out += ' ';
    out += key;
    out += '=';
    telemetry::append_text_value(out, value);
  }
}

void append_pair(std::string& out, std::string_view key, std::uint64_t value) {
  if (value != 0) {
    out += ' ';
    out += key;
    out += '=';
    append_number(out, value);
  }
}

void append_key(std::string& out, std::string_view key) {
  out += out.ends_with('{') ? "\"" : ",\"";
  out += key;
  out += "\":";
}

void append_always(std::string& out, std::string_view key, std::string_view value) {
  append_key(out, key);
  telemetry::append_json_string(out, value);
}

void append_member(std::string& out, std::string_view key, std::string_view value) {
  if (!value.empty()) {
    append_always(out, key, value);
  }
}

void append_always(std::string& out, std::string_view key, std::uint64_t value) {
  append_key(out, key);
  append_number(out, value);
}

void append_member(std::string& out, std::string_view key, std::uint64_t value) {
  if (value != 0) {
    append_always(out, key, value);
  }
}

/// In quotes and escaped, so that a line stays one line whatever a client asked for.
void append_request_line(std::string& out, const AccessLogEntry& entry) {
  std::string line;
  line.reserve(entry.method.size() + entry.path.size() + entry.protocol.size() + 2);
  line.append(entry.method).append(" ").append(entry.path).append(" ").append(entry.protocol);
  telemetry::append_json_string(out, line);
}

}  // namespace

void append_text(std::string& out, const AccessLogEntry& entry) {
  out += '[';
  out += print_rfc3339(entry.timestamp, Rfc3339Fraction::Shortest).view();
  out += "] ";
  append_request_line(out, entry);
  out += ' ';
  append_number(out, static_cast<std::uint64_t>(entry.status));
  if (!entry.error_type.empty()) {
    out += " error=";
    out += entry.error_type;
    out += ':';
    telemetry::append_text_value(out, entry.error_message);
  }
  append_pair(out, "model_name", entry.model_name);
  append_pair(out, "model_route", entry.model_route);
  append_pair(out, "model_server", entry.model_server);
  append_pair(out, "selected_pod", entry.selected_pod);
  append_pair(out, "request_id", entry.request_id);
  append_pair(out, "backend_type", entry.backend_type);
  append_pair(out, "backend_name", entry.backend_name);
  append_pair(out, "upstream_model", entry.upstream_model);
  append_pair(out, "upstream_status_code", static_cast<std::uint64_t>(entry.upstream_status));
  append_pair(out, "upstream_attempts", entry.upstream_attempts);
  append_pair(out, "error_origin", entry.error_origin);
  append_pair(out, "gateway", entry.gateway);
  append_pair(out, "http_route", entry.http_route);
  append_pair(out, "inference_pool", entry.inference_pool);
  if (entry.input_tokens != 0 || entry.output_tokens != 0) {
    out += " tokens=";
    append_number(out, entry.input_tokens);
    out += '/';
    append_number(out, entry.output_tokens);
  }
  out += " timings=";
  append_number(out, milliseconds(entry.total));
  out += "ms(";
  append_number(out, milliseconds(entry.request_processing));
  out += '+';
  append_number(out, milliseconds(entry.upstream_processing));
  out += '+';
  append_number(out, milliseconds(entry.response_processing));
  out += ')';
}

void append_json(std::string& out, const AccessLogEntry& entry) {
  out += '{';
  append_always(out, "timestamp", print_rfc3339(entry.timestamp, Rfc3339Fraction::Shortest).view());
  append_always(out, "method", entry.method);
  append_always(out, "path", entry.path);
  append_always(out, "protocol", entry.protocol);
  append_always(out, "status_code", static_cast<std::uint64_t>(entry.status));
  if (!entry.error_type.empty()) {
    append_key(out, "error");
    out += '{';
    append_always(out, "type", entry.error_type);
    append_always(out, "message", entry.error_message);
    out += '}';
  }
  append_always(out, "model_name", entry.model_name);
  append_member(out, "model_route", entry.model_route);
  append_member(out, "model_server", entry.model_server);
  append_member(out, "selected_pod", entry.selected_pod);
  append_member(out, "request_id", entry.request_id);
  append_member(out, "backend_type", entry.backend_type);
  append_member(out, "backend_name", entry.backend_name);
  append_member(out, "upstream_model", entry.upstream_model);
  append_member(out, "upstream_status_code", static_cast<std::uint64_t>(entry.upstream_status));
  append_member(out, "upstream_attempts", entry.upstream_attempts);
  append_member(out, "error_origin", entry.error_origin);
  append_member(out, "gateway", entry.gateway);
  append_member(out, "http_route", entry.http_route);
  append_member(out, "inference_pool", entry.inference_pool);
  append_member(out, "input_tokens", entry.input_tokens);
  append_member(out, "output_tokens", entry.output_tokens);
  append_always(out, "duration_total", milliseconds(entry.total));
  append_always(out, "duration_request_processing", milliseconds(entry.request_processing));
  append_always(out, "duration_upstream_processing", milliseconds(entry.upstream_processing));
  append_always(out, "duration_response_processing", milliseconds(entry.response_processing));
  out += '}';
}

void AccessLog::write(const AccessLogEntry& entry) noexcept {
  if (sink_ == nullptr) {
    return;
  }
  thread_local std::string line;
  line.clear();
  if (format_ == AccessLogFormat::Json) {
    append_json(line, entry);
  } else {
    append_text(line, entry);
  }
  sink_->write(line);
}

void AccessLog::reopen() noexcept {
  if (sink_ != nullptr) {
    sink_->reopen();
  }
}

}  // namespace kthena::router
