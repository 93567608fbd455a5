// Internal to custom/: a schema as it is walked for every request.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "apiserver/custom/formats.h"
#include "base/regex.h"
#include "base/result.h"
#include "json/problem.h"
#include "json/value.h"

namespace kthena::apiserver {

/// Of JSON schema; a set of them is a mask.
inline constexpr std::uint8_t kArray = 1;
inline constexpr std::uint8_t kBoolean = 2;
inline constexpr std::uint8_t kInteger = 4;
inline constexpr std::uint8_t kNumber = 8;
inline constexpr std::uint8_t kObject = 16;
inline constexpr std::uint8_t kString = 32;

enum class CustomListType : std::uint8_t { Atomic, Set, Map };

struct SchemaNode {
  struct Property {
    std::string name;
    const SchemaNode* node = nullptr;
  };

  std::uint8_t types = 0;  ///< 0: any
  bool nullable = false;
  bool keeps_unknown = false;
  bool is_embedded = false;     ///< x-kubernetes-embedded-resource
  bool allows_others = false;   ///< additionalProperties is stated: pruning keeps other members
  bool forbids_others = false;  ///< additionalProperties: false
  bool has_rules = false;       ///< x-kubernetes-validations
  CustomListType list_type = CustomListType::Atomic;

  // What there is at this node or below it, so that walks end early.
  bool has_defaults = false;
  bool has_unique_lists = false;
  bool has_embedded = false;

  std::vector<Property> properties{};  ///< sorted by name
  std::vector<std::string> required{};
  const SchemaNode* others = nullptr;  ///< of additionalProperties; null if that is no schema
  const SchemaNode* items = nullptr;
  std::vector<std::string> list_keys{};
  std::optional<json::Value> default_value{};

  std::optional<double> minimum{};
  std::optional<double> maximum{};
  bool exclusive_minimum = false;
  bool exclusive_maximum = false;
  std::optional<double> multiple_of{};
  std::optional<std::int64_t> min_length{};
  std::optional<std::int64_t> max_length{};
  std::optional<std::int64_t> min_items{};
  std::optional<std::int64_t> max_items{};
  std::optional<std::int64_t> min_properties{};
  std::optional<std::int64_t> max_properties{};
  std::string format{};  ///< as it is written; empty if the server does not know it
  StringFormat checked_format = StringFormat::None;
  std::string pattern_text{};
  std::optional<Regex> pattern{};
  std::vector<json::Value> enum_values{};

  std::vector<const SchemaNode*> all_of{};
  std::vector<const SchemaNode*> any_of{};
  std::vector<const SchemaNode*> one_of{};
  const SchemaNode* none_of = nullptr;  ///< not

  const SchemaNode* find_property(std::string_view name) const;
  /// Of a member, declared or not; null if the schema does not say.
  const SchemaNode* member(std::string_view name) const {
    const SchemaNode* property = find_property(name);
    return property != nullptr ? property : others;
  }
};

/// What a schema is read for. kube-apiserver prepares it in two ways: where it checks defaults,
/// formats that nobody knows still are of texts only, and int-or-string says nothing of types.
enum class SchemaUse : std::uint8_t { Objects, Defaults };

/// Nodes live as long as the deque.
/// Errors: InvalidArgument, names the path.
Result<SchemaNode*> read_schema(const json::Value& openapi, std::deque<SchemaNode>& owned,
                                SchemaUse use = SchemaUse::Objects);

// The walks; one file each.

enum class NodeRole : std::uint8_t { Root, Below };

void prune_value(json::Value& value, const SchemaNode& node, NodeRole role,
                 std::vector<std::string>* unknown);
void prune_nulls(json::Value& value, const SchemaNode& node);
void fill_defaults(json::Value& value, const SchemaNode& node);

/// @param prefix  where the value stands in the object: "", or "status"
void check_value(const SchemaNode& node, const json::Value& value, const json::Value* before,
                 std::string_view prefix, std::vector<json::Problem>& problems);
void check_embedded(const SchemaNode& node, const json::Value& value, const json::FieldPath& path,
                    std::vector<json::Problem>& problems);
void check_unique_items(const SchemaNode& node, const json::Value& value,
                        const json::FieldPath& path, std::vector<json::Problem>& problems);

}  // namespace kthena::apiserver
