// What is asked of pods in objects of their own: to run on a node, to leave it.
#pragma once

#include <string>

#include "apiserver/patch/failure.h"
#include "apiserver/storage/object_store.h"
#include "apiserver/verbs/objects.h"
#include "async/task.h"
#include "json/value.h"

namespace kthena::apiserver {

/// The pod with the node of a Binding. Errors: 409 if it has one or is being deleted, 422.
Answer<json::Value> bound_pod(const Kind& pods, json::Value pod, const json::Value& binding,
                              WallTime now);

/// Whether the budgets of its namespace let a pod go. Errors: 429, 500 if two of them speak of it.
Answer<void> check_eviction(ObjectStore& store, const json::Value& pod);

}  // namespace kthena::apiserver
