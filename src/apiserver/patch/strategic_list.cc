#include "apiserver/patch/strategic_list.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <expected>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "apiserver/patch/failure.h"
#include "apiserver/patch/go_text.h"
#include "base/result.h"
#include "json/print.h"
#include "json/value.h"
#include "kube/meta/status.h"

namespace kthena::apiserver::strategic {

namespace {

struct Placed {
  std::size_t rank;    ///< in the list that orders it
  std::size_t server;  ///< in the server's list
  json::Value* item;
};

}  // namespace

std::string_view go_type(const json::Value& value) {
  switch (value.type()) {
    case json::Type::Null:
      return "%!s(<nil>)";
    case json::Type::Bool:
      return "bool";
    case json::Type::Number:
      return value.to_int64() ? "int64" : "float64";
    case json::Type::String:
      return "string";
    case json::Type::Array:
      return kGoList;
    case json::Type::Object:
      return kGoMap;
  }
  return "";
}

std::unexpected<kube::Status> wrong_type(std::string_view expected, const json::Value& actual) {
  return untranslated(fmt::format("expected a {}, but received a {}", expected, go_type(actual)));
}

std::unexpected<kube::Status> no_merge_key(const json::Value& item, std::string_view merge_key) {
  return untranslated(fmt::format("map: {} does not contain declared merge key: {}",
                                  go_text(item, GoNumbers::Exact), merge_key));
}

std::string identity_of(const json::Value& scalar) {
  return scalar.is_string() ? '"' + scalar.as_string() : json::print_canonical(scalar);
}

Answer<std::string> identity(const json::Value& item, std::string_view merge_key) {
  if (merge_key.empty()) {
    return identity_of(item);
  }
  if (!item.is_object()) {
    return wrong_type(kGoMap, item);
  }
  const json::Value* key = item.find(merge_key);
  if (key == nullptr) {
    return no_merge_key(item, merge_key);
  }
  return identity_of(*key);
}

Answer<Ranks> Ranks::of(const json::Array& items, std::string_view merge_key) {
  Ranks ranks;
  for (std::size_t i = 0; i < items.size(); ++i) {
    ranks.ranks_.emplace(TRY(identity(items[i], merge_key)), i);
  }
  return ranks;
}

std::size_t Ranks::find(const std::string& identity) const {
  const auto found = ranks_.find(identity);
  return found == ranks_.end() ? std::numeric_limits<std::size_t>::max() : found->second;
}

Answer<Items> kind_of_items(const json::Array& first, const json::Array& second) {
  const json::Value* sample = nullptr;
  for (const json::Array* items : {&first, &second}) {
    for (const json::Value& item : *items) {
      if (sample == nullptr) {
        sample = &item;
        if (item.is_array()) {
          return unprocessable();
        }
      }
      if (go_type(item) != go_type(*sample)) {
        return untranslated(fmt::format("list element types are not identical: [{} {}]",
                                        go_text(first, GoNumbers::Exact),
                                        go_text(second, GoNumbers::Exact)));
      }
    }
  }
  if (sample == nullptr) {
    return untranslated("no elements in any of the given slices");
  }
  return sample->is_object() ? Items::Maps : Items::Scalars;
}

Answer<json::Array> in_order(json::Array merged, const Ranks& order, const Ranks& server,
                             std::string_view merge_key) {
  std::vector<Placed> ordered;
  std::vector<Placed> others;
  for (json::Value& item : merged) {
    const std::string who = TRY(identity(item, merge_key));
    const std::size_t at = server.find(who);
    if (order.contains(who)) {
      ordered.push_back({.rank = order.find(who), .server = at, .item = &item});
    } else {
      others.push_back({.rank = at, .server = at, .item = &item});
    }
  }
  const auto by_rank = [](const Placed& a) { return std::pair(a.rank, a.item); };  // stable
  std::ranges::sort(ordered, {}, by_rank);
  std::ranges::sort(others, {}, by_rank);
  json::Array out;
  out.reserve(merged.size());
  constexpr std::size_t kUnknown = std::numeric_limits<std::size_t>::max();
  auto next = ordered.begin();
  for (const Placed& other : others) {
    while (next != ordered.end() &&
           (next->server == kUnknown || other.server == kUnknown || next->server <= other.server)) {
      out.push_back(std::move(*next++->item));
    }
    out.push_back(std::move(*other.item));
  }
  for (; next != ordered.end(); ++next) {
    out.push_back(std::move(*next->item));
  }
  return out;
}

Answer<void> check_order(const json::Array& patch, const json::Array& order,
                         std::string_view merge_key) {
  if (order.empty() || patch.empty()) {
    return {};
  }
  std::size_t at = 0;
  for (const json::Value& item : patch) {
    if (!merge_key.empty()) {
      if (!item.is_object()) {
        return wrong_type(kGoMap, item);
      }
      // Directives need no place in the order; one after its end is refused by the real server.
      const json::Value* directive = item.find("$patch");
      if (directive != nullptr && (at < order.size() || *directive == json::Value("delete"))) {
        continue;
      }
    }
    bool found = false;
    while (at < order.size() && !found) {
      found = TRY(identity(item, merge_key)) == TRY(identity(order[at], merge_key));
      ++at;
    }
    if (!found) {
      return untranslated(
          fmt::format("The order in patch list:\n{}\n doesn't match $setElementOrder list:\n{}\n",
                      go_text(patch, GoNumbers::Exact), go_text(order, GoNumbers::Exact)));
    }
  }
  return {};
}

}  // namespace kthena::apiserver::strategic
