// Internal to custom/: a CustomResourceDefinition as kube-apiserver holds it, where what all
// versions have in common is said once: messages name `spec.validation`, not
// `spec.versions[0].schema`, if there is but one version.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "apiserver/built_in/access.h"
#include "json/problem.h"
#include "json/value.h"

namespace kthena::apiserver {

/// What may be said of each version or of all.
struct DefinitionParts {
  const json::Value* schema = nullptr;  ///< holds openAPIV3Schema
  const json::Value* subresources = nullptr;
  const json::Value* columns = nullptr;
};

struct DefinitionVersion {
  const json::Value* value = nullptr;
  DefinitionParts own{};    ///< what is said of this version only
  DefinitionParts whole{};  ///< what holds for it, wherever it is said
};

struct DefinitionView {
  explicit DefinitionView(const json::Value& definition);

  std::string_view group;
  const json::Value* spec = nullptr;
  std::vector<DefinitionVersion> versions{};
  DefinitionParts common{};
};

/// Calls `visit` with each schema that stands right below a schema.
template <class Visit>
void for_each_schema_below(const json::Value& openapi, Visit visit) {
  for (const std::string_view name : {"items", "additionalProperties", "not"}) {
    const json::Value* below = at(&openapi, name);
    if (below != nullptr && below->is_object()) {
      visit(*below);
    }
  }
  for (const std::string_view name : {"allOf", "anyOf", "oneOf"}) {
    for (const json::Value& below : items_of(at(&openapi, name))) {
      visit(below);
    }
  }
  for (const auto& [name, below] : members_of(at(&openapi, "properties"))) {
    visit(below);
  }
}

/// The openAPIV3Schema in it; null if there is none.
const json::Value* openapi_of(const json::Value* schema);

/// As Go prints the internal form of a schema and of the versions: all fields of the structs.
std::string internal_schema_text(const json::Value& openapi);
std::string internal_items_text(const json::Value& items);
std::string internal_versions_text(const DefinitionView& view);

/// Tells schemas that kube-apiserver cannot make a structural schema of; empty if it can.
std::string unsupported_field(const json::Value& openapi);

/// Whether a definition of a protected group (*.k8s.io, *.kubernetes.io) says that the Kubernetes
/// community has approved it.
struct Approval {
  enum class State : std::uint8_t { NotNeeded, Approved, Bypassed, Missing, Invalid };
  State state = State::NotNeeded;
  std::string why{};
};
Approval approval_of(const json::Value& crd);
inline constexpr std::string_view kApprovalAnnotation = "api-approved.kubernetes.io";

// Checks, one file each. All add to `problems`.

void check_structural(const json::Value& openapi, const json::FieldPath& path,
                      std::vector<json::Problem>& problems);
void check_openapi(const json::Value& openapi, const json::FieldPath& path,
                   std::vector<json::Problem>& problems);
void check_defaults(const json::Value& openapi, const json::FieldPath& path,
                    std::vector<json::Problem>& problems);
/// Rules in CEL, each of which is refused.
void check_rules(const json::Value& openapi, const json::FieldPath& path,
                 std::vector<json::Problem>& problems);

}  // namespace kthena::apiserver
