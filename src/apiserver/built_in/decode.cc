#include "apiserver/built_in/decode.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cstddef>
#include <cstdint>
#include <expected>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include "apiserver/built_in/aliases.h"
#include "apiserver/built_in/go_scalars.h"
#include "apiserver/built_in/structs.h"
#include "apiserver/patch/go_text.h"
#include "json/base64.h"
#include "json/problem.h"
#include "json/value.h"
#include "kube/shapes/shape.h"

namespace kthena::apiserver {

namespace {

using json::Value;

/// "object", "number": how messages name what was found.
std::string_view found_type(const Value& value) { return go_json_type(value); }

class Decoder {
 public:
  void run(const HeldType& type, Value& value) { decode(type, value); }

  std::optional<std::string> error() && {
    return fatal_ ? std::move(fatal_) : std::move(first_error_);
  }
  std::vector<std::string> unknown() && { return std::move(unknown_); }

 private:
  static constexpr std::size_t kMostUnknown = 100;

  std::string type_error(std::string_view found, std::string_view wanted) const {
    if (fields_.empty()) {
      return fmt::format("json: cannot unmarshal {} into Go value of type {}", found, wanted);
    }
    return fmt::format("json: cannot unmarshal {} into Go struct field {}.{} of type {}", found,
                       within_, fmt::join(fields_, "."), wanted);
  }

  // Go goes on after a wrong type and tells of the first, but stops where a type's own code fails.
  void note(std::string error) {
    if (!first_error_) {
      first_error_ = std::move(error);
    }
  }
  void wrong_type(std::string_view found, std::string_view wanted, Value& value) {
    note(type_error(found, wanted));
    value = Value();
  }
  void stop(std::string error) { fatal_ = std::move(error); }

  void decode(const HeldType& type, Value& value) {
    if (value.is_null() || fatal_) {
      return;
    }
    switch (type.as) {
      case HeldAs::Any:
        return;
      case HeldAs::Bool:
        return value.is_bool() ? void() : wrong_type(found_type(value), type.shown, value);
      case HeldAs::String:
        return value.is_string() ? void() : wrong_type(found_type(value), type.shown, value);
      case HeldAs::Float64:
        return value.is_number() ? void() : wrong_type(found_type(value), type.shown, value);
      case HeldAs::Int32:
      case HeldAs::Int64:
        return integer(type, value);
      case HeldAs::Bytes:
        return bytes(value);
      case HeldAs::Time:
        return time(value, normal_time);
      case HeldAs::MicroTime:
        return time(value, normal_micro_time);
      case HeldAs::Duration:
        return value.is_string() ? void() : stop(type_error(found_type(value), "string"));
      case HeldAs::Quantity:
        return quantity(value);
      case HeldAs::IntOrString:
        return int_or_string(value);
      case HeldAs::Struct:
        return structure(type, value);
      case HeldAs::List:
        return list(type, value);
      case HeldAs::Map:
        return map(type, value);
    }
  }

  static std::optional<std::int64_t> integer_of(const Value& value, HeldAs as) {
    auto number = value.to_int64();
    if (!number && value.number_text() == "-0") {
      number = 0;
    }
    using Int32 = std::numeric_limits<std::int32_t>;
    if (number && as == HeldAs::Int32 && (*number < Int32::min() || *number > Int32::max())) {
      return std::nullopt;
    }
    return number;
  }

  void integer(const HeldType& type, Value& value) {
    if (!value.is_number()) {
      return wrong_type(found_type(value), type.shown, value);
    }
    const auto number = integer_of(value, type.as);
    if (!number) {
      return wrong_type("number " + value.number_text(), type.shown, value);
    }
    value = *number;
  }

  /// An array of numbers is bytes too.
  void byte_array(Value& value) {
    std::string bytes;
    for (const Value& item : value.as_array()) {
      const auto number = item.is_null() ? std::optional<std::int64_t>(0) : item.to_int64();
      if (!number || *number < 0 || *number > 255) {
        return wrong_type(
            item.is_number() ? "number " + item.number_text() : std::string(found_type(item)),
            "uint8", value);
      }
      bytes += static_cast<char>(*number);
    }
    value = json::encode_base64(bytes);
  }

  void bytes(Value& value) {
    if (value.is_array()) {
      return byte_array(value);
    }
    if (!value.is_string()) {
      return wrong_type(found_type(value), "[]uint8", value);
    }
    auto normal = normal_base64(value.as_string());
    if (!normal) {
      note(std::move(normal).error());
      value = Value();
      return;
    }
    value = *std::move(normal);
  }

  void time(Value& value, Normal (*normal)(std::string_view)) {
    if (!value.is_string()) {
      return stop(type_error(found_type(value), "string"));
    }
    settle(value, normal(value.as_string()));
  }

  void quantity(Value& value) {
    if (value.is_string()) {
      settle(value, normal_quantity(value.as_string()));
    } else {
      settle(value, normal_quantity(value.is_number() ? value.number_text() : "?"));
    }
  }

  void settle(Value& value, Normal normal) {
    if (normal) {
      value = *std::move(normal);
    } else {
      stop(std::move(normal).error());
    }
  }

  void int_or_string(Value& value) {
    if (value.is_string()) {
      return;
    }
    if (!value.is_number()) {
      return stop(type_error(found_type(value), "int32"));
    }
    if (const auto number = integer_of(value, HeldAs::Int32)) {
      value = *number;
    } else {
      stop(type_error("number " + value.number_text(), "int32"));
    }
  }

  void structure(const HeldType& type, Value& value) {
    if (!value.is_object()) {
      return wrong_type(found_type(value), type.shown, value);
    }
    const std::string_view outer = within_;
    const std::size_t path = path_.size();
    for (json::Member& member : value.as_object()) {
      const auto position = type.fields->find(member.key);
      if (!position) {
        add_unknown(member.key);
        continue;
      }
      const StructField& field = type.fields->fields[*position];
      fields_.push_back(field.name);
      within_ = type.fields->shown;
      enter(member.key);
      decode(field.type, member.value);
      if (fatal_) {
        return;
      }
      path_.resize(path);
      fields_.pop_back();
      within_ = outer;
    }
    settle_aliases(*type.fields, value.as_object());
  }

  void list(const HeldType& type, Value& value) {
    if (!value.is_array()) {
      return wrong_type(found_type(value), type.shown, value);
    }
    const std::size_t path = path_.size();
    std::size_t index = 0;
    for (Value& item : value.as_array()) {
      path_ += fmt::format("[{}]", index++);
      decode(*type.of, item);
      path_.resize(path);
    }
  }

  void map(const HeldType& type, Value& value) {
    if (!value.is_object()) {
      return wrong_type(found_type(value), type.shown, value);
    }
    const std::size_t path = path_.size();
    for (json::Member& member : value.as_object()) {
      enter(member.key);
      decode(*type.of, member.value);
      path_.resize(path);
    }
  }

  void enter(std::string_view name) {
    if (!path_.empty()) {
      path_ += '.';
    }
    path_ += name;
  }

  void add_unknown(std::string_view name) {
    if (unknown_.size() >= kMostUnknown) {
      return;
    }
    std::string text = fmt::format(
        "{} {}", json::kUnknownField,
        json::quoted(path_.empty() ? std::string(name) : fmt::format("{}.{}", path_, name)));
    if (seen_.insert(text).second) {
      unknown_.push_back(std::move(text));
    }
  }

  std::vector<std::string_view> fields_;  ///< the way to here, without lists and maps
  std::string_view within_;               ///< the struct whose field we read
  std::string path_;                      ///< the way to here, with them
  std::optional<std::string> first_error_;
  std::optional<std::string> fatal_;
  std::vector<std::string> unknown_;
  std::unordered_set<std::string> seen_;
};

std::string_view version_of(std::string_view api_version) {
  return api_version.substr(api_version.rfind('/') + 1);
}

}  // namespace

std::expected<std::vector<std::string>, std::string> decode_built_in(const kube::shapes::Type& type,
                                                                     Value& object) {
  const HeldType whole{
      .as = HeldAs::Struct,
      .shown = fmt::format("{}.{}", version_of(type.api_version), struct_of(type).shown),
      .fields = &struct_of(type)};
  Decoder decoder;
  decoder.run(whole, object);
  if (auto error = std::move(decoder).error()) {
    return std::unexpected(*std::move(error));
  }
  as_printed(type, object);
  return std::move(decoder).unknown();
}

std::string cannot_be_handled(const kube::shapes::Type& type, std::string_view why) {
  return fmt::format("{0} in version {1} cannot be handled as a {0}: {2}", type.kind,
                     json::quoted(version_of(type.api_version)), why);
}

std::string strict_decoding_error(const std::vector<std::string>& findings) {
  return fmt::format("strict decoding error: {}", fmt::join(findings, ", "));
}

Answer<void> read_built_in(const kube::shapes::Type& type, Value& object,
                           FieldValidation validation, std::vector<std::string> strict,
                           std::vector<std::string>& warnings) {
  auto unknown = decode_built_in(type, object);
  if (!unknown) {
    return bad_request(cannot_be_handled(type, unknown.error()));
  }
  for (std::string& finding : *unknown) {
    strict.push_back(std::move(finding));
  }
  if (validation == FieldValidation::Strict && !strict.empty()) {
    return bad_request(cannot_be_handled(type, strict_decoding_error(strict)));
  }
  if (validation == FieldValidation::Warn) {
    for (std::string& finding : strict) {
      warnings.push_back(std::move(finding));
    }
  }
  return {};
}

}  // namespace kthena::apiserver
