#include "kube/meta/scalars.h"

#include <fmt/format.h>

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "base/duration.h"
#include "base/error.h"
#include "base/result.h"
#include "base/rfc3339.h"
#include "base/strings.h"
#include "json/problem.h"
#include "json/type.h"
#include "json/value.h"

namespace kthena::kube {

Result<Time> Time::from_json(const json::Value& value) {
  return Time{TRY(parse_rfc3339(value.as_string()))};
}

json::Value Time::to_json() const { return print_rfc3339(value, Rfc3339Fraction::Shortest).view(); }

Result<MicroTime> MicroTime::from_json(const json::Value& value) {
  return MicroTime{TRY(parse_rfc3339(value.as_string()))};
}

json::Value MicroTime::to_json() const {
  return print_rfc3339(value, Rfc3339Fraction::Micro).view();
}

Result<GoDuration> GoDuration::from_json(const json::Value& value) {
  return GoDuration{TRY(parse_duration(value.as_string()))};
}

json::Value GoDuration::to_json() const { return print_duration(value); }

Result<IntOrString> IntOrString::from_json(const json::Value& value) {
  if (value.is_string()) {
    return IntOrString{value.as_string()};
  }
  const std::int64_t number = value.to_int64().value_or(std::numeric_limits<std::int64_t>::max());
  if (!std::in_range<std::int32_t>(number)) {
    return fail(ErrorCode::InvalidArgument, "should be between -2147483648 and 2147483647");
  }
  return IntOrString{static_cast<std::int32_t>(number)};
}

json::Value IntOrString::to_json() const {
  if (const auto* number = std::get_if<std::int32_t>(&value)) {
    return *number;
  }
  return std::get<std::string>(value);
}

Result<std::int64_t> scaled_value(const IntOrString& value, std::int64_t total, Rounding rounding) {
  if (const auto* number = std::get_if<std::int32_t>(&value.value)) {
    return *number;
  }
  const std::string& text = std::get<std::string>(value.value);
  if (!text.ends_with('%')) {
    return fail(ErrorCode::InvalidArgument,
                "invalid value for IntOrString: invalid type: string is not a percentage");
  }
  std::string_view digits(text);
  digits.remove_suffix(1);
  const auto percent = parse_int<std::int32_t>(digits);
  if (!percent || total > std::numeric_limits<std::int32_t>::max() ||
      total < std::numeric_limits<std::int32_t>::min()) {
    return fail(ErrorCode::InvalidArgument,
                fmt::format("invalid value for IntOrString: invalid value {}", json::quoted(text)));
  }
  const std::int64_t hundredths = *percent * total;
  const std::int64_t whole = hundredths / 100;
  const std::int64_t rest = hundredths % 100;
  if (rounding == Rounding::Up) {
    return rest > 0 ? whole + 1 : whole;
  }
  return rest < 0 ? whole - 1 : whole;
}

}  // namespace kthena::kube

KTHENA_JSON_TYPE(kthena::kube::Time);
KTHENA_JSON_TYPE(kthena::kube::MicroTime);
KTHENA_JSON_TYPE(kthena::kube::GoDuration);
KTHENA_JSON_TYPE(kthena::kube::IntOrString);
