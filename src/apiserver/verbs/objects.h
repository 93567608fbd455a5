// All that can be done to objects, without HTTP: what handlers of requests and controllers of this
// process call.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "apiserver/kinds/kind.h"
#include "apiserver/patch/failure.h"
#include "apiserver/storage/object_store.h"
#include "apiserver/verbs/plan.h"
#include "async/loop.h"
#include "async/task.h"
#include "base/random.h"
#include "json/value.h"
#include "kube/client/request.h"

namespace kthena::apiserver {

struct WriteReply {
  int status = 200;  ///< 201 if it was created
  std::string text;  ///< the object as it is now, or what is said of its end
  Warnings warnings = {};
};

/// One loop. All it refers to outlives it.
class Objects {
 public:
  Objects(async::Loop& loop, ObjectStore& store, const Rules& rules, Random random);

  ObjectStore& store() noexcept { return store_; }

  /// A new object, of which `body` may leave the name to the server (`generateName`).
  /// Errors: 400, 403 (namespace ends), 404 (no namespace), 409, 413, 422.
  async::Task<Answer<WriteReply>> create(WriteRequest request, json::Value body);

  /// Errors: 404, 409, and those of create().
  async::Task<Answer<WriteReply>> update(WriteRequest request, json::Value body);

  /// Apply creates what is not there. Errors: those of update(), 415.
  async::Task<Answer<WriteReply>> patch(WriteRequest request, kube::PatchType type,
                                        json::Value patch);

  /// Changes an object by code of this process; `change` may say what is wrong with it.
  using Change = std::move_only_function<Answer<json::Value>(const json::Value& before)>;
  async::Task<Answer<WriteReply>> change(WriteRequest request, Change change);

  /// Errors: 404, 409.
  async::Task<Answer<WriteReply>> remove(WriteRequest request, RemoveOptions options);

  static ObjectPath path_of(const WriteRequest& request);

 private:
  using Plan = std::move_only_function<Answer<Draft>(const json::Value* before, Warnings&)>;

  /// Random characters of which no words are made, as behind a generateName.
  std::string random_suffix();
  async::Task<Answer<WriteReply>> write(const WriteRequest& request, Plan plan);
  Answer<WriteReply> try_out(const WriteRequest& request, Plan& plan);
  Answer<Draft> plan_on(const ObjectPtr& current, Plan& plan, Warnings& warnings);
  Answer<void> check_namespace(const WriteRequest& request) const;
  Answer<json::Value> patched(const WriteRequest& request, kube::PatchType type,
                              const json::Value& before, const json::Value& patch) const;
  Answer<Draft> applied(const WriteRequest& request, const json::Value* before,
                        const json::Value& wanted, Warnings& warnings) const;

  async::Loop& loop_;
  ObjectStore& store_;
  Random random_;
  Planner planner_;
};

}  // namespace kthena::apiserver
