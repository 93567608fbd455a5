#include <fmt/format.h>

#include <cstddef>
#include <expected>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "apiserver/apply/path_element.h"
#include "apiserver/apply/schema.h"
#include "apiserver/apply/typed.h"
#include "apiserver/apply/walk.h"
#include "apiserver/patch/go_text.h"
#include "json/problem.h"
#include "json/value.h"

namespace kthena::apiserver {

namespace {

/// Enough for anyone; a wrong list of a million items would otherwise give as many lines.
constexpr std::size_t kMaxFaults = 100;

class Checker {
 public:
  explicit Checker(Duplicates duplicates) : duplicates_(duplicates) {}

  void check(const Schema& schema, const json::Value& value) {
    const walk::Choice choice = walk::choose(schema, &value);
    if (choice.map) {
      check_map(schema, value);
    } else if (choice.scalar) {
      check_scalar(schema.scalar, value);
    } else if (choice.list) {
      check_list(schema, value);
    }
  }

  std::optional<std::string> result() const {
    if (faults_.empty()) {
      return std::nullopt;
    }
    if (faults_.size() == 1) {
      return faults_.front();
    }
    std::string text = "errors:";
    for (const std::string& fault : faults_) {
      text += "\n  " + fault;
    }
    return text;
  }

 private:
  /// A place on the way to the value under check.
  struct Step {
    std::string_view field;      // of a map
    const PathElement* element;  // of a list
  };

  void report(const std::string& message) {
    if (faults_.size() >= kMaxFaults) {
      return;
    }
    std::string path;
    for (const Step& step : path_) {
      path += step.element == nullptr ? "." + std::string(step.field) : step.element->describe();
    }
    faults_.push_back(path.empty() ? message : path + ": " + message);
  }

  static std::string shown(const json::Value& value) {
    return "&{" + go_text(value, GoNumbers::Double) + "}";
  }

  void check_scalar(ScalarType type, const json::Value& value) {
    if (value.is_null()) {
      return;
    }
    if (type == ScalarType::Number && !value.is_number()) {
      report(fmt::format("expected numeric (int or float), got {}",
                         value.is_string()  ? "string"
                         : value.is_bool()  ? "bool"
                         : value.is_array() ? "[]interface {}"
                                            : "map[string]interface {}"));
    } else if (type == ScalarType::String && !value.is_string()) {
      report(fmt::format("expected string, got &value.valueUnstructured{{Value:{}}}",
                         go_syntax(value, GoNumbers::Double)));
    } else if (type == ScalarType::Boolean && !value.is_bool()) {
      report("expected boolean, got " + shown(value));
    } else if (type == ScalarType::Any && (value.is_array() || value.is_object())) {
      report("expected any scalar, got " + shown(value));
    }
  }

  void check_map(const Schema& schema, const json::Value& value) {
    if (value.is_null()) {
      return;
    }
    if (!value.is_object()) {
      report("expected map, got " + shown(value));
      return;
    }
    for (const auto& [name, member] : value.as_object()) {
      path_.push_back({.field = name, .element = nullptr});
      const Schema* type = schema.member(name);
      if (type != nullptr) {
        check(*type, member);
      } else {
        report("field not declared in schema");
      }
      path_.pop_back();
      if (type == nullptr) {
        return;
      }
    }
  }

  void check_list(const Schema& schema, const json::Value& value) {
    if (value.is_null()) {
      return;
    }
    if (!value.is_array()) {
      report("expected list, got " + shown(value));
      return;
    }
    std::set<PathElement> seen;
    const json::Array& items = value.as_array();
    for (std::size_t i = 0; i < items.size(); ++i) {
      PathElement element = PathElement::index(i);
      if (!schema.list_is_atomic) {
        auto told = element_of_item(schema, items[i]);
        if (!told) {
          report(fmt::format("element {}: {}", i, told.error()));
          return;
        }
        element = *std::move(told);
        if (duplicates_ == Duplicates::Refused && !seen.insert(element).second) {
          report("duplicate entries for key " + element.describe());
        }
      }
      path_.push_back({.field = {}, .element = &element});
      check(*schema.item, items[i]);
      path_.pop_back();
    }
  }

  Duplicates duplicates_;
  std::vector<Step> path_;
  std::vector<std::string> faults_;
};

std::expected<PathElement, std::string> element_of_scalar(const json::Value& item) {
  switch (item.type()) {
    case json::Type::Object:
      return std::unexpected("associative list without keys has an element that's a map type");
    case json::Type::Array:
      return std::unexpected("not supported: associative list with lists as elements");
    case json::Type::Null:
      return std::unexpected(
          "associative list without keys has an element that's an explicit null");
    default:
      return PathElement::value(item);
  }
}

std::string names_of(const std::vector<Schema::Key>& keys) {
  std::string out = "[";
  for (const Schema::Key& key : keys) {
    out += (out.size() > 1 ? " " : "") + json::quoted(key.name);
  }
  return out + "]";
}

}  // namespace

std::expected<PathElement, std::string> element_of_item(const Schema& list,
                                                        const json::Value& item) {
  if (list.list_is_atomic) {
    return std::unexpected("invalid indexing of non-associative list");
  }
  if (list.keys.empty()) {
    return element_of_scalar(item);
  }
  if (item.is_null()) {
    return std::unexpected("associative list with keys may not have a null element");
  }
  if (!item.is_object()) {
    return std::unexpected("associative list with keys may not have non-map elements");
  }
  json::Object members;
  for (const Schema::Key& key : list.keys) {
    if (const json::Value* value = item.find(key.name)) {
      members.append_new(key.name, *value);
    } else if (key.default_value) {
      members.append_new(key.name, *key.default_value);
    }
  }
  if (members.empty()) {
    return std::unexpected(
        fmt::format("associative list with keys has an element that omits all key fields {} (and "
                    "doesn't have default values for any key fields)",
                    names_of(list.keys)));
  }
  return PathElement::key(std::move(members));
}

std::optional<std::string> find_fault(const Schema& schema, const json::Value& value,
                                      Duplicates duplicates) {
  Checker checker(duplicates);
  checker.check(schema, value);
  return checker.result();
}

}  // namespace kthena::apiserver
