// Tells the program's log that lines of the access log were lost.
#pragma once

#include <chrono>
#include <cstdint>

#include "async/loop.h"
#include "base/clock.h"
#include "router/observe/access_log.h"

namespace kthena::router {

/// Looks every kInterval how many lines were dropped, and warns if there are more than before. The
/// access log itself cannot tell: it is read by programs, and may be what is blocked. One loop.
class LostLinesReport final : private async::Timer {
 public:
  static constexpr Duration kInterval = std::chrono::seconds(10);

  LostLinesReport(async::Loop& loop, const AccessLog& access_log);

  /// Warns now of what has not been told yet: for the end of the program.
  void report();

 private:
  void on_timer() noexcept override;

  const AccessLog& access_log_;
  std::uint64_t told_ = 0;
};

}  // namespace kthena::router
