#include "kube/shapes/shape.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <map>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "base/check.h"
#include "json/fields.h"
#include "json/parse.h"
#include "json/value.h"
#include "kube/shapes/table.h"

namespace kthena::kube::shapes {

namespace {

/// Takes what stands before `separator` off the front; all of it if there is none.
std::string_view take(std::string_view& text, char separator) {
  const std::size_t end = std::min(text.find(separator), text.size());
  const std::string_view front = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return front;
}

bool take_prefix(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) {
    return false;
  }
  text.remove_prefix(prefix.size());
  return true;
}

/// The table as it is used. Our own build wrote the text, so that whatever cannot be read is a bug.
class Table {
 public:
  Table() {
    const std::span<const std::string_view> texts = type_texts();
    types_.reserve(texts.size());  // the indices below point into it
    for (const std::string_view text : texts) {
      add_type(text.substr(0, text.find('\n')));
    }
    for (std::size_t i = 0; i < texts.size(); ++i) {
      std::string_view rest = texts[i];
      take(rest, '\n');
      while (!rest.empty()) {
        types_[i].fields.push_back(field(take(rest, '\n')));
      }
    }
    metadata_.name = metadata_.full_name = "template metadata";
    for (const Field& field : by_name_.at("ObjectMeta")->fields) {
      if (field.name == "labels" || field.name == "annotations") {
        metadata_.fields.push_back(field);
      }
    }
  }

  std::span<const Type> types() const { return types_; }
  const Type& metadata() const { return metadata_; }
  const Type* by_name(std::string_view name) const {
    const auto found = by_name_.find(name);
    return found == by_name_.end() ? nullptr : found->second;
  }
  const Type* by_kind(std::string_view api_version, std::string_view kind) const {
    const auto found = by_kind_.find({kind, api_version});
    return found == by_kind_.end() ? nullptr : found->second;
  }

 private:
  void add_type(std::string_view head) {
    Type& type = types_.emplace_back();
    type.name = take(head, ' ');
    type.full_name = take(head, ' ');
    while (!head.empty()) {
      std::string_view word = take(head, ' ');
      if (word == "atomic") {
        type.map_type = json::MapType::Atomic;
        continue;
      }
      if (word == "atomic-in-crds") {
        type.atomic_in_crds = true;
        continue;
      }
      CHECK(take_prefix(word, "kind="));
      const std::size_t slash = word.rfind('/');
      type.api_version = word.substr(0, slash);
      type.kind = word.substr(slash + 1);
      by_kind_.emplace(std::pair{type.kind, type.api_version}, &type);
    }
    CHECK(by_name_.emplace(type.name, &type).second);
    CHECK(by_name_.emplace(type.full_name, &type).second);
  }

  Field field(std::string_view line) const {
    Field field{.name = take(line, ' ')};
    std::string_view value = take(line, ' ');
    if (value.front() == '[' || value.front() == '{') {
      field.container = value.front() == '[' ? Container::List : Container::Map;
      value = value.substr(1, value.size() - 2);
    }
    set_value(field, value);
    while (!line.empty()) {
      add_word(field, take(line, ' '));
    }
    return field;
  }

  void set_value(Field& field, std::string_view value) const {
    constexpr std::array<std::pair<std::string_view, ValueKind>, 7> kScalars{
        {{"any", ValueKind::Any},
         {"boolean", ValueKind::Boolean},
         {"number", ValueKind::Number},
         {"string", ValueKind::String},
         {"int-or-string", ValueKind::IntOrString},
         {"quantity", ValueKind::Quantity},
         {"double", ValueKind::Number}}};
    for (const auto& [name, kind] : kScalars) {
      if (value == name) {
        field.kind = kind;
        field.format = value == "double" ? value : std::string_view{};
        return;
      }
    }
    if (value == "int32" || value == "int64") {
      field.kind = ValueKind::Integer;
      field.format = value;
    } else if (const Type* object = by_name(value)) {
      field.kind = ValueKind::Object;
      field.object = object;
    } else {
      CHECK(value == "date-time" || value == "byte");
      field.kind = ValueKind::String;
      field.format = value;
    }
  }

  static void add_word(Field& field, std::string_view word) {
    if (word == "required") {
      field.required = true;
    } else if (word == "always") {
      field.always = true;
    } else if (word == "repeats") {
      field.may_repeat = true;
    } else if (word == "set") {
      field.list_type = json::ListType::Set;
    } else if (word == "atomic") {
      if (field.container == Container::List) {
        field.list_type = json::ListType::Atomic;
      } else {
        field.map_type = json::MapType::Atomic;
      }
    } else if (take_prefix(word, "default=")) {
      auto value = json::parse(word);
      CHECK(value.has_value());
      field.default_value = *std::move(value);
    } else if (take_prefix(word, "enum=")) {
      while (!word.empty()) {
        field.enum_values.push_back(take(word, '|'));
      }
    } else if (take_prefix(word, "keys=")) {
      field.list_type = json::ListType::Map;
      for (std::size_t i = 0; !word.empty(); ++i) {
        CHECK_LT(i, field.list_keys.size());
        field.list_keys[i] = take(word, ',');
      }
    } else {
      CHECK(take_prefix(word, "patch="));
      field.patch_strategy = take(word, ':');
      field.patch_key = word;
    }
  }

  std::vector<Type> types_;
  std::map<std::string_view, const Type*> by_name_;
  std::map<std::pair<std::string_view, std::string_view>, const Type*> by_kind_;
  Type metadata_;
};

const Table& table() {
  static const Table table;
  return table;
}

}  // namespace

const Field* Type::find_field(std::string_view field) const {
  const auto found = std::ranges::lower_bound(fields, field, {}, &Field::name);
  return found == fields.end() || found->name != field ? nullptr : &*found;
}

const Type* find_type(std::string_view name) { return table().by_name(name); }

const Type* find_kind(std::string_view api_version, std::string_view kind) {
  return table().by_kind(api_version, kind);
}

std::span<const Type> types() { return table().types(); }

const Type& template_metadata() { return table().metadata(); }

}  // namespace kthena::kube::shapes
