#include "api/leaderworkerset/v1/leader_worker_set.h"

KTHENA_JSON_TYPE(kthena::api::leaderworkerset::LeaderWorkerSet);
