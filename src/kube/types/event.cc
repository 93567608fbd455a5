#include "kube/types/event.h"

KTHENA_JSON_TYPE(kthena::kube::Event);
