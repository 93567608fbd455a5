// The schema of one version of a custom resource, ready for use: what a request's object loses,
// gains and must be. Made once from a CustomResourceDefinition; never changes.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "apiserver/apply/schema.h"
#include "apiserver/kinds/kind.h"
#include "base/result.h"
#include "json/problem.h"
#include "json/value.h"

namespace kthena::apiserver {

struct SchemaNode;

struct CustomSchemaOptions {
  UnknownFields unknown = UnknownFields::AsStated;
  /// The numbers of the scale subresource are checked too.
  std::optional<CustomScale> scale{};
};

/// Sources: apiextensions-apiserver and kube-openapi of Kubernetes 1.34 (order of checks, texts);
/// differences stand in README.md.
class CustomSchema {
 public:
  using Options = CustomSchemaOptions;

  /// @param openapi  a version's openAPIV3Schema; it should have passed validate_definition()
  /// Errors: InvalidArgument if it cannot be used at all, names the path.
  static Result<std::shared_ptr<const CustomSchema>> create(const json::Value& openapi,
                                                            Options options = {});
  ~CustomSchema();

  const json::Value& openapi() const noexcept { return openapi_; }

  /// Whether it has x-kubernetes-validations (CEL) anywhere. They are not evaluated here.
  bool has_rules() const noexcept { return has_rules_; }

  // A write goes through these in this order. Metadata of the object itself is not looked at: it is
  // the same for all kinds.

  /// Drops fields that the schema does not know.
  /// @param unknown  gets their paths, sorted: kube-apiserver's `unknown field "PATH"`; may be null
  void prune(json::Value& object, std::vector<std::string>* unknown) const;

  /// Drops null where it has no meaning, and fills in defaults.
  void apply_defaults(json::Value& object) const;

  /// What is wrong with an object: its fields, the numbers of its scale, resources embedded in it,
  /// items that are twice in a list. If there are rules and one of the problems keeps
  /// kube-apiserver from evaluating them, the last problem says so.
  /// @param before  the stored object, for an update: what is wrong with values that it leaves as
  ///   they were is not reported. Null for a create.
  std::vector<json::Problem> validate(const json::Value& object, const json::Value* before) const;

  /// The same for a write to the status subresource: only the status is checked.
  std::vector<json::Problem> validate_status(const json::Value& object,
                                             const json::Value& before) const;

 private:
  struct Nodes;
  CustomSchema(json::Value openapi, Options options);
  void add_blocked_rules(std::vector<json::Problem>& problems) const;

  json::Value openapi_;
  Options options_;
  bool has_rules_ = false;
  std::unique_ptr<Nodes> nodes_;
};

}  // namespace kthena::apiserver
