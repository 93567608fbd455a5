// The end of a LineSink that knows files: opening, reopening, writing without getting stuck.
#pragma once

#include <atomic>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "base/clock.h"
#include "base/result.h"

namespace kthena::telemetry {

/// An append-only file, or one of the standard streams, which it does not own. One thread, but for
/// give_up_at().
class LineOutput {
 public:
  static Result<LineOutput> open(std::string destination);
  ~LineOutput();
  LineOutput(LineOutput&& other) noexcept;
  LineOutput& operator=(LineOutput&&) = delete;

  /// Opens the path again. Keeps the old file if that fails. Nothing to do for streams.
  void reopen();

  /// Writes whole lines. Waits for a stream's reader until `give_up_at`; a file is written at once.
  /// Returns how many bytes were taken: less than all when the disk is full, the reader is gone or
  /// the time is over. The next write then starts on a line of its own.
  std::size_t write(std::string_view lines, const std::atomic<Instant>& give_up_at);

 private:
  LineOutput(std::string destination, int descriptor, bool is_file)
      : destination_(std::move(destination)), descriptor_(descriptor), is_file_(is_file) {}
  bool wait_until_writable(const std::atomic<Instant>& give_up_at) const;

  std::string destination_;
  int descriptor_;
  bool is_file_;              // a regular file: writing does not wait for anybody
  bool is_mid_line_ = false;  // the last write was cut within a line
};

}  // namespace kthena::telemetry
