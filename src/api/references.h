// What one object says of others: their names, and what is said if they are not there.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "json/problem.h"
#include "kube/meta/object.h"
#include "kube/meta/resource.h"

namespace kthena::api {

struct Reference {
  const kube::ResourceType* type;
  kube::ObjectKey key;
  json::Problem missing;  ///< said if there is no such object: a warning, or what refuses
  /// Whether admission looks for it. Not where the order in which objects usually arrive would make
  /// a warning of everything.
  enum class AtAdmission : std::uint8_t { Ignored, LookedUp } at_admission = AtAdmission::Ignored;
};

/// `path: Not found: "qwen": there is no ModelServer of that name in namespace prod`, a warning.
inline json::Problem not_found(const kube::ResourceType& type, const kube::ObjectKey& key,
                               const json::FieldPath& at) {
  return {.kind = json::Problem::Kind::NotFound,
          .severity = json::Severity::Warning,
          .path = at.text(),
          .message = "Not found: " + json::quoted(key.name) + ": there is no " +
                     std::string(type.kind) + " of that name in namespace " +
                     (key.namespace_name.empty() ? "default" : key.namespace_name)};
}

}  // namespace kthena::api
