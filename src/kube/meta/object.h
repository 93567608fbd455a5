// What every object has: its name, its labels, who owns it, which version of it this is.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "json/fields.h"
#include "json/type.h"
#include "kube/meta/scalars.h"

namespace kthena::kube {

using Labels = std::map<std::string, std::string, std::less<>>;

/// Which object: names are unique within a kind and a namespace.
struct ObjectKey {
  std::string namespace_name;  ///< empty for kinds without namespaces
  std::string name;

  /// "namespace/name", or the name alone.
  std::string to_string() const;
  friend auto operator<=>(const ObjectKey&, const ObjectKey&) = default;
};

struct OwnerReference {
  std::string api_version;
  std::string kind;
  std::string name;
  std::string uid;
  std::optional<bool> controller;
  std::optional<bool> block_owner_deletion;

  static constexpr auto fields() {
    using namespace json::field;
    using O = OwnerReference;
    return std::tuple{
        json::Field{"apiVersion", &O::api_version, required},
        json::Field{"kind", &O::kind, required},
        json::Field{"name", &O::name, required},
        json::Field{"uid", &O::uid, required},
        json::Field{"controller", &O::controller, "The one owner that manages the object."},
        json::Field{"blockOwnerDeletion", &O::block_owner_deletion},
    };
  }
  friend bool operator==(const OwnerReference&, const OwnerReference&) = default;
};

struct ObjectMeta {
  std::string name;
  std::string generate_name;  ///< asks the server for a name that begins so
  std::string namespace_name;
  std::string uid;
  std::string resource_version;  ///< opaque; compare for equality only
  std::int64_t generation = 0;   ///< counts changes of the desired state
  std::optional<Time> creation_timestamp;
  std::optional<Time>
      deletion_timestamp;  ///< set: the object goes away once its finalizers are gone
  std::optional<std::int64_t> deletion_grace_period_seconds;
  Labels labels;
  Labels annotations;
  std::vector<OwnerReference> owner_references;
  std::vector<std::string> finalizers;

  ObjectKey key() const { return {.namespace_name = namespace_name, .name = name}; }
  bool is_being_deleted() const { return deletion_timestamp.has_value(); }

  static constexpr auto fields() {
    using namespace json::field;
    using M = ObjectMeta;
    return std::tuple{
        json::Field{"name", &M::name},
        json::Field{"generateName", &M::generate_name},
        json::Field{"namespace", &M::namespace_name},
        json::Field{"uid", &M::uid},
        json::Field{"resourceVersion", &M::resource_version},
        json::Field{"generation", &M::generation},
        json::Field{"creationTimestamp", &M::creation_timestamp},
        json::Field{"deletionTimestamp", &M::deletion_timestamp},
        json::Field{"deletionGracePeriodSeconds", &M::deletion_grace_period_seconds},
        json::Field{"labels", &M::labels},
        json::Field{"annotations", &M::annotations},
        json::Field{"ownerReferences", &M::owner_references, map_list("uid")},
        json::Field{"finalizers", &M::finalizers, set_list},
        json::Ignored{"managedFields"},
        json::Ignored{"selfLink"},
    };
  }
  friend bool operator==(const ObjectMeta&, const ObjectMeta&) = default;
};

}  // namespace kthena::kube

KTHENA_JSON_EXTERN_TYPE(kthena::kube::Labels);
KTHENA_JSON_EXTERN_TYPE(kthena::kube::ObjectMeta);
