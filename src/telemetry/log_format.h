// One log record as a line of text or of JSON. Pure, so that it can be tested and fuzzed.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "telemetry/log.h"
#include "telemetry/log_tags.h"

namespace kthena::log {

struct Record {
  WallTime time;
  Level level;
  std::string_view message;
  std::span<const Field> fields;
  const telemetry::LogTags* tags;
};

/// Longer values are cut, with "…" at the end.
inline constexpr std::size_t kMostValueBytes = 4096;
/// Values that would begin after this many bytes are left out, and `truncated` is added.
inline constexpr std::size_t kMostRecordBytes = std::size_t{32} * 1024;

/// Appends the line, without a line end. A tag that a value, or a tag further in, names too is left
/// out.
void append_text(std::string& out, const Record& record);
/// The same as one JSON object. Infinite numbers and those that are none become strings.
void append_json(std::string& out, const Record& record);

}  // namespace kthena::log
