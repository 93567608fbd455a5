// Objects of built-in kinds from bytes to findings. The first byte chooses the kind, the rest is
// the object in JSON, or two of them with a line break between: an update.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "apiserver/built_in/decode.h"
#include "apiserver/built_in/defaults.h"
#include "apiserver/built_in/service_strategy.h"
#include "apiserver/built_in/strategy.h"
#include "apiserver/built_in/structs.h"
#include "apiserver/built_in/validate.h"
#include "apiserver/kinds/catalog.h"
#include "base/check.h"
#include "json/parse.h"
#include "json/print.h"
#include "json/value.h"

namespace apiserver = kthena::apiserver;
namespace json = kthena::json;

namespace {

/// What is read once is read again as it is; so are defaults.
std::optional<json::Value> read(const apiserver::Kind& kind, std::string_view text) {
  auto parsed = json::parse(text, {.max_depth = 60});
  if (!parsed) {
    return std::nullopt;
  }
  json::Value object = *std::move(parsed);
  if (!apiserver::decode_built_in(*kind.shape, object)) {
    return std::nullopt;
  }
  json::Value again = object;
  const auto unknown = apiserver::decode_built_in(*kind.shape, again);
  CHECK(unknown.has_value());
  CHECK(unknown->empty());
  CHECK(json::print(again) == json::print(object));
  apiserver::apply_built_in_defaults(kind, object);
  apiserver::as_printed(*kind.shape, object);
  again = object;
  apiserver::apply_built_in_defaults(kind, again);
  apiserver::as_printed(*kind.shape, again);
  CHECK(json::print(again) == json::print(object));
  return object;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) {
    return 0;
  }
  const auto kinds = apiserver::built_in_kinds();
  const apiserver::Kind& kind = *kinds[data[0] % kinds.size()];
  const std::string_view input(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::size_t line = input.find('\n');
  auto first = read(kind, input.substr(0, line));
  if (!first) {
    return 0;
  }
  apiserver::ServicePool pool("10.96.0.0", 24);
  if (kind.kind == "Service") {
    static_cast<void>(apiserver::allocate_service(*first, nullptr, pool));
    pool.take(*first);
  }
  apiserver::prepare_create(kind, *first);
  for (const auto& problem : apiserver::validate_built_in(kind, *first, nullptr, "")) {
    CHECK(!problem.message.empty());
  }
  if (line == std::string_view::npos) {
    return 0;
  }
  auto second = read(kind, input.substr(line + 1));
  if (!second) {
    return 0;
  }
  if (kind.kind == "Service") {
    static_cast<void>(apiserver::allocate_service(*second, &*first, pool));
  }
  for (const std::string_view subresource : {"", "status", "ephemeralcontainers", "resize"}) {
    json::Value after = *second;
    apiserver::prepare_update(kind, after, *first, subresource);
    static_cast<void>(apiserver::validate_built_in(kind, after, &*first, subresource));
  }
  return 0;
}
