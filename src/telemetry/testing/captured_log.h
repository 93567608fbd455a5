// Log lines in memory, for tests that expect some.
#pragma once

#include <algorithm>
#include <cstddef>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "telemetry/log.h"
#include "telemetry/log_target.h"

namespace kthena::log::testing {

/// While it lives, all lines of all levels come here. There is one at a time, and all threads that
/// log end first.
class CapturedLog final : public LineTarget {
 public:
  explicit CapturedLog(Format format = Format::Text, const Clock* clock = nullptr)
      : LineTarget(format, clock),
        level_before_(log::detail::most.load()),
        target_before_(exchange_target(this)) {
    set_level(Level::Debug);
  }
  ~CapturedLog() override {
    exchange_target(target_before_);
    set_level(level_before_);
  }
  CapturedLog(const CapturedLog&) = delete;
  CapturedLog& operator=(const CapturedLog&) = delete;

  void write_line(std::string_view line) noexcept override {
    const std::lock_guard lock(mutex_);
    lines_.emplace_back(line);
  }

  std::vector<std::string> lines() const {
    const std::lock_guard lock(mutex_);
    return lines_;
  }
  /// How many lines contain `text`.
  std::size_t count(std::string_view text) const {
    const std::lock_guard lock(mutex_);
    return static_cast<std::size_t>(std::ranges::count_if(
        lines_, [&](const std::string& line) { return line.find(text) != std::string::npos; }));
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> lines_;
  Level level_before_;
  LineTarget* target_before_;
};

}  // namespace kthena::log::testing
