#include "kube/meta/object.h"

#include <string>

#include "json/type.h"

namespace kthena::kube {

std::string ObjectKey::to_string() const {
  return namespace_name.empty() ? name : namespace_name + "/" + name;
}

}  // namespace kthena::kube

KTHENA_JSON_TYPE(kthena::kube::Labels);
KTHENA_JSON_TYPE(kthena::kube::ObjectMeta);
