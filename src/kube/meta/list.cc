#include "kube/meta/list.h"

#include "json/type.h"

KTHENA_JSON_TYPE(kthena::kube::ListMeta);
KTHENA_JSON_TYPE(kthena::kube::PartialObject);
