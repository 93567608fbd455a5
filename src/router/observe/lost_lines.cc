#include "router/observe/lost_lines.h"

#include <cstdint>

#include "async/loop.h"
#include "router/observe/access_log.h"
#include "telemetry/log.h"

namespace kthena::router {

LostLinesReport::LostLinesReport(async::Loop& loop, const AccessLog& access_log)
    : Timer(loop), access_log_(access_log) {
  if (access_log.enabled()) {
    Timer::set(loop.now() + kInterval);
  }
}

void LostLinesReport::report() {
  const std::uint64_t dropped = access_log_.dropped();
  if (dropped != told_) {
    log::warn("lines of the access log were lost: it is not written fast enough",
              kv("lines", dropped - told_), kv("total", dropped));
    told_ = dropped;
  }
}

void LostLinesReport::on_timer() noexcept {
  Timer::set(loop().now() + kInterval);
  report();
}

}  // namespace kthena::router
