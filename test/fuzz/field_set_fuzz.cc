// Sets of fields, two of them on a line each: what is printed reads back, and the algebra is one of
// sets.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "apiserver/apply/field_set.h"
#include "base/check.h"
#include "json/parse.h"
#include "json/print.h"

namespace apiserver = kthena::apiserver;
namespace json = kthena::json;
using apiserver::FieldSet;

namespace {

void check_round_trip(const FieldSet& set) {
  const json::Value printed = apiserver::print_fields(set);
  const auto again = apiserver::parse_fields(printed);
  CHECK(again.has_value());
  CHECK(*again == set);
  CHECK(json::print(apiserver::print_fields(*again)) == json::print(printed));
}

std::size_t members(const FieldSet& set) {
  std::size_t count = 0;
  set.for_each([&](std::span<const apiserver::PathElement> path) {
    CHECK(set.contains(path));
    CHECK(!apiserver::describe(path).empty());
    ++count;
  });
  CHECK_EQ(count, set.size());
  return count;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::size_t line = std::min(input.find('\n'), input.size());
  constexpr json::ParseOptions kOptions{.duplicate_keys = json::DuplicateKeys::LastWins};
  const auto first = json::parse(input.substr(0, line), kOptions);
  const auto second = json::parse(input.substr(std::min(line + 1, input.size())), kOptions);
  if (!first) {
    return 0;
  }
  const auto a = apiserver::parse_fields(*first);
  if (!a) {
    return 0;
  }
  check_round_trip(*a);
  members(*a);
  const auto b = second ? apiserver::parse_fields(*second) : a;
  if (!b) {
    return 0;
  }
  const FieldSet all = unite(*a, *b);
  const FieldSet both = intersect(*a, *b);
  const FieldSet rest = subtract(*a, *b);
  CHECK(all == unite(*b, *a));
  CHECK(both == intersect(*b, *a));
  CHECK(is_subset(*a, all) && is_subset(*b, all) && is_subset(both, *a) && is_subset(both, *b));
  CHECK(is_subset(rest, *a) && intersect(rest, *b).empty());
  CHECK(unite(rest, both) == *a);
  CHECK_EQ(members(all) + members(both), members(*a) + members(*b));
  CHECK(is_subset(subtract_whole(*a, *b), rest));
  check_round_trip(all);
  return 0;
}
