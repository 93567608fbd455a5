#include "apiserver/custom/custom_schema.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <deque>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "apiserver/apply/schema.h"
#include "apiserver/custom/go_value.h"
#include "apiserver/custom/schema_node.h"
#include "apiserver/kinds/kind.h"
#include "apiserver/patch/go_text.h"
#include "base/result.h"
#include "json/problem.h"
#include "json/value.h"

namespace kthena::apiserver {

struct CustomSchema::Nodes {
  std::deque<SchemaNode> owned;
  const SchemaNode* root = nullptr;
};

namespace {

/// Whether a member of that name is anywhere in the schema. A property of that name is an object
/// and no list.
bool has_rules_in(const json::Value& value) {
  if (value.is_array()) {
    return std::ranges::any_of(value.as_array(), has_rules_in);
  }
  if (!value.is_object()) {
    return false;
  }
  return std::ranges::any_of(value.as_object(), [](const json::Member& member) {
    return (member.key == "x-kubernetes-validations" && member.value.is_array() &&
            !member.value.as_array().empty()) ||
           (member.key != "default" && member.key != "enum" && has_rules_in(member.value));
  });
}

/// Whether kube-apiserver evaluates no rules if there is such a problem.
bool blocks_rules(const json::Problem& problem) {
  using Kind = json::Problem::Kind;
  return problem.kind == Kind::NotSupported || problem.kind == Kind::Required ||
         problem.kind == Kind::TooLong || problem.kind == Kind::TooMany ||
         problem.kind == Kind::WrongType;
}

}  // namespace

CustomSchema::CustomSchema(json::Value openapi, Options options)
    : openapi_(std::move(openapi)),
      options_(std::move(options)),
      has_rules_(has_rules_in(openapi_)),
      nodes_(std::make_unique<Nodes>()) {}

CustomSchema::~CustomSchema() = default;

Result<std::shared_ptr<const CustomSchema>> CustomSchema::create(const json::Value& openapi,
                                                                 Options options) {
  const std::shared_ptr<CustomSchema> schema(new CustomSchema(openapi, std::move(options)));
  SchemaNode* root = TRY(read_schema(openapi, schema->nodes_->owned));
  schema->nodes_->root = root;
  return schema;
}

void CustomSchema::prune(json::Value& object, std::vector<std::string>* unknown) const {
  if (options_.unknown == UnknownFields::AsStated) {
    prune_value(object, *nodes_->root, NodeRole::Root, unknown);
  }
}

void CustomSchema::apply_defaults(json::Value& object) const {
  if (options_.unknown == UnknownFields::AsStated) {
    prune_nulls(object, *nodes_->root);
  }
  fill_defaults(object, *nodes_->root);
}

std::vector<json::Problem> CustomSchema::validate(const json::Value& object,
                                                  const json::Value* before) const {
  std::vector<json::Problem> problems;
  check_value(*nodes_->root, object, before, "", problems);
  if (options_.scale) {
    std::ranges::move(check_scale(*options_.scale, object, ScalePart::SpecAndStatus),
                      std::back_inserter(problems));
  }
  check_embedded(*nodes_->root, object, json::FieldPath(), problems);
  std::vector<json::Problem> repeated;
  check_unique_items(*nodes_->root, object, json::FieldPath(), repeated);
  if (!repeated.empty() && before != nullptr) {
    std::vector<json::Problem> old;
    check_unique_items(*nodes_->root, *before, json::FieldPath(), old);
    if (!old.empty()) {
      repeated.clear();
    }
  }
  std::ranges::move(repeated, std::back_inserter(problems));
  add_blocked_rules(problems);
  return problems;
}

std::vector<json::Problem> CustomSchema::validate_status(const json::Value& object,
                                                         const json::Value& before) const {
  std::vector<json::Problem> problems;
  const json::Value* status = object.find("status");
  const SchemaNode* node = nodes_->root->find_property("status");
  if (status != nullptr && node != nullptr) {
    check_value(*node, *status, before.find("status"), "status", problems);
  }
  if (options_.scale) {
    std::ranges::move(check_scale(*options_.scale, object, ScalePart::StatusOnly),
                      std::back_inserter(problems));
  }
  std::vector<json::Problem> repeated;
  check_unique_items(*nodes_->root, object, json::FieldPath(), repeated);
  if (!repeated.empty()) {
    std::vector<json::Problem> old;
    check_unique_items(*nodes_->root, before, json::FieldPath(), old);
    if (old.empty()) {
      std::ranges::move(repeated, std::back_inserter(problems));
    }
  }
  add_blocked_rules(problems);
  return problems;
}

void CustomSchema::add_blocked_rules(std::vector<json::Problem>& problems) const {
  if (has_rules_ && std::ranges::any_of(problems, blocks_rules)) {
    problems.push_back(json::invalid_value(
        json::FieldPath("<nil>"), "null",
        "some validation rules were not checked because the object was invalid; correct the "
        "existing errors to complete validation"));
  }
}

namespace {

/// What a dotted path leads to: a value, nothing, or an error as Go's accessor words it.
struct Found {
  const json::Value* value = nullptr;
  std::string error{};
};

Found find_at(const json::Value& object, std::string_view path, std::string_view wanted,
              bool (*fits)(const json::Value&)) {
  if (path.starts_with('.')) {
    path.remove_prefix(1);
  }
  const json::Value* value = &object;
  for (std::size_t from = 0; from <= path.size();) {
    const std::size_t end = std::min(path.find('.', from), path.size());
    if (value->is_null()) {
      return {};
    }
    if (!value->is_object()) {
      return {.error = fmt::format(
                  ".{} accessor error: {} is of the type {}, expected map[string]interface{{}}",
                  path.substr(0, end), go_text(*value, GoNumbers::Exact), go_type(*value))};
    }
    value = value->find(path.substr(from, end - from));
    if (value == nullptr) {
      return {};
    }
    from = end + 1;
  }
  if (!fits(*value)) {
    return {.error = fmt::format(".{} accessor error: {} is of the type {}, expected {}", path,
                                 go_text(*value, GoNumbers::Exact), go_type(*value), wanted)};
  }
  return {.value = value};
}

void check_replicas(const json::Value& object, const std::string& path,
                    std::vector<json::Problem>& problems) {
  const Found found = find_at(
      object, path, "int64", [](const json::Value& value) { return value.to_int64().has_value(); });
  const json::FieldPath field(path);
  if (!found.error.empty()) {
    problems.push_back(json::invalid_value(field, "0", found.error));
    return;
  }
  if (found.value == nullptr) {
    return;
  }
  constexpr std::int64_t kMost = std::numeric_limits<std::int32_t>::max();
  const std::int64_t replicas = *found.value->to_int64();
  if (replicas < 0) {
    problems.push_back(json::invalid_value(field, fmt::format("{}", replicas),
                                           "should be a non-negative integer"));
  } else if (replicas > kMost) {
    problems.push_back(
        json::invalid_value(field, fmt::format("{}", replicas),
                            fmt::format("should be less than or equal to {}", kMost)));
  }
}

}  // namespace

std::vector<json::Problem> check_scale(const CustomScale& scale, const json::Value& object,
                                       ScalePart part) {
  std::vector<json::Problem> problems;
  if (part == ScalePart::SpecAndStatus) {
    check_replicas(object, scale.spec_replicas_path, problems);
  }
  check_replicas(object, scale.status_replicas_path, problems);
  if (!scale.label_selector_path.empty()) {
    const Found found = find_at(object, scale.label_selector_path, "string",
                                [](const json::Value& value) { return value.is_string(); });
    if (!found.error.empty()) {
      problems.push_back(
          json::invalid_value(json::FieldPath(scale.label_selector_path), "\"\"", found.error));
    }
  }
  return problems;
}

}  // namespace kthena::apiserver
