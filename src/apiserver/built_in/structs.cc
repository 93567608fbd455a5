#include "apiserver/built_in/structs.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <deque>
#include <map>
#include <numeric>
#include <string>
#include <string_view>
#include <utility>

#include "base/check.h"
#include "json/value.h"
#include "kube/shapes/shape.h"

namespace kthena::apiserver {

namespace {

std::string_view take(std::string_view& text, char separator) {
  const std::size_t end = std::min(text.find(separator), text.size());
  const std::string_view front = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return front;
}

std::string_view last_part(std::string_view dotted) { return dotted.substr(dotted.rfind('.') + 1); }

struct Scalar {
  std::string_view word;
  HeldAs as;
  std::string_view shown;
};
constexpr std::array kScalars{
    Scalar{"any", HeldAs::Any, "runtime.RawExtension"},
    Scalar{"bool", HeldAs::Bool, "bool"},
    Scalar{"int32", HeldAs::Int32, "int32"},
    Scalar{"int64", HeldAs::Int64, "int64"},
    Scalar{"float64", HeldAs::Float64, "float64"},
    Scalar{"string", HeldAs::String, "string"},
    Scalar{"bytes", HeldAs::Bytes, "[]uint8"},
    Scalar{"time", HeldAs::Time, "v1.Time"},
    Scalar{"micro-time", HeldAs::MicroTime, "v1.MicroTime"},
    Scalar{"duration", HeldAs::Duration, "v1.Duration"},
    Scalar{"quantity", HeldAs::Quantity, "resource.Quantity"},
    Scalar{"int-or-string", HeldAs::IntOrString, "intstr.IntOrString"},
};

/// Our own build wrote the text, so that whatever cannot be read is a bug.
class Table {
 public:
  Table() {
    for (std::string_view text : struct_texts()) {
      const std::string_view name = take(text, '\n');
      const kube::shapes::Type* shape = kube::shapes::find_type(name);
      CHECK(shape != nullptr);
      StructType& type = owned_.emplace_back();
      type.name = name;
      type.shown = last_part(shape->full_name);
      CHECK(by_name_.emplace(name, &type).second);
    }
    auto type = owned_.begin();
    for (std::string_view text : struct_texts()) {
      take(text, '\n');
      fill(*type, *kube::shapes::find_type(type->name), text);
      ++type;
    }
  }

  const StructType* find(std::string_view name) const {
    const auto found = by_name_.find(name);
    return found == by_name_.end() ? nullptr : found->second;
  }

 private:
  void fill(StructType& type, const kube::shapes::Type& shape, std::string_view lines) {
    while (!lines.empty()) {
      std::string_view line = take(lines, '\n');
      StructField& field = type.fields.emplace_back();
      field.name = take(line, ' ');
      std::string_view value = take(line, ' ');
      if (value.starts_with('*')) {
        field.is_pointer = true;
        value.remove_prefix(1);
      }
      field.type = held(value);
      field.when_empty = line == "always"     ? WhenEmpty::Printed
                         : line == "omitzero" ? WhenEmpty::LeftOutIfNull
                                              : WhenEmpty::LeftOut;
      if (const kube::shapes::Field* known = shape.find_field(field.name)) {
        field.default_value = known->default_value;
      }
    }
    type.by_name.resize(type.fields.size());
    std::iota(type.by_name.begin(), type.by_name.end(), std::uint16_t{0});
    std::ranges::sort(type.by_name, {}, [&](std::size_t i) { return type.fields[i].name; });
  }

  HeldType held(std::string_view word) {
    const std::size_t equals = word.find('=');
    if (equals != std::string_view::npos &&
        word.find_first_of("[{") > equals) {  // else it names the items
      HeldType type = held(word.substr(equals + 1));
      type.shown = word.substr(0, equals);
      return type;
    }
    if (word.starts_with("[]")) {
      const HeldType& of = items_.emplace_back(held(word.substr(2)));
      return {.as = HeldAs::List, .shown = "[]" + of.shown, .of = &of};
    }
    if (word.starts_with('{')) {
      const std::size_t end = word.find('}');
      const std::string_view key = end > 1 ? word.substr(1, end - 1) : "string";
      const HeldType& of = items_.emplace_back(held(word.substr(end + 1)));
      return {.as = HeldAs::Map, .shown = fmt::format("map[{}]{}", key, of.shown), .of = &of};
    }
    for (const Scalar& scalar : kScalars) {
      if (scalar.word == word) {
        return {.as = scalar.as, .shown = std::string(scalar.shown)};
      }
    }
    const StructType* fields = find(word);
    CHECK(fields != nullptr);
    // io.k8s.api.core.v1.Container: v1.Container.
    const std::string_view full = kube::shapes::find_type(word)->full_name;
    const std::size_t package = full.rfind('.', full.rfind('.') - 1) + 1;
    return {.as = HeldAs::Struct, .shown = std::string(full.substr(package)), .fields = fields};
  }

  std::deque<StructType> owned_;  // addresses stay
  std::deque<HeldType> items_;
  std::map<std::string_view, const StructType*> by_name_;
};

const Table& table() {
  static const Table table;
  return table;
}

bool is_zero(HeldAs as, const json::Value& value) {
  switch (as) {
    case HeldAs::Bool:
      return value.is_bool() && !value.as_bool();
    case HeldAs::Int32:
    case HeldAs::Int64:
      return value.to_int64() == 0;
    case HeldAs::Float64:
      return value.is_number() && value.as_double() == 0;
    case HeldAs::String:
    case HeldAs::Bytes:
      return value.is_string() && value.as_string().empty();
    case HeldAs::List:
      return value.is_array() && value.as_array().empty();
    case HeldAs::Map:
      return value.is_object() && value.as_object().empty();
    default:
      return false;  // structs to Go, which omitempty never leaves out
  }
}

bool is_struct_to_go(HeldAs as) {
  switch (as) {
    case HeldAs::Any:
    case HeldAs::Time:
    case HeldAs::MicroTime:
    case HeldAs::Quantity:
    case HeldAs::IntOrString:
    case HeldAs::Struct:
      return true;
    default:
      return false;
  }
}

/// What Go prints where nothing was given.
json::Value zero_of(const HeldType& type) {
  switch (type.as) {
    case HeldAs::Bool:
      return false;
    case HeldAs::Int32:
    case HeldAs::Int64:
    case HeldAs::Float64:
    case HeldAs::Duration:
    case HeldAs::IntOrString:
      return 0;
    case HeldAs::String:
    case HeldAs::Bytes:
      return "";
    case HeldAs::Quantity:
      return "0";
    case HeldAs::Struct:
      return json::Object{};
    default:
      return {};
  }
}

void print_struct(const StructType& type, json::Value& value);

void print_value(const HeldType& type, json::Value& value) {
  switch (type.as) {
    case HeldAs::Struct:
      return print_struct(*type.fields, value);
    case HeldAs::List:
      if (value.is_array()) {
        for (json::Value& item : value.as_array()) {
          if (item.is_null()) {
            item = zero_of(*type.of);
          }
          print_value(*type.of, item);
        }
      }
      return;
    case HeldAs::Map:
      if (value.is_object()) {
        json::Object& map = value.as_object();
        if (!std::ranges::is_sorted(map, {}, &json::Member::key)) {
          std::ranges::sort(map, {}, &json::Member::key);
        }
        for (json::Member& member : map) {
          if (member.value.is_null()) {
            member.value = zero_of(*type.of);
          }
          print_value(*type.of, member.value);
        }
      }
      return;
    default:
      return;
  }
}

/// Whether a field is printed although there is nothing in it.
bool prints_nothing(const StructField& field) {
  return field.when_empty == WhenEmpty::Printed ||
         (field.when_empty == WhenEmpty::LeftOut && !field.is_pointer &&
          is_struct_to_go(field.type.as));
}

void print_struct(const StructType& type, json::Value& value) {
  if (!value.is_object()) {
    return;
  }
  json::Object& given = value.as_object();
  std::vector<json::Value*> slots(type.fields.size(), nullptr);
  for (json::Member& member : given) {
    if (const auto position = type.find(member.key)) {
      slots[*position] = &member.value;
    }
  }
  json::Object printed;
  for (std::size_t i = 0; i < slots.size(); ++i) {
    const StructField& field = type.fields[i];
    const bool nothing = slots[i] == nullptr || is_empty(field, *slots[i]);
    if (nothing && !prints_nothing(field)) {
      continue;
    }
    json::Value content;
    const bool is_collection = field.type.as == HeldAs::List || field.type.as == HeldAs::Map;
    if (slots[i] != nullptr && !slots[i]->is_null() && !(nothing && is_collection)) {
      content = std::move(*slots[i]);
    } else if (!field.is_pointer) {
      content = zero_of(field.type);
    }
    print_value(field.type, printed.append_new(std::string(field.name), std::move(content)));
  }
  given = std::move(printed);
}

}  // namespace

std::optional<std::size_t> StructType::find(std::string_view field) const {
  const auto found =
      std::ranges::lower_bound(by_name, field, {}, [&](std::size_t i) { return fields[i].name; });
  if (found == by_name.end() || fields[*found].name != field) {
    return std::nullopt;
  }
  return *found;
}

const StructType& struct_of(const kube::shapes::Type& type) {
  const StructType* found = table().find(type.name);
  CHECK(found != nullptr);  // both tables have the same types
  return *found;
}

const StructType* find_struct(std::string_view name) { return table().find(name); }

bool is_empty(const StructField& field, const json::Value& value) {
  return value.is_null() || (!field.is_pointer && is_zero(field.type.as, value));
}

void as_printed(const kube::shapes::Type& type, json::Value& object) {
  print_struct(struct_of(type), object);
}

}  // namespace kthena::apiserver
