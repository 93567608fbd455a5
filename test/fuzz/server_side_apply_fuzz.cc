// Applies and updates of pods: the first line is the object that is there, the next what is
// applied, the rest what another manager applies.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "apiserver/apply/schema.h"
#include "apiserver/apply/server_side_apply.h"
#include "base/check.h"
#include "json/parse.h"
#include "json/print.h"
#include "json/value.h"
#include "kube/shapes/shape.h"

namespace apiserver = kthena::apiserver;
namespace json = kthena::json;
using apiserver::Force;

namespace {

json::Value pod(json::Value value) {
  if (!value.is_object()) {
    value = json::Object{};
  }
  value.set("apiVersion", "v1");
  value.set("kind", "Pod");
  return value;
}

void check_target(const apiserver::Target& target, const json::Value& live,
                  const json::Value& first, const json::Value& second) {
  const apiserver::Writer a{.manager = "a", .now = {}};
  const apiserver::Writer b{.manager = "b", .now = {}};
  const json::Value tracked = track_update(target, b, nullptr, live);
  const auto applied = apply_object(target, a, &tracked, first, Force::Yes);
  if (!applied) {
    CHECK(applied.error().code == 400 || applied.error().code == 500);
    return;
  }
  // Once more changes nothing.
  const auto again = apply_object(target, a, &applied->object, first, Force::No);
  CHECK(again.has_value());
  CHECK(json::print_canonical(again->object) == json::print_canonical(applied->object));
  // Another one's apply, with and without force.
  const auto forced = apply_object(target, b, &applied->object, second, Force::Yes);
  const auto plain = apply_object(target, b, &applied->object, second, Force::No);
  if (plain) {
    CHECK(forced.has_value());
    CHECK(forced->object == plain->object);
  } else if (forced) {
    CHECK_EQ(plain.error().code, 409);
    CHECK(!plain.error().details->causes.empty());
  }
  track_update(target, b, &applied->object, second);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view input(reinterpret_cast<const char*>(data), size);
  std::vector<json::Value> values;
  while (values.size() < 3) {
    const std::size_t end = values.size() == 2 ? input.size() : input.find('\n');
    if (end == std::string_view::npos) {
      return 0;
    }
    auto value = json::parse(input.substr(0, end),
                             {.max_depth = 100, .duplicate_keys = json::DuplicateKeys::LastWins});
    if (!value) {
      return 0;
    }
    values.push_back(pod(*std::move(value)));
    input.remove_prefix(std::min(end + 1, input.size()));
  }
  const apiserver::Schema& schema =
      apiserver::built_in_schema(*kthena::kube::shapes::find_kind("v1", "Pod"));
  apiserver::Target target{.api_version = "v1",
                           .kind = "Pod",
                           .schema = &schema,
                           .resets = &apiserver::reset_fields("Pod", "")};
  apiserver::as_stored(schema, values[0]);
  check_target(target, values[0], values[1], values[2]);
  target.origin = apiserver::Origin::Custom;
  target.schema = &apiserver::deduced_schema();
  check_target(target, values[0], values[1], values[2]);
  return 0;
}
