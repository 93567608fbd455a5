// What every log line of a task says about it: request id and model, or kind and key.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>
#include <utility>

#include "base/check.h"

namespace kthena::telemetry {

struct LogTag {
  std::string_view key;    ///< a constant
  std::string_view value;  ///< lives as long as the LogTags
};

/// A few tags, and those of the task around. The owner keeps it, and the texts it refers to, for as
/// long as a task that carries it may log. One thread.
class LogTags {
 public:
  static constexpr std::size_t kMost = 4;

  explicit LogTags(const LogTags* outer = nullptr) noexcept : outer_(outer) {}

  void add(std::string_view key, std::string_view value) noexcept {
    CHECK(size_ < kMost);
    tags_[size_++] = {key, value};
  }

  const LogTag* begin() const noexcept { return tags_.data(); }
  const LogTag* end() const noexcept { return tags_.data() + size_; }
  const LogTags* outer() const noexcept { return outer_; }

 private:
  const LogTags* outer_;
  std::size_t size_ = 0;
  std::array<LogTag, kMost> tags_;
};

namespace detail {
inline constinit thread_local const LogTags* current_log_tags = nullptr;
}  // namespace detail

/// Sets the tags of what this thread logs from here on, and returns those of before. The async
/// runtime calls it when it resumes a task and when it leaves it.
inline const LogTags* exchange_current_tags(const LogTags* tags) noexcept {
  return std::exchange(detail::current_log_tags, tags);
}

inline const LogTags* current_tags() noexcept { return detail::current_log_tags; }

/// Sets tags for a block of code that does not suspend.
class ScopedLogTags {
 public:
  explicit ScopedLogTags(const LogTags& tags) noexcept : before_(exchange_current_tags(&tags)) {}
  ~ScopedLogTags() { exchange_current_tags(before_); }
  ScopedLogTags(const ScopedLogTags&) = delete;
  ScopedLogTags& operator=(const ScopedLogTags&) = delete;

 private:
  const LogTags* before_;
};

}  // namespace kthena::telemetry
