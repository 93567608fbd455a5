// Every document that is read prints as YAML that reads back as the same document.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "json/parse.h"
#include "json/print.h"
#include "json/yaml.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace kthena::json;  // NOLINT: a program of one function
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const YamlOptions small{.max_expanded_bytes = 1UL << 20, .non_finite = NonFinite::String};
  const auto documents = parse_yaml_documents(text, small);
  if (!documents) {
    CHECK(documents.error().code() == kthena::ErrorCode::TooLarge ||
          documents.error().message().starts_with("line "));
    return 0;
  }
  for (const YamlDocument& document : *documents) {
    // libyaml also counts CR, NEL, LS and PS as ends of lines.
    CHECK_LE(document.first_line, size + 1);
    CHECK_LE(document.sources.line(document.value, ""), size + 1);
    const auto json = parse(print(document.value));
    CHECK(json && *json == document.value);
    const std::string yaml = print_yaml(document.value);
    const auto again = parse_yaml_documents(yaml, {.non_finite = NonFinite::String});
    CHECK(again.has_value());
    CHECK_EQ(again->size(), 1U);
    CHECK(again->front().value == document.value);
  }
  return 0;
}
