// What is read and printed reads back equal, in every style.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "json/parse.h"
#include "json/print.h"

namespace {

using namespace kthena::json;  // NOLINT: a program of one function

void check_round_trip(const Value& value) {
  const std::string compact = print(value);
  const auto again = parse(compact);
  CHECK(again && *again == value);
  CHECK_EQ(print(*again), compact);

  const auto pretty = parse(print_pretty(value));
  CHECK(pretty && *pretty == value);

  const std::string canonical = print_canonical(value);
  const auto sorted = parse(canonical);
  CHECK(sorted && *sorted == value);
  CHECK_EQ(print_canonical(*sorted), canonical);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto value = parse(text);
  const auto located = parse_located(text);
  CHECK_EQ(value.has_value(), located.has_value());
  if (!value) {
    CHECK_EQ(value.error().message(), located.error().message());
    CHECK(value.error().message().starts_with("line "));
    return 0;
  }
  CHECK(located->value == *value);
  const auto last_wins = parse(text, {.duplicate_keys = DuplicateKeys::LastWins});
  CHECK(last_wins && *last_wins == *value);
  const Value copy = *value;
  CHECK(copy == *value);
  check_round_trip(*value);
  return 0;
}
