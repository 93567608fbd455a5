// Scalars as Go's decoders read them and print them again, with their words for what they cannot
// read. Source: apimachinery v1.34 (resource.Quantity, metav1.Time), Go's time and base64.
#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "json/value.h"

namespace kthena::apiserver {

/// The normal form of a scalar's text, or what Go says of it.
using Normal = std::expected<std::string, std::string>;

/// A time to the second, in UTC.
Normal normal_time(std::string_view text);
/// The same with exactly six digits of a second.
Normal normal_micro_time(std::string_view text);
/// "1000m" is "1", "1024Mi" is "1Gi".
Normal normal_quantity(std::string_view text);
/// Without the line breaks that decoders skip.
Normal normal_base64(std::string_view text);

/// A quantity of resources: nothing finer than a thousandth, rounded up. What is none stays.
std::string rounded_to_milli(std::string_view quantity);

}  // namespace kthena::apiserver
