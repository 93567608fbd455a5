// Custom resources and their schemas: the first line is an openAPIV3Schema, the second an object, a
// third, if there is one, what it was before.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "apiserver/custom/custom_kinds.h"
#include "apiserver/custom/custom_schema.h"
#include "base/check.h"
#include "base/clock.h"
#include "json/parse.h"
#include "json/print.h"
#include "json/value.h"

namespace apiserver = kthena::apiserver;
namespace json = kthena::json;

namespace {

constexpr json::ParseOptions kOptions{.max_depth = 100,
                                      .duplicate_keys = json::DuplicateKeys::LastWins};

std::optional<json::Value> take_line(std::string_view& text) {
  const std::size_t end = text.find('\n');
  auto value = json::parse(text.substr(0, end), kOptions);
  text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
  return value ? std::optional(*std::move(value)) : std::nullopt;
}

/// A definition with that schema is judged, whatever it holds, and its kinds can be made if it is
/// good.
void check_definition(const json::Value& schema) {
  json::Value version = json::Object{{"name", "v1"}, {"served", true}, {"storage", true}};
  version.set("schema", json::Object{{"openAPIV3Schema", schema}});
  version.set("subresources", json::Object{{"status", json::Object{}}});
  json::Value crd = json::Object{{"metadata", json::Object{{"name", "things.example.com"}}}};
  crd.set("spec", json::Object{{"group", "example.com"},
                               {"scope", "Cluster"},
                               {"names", json::Object{{"plural", "things"}, {"kind", "Thing"}}},
                               {"versions", json::Array{version}}});
  apiserver::default_definition(crd);
  apiserver::prepare_definition(crd, nullptr);
  const auto problems = apiserver::validate_definition(crd, nullptr);
  apiserver::establish(crd, {}, kthena::WallTime{});
  const json::Value once = crd;
  apiserver::establish(crd, {}, kthena::WallTime{});
  CHECK(crd == once);
  const auto kinds = apiserver::kinds_of(crd);
  CHECK(kinds.has_value() || !problems.empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view input(reinterpret_cast<const char*>(data), size);
  const auto openapi = take_line(input);
  auto object = take_line(input);
  const auto before = take_line(input);
  if (!openapi) {
    return 0;
  }
  check_definition(*openapi);
  const auto schema = apiserver::CustomSchema::create(*openapi);
  if (!schema || !object) {
    return 0;
  }
  std::vector<std::string> unknown;
  (*schema)->prune(*object, &unknown);
  const json::Value pruned = *object;
  unknown.clear();
  (*schema)->prune(*object, &unknown);
  CHECK(unknown.empty());
  CHECK(*object == pruned);
  (*schema)->apply_defaults(*object);
  const json::Value complete = *object;
  (*schema)->apply_defaults(*object);
  CHECK(*object == complete);
  // Defaults bring nothing that is not known.
  (*schema)->prune(*object, &unknown);
  CHECK(unknown.empty());
  const auto problems = (*schema)->validate(*object, nullptr);
  const auto kept = (*schema)->validate(*object, before ? &*before : nullptr);
  // What was there before takes problems away and adds none.
  CHECK(kept.size() <= problems.size());
  if (before) {
    (*schema)->validate_status(*object, *before);
  }
  return 0;
}
