#include "kube/types/service.h"

KTHENA_JSON_TYPE(kthena::kube::Service);
