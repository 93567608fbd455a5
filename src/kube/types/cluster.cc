#include "kube/types/cluster.h"

#include <algorithm>

#include "json/type.h"

namespace kthena::kube {

bool Node::is_ready() const {
  return std::ranges::any_of(status.conditions, [](const NodeCondition& condition) {
    return condition.type == "Ready" && condition.status == "True";
  });
}

}  // namespace kthena::kube

KTHENA_JSON_TYPE(kthena::kube::Namespace);
KTHENA_JSON_TYPE(kthena::kube::Node);
