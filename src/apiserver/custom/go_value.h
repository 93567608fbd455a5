// Internal to custom/: values as Go has them, where int64(1) and float64(1) differ.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "json/problem.h"
#include "json/value.h"

namespace kthena::apiserver {

/// Equal and, where they are numbers, of the same Go type.
bool go_equal(const json::Value& a, const json::Value& b);

/// A text that is the same for values that are equal like that.
std::string go_identity(const json::Value& value);

/// As a field error shows it: texts quoted, null as null, objects as JSON.
std::string shown_value(const json::Value& value);

/// "string", "map[string]interface {}": `%T`.
std::string_view go_type(const json::Value& value);

json::Problem wrong_type(std::string_view path, std::string_view shown, std::string_view detail);
json::Problem too_long(std::string_view path, std::int64_t most);
json::Problem too_many(std::string_view path, std::int64_t count, std::int64_t most);

}  // namespace kthena::apiserver
