#include "kube/shapes/check.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/regex.h"
#include "json/codec.h"
#include "json/fields.h"
#include "json/findings.h"
#include "json/print.h"
#include "json/problem.h"
#include "json/value.h"
#include "kube/shapes/shape.h"

namespace kthena::kube::shapes {

namespace {

using json::Problem;
using json::Step;
using json::Value;

const Regex& quantity_pattern() {
  static const Regex pattern = [] {
    auto regex = Regex::create(kQuantityPattern);
    CHECK(regex.has_value());
    return *std::move(regex);
  }();
  return pattern;
}

class Walk {
 public:
  Walk(Within within, const json::DecodeOptions& options, json::Findings& findings)
      : within_(within), options_(options), findings_(findings) {}

  /// The depth is bounded by that of the value.
  void object(const Type& type, const Value& value, const Step* at) {
    if (!value.is_object()) {
      return wrong_type("object", value, at);
    }
    for (const json::Member& member : value.as_object()) {
      const Step step{.parent = at, .kind = Step::Kind::Field, .name = member.key};
      const Field* known = type.find_field(member.key);
      if (known == nullptr) {
        unknown(type, step);
      } else if (!member.value.is_null()) {  // null is absent, as for the API server
        field(*known, member.value, &step);
      }
    }
    if (strict()) {
      missing(type, value.as_object(), at);
    }
  }

 private:
  bool strict() const { return within_ == Within::CustomResource; }

  void wrong_type(std::string_view wanted, const Value& value, const Step* at) {
    if (strict()) {
      json::add_wrong_type(findings_, wanted, value, at);
    }
  }

  void unknown(const Type& type, const Step& at) {
    if (options_.unknown == json::UnknownFields::Ignore) {
      return;
    }
    std::vector<std::string_view> names;
    for (std::size_t i = 0; i < type.fields.size() && !findings_.full(); ++i) {
      names.push_back(type.fields[i].name);
    }
    json::add_unknown_field(findings_, &at, json::severity_of_unknown(options_), names);
  }

  void missing(const Type& type, const json::Object& object, const Step* at) {
    for (const Field& field : type.fields) {
      const Value* value = field.required ? object.find(field.name) : nullptr;
      if (field.required && !field.default_value && (value == nullptr || value->is_null())) {
        const Step step{.parent = at, .kind = Step::Kind::Field, .name = field.name};
        findings_.add(Problem::Kind::Required, &step,
                      [](const std::string&) { return "Required value"; });
      }
    }
  }

  void field(const Field& field, const Value& value, const Step* at) {
    switch (field.container) {
      case Container::One:
        return item(field, value, at);
      case Container::List:
        return list(field, value, at);
      case Container::Map:
        return map(field, value, at);
    }
  }

  void list(const Field& field, const Value& value, const Step* at) {
    if (!value.is_array()) {
      return wrong_type("array", value, at);
    }
    Step step{.parent = at, .kind = Step::Kind::Index};
    for (const Value& element : value.as_array()) {
      item(field, element, &step);
      ++step.index;
    }
    const bool by_identity =
        field.list_type == json::ListType::Set || field.list_type == json::ListType::Map;
    if (strict() && by_identity && !field.may_repeat) {
      duplicates(field, value.as_array(), at);
    }
  }

  void map(const Field& field, const Value& value, const Step* at) {
    if (!value.is_object()) {
      return wrong_type("object", value, at);
    }
    for (const auto& [key, element] : value.as_object()) {
      const Step step{.parent = at, .kind = Step::Kind::Key, .name = key};
      item(field, element, &step);
    }
  }

  void item(const Field& field, const Value& value, const Step* at) {
    switch (field.kind) {
      case ValueKind::Any:
        return;
      case ValueKind::Boolean:
        return value.is_bool() ? void() : wrong_type("boolean", value, at);
      case ValueKind::Integer:
        return integer(field, value, at);
      case ValueKind::Number:
        return value.is_number() ? void() : wrong_type("number", value, at);
      case ValueKind::String:
        return text(field, value, at);
      case ValueKind::IntOrString:
      case ValueKind::Quantity:
        return int_or_string(field, value, at);
      case ValueKind::Object:
        return object(in_template(*field.object), value, at);
    }
  }

  const Type& in_template(const Type& type) const {
    return strict() && type.name == "ObjectMeta" ? template_metadata() : type;
  }

  void integer(const Field& field, const Value& value, const Step* at) {
    if (!value.is_number()) {
      return wrong_type("integer", value, at);
    }
    using Int32 = std::numeric_limits<std::int32_t>;
    using Int64 = std::numeric_limits<std::int64_t>;
    const std::int64_t lowest = field.format == "int32" ? Int32::min() : Int64::min();
    const std::int64_t highest = field.format == "int32" ? Int32::max() : Int64::max();
    const auto number = json::integer_of(value);
    if (strict() && (!number || *number < lowest || *number > highest)) {
      json::add_not_in_range(findings_, value, lowest, highest, at);
    }
  }

  void text(const Field& field, const Value& value, const Step* at) {
    if (!value.is_string()) {
      return wrong_type("string", value, at);
    }
    // Empty stands for the default in many of them.
    if (strict() && !field.enum_values.empty() && !value.as_string().empty() &&
        std::ranges::find(field.enum_values, value.as_string()) == field.enum_values.end()) {
      findings_.add(
          Problem::Kind::NotSupported, at,
          [&](const std::string&) {
            return json::unsupported_value(json::FieldPath(), json::shown(value), field.enum_values)
                .message;
          },
          json::Severity::Warning);
    }
  }

  void int_or_string(const Field& field, const Value& value, const Step* at) {
    if (!value.is_string() && !(value.is_number() && json::integer_of(value))) {
      return wrong_type("integer or string", value, at);
    }
    if (strict() && field.kind == ValueKind::Quantity && value.is_string() &&
        !quantity_pattern().found_in(value.as_string())) {
      findings_.add(Problem::Kind::Invalid, at, [&](const std::string& path) {
        return fmt::format("Invalid value: {}: {} in body should match '{}'", json::shown(value),
                           path, kQuantityPattern);
      });
    }
  }

  /// What tells an item from the others; keys that are absent count with their defaults.
  static std::string identity(const Field& field, const Value& item) {
    if (field.list_type == json::ListType::Set || field.object == nullptr) {
      return json::print_canonical(item);
    }
    json::Object keys;
    for (const std::string_view key : field.list_keys) {
      const Value* value = key.empty() ? nullptr : item.find(key);
      const Field* known = field.object->find_field(key);
      if (value != nullptr && !value->is_null()) {
        keys.set(key, *value);
      } else if (known != nullptr && known->default_value) {
        keys.set(key, *known->default_value);
      }
    }
    return json::print_canonical(std::move(keys));
  }

  void duplicates(const Field& field, const json::Array& items, const Step* at) {
    std::set<std::string> identities;
    for (std::size_t i = 0; i < items.size(); ++i) {
      const auto [place, is_new] = identities.insert(identity(field, items[i]));
      if (!is_new) {
        const Step step{.parent = at, .kind = Step::Kind::Index, .index = i};
        findings_.add(Problem::Kind::Duplicate, &step, [&](const std::string&) {
          return fmt::format("Duplicate value: {}", *place);
        });
      }
    }
  }

  Within within_;
  const json::DecodeOptions& options_;
  json::Findings& findings_;
};

}  // namespace

void check(const Type& type, const Value& value, const Step* at, Within within,
           const json::DecodeOptions& options, json::Findings& findings) {
  Walk(within, options, findings).object(type, value, at);
}

void check_named(std::string_view shape, const Value& value, const Step* at,
                 const json::DecodeOptions& options, json::Findings& findings) {
  if (const Type* type = find_type(shape)) {
    check(*type, value, at, Within::CustomResource, options, findings);
  }
}

}  // namespace kthena::kube::shapes
