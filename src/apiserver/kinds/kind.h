// What the API server serves: one Kind a resource and version, whether built in or defined by a
// CustomResourceDefinition.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "apiserver/apply/schema.h"
#include "apiserver/apply/server_side_apply.h"
#include "json/value.h"
#include "kube/meta/resource.h"
#include "kube/shapes/shape.h"

namespace kthena::apiserver {

class CustomSchema;

/// What can be done with a resource. Named as discovery names them.
enum class Verb : std::uint8_t {
  Create,
  Delete,
  DeleteCollection,
  Get,
  List,
  Patch,
  Update,
  Watch,
};
/// "deletecollection".
std::string_view to_string(Verb verb) noexcept;

class Verbs {
 public:
  constexpr Verbs() = default;
  static constexpr Verbs all() { return Verbs(0xff); }
  /// Of what is asked and not kept: reviews, bindings.
  static constexpr Verbs create_only() { return Verbs(1U << static_cast<unsigned>(Verb::Create)); }

  constexpr Verbs without(Verb verb) const {
    return Verbs(bits_ & ~(1U << static_cast<unsigned>(verb)));
  }

  constexpr bool has(Verb verb) const { return (bits_ >> static_cast<unsigned>(verb) & 1U) != 0; }
  friend bool operator==(const Verbs&, const Verbs&) = default;

 private:
  explicit constexpr Verbs(unsigned bits) : bits_(static_cast<std::uint8_t>(bits)) {}
  std::uint8_t bits_ = 0;
};

/// A column that a CustomResourceDefinition asks for in Table answers.
struct CustomColumn {
  std::string name;
  std::string type;  ///< "string", "integer", "number", "boolean", "date"
  std::string format;
  std::string description;
  std::int32_t priority = 0;  ///< above 0: shown with -o wide only
  std::string json_path;      ///< ".spec.replicas"
};

/// Where a custom resource has the numbers of its scale subresource. JSON paths of names only.
struct CustomScale {
  std::string spec_replicas_path;    ///< ".spec.replicas"
  std::string status_replicas_path;  ///< ".status.replicas"
  std::string label_selector_path;   ///< may be empty
};

/// One version of a resource. Never changes once it is in a Catalog, so whoever handles a request
/// keeps the one it began with.
struct Kind {
  std::string group;    ///< "apps"; empty for the core group
  std::string version;  ///< "v1"
  std::string kind;     ///< "Deployment"
  std::string list_kind;
  std::string plural;  ///< "deployments": how paths name it
  std::string singular;
  std::vector<std::string> short_names{};
  std::vector<std::string> categories{};
  kube::Scope scope = kube::Scope::Namespaced;
  Verbs verbs = Verbs::all();
  Origin origin = Origin::BuiltIn;

  bool has_status = true;  ///< `/status` is a subresource
  bool has_scale = false;  ///< `/scale` is one; of a custom resource see `custom_scale`

  /// Of a built-in kind, never null there.
  const kube::shapes::Type* shape = nullptr;
  /// Of a custom resource, never null there: its schema, ready for use (custom/).
  std::shared_ptr<const CustomSchema> custom_schema{};
  std::vector<CustomColumn> columns{};
  std::optional<CustomScale> custom_scale{};
  /// All versions in which the kind is served, api versions such as "example.com/v1", this one too.
  std::vector<std::string> api_versions{};

  /// What merging and ownership of fields go by; never null.
  std::shared_ptr<const Schema> schema{};

  std::string api_version{};  ///< "apps/v1", "v1"
  std::string resource{};     ///< its name in the storage: "apps/deployments", "pods"

  bool is_namespaced() const noexcept { return scope == kube::Scope::Namespaced; }
  bool is_custom() const noexcept { return origin == Origin::Custom; }
  /// "deployments.apps", "pods": how messages name the resource.
  std::string qualified() const { return group.empty() ? plural : plural + "." + group; }
};
using KindPtr = std::shared_ptr<const Kind>;

}  // namespace kthena::apiserver
