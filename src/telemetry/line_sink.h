// Lines to a file or a stream without ever waiting for it: what the log and the access log write
// to.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>

#include "base/clock.h"
#include "base/result.h"

namespace kthena::telemetry {

struct LineSinkOptions {
  /// Bytes of lines that may wait. At 50,000 lines of 300 bytes a second, 512 KiB last for 35 ms,
  /// and the writer looks every 10. All of it becomes resident, for it is used in turn.
  std::size_t capacity = std::size_t{512} << 10;
  /// As `ps -T` shows the writer; at most 15 characters.
  std::string thread_name = "line-writer";
  /// Makes the line that tells of `count` lost lines; none: they are only counted. Called by the
  /// writer's thread, at most once a second.
  std::function<std::string(std::uint64_t count)> drop_notice = nullptr;
};

/// A bounded buffer, and one thread that writes it out in large pieces. On a full disk, a blocked
/// pipe or a buffer full for another reason, lines are dropped and counted; callers never wait.
///
/// Any thread may write; lines keep the order in which write() was called. The owner outlives all
/// writers, or stops them first.
class LineSink {
 public:
  /// @param destination  "stdout", "stderr" or a path, which is opened for appending (mode 0644)
  /// Errors: what open(2) says, as NotFound, PermissionDenied or Unavailable.
  static Result<std::unique_ptr<LineSink>> create(std::string destination,
                                                  LineSinkOptions options = {});
  /// Closes within a second.
  ~LineSink();
  LineSink(const LineSink&) = delete;
  LineSink& operator=(const LineSink&) = delete;

  /// Appends `line`, which holds no line end, and a line end. False if it was dropped.
  /// Cost: some 40 ns for 300 bytes, see line_sink_bench.cc; a system call (2 µs) only if the
  /// writer had slept for lack of work.
  bool write(std::string_view line) noexcept;

  /// Opens the path again, for after logrotate has renamed the file. Returns at once; until the
  /// writer has done so, and if it cannot, lines go to the old file.
  void reopen() noexcept;

  /// Waits until all that was written before is in the file. False if it took longer.
  bool flush(Duration at_most);

  /// Writes what is there, for at most the given time, and ends the thread. Later lines are
  /// dropped.
  void close(Duration at_most);

  /// Lines lost: no room, too long (an eighth of the capacity), or the file could not be written.
  std::uint64_t dropped() const noexcept;
  /// Lines that the file took.
  std::uint64_t written() const noexcept;

 private:
  class Writer;
  explicit LineSink(std::shared_ptr<Writer> writer);

  std::shared_ptr<Writer> writer_;  // shared with the thread, which may outlive us in a stuck write
  std::thread thread_;
};

}  // namespace kthena::telemetry
