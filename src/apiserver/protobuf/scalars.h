// Scalars of Kubernetes' protobuf as JSON has them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace kthena::apiserver {

/// Digits of a second.
enum class Digits : std::uint8_t { None, Micro };

/// A text as Go prints it in JSON: U+FFFD in the place of bytes that are not UTF-8.
std::string shown_text(std::string_view bytes);

/// A point in time in UTC, "2026-04-16T07:33:08Z"; "" for Go's zero time, which is printed as null.
/// Nothing outside of the years 1 to 9999.
/// @param seconds  since 1970
/// @param nanos    may be negative or more than a second
std::optional<std::string> time_text(std::int64_t seconds, std::int32_t nanos, Digits digits);

}  // namespace kthena::apiserver
