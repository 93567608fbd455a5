// The CustomResourceDefinitions of all kinds that are ours.
#pragma once

#include <vector>

#include "json/value.h"

namespace kthena::api {

/// One document a kind, in the order of our_kinds(). deploy/crds/ has what this returns, as files.
std::vector<json::Value> custom_resource_definitions();

}  // namespace kthena::api
