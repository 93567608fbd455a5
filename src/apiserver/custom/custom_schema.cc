#include "apiserver/custom/custom_schema.h"

#include <algorithm>
#include <deque>
#include <iterator>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "apiserver/apply/schema.h"
#include "apiserver/custom/scale.h"
#include "apiserver/custom/schema_node.h"
#include "apiserver/kinds/kind.h"
#include "base/result.h"
#include "json/problem.h"
#include "json/value.h"

namespace kthena::apiserver {

struct CustomSchema::Nodes {
  std::deque<SchemaNode> owned;
  const SchemaNode* root = nullptr;
};

namespace {

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
      nodes_(std::make_unique<Nodes>()) {}

CustomSchema::~CustomSchema() = default;

Result<std::shared_ptr<const CustomSchema>> CustomSchema::create(const json::Value& openapi,
                                                                 Options options) {
  std::shared_ptr<CustomSchema> schema(new CustomSchema(openapi, std::move(options)));
  SchemaNode* root = TRY(read_schema(openapi, schema->nodes_->owned));
  schema->nodes_->root = root;
  schema->has_rules_ = std::ranges::any_of(schema->nodes_->owned, &SchemaNode::has_rules);
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

}  // namespace kthena::apiserver
