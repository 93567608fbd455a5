// How kube-apiserver's Go structs hold the built-in kinds: in which order fields are printed, which
// are left out when they are empty, and how messages name their types. A generated table, beside
// that of kube/shapes, which says how they merge.
//
// Grammar of struct_table.cc, one text a type, written by tools/go_structs.py:
//  - First line: the name of the type in the table of shapes.
//  - A line for each field, in the order of printing: NAME VALUE, then "always" if it is printed
//    even when it is empty, or "omitzero" if a time is left out when it is null.
//  - VALUE: *VALUE for a pointer, []VALUE for a list, {}VALUE for a map, {TYPE}VALUE for one whose
//    keys have a type; TYPE=VALUE where messages name another type than VALUE; string, bool, int32,
//    int64, float64, bytes, time, micro-time, duration, quantity, int-or-string, any; else the NAME
//    of a struct.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "json/value.h"
#include "kube/shapes/shape.h"

namespace kthena::apiserver {

enum class HeldAs : std::uint8_t {
  Any,
  Bool,
  Int32,
  Int64,
  Float64,
  String,
  Bytes,
  Time,
  MicroTime,
  Duration,
  Quantity,
  IntOrString,
  Struct,
  List,
  Map,
};

struct StructType;

struct HeldType {
  HeldAs as = HeldAs::Any;
  std::string shown;                   ///< as messages name it: "[]v1.Container", "int32"
  const HeldType* of = nullptr;        ///< the items of a list or map
  const StructType* fields = nullptr;  ///< of a struct
};

enum class WhenEmpty : std::uint8_t {
  LeftOut,
  LeftOutIfNull,  ///< structs too: "omitzero"
  Printed,
};

struct StructField {
  std::string_view name;
  HeldType type{};
  bool is_pointer = false;  ///< then absent and zero differ
  WhenEmpty when_empty = WhenEmpty::LeftOut;
  std::optional<json::Value> default_value{};  ///< that the OpenAPI documents state
};

struct StructType {
  std::string_view name;                 ///< in the table of shapes: "Container", "events.Event"
  std::string_view shown;                ///< in messages about its fields: "Container", "Event"
  std::vector<StructField> fields{};     ///< in the order of printing
  std::vector<std::uint16_t> by_name{};  ///< their positions, sorted by name

  /// Its position; nothing if there is no such.
  std::optional<std::size_t> find(std::string_view field) const;
};

/// Thread-safe; the table is read at the first call.
const StructType& struct_of(const kube::shapes::Type& type);
/// By the name in the table of shapes; null if there is none.
const StructType* find_struct(std::string_view name);

/// Whether a Go program would hold nothing in the field: null, and where absent and zero are the
/// same, zero, "", false, [] and {} of a map.
bool is_empty(const StructField& field, const json::Value& value);

/// Brings an object into the form in which kube-apiserver prints it: fields in their order, empty
/// ones left out, and those that are always there. Members that the type does not have go.
void as_printed(const kube::shapes::Type& type, json::Value& object);

/// The texts of struct_table.cc.
std::span<const std::string_view> struct_texts();

}  // namespace kthena::apiserver
