// Resources within resources: x-kubernetes-embedded-resource.
// Source: apiextensions-apiserver v0.34, package objectmeta.
#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "apiserver/built_in/decode.h"
#include "apiserver/custom/go_value.h"
#include "apiserver/custom/schema_node.h"
#include "json/problem.h"
#include "json/value.h"
#include "kube/meta/names.h"
#include "kube/shapes/shape.h"

namespace kthena::apiserver {

namespace {

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return out;
}

void check_api_version(const json::Value& value, const json::FieldPath& path,
                       std::vector<json::Problem>& problems) {
  if (!value.is_string()) {
    problems.push_back(json::invalid_value(path, shown_value(value), "must be a string"));
    return;
  }
  const std::string& text = value.as_string();
  if (text.empty()) {
    problems.push_back(json::invalid_value(path, "\"\"", "must not be empty"));
  } else if (std::ranges::count(text, '/') > 1) {
    problems.push_back(
        json::invalid_value(path, json::quoted(text), "unexpected GroupVersion string: " + text));
  }
}

void check_kind(const json::Value& value, const json::FieldPath& path,
                std::vector<json::Problem>& problems) {
  if (!value.is_string()) {
    problems.push_back(json::invalid_value(path, shown_value(value), "must be a string"));
    return;
  }
  const std::string& text = value.as_string();
  if (text.empty()) {
    problems.push_back(json::invalid_value(path, "\"\"", "must not be empty"));
    return;
  }
  const std::vector<std::string> wrong = kube::dns_1035_label_problems(lower(text));
  if (!wrong.empty()) {
    problems.push_back(json::invalid_value(
        path, json::quoted(text),
        fmt::format("may have mixed case, but should otherwise match: {}", fmt::join(wrong, ","))));
  }
}

/// The name that a path can hold, and labels; what else metadata holds is not looked at.
void check_metadata(const json::Value& metadata, const json::FieldPath& path,
                    std::vector<json::Problem>& problems) {
  json::Value read = metadata;
  const auto unknown = decode_built_in(*kube::shapes::find_type("ObjectMeta"), read);
  if (!unknown) {
    problems.push_back(json::invalid_value(path, shown_value(metadata), unknown.error()));
    return;
  }
  if (const json::Value* name = metadata.find("name"); name != nullptr && name->is_string()) {
    const std::string& text = name->as_string();
    const auto add = [&](std::string_view why) {
      problems.push_back(json::invalid_value(path.child("name"), json::quoted(text), why));
    };
    if (text == "." || text == "..") {
      add(fmt::format("may not be '{}'", text));
    }
    for (const char bad : {'/', '%'}) {
      if (text.contains(bad)) {
        add(fmt::format("may not contain '{}'", bad));
      }
    }
  }
  const json::Value* labels = metadata.find("labels");
  if (labels == nullptr || !labels->is_object()) {
    return;
  }
  for (const auto& [key, value] : labels->as_object()) {
    for (const std::string& why : kube::label_key_problems(key)) {
      problems.push_back(json::invalid_value(path.child("labels"), json::quoted(key), why));
    }
    if (value.is_string()) {
      for (const std::string& why : kube::label_value_problems(value.as_string())) {
        problems.push_back(
            json::invalid_value(path.child("labels"), json::quoted(value.as_string()), why));
      }
    }
  }
}

void check_resource(const json::Object& object, const json::FieldPath& path,
                    std::vector<json::Problem>& problems) {
  for (const std::string_view name : {"apiVersion", "kind"}) {
    if (!object.contains(name)) {
      problems.push_back(json::required_value(path.child(name), ""));
    }
  }
  for (const auto& [name, value] : object) {
    if (name == "apiVersion") {
      check_api_version(value, path.child(name), problems);
    } else if (name == "kind") {
      check_kind(value, path.child(name), problems);
    } else if (name == "metadata") {
      check_metadata(value, path.child(name), problems);
    }
  }
}

}  // namespace

void check_embedded(const SchemaNode& node, const json::Value& value, const json::FieldPath& path,
                    std::vector<json::Problem>& problems) {
  if (!node.has_embedded) {
    return;
  }
  if (value.is_object()) {
    if (node.is_embedded) {
      check_resource(value.as_object(), path, problems);
    }
    for (const auto& [name, member] : value.as_object()) {
      if (const SchemaNode* property = node.find_property(name)) {
        check_embedded(*property, member, path.child(name), problems);
      } else if (node.others != nullptr) {
        check_embedded(*node.others, member, path.key(name), problems);
      }
    }
  } else if (value.is_array() && node.items != nullptr) {
    for (std::size_t i = 0; i < value.as_array().size(); ++i) {
      check_embedded(*node.items, value.as_array()[i], path.index(i), problems);
    }
  }
}

}  // namespace kthena::apiserver
