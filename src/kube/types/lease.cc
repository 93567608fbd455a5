#include "kube/types/lease.h"

KTHENA_JSON_TYPE(kthena::kube::Lease);
