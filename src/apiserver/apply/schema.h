// What server-side apply must know of a type: how it merges. Made from the shapes of built-in kinds
// and from the structural schemas of custom resources.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "json/value.h"
#include "kube/shapes/shape.h"

namespace kthena::apiserver {

enum class ScalarType : std::uint8_t { None, Any, Number, String, Boolean };

/// A type: a scalar, a list or a map (objects are maps), or one of several of these where only the
/// value tells (`Any`, `is_list` and `is_map` together).
struct Schema {
  struct Field {
    std::string name;
    const Schema* type = nullptr;
    /// Of a key of a list's items: what absent means.
    std::optional<json::Value> default_value{};
    /// Of a built-in type: there even when it is empty, and then this. Objects hold what is always
    /// in them.
    std::optional<json::Value> zero{};
  };
  struct Key {
    std::string name;
    std::optional<json::Value> default_value{};
  };

  ScalarType scalar = ScalarType::None;
  bool is_list = false;
  bool is_map = false;
  /// What has the type of "anything", whose maps merge by member and lists not at all. Its sets are
  /// never reconciled.
  bool is_deduced = false;

  bool list_is_atomic = true;
  const Schema* item = nullptr;
  /// By name, of lists that merge; none for a set of scalars.
  std::vector<Key> keys{};

  bool map_is_atomic = false;
  std::vector<Field> fields{};     ///< sorted by name
  const Schema* others = nullptr;  ///< of members that are not in `fields`; null: there are none

  const Field* find_field(std::string_view name) const;
  /// Of a member, declared or not; null if the type has no such.
  const Schema* member(std::string_view name) const;
};

/// The schema of a built-in type. Thread-safe; the table is made at the first call (some
/// milliseconds) and lives as long as the program.
const Schema& built_in_schema(const kube::shapes::Type& type);

/// The type of "anything": for kinds without a schema.
const Schema& deduced_schema();

/// Whether members that a schema does not name are kept everywhere (spec.preserveUnknownFields).
enum class UnknownFields : std::uint8_t { AsStated, Kept };

/// From a CustomResourceDefinition's openAPIV3Schema. apiVersion, kind and metadata are added.
/// Errors: InvalidArgument if it is not structural, names the path.
Result<std::shared_ptr<const Schema>> custom_schema(const json::Value& openapi,
                                                    UnknownFields unknown);

/// The value that a Go program has of a built-in type before it reads any field: objects that are
/// always there, null and zeros for required fields. What a create is compared with.
json::Value zero_value(const Schema& schema);

/// Brings an object of a built-in kind into the form in which kube-apiserver stores and prints it:
/// without null and without empty lists and maps, but with the objects that are always there
/// (`resources: {}`), and with required fields. managedFields names them as they are then.
void as_stored(const Schema& schema, json::Value& value);

}  // namespace kthena::apiserver
