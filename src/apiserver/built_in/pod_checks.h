// The parts of a pod's checks, for pod_spec_checks.cc.
#pragma once

#include <initializer_list>
#include <map>
#include <string>
#include <string_view>

#include "apiserver/built_in/checking.h"
#include "json/value.h"

namespace kthena::apiserver {

/// The volumes of a pod that are sound, by name.
using Volumes = std::map<std::string, const json::Value*, std::less<>>;

// pod_volume_checks.cc
Volumes check_volumes(const Part& volumes, std::string_view pod_name, Findings& findings);
void check_volume_mounts(const Part& container, const Volumes& volumes, Findings& findings);

// pod_container_checks.cc
void check_containers(const Part& spec, const Volumes& volumes, Findings& findings);
void check_init_containers(const Part& spec, const Volumes& volumes, Findings& findings);
void check_ephemeral_containers(const Part& spec, const Volumes& volumes, Findings& findings);

/// What fieldRef may name: `supported`, sorted, and labels and annotations one by one.
void check_field_reference(const Part& reference, std::initializer_list<std::string_view> supported,
                           Findings& findings);

// pod_probe_checks.cc
void check_probes(const Part& container, const Part& spec, Findings& findings);

// pod_resource_checks.cc
void check_resources(const Part& resources, Findings& findings);

// pod_placement_checks.cc
void check_affinity(const Part& affinity, Findings& findings);
void check_tolerations(const Part& tolerations, Findings& findings);
void check_topology_spread(const Part& constraints, Findings& findings);

}  // namespace kthena::apiserver
