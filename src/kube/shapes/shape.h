// Shapes of Kubernetes' built-in types: what fields there are, of which types, which are required,
// how lists and maps merge. A generated table without prose, for values that we pass on without
// having a struct for them, above all pod templates.
//
//   const shapes::Type* pod = shapes::find_kind("v1", "Pod");
//   const shapes::Field* spec = pod->find_field("spec");
//   spec->object->find_field("containers")->list_keys[0]  // "name"
//
// Grammar of table.cc, one text a type, written by tools/kube_shapes.py:
//  - First line: NAME FULL_NAME, then "atomic" or "atomic-in-crds" if it is, then
//    "kind=API_VERSION/KIND" if objects of that type exist on their own.
//  - A line for each field, sorted by name: NAME VALUE, then any of the words below.
//  - VALUE: any, boolean, int32, int64, number, double, string, int-or-string, quantity; date-time
//    or byte (strings); the NAME of a type; [VALUE] for a list of it, {VALUE} for a map.
//  - Words: required; always (the server prints it even when it is empty or zero); default=JSON;
//  enum=A|B;
//    keys=A,B (of a list's items); set; atomic (list or map); repeats (items with equal keys are
//    legal); patch=STRATEGY[:KEY].
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "json/fields.h"
#include "json/value.h"

namespace kthena::kube::shapes {

enum class ValueKind : std::uint8_t {
  Any,
  Boolean,
  Integer,
  Number,
  String,
  IntOrString,
  Quantity,
  Object,
};
enum class Container : std::uint8_t { One, List, Map };

struct Type;

struct Field {
  std::string_view name;
  ValueKind kind = ValueKind::Any;       ///< of the value, or of each item
  Container container = Container::One;  ///< whether the value is a list or a map of such
  const Type* object = nullptr;          ///< of kind Object
  std::string_view format;  ///< "int32", "int64", "double", "date-time", "byte"; or empty
  bool required = false;
  bool always = false;  ///< in every object of the server: {}, of a time null, of a quantity "0"
  bool may_repeat = false;  ///< the list merges by its keys, yet items with equal keys are legal
  std::optional<json::Value> default_value{};
  std::vector<std::string_view> enum_values{};  ///< of this version; a later one may have more
  json::ListType list_type = json::ListType::Unsaid;
  std::array<std::string_view, 3> list_keys{};
  json::MapType map_type = json::MapType::Unsaid;
  std::string_view patch_strategy{};  ///< of strategic merge patches: "merge", "merge,retainKeys"
  std::string_view patch_key{};
};

struct Type {
  std::string_view name;         ///< "PodTemplateSpec"
  std::string_view full_name;    ///< "io.k8s.api.core.v1.PodTemplateSpec"
  std::string_view api_version;  ///< of objects of their own: "apps/v1"; else empty
  std::string_view kind;         ///< "Deployment"
  json::MapType map_type = json::MapType::Unsaid;
  /// Atomic in CRDs, although the server merges its own objects of that type field by field.
  bool atomic_in_crds = false;
  std::vector<Field> fields{};  ///< sorted by name

  const Field* find_field(std::string_view name) const;
};

/// By either name; null if the table does not have it. Thread-safe, as all here; the table is read
/// at the first call.
const Type* find_type(std::string_view name);
const Type* find_kind(std::string_view api_version, std::string_view kind);
std::span<const Type> types();

/// What a template within a custom resource keeps of ObjectMeta: labels and annotations.
const Type& template_metadata();

/// What the server wants of the text of a quantity (RE2).
inline constexpr std::string_view kQuantityPattern =
    R"(^(\+|-)?(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))(([KMGTPE]i)|[numkMGTPE]|([eE](\+|-)?)"
    R"((([0-9]+(\.[0-9]*)?)|(\.[0-9]+))))?$)";

}  // namespace kthena::kube::shapes
