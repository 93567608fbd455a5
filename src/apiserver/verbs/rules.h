// What a kind asks of its objects on their way to the store, whether it is built in, custom or
// ours: one door to the folders that know.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "apiserver/access/user.h"
#include "apiserver/kinds/kind.h"
#include "apiserver/patch/failure.h"
#include "apiserver/request/options.h"
#include "json/problem.h"
#include "json/value.h"

namespace kthena::apiserver {

/// For people, in the Warning fields of an answer.
using Warnings = std::vector<std::string>;

/// Who writes what. The same for all verbs.
struct WriteRequest {
  KindPtr kind;
  std::string namespace_name;  ///< of the path; empty for kinds of the cluster
  std::string name;            ///< of the path; empty for a create
  std::string subresource;     ///< "status", "finalize", …; empty: the object
  std::string manager;         ///< see manager_name()
  ChangeOptions options;
  const User* user = nullptr;  ///< outlives the request; null: this process itself
};

class Rules {
 public:
  virtual ~Rules() = default;

  /// Drops what the kind does not know, and null; brings values into the form in which they are
  /// kept. Errors: 400 for what has another type, and with FieldValidation::Strict for what is
  /// unknown.
  virtual Answer<void> decode(const Kind& kind, json::Value& object, FieldValidation validation,
                              Warnings& warnings) const = 0;

  virtual void set_defaults(const Kind& kind, json::Value& object) const = 0;

  /// Status and generation of a new object, and the habits of its kind.
  /// Errors: 422 if it asks for what another one has.
  virtual Answer<void> prepare_create(const Kind& kind, json::Value& object) const = 0;
  /// Puts back what this endpoint does not change; counts the generation.
  virtual Answer<void> prepare_update(const Kind& kind, json::Value& object,
                                      const json::Value& before,
                                      std::string_view subresource) const = 0;

  /// What our webhooks fill in, and what they and the rights of the writer refuse.
  /// Errors: 400, 403, 404, 422.
  virtual Answer<void> admit(const WriteRequest& request, json::Value& object,
                             const json::Value* before, Warnings& warnings) const = 0;

  /// Schema and rules of the kind, metadata included.
  virtual std::vector<json::Problem> validate(const Kind& kind, const json::Value& object,
                                              const json::Value* before,
                                              std::string_view subresource) const = 0;

  /// Brings an object into the form in which it is stored and owned.
  virtual void complete(const Kind& kind, json::Value& object) const = 0;
};

}  // namespace kthena::apiserver
