// Leases: who may act for a group of processes, and until when.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <tuple>

#include "json/fields.h"
#include "json/type.h"
#include "kube/meta/object.h"
#include "kube/meta/resource.h"
#include "kube/meta/scalars.h"

namespace kthena::kube {

/// Source: Kubernetes API, coordination.k8s.io/v1.
struct LeaseSpec {
  std::string holder_identity;  ///< empty: nobody holds it
  std::optional<std::int32_t> lease_duration_seconds;
  std::optional<MicroTime> acquire_time;
  std::optional<MicroTime> renew_time;
  std::optional<std::int32_t> lease_transitions;  ///< how often the holder has changed
  std::string strategy;
  std::string preferred_holder;

  static constexpr auto fields() {
    using L = LeaseSpec;
    return std::tuple{json::Field{"holderIdentity", &L::holder_identity},
                      json::Field{"leaseDurationSeconds", &L::lease_duration_seconds},
                      json::Field{"acquireTime", &L::acquire_time},
                      json::Field{"renewTime", &L::renew_time},
                      json::Field{"leaseTransitions", &L::lease_transitions},
                      json::Field{"strategy", &L::strategy},
                      json::Field{"preferredHolder", &L::preferred_holder}};
  }
  friend bool operator==(const LeaseSpec&, const LeaseSpec&) = default;
};

/// All of the kind, so that it may be written back.
struct Lease {
  ObjectMeta metadata;
  LeaseSpec spec;

  static constexpr ResourceType kResource{.api_version = "coordination.k8s.io/v1",
                                          .kind = "Lease",
                                          .plural = "leases",
                                          .singular = "lease",
                                          .has_status = false};
  static constexpr auto fields() {
    return std::tuple{json::Constant{"apiVersion", "coordination.k8s.io/v1"},
                      json::Constant{"kind", "Lease"}, json::Field{"metadata", &Lease::metadata},
                      json::Field{"spec", &Lease::spec}};
  }
  friend bool operator==(const Lease&, const Lease&) = default;
};

}  // namespace kthena::kube

KTHENA_JSON_EXTERN_TYPE(kthena::kube::Lease);
