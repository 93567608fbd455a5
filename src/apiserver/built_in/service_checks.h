// Checks of a Service's addresses, which come before they are given.
#pragma once

#include "apiserver/built_in/checking.h"

namespace kthena::apiserver {

/// clusterIP, clusterIPs, ipFamilies and ipFamilyPolicy of a Service's spec.
void check_service_addresses(const Part& spec, Findings& findings);

}  // namespace kthena::apiserver
