#include "kube/meta/reference.h"

KTHENA_JSON_TYPE(kthena::kube::ObjectReference);
KTHENA_JSON_TYPE(kthena::kube::SecretKeySelector);
