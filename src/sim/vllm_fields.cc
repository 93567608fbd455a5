#include "sim/vllm_fields.h"

#include <fmt/format.h>

#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/strings.h"
#include "json/value.h"
#include "sim/vllm_request.h"

namespace kthena::sim {

std::string validation_message(const std::vector<ValidationError>& errors) {
  std::string message =
      fmt::format("{} validation error{}:", errors.size(), errors.size() == 1 ? "" : "s");
  for (const ValidationError& error : errors) {
    message += fmt::format("\n  {{'type': '{}', 'loc': '{}', 'msg': '{}', 'input': '{}'{}}}",
                           error.type, error.place, error.message, error.input, error.context);
  }
  return message;
}

std::string describe_input(const json::Value& value) {
  switch (value.type()) {
    case json::Type::Null:
      return "None";
    case json::Type::Bool:
      return value.as_bool() ? "True" : "False";
    case json::Type::Number:
      return value.number_text();
    case json::Type::String:
      return value.as_string().substr(0, 256);
    case json::Type::Array:
      return fmt::format("<list of {} items>", value.as_array().size());
    case json::Type::Object:
      return fmt::format("<dict of {} items>", value.as_object().size());
  }
  return {};
}

const json::Value* VllmFields::find(std::string_view name) const {
  const json::Value* value = body_.find(name);
  return value != nullptr && value->is_null() ? nullptr : value;
}

void VllmFields::complain(std::string_view type, std::string_view name, std::string_view message,
                          const json::Value& input) {
  errors_.push_back({std::string(type),
                     fmt::format("body.{}", name),
                     std::string(message),
                     describe_input(input),
                     {}});
}

std::optional<std::int64_t> VllmFields::integer(std::string_view name) {
  const json::Value* value = find(name);
  if (value == nullptr) {
    return std::nullopt;
  }
  if (const auto number = value->to_int64()) {
    return number;
  }
  if (value->is_bool()) {
    return value->as_bool() ? 1 : 0;
  }
  if (value->is_number()) {
    const double number = value->as_double();
    if (std::trunc(number) == number && std::abs(number) < 9e15) {
      return static_cast<std::int64_t>(number);
    }
    complain("int_from_float", name,
             "Input should be a valid integer, got a number with a fractional part", *value);
  } else if (value->is_string()) {
    if (const auto number = parse_int<std::int64_t>(trim(value->as_string()))) {
      return *number;
    }
    complain("int_parsing", name,
             "Input should be a valid integer, unable to parse string as an integer", *value);
  } else {
    complain("int_type", name, "Input should be a valid integer", *value);
  }
  return std::nullopt;
}

std::optional<double> VllmFields::number(std::string_view name) {
  const json::Value* value = find(name);
  if (value == nullptr) {
    return std::nullopt;
  }
  if (value->is_number()) {
    return value->as_double();
  }
  if (value->is_string()) {
    if (const auto number = parse_double(trim(value->as_string()))) {
      return *number;
    }
    complain("float_parsing", name,
             "Input should be a valid number, unable to parse string as a number", *value);
  } else {
    complain("float_type", name, "Input should be a valid number", *value);
  }
  return std::nullopt;
}

std::optional<std::string> VllmFields::text(std::string_view name) {
  const json::Value* value = find(name);
  if (value == nullptr) {
    return std::nullopt;
  }
  if (!value->is_string()) {
    complain("string_type", name, "Input should be a valid string", *value);
    return std::nullopt;
  }
  return value->as_string();
}

bool VllmFields::boolean(std::string_view name) {
  const json::Value* value = find(name);
  if (value == nullptr) {
    return false;
  }
  if (value->is_bool()) {
    return value->as_bool();
  }
  const std::string word =
      value->is_string() ? to_lower(value->as_string()) : describe_input(*value);
  if (word == "1" || word == "true" || word == "yes" || word == "on") {
    return true;
  }
  if (word != "0" && word != "false" && word != "no" && word != "off") {
    complain("bool_parsing", name, "Input should be a valid boolean, unable to interpret input",
             *value);
  }
  return false;
}

const json::Array* VllmFields::required_array(std::string_view name) {
  const json::Value* value = body_.find(name);
  if (value != nullptr && value->is_array()) {
    return &value->as_array();
  }
  if (value != nullptr) {
    complain("list_type", name, "Input should be a valid list", *value);
  } else {
    errors_.push_back({"missing",
                       fmt::format("body.{}", name),
                       "Field required",
                       fmt::format("<dict of {} items>", body_.size()),
                       {}});
  }
  return nullptr;
}

std::optional<VllmError> VllmFields::error() const {
  if (errors_.empty()) {
    return std::nullopt;
  }
  return VllmError{.type = "Bad Request",
                   .message = validation_message(errors_),
                   .param = errors_.front().place};
}

}  // namespace kthena::sim
