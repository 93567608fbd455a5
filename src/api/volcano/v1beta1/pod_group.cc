#include "api/volcano/v1beta1/pod_group.h"

KTHENA_JSON_TYPE(kthena::api::volcano::PodGroup);
