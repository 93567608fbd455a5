// Patches of all kinds on objects: the first line is the object, the rest the patch.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "apiserver/patch/json_patch.h"
#include "apiserver/patch/merge_patch.h"
#include "apiserver/patch/strategic_merge.h"
#include "base/check.h"
#include "json/parse.h"
#include "json/print.h"
#include "json/value.h"
#include "kube/shapes/shape.h"

namespace apiserver = kthena::apiserver;
namespace json = kthena::json;

namespace {

/// What comes out can be printed, read again, and is no larger than a patch may make it.
void check_result(const json::Value& value) {
  const auto again = json::parse(json::print(value), {.max_depth = 2000, .max_bytes = 64UL << 20});
  CHECK(again.has_value());
  CHECK(*again == value);
}

void check_refusal(int code) { CHECK(code == 400 || code == 413 || code == 422 || code == 500); }

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::size_t line = input.find('\n');
  if (line == std::string_view::npos) {
    return 0;
  }
  constexpr json::ParseOptions kOptions{.max_depth = 100,
                                        .duplicate_keys = json::DuplicateKeys::LastWins};
  const auto document = json::parse(input.substr(0, line), kOptions);
  const auto patch = json::parse(input.substr(line + 1), kOptions);
  if (!document || !patch) {
    return 0;
  }
  if (const auto done = apiserver::apply_json_patch(*document, *patch)) {
    check_result(*done);
  } else {
    check_refusal(done.error().code);
  }
  if (const auto done = apiserver::apply_merge_patch(*document, *patch)) {
    const auto twice = apiserver::apply_merge_patch(*done, *patch);
    CHECK(twice.has_value());
    CHECK(*twice == *done);
  } else {
    CHECK(!patch->is_object());
  }
  for (const std::string_view type : {"Pod", "PodSpec", "ObjectMeta"}) {
    if (const auto done = apiserver::apply_strategic_merge(
            *document, *patch, *kthena::kube::shapes::find_type(type))) {
      check_result(*done);
    } else {
      check_refusal(done.error().code);
    }
  }
  return 0;
}
