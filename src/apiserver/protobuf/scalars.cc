#include "apiserver/protobuf/scalars.h"

#include <fmt/format.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/utf8.h"

namespace kthena::apiserver {

namespace {

constexpr std::int64_t kZeroTime = -62'135'596'800;  // 0001-01-01T00:00:00Z
constexpr std::int64_t kLastTime = 253'402'300'799;  // 9999-12-31T23:59:59Z

}  // namespace

std::string shown_text(std::string_view bytes) {
  return is_valid_utf8(bytes) ? std::string(bytes) : make_valid_utf8(bytes);
}

std::optional<std::string> time_text(std::int64_t seconds, std::int32_t nanos, Digits digits) {
  constexpr std::int32_t kNanos = 1'000'000'000;
  if (seconds < kZeroTime || seconds > kLastTime) {
    return std::nullopt;
  }
  std::int32_t micros = 0;
  if (digits == Digits::Micro) {
    std::int32_t rest = nanos / 1000 * 1000 % kNanos;
    seconds += nanos / kNanos;
    if (rest < 0) {
      rest += kNanos;
      --seconds;
    }
    micros = rest / 1000;
    if (seconds < kZeroTime || seconds > kLastTime) {
      return std::nullopt;
    }
  }
  if (seconds == kZeroTime && micros == 0) {
    return std::string();
  }
  const std::chrono::sys_seconds time{std::chrono::seconds(seconds)};
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  const std::string text =
      fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", static_cast<int>(date.year()),
                  static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                  clock.hours().count(), clock.minutes().count(), clock.seconds().count());
  return digits == Digits::Micro ? fmt::format("{}.{:06}Z", text, micros) : text + "Z";
}

}  // namespace kthena::apiserver
