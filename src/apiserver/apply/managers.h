// metadata.managedFields: who owns which fields of an object, and since when.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "apiserver/apply/field_set.h"
#include "base/clock.h"
#include "base/result.h"
#include "json/value.h"

namespace kthena::apiserver {

enum class Operation : bool { Apply, Update };

/// Whose entry it is. An applier has one entry for all versions, an updater one for each.
struct ManagerId {
  std::string name;
  Operation operation = Operation::Update;
  std::string api_version;  ///< empty for Apply
  std::string subresource;

  /// A JSON text, by which kube-apiserver sorts managers.
  std::string text() const;
  /// As in messages: `"kubectl" with subresource "status" using v1`.
  std::string describe() const;

  friend bool operator==(const ManagerId&, const ManagerId&) = default;
};

struct Manager {
  ManagerId id;
  std::string api_version;  ///< of the fields' names
  std::optional<WallTime> time;
  FieldSet fields;
};

/// All managers of an object, one for each id.
class Managers {
 public:
  /// From metadata.managedFields; null is as an empty list. Of two entries of one id the last one
  /// counts. Errors: InvalidArgument if one of them is no entry.
  static Result<Managers> parse(const json::Value* managed_fields);

  /// In the order in which kube-apiserver prints it; null if there is none.
  json::Value print() const;

  bool empty() const { return all_.empty(); }
  std::vector<Manager>& all() { return all_; }
  const std::vector<Manager>& all() const { return all_; }
  Manager* find(const ManagerId& id);
  /// The manager of that id, made if it is not there.
  Manager& at(const ManagerId& id, std::string_view api_version);
  void erase(const ManagerId& id);
  void erase_empty();

 private:
  std::vector<Manager> all_;
};

/// Joins the oldest updaters into "ancient-changes" until there are no more than 10 of them, so
/// that an object whose writers never use one name twice does not grow for ever.
void cap_updaters(Managers& managers);

/// The manager of a request: the fieldManager of its query, or the user agent up to the first '/',
/// without what cannot be printed, up to 128 bytes.
std::string manager_name(std::string_view field_manager, std::string_view user_agent);

}  // namespace kthena::apiserver
