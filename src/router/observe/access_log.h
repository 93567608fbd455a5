// One line per request, after its last byte was sent.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "telemetry/line_sink.h"

namespace kthena::router {

enum class AccessLogFormat : std::uint8_t { Text, Json };

/// What a line tells. Empty texts and zeros are left out, as the format says.
/// Source: docs/reference/access-log.md
struct AccessLogEntry {
  WallTime timestamp{};  ///< when the request came in
  std::string_view method;
  std::string_view path;  ///< without the query
  std::string_view protocol;
  int status = 0;
  std::string_view error_type;
  std::string_view error_message;
  std::string_view model_name;
  std::string_view model_route;
  std::string_view model_server;
  std::string_view selected_pod;
  std::string_view request_id;
  std::string_view backend_type;
  std::string_view backend_name;
  std::string_view upstream_model;
  int upstream_status = 0;
  std::uint32_t upstream_attempts = 0;
  std::string_view error_origin;
  std::string_view gateway;
  std::string_view http_route;
  std::string_view inference_pool;
  std::uint64_t input_tokens = 0;
  std::uint64_t output_tokens = 0;
  Duration total{};
  Duration request_processing{};
  Duration upstream_processing{};
  Duration response_processing{};
};

/// Appends the line, without its end.
void append_text(std::string& out, const AccessLogEntry& entry);
void append_json(std::string& out, const AccessLogEntry& entry);

/// Where lines go. Shared by all shards.
class AccessLog {
 public:
  /// Null sink: disabled, and no work is done.
  AccessLog(std::unique_ptr<telemetry::LineSink> sink, AccessLogFormat format)
      : sink_(std::move(sink)), format_(format) {}

  bool enabled() const noexcept { return sink_ != nullptr; }
  void write(const AccessLogEntry& entry) noexcept;
  void reopen() noexcept;
  std::uint64_t dropped() const noexcept { return sink_ != nullptr ? sink_->dropped() : 0; }

 private:
  std::unique_ptr<telemetry::LineSink> sink_;
  AccessLogFormat format_;
};

}  // namespace kthena::router
