#include "kube/meta/admission.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "json/codec.h"
#include "json/findings.h"
#include "json/path.h"
#include "json/problem.h"
#include "json/value.h"
#include "kube/meta/names.h"
#include "kube/meta/object.h"
#include "kube/meta/resource.h"
#include "kube/shapes/check.h"
#include "kube/shapes/shape.h"

namespace kthena::kube {

namespace detail {

namespace {

void check_name(std::string_view name, std::string_view field,
                const std::vector<std::string>& broken_rules,
                std::vector<json::Problem>& problems) {
  for (const std::string& rule : broken_rules) {
    problems.push_back(
        json::invalid_value(json::FieldPath("metadata").child(field), json::quoted(name), rule));
  }
}

}  // namespace

void complete_metadata(const ResourceType& resource, ObjectMeta& metadata,
                       std::vector<json::Problem>& problems) {
  if (metadata.name.empty() && !metadata.generate_name.empty()) {
    // The server makes a name.
  } else if (metadata.name.empty()) {
    problems.push_back(json::required_value(json::FieldPath("metadata.name"), "name is required"));
  } else {
    check_name(metadata.name, "name", dns_subdomain_problems(metadata.name), problems);
  }
  if (resource.scope == Scope::Namespaced) {
    if (metadata.namespace_name.empty()) {
      metadata.namespace_name = "default";
    }
    check_name(metadata.namespace_name, "namespace", dns_label_problems(metadata.namespace_name),
               problems);
  }
  const json::FieldPath labels("metadata.labels");
  for (const auto& [key, value] : metadata.labels) {
    for (const std::string& rule : label_key_problems(key)) {
      problems.push_back(json::invalid_value(labels, json::quoted(key), rule));
    }
    for (const std::string& rule : label_value_problems(value)) {
      problems.push_back(json::invalid_value(labels, json::quoted(value), rule));
    }
  }
}

void add_unknown_fields(const ResourceType& resource, const json::Value& value,
                        std::vector<json::Problem>& problems) {
  const shapes::Type* type = shapes::find_kind(resource.api_version, resource.kind);
  if (type == nullptr) {
    return;
  }
  const json::DecodeOptions options;
  std::vector<json::Problem> found;
  json::Findings findings(found, options.max_problems);
  shapes::check(*type, value, nullptr, shapes::Within::BuiltInKind, options, findings);
  for (json::Problem& problem : found) {
    // The decoder has seen those of the parts that our struct has in full, such as metadata.
    const auto same = [&](const json::Problem& other) {
      return other.kind == problem.kind && other.path == problem.path;
    };
    if (std::ranges::none_of(problems, same)) {
      problems.push_back(std::move(problem));
    }
  }
}

void check_scale(const ResourceType& resource, const json::Value& object,
                 std::vector<json::Problem>& problems) {
  if (!resource.scale) {
    return;
  }
  const std::string_view path = resource.scale->spec_replicas.substr(1);
  const json::Value* replicas = json::find_path(object, path);
  if (replicas != nullptr && replicas->is_number() && replicas->as_double() < 0) {
    problems.push_back(json::invalid_value(json::FieldPath(std::string(path)),
                                           replicas->number_text(),
                                           "should be a non-negative integer"));
  }
}

bool may_ask_rules(const std::vector<json::Problem>& problems) {
  using Kind = json::Problem::Kind;
  return std::ranges::all_of(problems, [](const json::Problem& problem) {
    return problem.severity == json::Severity::Warning || problem.kind == Kind::NotSupported ||
           problem.kind == Kind::Required;
  });
}

std::vector<json::Problem> merge_findings(std::vector<json::Problem> schema,
                                          std::vector<json::Problem> rules) {
  const auto is_within = [](std::string_view path, std::string_view parent) {
    return path.starts_with(parent) && (path.size() == parent.size() ||
                                        path[parent.size()] == '.' || path[parent.size()] == '[');
  };
  // For each finding of the schema, the first rule that speaks of the same object.
  std::vector<std::size_t> places;
  for (const json::Problem& problem : schema) {
    const std::string_view path = problem.path;
    const std::string_view parent = path.substr(0, path.rfind('.'));
    const auto first = std::ranges::find_if(
        rules, [&](const json::Problem& rule) { return is_within(rule.path, parent); });
    places.push_back(static_cast<std::size_t>(first - rules.begin()));
  }
  std::vector<json::Problem> merged;
  for (std::size_t i = 0; i <= rules.size(); ++i) {
    for (std::size_t j = 0; j < schema.size(); ++j) {
      const bool is_told =
          schema[j].kind == json::Problem::Kind::Required &&
          std::ranges::any_of(rules, [&](const json::Problem& rule) {
            return rule.severity == json::Severity::Error && is_within(rule.path, schema[j].path);
          });
      if (places[j] == i && !is_told) {
        merged.push_back(schema[j]);
      }
    }
    if (i < rules.size()) {
      merged.push_back(rules[i]);
    }
  }
  return merged;
}

}  // namespace detail

std::string denial_text(const std::vector<json::Problem>& problems) {
  std::string text = "validation failed:";
  for (const json::Problem& problem : problems) {
    if (problem.severity == json::Severity::Error) {
      text += fmt::format("\n  - {}", problem.to_string());
    }
  }
  return text;
}

std::vector<std::string> warning_texts(const std::vector<json::Problem>& problems) {
  std::vector<std::string> texts;
  for (const json::Problem& problem : problems) {
    if (problem.severity == json::Severity::Warning) {
      texts.push_back(problem.to_string());
    }
  }
  return texts;
}

}  // namespace kthena::kube
