// Where finished log lines go: the seam between the log's functions and an output, or a test's.
#pragma once

#include <string_view>

#include "base/clock.h"
#include "telemetry/log.h"

namespace kthena::log {

class LineTarget {
 public:
  LineTarget(Format format, const Clock* clock);
  virtual ~LineTarget() = default;

  Format format() const { return format_; }
  const Clock& clock() const { return clock_; }
  /// Takes a line without a line end. Any thread; does not wait.
  virtual void write_line(std::string_view line) noexcept = 0;
  /// Called when the process is about to abort: bring out what is there.
  virtual void flush_before_abort() noexcept {}

 private:
  Format format_;
  const Clock& clock_;
};

/// Sets the target of all lines, and returns the one of before; null: stderr. A target that was set
/// may still be called by a thread that was about to: it is never deleted before such threads
/// ended.
LineTarget* exchange_target(LineTarget* target) noexcept;

}  // namespace kthena::log
