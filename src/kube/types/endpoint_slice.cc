#include "kube/types/endpoint_slice.h"

KTHENA_JSON_TYPE(kthena::kube::EndpointSlice);
