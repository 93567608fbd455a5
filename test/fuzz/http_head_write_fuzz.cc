// Whatever stands in names, values and targets, what we write is one head with one field for each
// valid name, and our own strict parser takes it.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "http_head_checks.h"

namespace kthena::http {
namespace {

std::string_view take(std::string_view& bytes, std::size_t size) {
  const std::string_view taken = bytes.substr(0, size);
  bytes.remove_prefix(taken.size());
  return taken;
}

std::size_t take_size(std::string_view& bytes) {
  return bytes.empty() ? 0 : static_cast<unsigned char>(take(bytes, 1)[0]) % 64;
}

bool is_written(std::string_view name) {
  static constexpr std::string_view kOthers = "!#$%&'*+-.^_`|~";
  return !name.empty() && !is_framing_field(name) && std::ranges::all_of(name, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           kOthers.contains(c);
  });
}

void check(std::string_view bytes) {
  const std::string_view target = take(bytes, take_size(bytes));
  const Framing framing{.kind = Framing::Kind::Length, .length = bytes.size()};
  Headers headers;
  std::size_t expected = 1;  // Content-Length
  while (!bytes.empty()) {
    const std::string_view name = take(bytes, take_size(bytes));
    const std::string_view value = take(bytes, take_size(bytes));
    // These have values of their own that a request must get right; the rest is free text.
    if (equals_ignore_case(name, "Host") || equals_ignore_case(name, "Expect")) {
      continue;
    }
    headers.add(name, value);
    expected += is_written(name) ? 1 : 0;
  }
  headers.add("Host", "a");
  std::string written;
  append_request_head(written, "POST", "/" + std::string(target), headers, framing);
  std::size_t scanned = 0;
  CHECK_EQ(find_head_end(written, scanned).size, written.size());
  Request request;
  const HeadLimits limits{.max_bytes = 1 << 20, .max_fields = 20'000, .max_target_bytes = 1 << 20};
  const auto parsed = parse_request_head(written, limits, request);
  CHECK(parsed.has_value());
  CHECK_EQ(parsed->length, framing.length);
  CHECK_EQ(request.headers.size(), expected + 1);

  headers.remove("Date");
  written.clear();
  append_response_head(written, 200, headers, framing, WallTime{});
  scanned = 0;
  CHECK_EQ(find_head_end(written, scanned).size, written.size());
}

}  // namespace
}  // namespace kthena::http

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size <= 4'000) {
    kthena::http::check({reinterpret_cast<const char*>(data), size});
  }
  return 0;
}
