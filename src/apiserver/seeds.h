// What every cluster has from the start.
#pragma once

#include "apiserver/kinds/catalog.h"
#include "apiserver/verbs/objects.h"
#include "async/task.h"
#include "base/result.h"

namespace kthena::apiserver {

/// Creates what is missing: the usual namespaces and priority classes. Errors: those of the
/// storage.
async::Task<Result<>> plant_seeds(Objects& objects, const Catalog& catalog);

}  // namespace kthena::apiserver
