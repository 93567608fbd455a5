// ControllerRevisions: what a controller has once made pods of.
#pragma once

#include <cstdint>
#include <tuple>

#include "json/fields.h"
#include "json/type.h"
#include "json/value.h"
#include "kube/meta/object.h"
#include "kube/meta/resource.h"

namespace kthena::kube {

/// All of the kind, so that it may be written back.
struct ControllerRevision {
  ObjectMeta metadata;
  json::Value data;           ///< whatever its controller keeps; cannot be changed later
  std::int64_t revision = 0;  ///< counts up

  static constexpr ResourceType kResource{.api_version = "apps/v1",
                                          .kind = "ControllerRevision",
                                          .plural = "controllerrevisions",
                                          .singular = "controllerrevision",
                                          .has_status = false};
  static constexpr auto fields() {
    using C = ControllerRevision;
    return std::tuple{json::Constant{"apiVersion", "apps/v1"},
                      json::Constant{"kind", "ControllerRevision"},
                      json::Field{"metadata", &C::metadata}, json::Field{"data", &C::data},
                      json::Field{"revision", &C::revision, json::field::required}};
  }
  friend bool operator==(const ControllerRevision&, const ControllerRevision&) = default;
};

}  // namespace kthena::kube

KTHENA_JSON_EXTERN_TYPE(kthena::kube::ControllerRevision);
