// What becomes of an object: the journey of a write without storage, network or clock.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "apiserver/kinds/kind.h"
#include "apiserver/patch/failure.h"
#include "apiserver/request/options.h"
#include "apiserver/verbs/rules.h"
#include "base/clock.h"
#include "json/value.h"

namespace kthena::apiserver {

/// What an object becomes.
struct Draft {
  enum class Action : std::uint8_t { Keep, Put, Remove };
  Action action = Action::Put;
  json::Value object;  ///< without its version, unless it is kept
};

/// Whether ownership of fields is already settled: after an apply.
enum class Ownership : bool { Track, Settled };

/// Makes drafts.
class Planner {
 public:
  /// @param new_uid  a UUID that nothing has
  Planner(const Rules& rules, std::function<std::string()> new_uid)
      : rules_(rules), new_uid_(std::move(new_uid)) {}

  /// A new object. `wanted` has its final name.
  /// Errors: 400, 403, 422 with what is wrong.
  Answer<Draft> create(const WriteRequest& request, json::Value wanted, Ownership ownership,
                       WallTime now, Warnings& warnings) const;

  /// A changed object. Errors: those of create(), 409.
  Answer<Draft> update(const WriteRequest& request, json::Value wanted, const json::Value& before,
                       Ownership ownership, WallTime now, Warnings& warnings) const;

  /// An object that is asked to go: it goes, or is marked because somebody must do something first.
  /// Errors: 409.
  Answer<Draft> remove(const Kind& kind, const json::Value& before, const RemoveOptions& options,
                       WallTime now) const;

  /// The schema of the kind and its names, for merging.
  static Target target_of(const Kind& kind, std::string_view subresource);

 private:
  Answer<void> check_identity(const WriteRequest& request, json::Value& wanted) const;

  const Rules& rules_;
  std::function<std::string()> new_uid_;
};

}  // namespace kthena::apiserver
