// One step of a path into an object, as managedFields writes it: `f:spec`, `k:{"name":"x"}`,
// `v:"a"`, `i:3`.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "base/result.h"
#include "json/value.h"

namespace kthena::apiserver {

/// Orders scalars, lists and maps as managedFields does: numbers by their value, then texts, then
/// booleans, lists, maps, null.
std::weak_ordering compare_values(const json::Value& a, const json::Value& b);

/// Compares as managedFields is sorted: fields, keys, values, indices.
class PathElement {
 public:
  enum class Kind : std::uint8_t {
    Field,  ///< of a map or a struct
    Key,    ///< the item of a list that has these members
    Value,  ///< the item of a list of scalars that is this one
    Index,  ///< the item of a list that stands there
  };

  static PathElement field(std::string_view name) { return PathElement(std::string(name)); }
  /// The members must be in the order of their names.
  static PathElement key(json::Object members);
  static PathElement value(json::Value scalar);
  static PathElement index(std::size_t index);

  /// Nothing for kinds that do not exist yet. Errors: InvalidArgument.
  static Result<std::optional<PathElement>> parse(std::string_view text);
  std::string print() const;
  /// As in messages: `.spec`, `[name="x"]`, `[="a"]`, `[3]`.
  std::string describe() const;

  Kind kind() const { return is_field() ? Kind::Field : std::get<Other>(data_)->kind; }
  bool is_field() const { return data_.index() == 0; }
  /// Of a field (CHECK by the variant).
  const std::string& name() const { return std::get<std::string>(data_); }

  friend std::weak_ordering operator<=>(const PathElement& a, const PathElement& b) {
    if (a.is_field() && b.is_field()) {
      return a.name().compare(b.name()) <=> 0;
    }
    return compare_others(a, b);
  }
  friend bool operator==(const PathElement& a, const PathElement& b) { return (a <=> b) == 0; }

 private:
  struct Content {
    Kind kind;
    json::Value value;
  };
  /// Shared, since sets are copied and combined all the time and these never change.
  using Other = std::shared_ptr<const Content>;

  explicit PathElement(std::string name) : data_(std::move(name)) {}
  PathElement(Kind kind, json::Value value)
      : data_(std::make_shared<const Content>(kind, std::move(value))) {}

  static std::weak_ordering compare_others(const PathElement& a, const PathElement& b);

  std::variant<std::string, Other> data_;
};

}  // namespace kthena::apiserver
