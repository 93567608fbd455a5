// The lists of strategic merge patches: which order the merged list has, and who is who in it.
// Of strategic_merge.cc only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <unordered_map>

#include "apiserver/patch/failure.h"
#include "json/value.h"
#include "kube/meta/status.h"

namespace kthena::apiserver::strategic {

/// What tells items apart: the item itself in lists of scalars (no merge key), else a member of it.
/// Equal texts are equal values.
Answer<std::string> identity(const json::Value& item, std::string_view merge_key);
std::string identity_of(const json::Value& scalar);

/// Where each identity stands first in a list.
class Ranks {
 public:
  static Answer<Ranks> of(const json::Array& items, std::string_view merge_key);

  /// Past the end if the list does not have it.
  std::size_t find(const std::string& identity) const;
  bool contains(const std::string& identity) const { return ranks_.contains(identity); }

 private:
  std::unordered_map<std::string, std::size_t> ranks_;
};

/// What the items of both lists are: all maps, or all scalars of one type.
enum class Items : std::uint8_t { Maps, Scalars };
/// Errors: 422 for lists of lists; 500 if the types differ or there is no item.
Answer<Items> kind_of_items(const json::Array& first, const json::Array& second);

/// Puts the merged items in order: those that `order` has as it has them, the others as the server
/// had them; where both were in the server's list, that one decides who comes first.
Answer<json::Array> in_order(json::Array merged, const Ranks& order, const Ranks& server,
                             std::string_view merge_key);

/// Errors: 500 if the items of the patch do not stand in the order of the directive's list.
Answer<void> check_order(const json::Array& patch, const json::Array& order,
                         std::string_view merge_key);

/// Go's name of the type a value is decoded to.
std::string_view go_type(const json::Value& value);

/// "expected a T, but received a U", in Go's names of types.
std::unexpected<kube::Status> wrong_type(std::string_view expected, const json::Value& actual);
std::unexpected<kube::Status> no_merge_key(const json::Value& item, std::string_view merge_key);

inline constexpr std::string_view kGoMap = "map[string]interface {}";
inline constexpr std::string_view kGoList = "[]interface {}";

}  // namespace kthena::apiserver::strategic
