#include "api/workload/v1alpha1/model_serving.h"

#include <algorithm>
#include <string_view>

#include "api/workload/v1alpha1/pod_template.h"
#include "json/type.h"

namespace kthena::api::workload {

const Role* ServingGroup::find_role(std::string_view name) const {
  const auto found = std::ranges::find(roles, name, &Role::name);
  return found == roles.end() ? nullptr : &*found;
}

}  // namespace kthena::api::workload

KTHENA_JSON_TYPE(kthena::api::workload::ModelServing);
KTHENA_JSON_TYPE(kthena::api::workload::PodTemplate);
