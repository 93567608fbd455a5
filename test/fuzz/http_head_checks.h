// What the targets for request and response heads have in common.
#pragma once

#include <string>
#include <string_view>

#include "base/check.h"
#include "http/fields.h"
#include "http/wire.h"

namespace kthena::http {

/// Finds the end of a head at once and in pieces, and checks that both agree.
inline HeadEnd find_head_end_both_ways(std::string_view bytes, std::size_t piece) {
  std::size_t scanned = 0;
  const HeadEnd whole = find_head_end(bytes, scanned);
  CHECK_LE(scanned, bytes.size());
  std::size_t scanned_so_far = 0;
  HeadEnd split;
  for (std::size_t size = 0; size < bytes.size() && split.kind == HeadEnd::Kind::NeedMore;) {
    size = std::min(bytes.size(), size + piece);
    const std::size_t before = scanned_so_far;
    // A copy of exactly these bytes: a read past them is seen.
    const std::string so_far(bytes.substr(0, size));
    split = find_head_end(so_far, scanned_so_far);
    CHECK_LE(before, scanned_so_far);
    CHECK_LE(scanned_so_far, size);
  }
  CHECK(split.kind == whole.kind);
  CHECK_EQ(split.size, whole.size);
  return whole;
}

/// The fields of both without those that frame: equal.
inline void check_same_fields(const Headers& a, const Headers& b) {
  const auto filtered = [](const Headers& headers) {
    std::string text;
    for (const auto [name, value] : headers) {
      if (!is_framing_field(name)) {
        text.append(name).append("\n").append(value).append("\n");
      }
    }
    return text;
  };
  CHECK_EQ(filtered(a), filtered(b));
}

inline void check_passes_on_no_connection_fields(const Headers& headers) {
  Headers out = headers;
  keep_end_to_end(out);
  for (const auto [name, value] : out) {
    CHECK(!is_hop_by_hop(name));
    CHECK(!equals_ignore_case(name, "Content-Length"));
  }
}

}  // namespace kthena::http
