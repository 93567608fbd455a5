// JSON values to typed structs: one walk that reads, defaults, and collects what is wrong.
#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/result.h"
#include "json/checks.h"
#include "json/codec.h"
#include "json/fields.h"
#include "json/findings.h"
#include "json/problem.h"
#include "json/type.h"
#include "json/value.h"

namespace kthena::json::detail {

namespace {

class Decoder {
 public:
  Decoder(const DecodeOptions& options, std::vector<Problem>& problems)
      : options_(options), findings_(problems, options.max_problems) {}

  /// Whether `out` now holds the value.
  bool read(const TypeInfo& type, const FieldRules* rules, const Value& value, void* out,
            const Step* at);

 private:
  bool read_bool(const Value& value, void* out, const Step* at);
  bool read_integer(const TypeInfo& type, const Value& value, void* out, const Step* at);
  bool read_number(const Value& value, void* out, const Step* at);
  bool read_string(const Value& value, void* out, const Step* at);
  bool read_enum(const TypeInfo& type, const Value& value, void* out, const Step* at);
  bool read_scalar(const TypeInfo& type, const Value& value, void* out, const Step* at);
  bool read_list(const TypeInfo& type, const Value& value, void* out, const Step* at);
  bool read_map(const TypeInfo& type, const Value& value, void* out, const Step* at);
  bool read_object(const TypeInfo& type, const Value& value, void* out, const Step* at);

  void read_field(const FieldInfo& field, const Value& value, void* object, const Step& at);
  void check_shape(const TypeInfo& type, std::string_view shape, const Value& value,
                   const Step& at);
  void read_other(const TypeInfo& type, const Member& member, const Step& at);
  void read_old_names(const FieldInfo& field, const Object& source, void* object, const Step* at,
                      bool& seen);
  void fill_absent(const FieldInfo& field, void* object, const Step* at);
  bool wrong_type(std::string_view wanted, const Value& value, const Step* at);

  const DecodeOptions& options_;
  Findings findings_;
};

bool Decoder::wrong_type(std::string_view wanted, const Value& value, const Step* at) {
  add_wrong_type(findings_, wanted, value, at);
  return false;
}

bool Decoder::read_bool(const Value& value, void* out, const Step* at) {
  if (!value.is_bool()) {
    return wrong_type("boolean", value, at);
  }
  *static_cast<bool*>(out) = value.as_bool();
  return true;
}

bool Decoder::read_integer(const TypeInfo& type, const Value& value, void* out, const Step* at) {
  if (!value.is_number()) {
    return wrong_type("integer", value, at);
  }
  const auto integer = integer_of(value);
  const int bits = 8 * type.size - (type.is_signed ? 1 : 0);
  const std::int64_t highest =
      bits >= 63 ? std::numeric_limits<std::int64_t>::max() : (std::int64_t{1} << bits) - 1;
  const std::int64_t lowest = type.is_signed ? -highest - 1 : 0;
  if (integer && *integer >= lowest && *integer <= highest) {
    store_integer(type, out, *integer);
    return true;
  }
  add_not_in_range(findings_, value, lowest, highest, at);
  return false;
}

bool Decoder::read_number(const Value& value, void* out, const Step* at) {
  if (!value.is_number()) {
    return wrong_type("number", value, at);
  }
  *static_cast<double*>(out) = value.as_double();
  return true;
}

bool Decoder::read_string(const Value& value, void* out, const Step* at) {
  if (!value.is_string()) {
    return wrong_type("string", value, at);
  }
  *static_cast<std::string*>(out) = value.as_string();
  return true;
}

bool Decoder::read_enum(const TypeInfo& type, const Value& value, void* out, const Step* at) {
  if (!value.is_string()) {
    return wrong_type("string", value, at);
  }
  for (const EnumEntry& entry : type.enum_entries) {
    if (entry.text == value.as_string()) {
      store_integer(type, out, entry.value);
      return true;
    }
  }
  findings_.add(Problem::Kind::NotSupported, at, [&](const std::string&) {
    std::vector<std::string_view> texts;
    for (const EnumEntry& entry : type.enum_entries) {
      texts.push_back(entry.text);
    }
    return unsupported_value(FieldPath(), shown(value), texts).message;
  });
  return false;
}

bool Decoder::read_scalar(const TypeInfo& type, const Value& value, void* out, const Step* at) {
  const bool takes_integer = type.scalar_schema->int_or_string && value.is_number();
  const auto integer = takes_integer ? integer_of(value) : std::nullopt;
  if (!value.is_string() && !integer) {
    return wrong_type(type.scalar_schema->int_or_string ? "integer or string" : "string", value,
                      at);
  }
  const Result<void> read = type.scalar.read(integer ? Value(*integer) : value, out);
  if (read) {
    return true;
  }
  const bool warn = type.scalar_schema->lenient && !options_.checks;
  findings_.add(
      Problem::Kind::Invalid, at,
      [&](const std::string&) {
        return fmt::format("Invalid value: {}: {}", shown(value), read.error().message());
      },
      warn ? Severity::Warning : Severity::Error);
  return false;
}

bool Decoder::read_list(const TypeInfo& type, const Value& value, void* out, const Step* at) {
  if (!value.is_array()) {
    return wrong_type("array", value, at);
  }
  type.list.clear(out);
  const TypeInfo& element = type.element();
  std::size_t index = 0;
  for (const Value& item : value.as_array()) {
    const Step step{.parent = at, .kind = Step::Kind::Index, .index = index++};
    // An item that cannot be read keeps its place, so that positions mean the same to user and
    // program.
    read(element, nullptr, item, type.list.append(out), &step);
  }
  return true;
}

bool Decoder::read_map(const TypeInfo& type, const Value& value, void* out, const Step* at) {
  if (!value.is_object()) {
    return wrong_type("object", value, at);
  }
  type.map.clear(out);
  const TypeInfo& element = type.element();
  for (const auto& [key, item] : value.as_object()) {
    const Step step{.parent = at, .kind = Step::Kind::Key, .name = key};
    read(element, nullptr, item, type.map.insert(out, key), &step);
  }
  return true;
}

void Decoder::read_field(const FieldInfo& field, const Value& value, void* object, const Step& at) {
  void* member = static_cast<std::byte*>(object) + field.offset;
  const std::size_t before = findings_.errors();
  if (!field.rules.deprecated.empty()) {
    findings_.add(
        Problem::Kind::Deprecated, &at,
        [&](const std::string&) { return fmt::format("deprecated: {}", field.rules.deprecated); },
        Severity::Warning);
  }
  if (read(field.type(), &field.rules, value, member, &at) && options_.checks &&
      findings_.errors() == before) {
    check_field(field, value, &at, findings_);
    if (!field.rules.shape.empty() && options_.shapes != nullptr) {
      check_shape(field.type(), field.rules.shape, value, at);
    }
  }
}

/// @param value  was read into a member of `type`
void Decoder::check_shape(const TypeInfo& type, std::string_view shape, const Value& value,
                          const Step& at) {
  switch (type.kind) {
    case Kind::Optional:
      return check_shape(type.element(), shape, value, at);
    case Kind::List: {
      Step item{.parent = &at, .kind = Step::Kind::Index};
      for (const Value& element : value.as_array()) {
        check_shape(type.element(), shape, element, item);
        ++item.index;
      }
      return;
    }
    case Kind::Map:
      for (const auto& [key, element] : value.as_object()) {
        const Step step{.parent = &at, .kind = Step::Kind::Key, .name = key};
        check_shape(type.element(), shape, element, step);
      }
      return;
    default:
      options_.shapes(shape, value, &at, options_, findings_);
  }
}

void Decoder::read_other(const TypeInfo& type, const Member& member, const Step& at) {
  for (const Constant& constant : type.constants) {
    if (constant.name != member.key) {
      continue;
    }
    if (!member.value.is_string() || member.value.as_string() != constant.text) {
      findings_.add(Problem::Kind::Invalid, &at, [&](const std::string&) {
        return fmt::format("Invalid value: {}: must be {}", shown(member.value),
                           quoted(constant.text));
      });
    }
    return;
  }
  for (const FieldInfo& field : type.fields) {
    if (!member.key.empty() &&
        std::ranges::find(field.rules.old_names, member.key) != field.rules.old_names.end()) {
      return;  // read_old_names() sees to it
    }
  }
  const bool known =
      type.partial || std::ranges::find(type.ignored, member.key) != type.ignored.end();
  if (!known && options_.unknown != UnknownFields::Ignore) {
    std::vector<std::string_view> names;
    for (std::size_t i = 0; i < type.fields.size() && !findings_.full(); ++i) {
      names.push_back(type.fields[i].name);
    }
    add_unknown_field(findings_, &at, severity_of_unknown(options_), names);
  }
}

void Decoder::read_old_names(const FieldInfo& field, const Object& source, void* object,
                             const Step* at, bool& seen) {
  for (const std::string_view old : field.rules.old_names) {
    const Value* value = old.empty() ? nullptr : source.find(old);
    if (value == nullptr || value->is_null()) {
      continue;
    }
    const Step step{.parent = at, .kind = Step::Kind::Field, .name = old};
    findings_.add(
        Problem::Kind::Deprecated, &step,
        [&](const std::string&) {
          return seen ? fmt::format("ignored: the field is now called {} and is set", field.name)
                      : fmt::format("deprecated: the field is now called {}", field.name);
        },
        Severity::Warning);
    if (!seen) {
      read_field(field, *value, object, step);
      seen = true;
    }
  }
}

void Decoder::fill_absent(const FieldInfo& field, void* object, const Step* at) {
  if (field.default_value && (options_.defaults || field.rules.initialised)) {
    const TypeInfo& type = field.type();
    if (type.kind == Kind::Optional) {
      read(type, &field.rules, *field.default_value, static_cast<std::byte*>(object) + field.offset,
           at);
    }
    return;
  }
  if (field.rules.required) {
    const Step step{.parent = at, .kind = Step::Kind::Field, .name = field.name};
    findings_.add(Problem::Kind::Required, &step,
                  [](const std::string&) { return "Required value"; });
  }
}

bool Decoder::read_object(const TypeInfo& type, const Value& value, void* out, const Step* at) {
  if (!value.is_object()) {
    return wrong_type("object", value, at);
  }
  const std::size_t before = findings_.errors();
  const Object& source = value.as_object();
  std::uint64_t seen_fields = 0;
  for (const Member& member : source) {
    const Step step{.parent = at, .kind = Step::Kind::Field, .name = member.key};
    const FieldInfo* field = type.find_field(member.key);
    if (field == nullptr) {
      read_other(type, member, step);
    } else if (!member.value.is_null()) {  // null is absent, as for the API server
      seen_fields |= std::uint64_t{1} << (field - type.fields.data());
      read_field(*field, member.value, out, step);
    }
  }
  for (std::size_t i = 0; i < type.fields.size(); ++i) {
    const FieldInfo& field = type.fields[i];
    bool seen = (seen_fields >> i & 1) != 0;
    if (!field.rules.old_names[0].empty()) {
      read_old_names(field, source, out, at, seen);
    }
    if (!seen) {
      fill_absent(field, out, at);
    }
  }
  if (options_.checks && findings_.errors() == before) {
    check_rules(type, out, at, findings_);
  }
  return true;
}

bool Decoder::read(const TypeInfo& type, const FieldRules* rules, const Value& value, void* out,
                   const Step* at) {
  switch (type.kind) {
    case Kind::Bool:
      return read_bool(value, out, at);
    case Kind::Integer:
      return read_integer(type, value, out, at);
    case Kind::Number:
      return read_number(value, out, at);
    case Kind::String:
      return read_string(value, out, at);
    case Kind::Enum:
      return read_enum(type, value, out, at);
    case Kind::Scalar:
      return read_scalar(type, value, out, at);
    case Kind::Any:
      *static_cast<Value*>(out) = value;
      return true;
    case Kind::Optional:
      if (!value.is_null() && read(type.element(), rules, value, type.optional.emplace(out), at)) {
        return true;
      }
      type.optional.reset(out);
      return false;
    case Kind::List:
      return read_list(type, value, out, at);
    case Kind::Map:
      return read_map(type, value, out, at);
    case Kind::Object:
      return read_object(type, value, out, at);
  }
  return false;
}

}  // namespace

void decode_into(const TypeInfo& type, const Value& value, void* out, const DecodeOptions& options,
                 std::vector<Problem>& problems) {
  Decoder(options, problems).read(type, nullptr, value, out, nullptr);
}

Error to_error(const std::vector<Problem>& problems) {
  std::string message;
  for (const Problem& problem : problems) {
    if (problem.severity == Severity::Error) {
      message.append(message.empty() ? "" : "; ").append(problem.to_string());
    }
  }
  return {ErrorCode::InvalidArgument, std::move(message)};
}

}  // namespace kthena::json::detail
