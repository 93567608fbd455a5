// References from one object to another.
#pragma once

#include <optional>
#include <string>
#include <tuple>

#include "json/fields.h"
#include "json/type.h"

namespace kthena::kube {

/// An object anywhere in the cluster; empty fields mean what the user of the reference says they
/// mean.
struct ObjectReference {
  std::string api_version;
  std::string field_path;
  std::string kind;
  std::string name;
  std::string namespace_name;
  std::string resource_version;
  std::string uid;

  static constexpr auto fields() {
    using R = ObjectReference;
    return std::tuple{
        json::Field{"apiVersion", &R::api_version, "API group and version of the object."},
        json::Field{"fieldPath", &R::field_path, "A part of the object instead of the whole."},
        json::Field{"kind", &R::kind, "Kind of the object."},
        json::Field{"name", &R::name, "Name of the object."},
        json::Field{"namespace", &R::namespace_name, "Namespace of the object."},
        json::Field{"resourceVersion", &R::resource_version,
                    "The version that was meant, if one was."},
        json::Field{"uid", &R::uid,
                    "The one object that was meant, whatever bears its name later."},
    };
  }
  friend bool operator==(const ObjectReference&, const ObjectReference&) = default;
};

/// A key of a Secret in the same namespace.
struct SecretKeySelector {
  std::string name;
  std::string key;
  std::optional<bool> optional;

  static constexpr auto fields() {
    using namespace json::field;
    using S = SecretKeySelector;
    return std::tuple{
        json::Field{"key", &S::key, "The key within the Secret.", required},
        json::Field{"name", &S::name, "Name of the Secret.", defaulted},
        json::Field{"optional", &S::optional, "Whether Secret or key may be missing."},
    };
  }
  friend bool operator==(const SecretKeySelector&, const SecretKeySelector&) = default;
};

}  // namespace kthena::kube

KTHENA_JSON_EXTERN_TYPE(kthena::kube::ObjectReference);
KTHENA_JSON_EXTERN_TYPE(kthena::kube::SecretKeySelector);
