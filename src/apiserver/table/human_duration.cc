#include "apiserver/table/human_duration.h"

#include <fmt/format.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace kthena::apiserver {

namespace {

/// "2d10h", "2d".
std::string two_units(std::int64_t big, std::string_view unit, std::int64_t small,
                      std::string_view small_unit) {
  return small == 0 ? fmt::format("{}{}", big, unit)
                    : fmt::format("{}{}{}{}", big, unit, small, small_unit);
}

}  // namespace

std::string human_duration(Duration duration) {
  // Towards zero, as Go converts.
  const std::int64_t seconds = std::chrono::duration_cast<std::chrono::seconds>(duration).count();
  if (seconds < -1) {
    return "<invalid>";
  }
  if (seconds < 0) {
    return "0s";
  }
  if (seconds < 120) {
    return fmt::format("{}s", seconds);
  }
  const std::int64_t minutes = seconds / 60;
  if (minutes < 10) {
    return two_units(minutes, "m", seconds % 60, "s");
  }
  if (minutes < 180) {
    return fmt::format("{}m", minutes);
  }
  const std::int64_t hours = minutes / 60;
  if (hours < 8) {
    return two_units(hours, "h", minutes % 60, "m");
  }
  if (hours < 48) {
    return fmt::format("{}h", hours);
  }
  const std::int64_t days = hours / 24;
  if (days < 8) {
    return two_units(days, "d", hours % 24, "h");
  }
  if (days < 365 * 2) {
    return fmt::format("{}d", days);
  }
  const std::int64_t years = days / 365;
  if (years < 8) {
    return two_units(years, "y", days % 365, "d");
  }
  return fmt::format("{}y", years);
}

}  // namespace kthena::apiserver
