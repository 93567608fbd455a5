#include "kube/types/controller_revision.h"

KTHENA_JSON_TYPE(kthena::kube::ControllerRevision);
