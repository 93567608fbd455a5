#include "apiserver/access/selector_attributes.h"

#include <string>
#include <string_view>
#include <vector>

#include "base/strings.h"
#include "json/problem.h"
#include "json/value.h"
#include "kube/meta/selector_text.h"

namespace kthena::apiserver {
namespace {

std::string_view raw_of(const json::Value& selector) {
  const json::Value* raw = selector.find("rawSelector");
  return raw != nullptr && raw->is_string() ? std::string_view(raw->as_string())
                                            : std::string_view();
}

bool has_requirements(const json::Value& selector) {
  const json::Value* list = selector.find("requirements");
  return list != nullptr && list->is_array() && !list->as_array().empty();
}

void check(const json::Value& selector, const json::FieldPath& path,
           std::vector<json::Problem>& problems) {
  const std::string_view raw = raw_of(selector);
  const bool requirements = has_requirements(selector);
  if (!raw.empty() && requirements) {
    problems.push_back(json::invalid_value(path.child("rawSelector"), json::quoted(raw),
                                           "may not specified at the same time as requirements"));
  }
  if (raw.empty() && !requirements) {
    problems.push_back(json::required_value(
        path.child("requirements"),
        "when " + path.text() + " is specified, requirements or rawSelector is required"));
  }
}

/// Terms with commas between, each `path=value`, `path==value` or `path!=value`.
bool is_field_selector(std::string_view text) {
  bool good = true;
  for_each_part(text, ',', [&good](std::string_view term) {
    good = good && (term.empty() || term.contains('='));
  });
  return good;
}

void add_error(std::string& errors, std::string_view field) {
  errors += errors.empty() ? "" : "; ";
  errors.append("spec.resourceAttributes.").append(field).append(" ignored due to parse error");
}

}  // namespace

void check_selectors(const json::Value& attributes, const json::FieldPath& path,
                     std::vector<json::Problem>& problems) {
  for (const std::string_view field : {"fieldSelector", "labelSelector"}) {
    const json::Value* selector = attributes.find(field);
    if (selector != nullptr && selector->is_object()) {
      check(*selector, path.child(field), problems);
    }
  }
}

std::string selector_errors(const json::Value& attributes) {
  std::string errors;
  const json::Value* fields = attributes.find("fieldSelector");
  if (fields != nullptr && !is_field_selector(raw_of(*fields))) {
    add_error(errors, "fieldSelector");
  }
  const json::Value* labels = attributes.find("labelSelector");
  if (labels != nullptr && !kube::parse_label_selector(raw_of(*labels))) {
    add_error(errors, "labelSelector");
  }
  return errors;
}

}  // namespace kthena::apiserver
