// The small grammars of base/: what is read prints to a text that reads the same.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "base/duration.h"
#include "base/rfc3339.h"
#include "base/strings.h"
#include "base/units.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace kthena;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto duration = parse_duration(text)) {
    CHECK(parse_duration(print_duration(*duration)) == *duration);
  }
  if (const auto bytes = parse_bytes(text)) {
    CHECK_GE(bytes->count(), 0);
    CHECK(parse_bytes(to_string(*bytes)) == *bytes);
  }
  if (const auto time = parse_rfc3339(text)) {
    CHECK(parse_rfc3339(print_rfc3339(*time, Rfc3339Fraction::Shortest).view()) == *time);
  }
  if (const auto decoded = percent_decode(text)) {
    CHECK_LE(decoded->size(), text.size());
    CHECK(percent_decode(percent_encode(*decoded)) == *decoded);
  }
  CHECK_EQ(join(split(text, ','), ","), text);
  return 0;
}
