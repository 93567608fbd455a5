// Any split of a stream gives the same bytes and events, those that a plain line-by-line reader
// finds; an event read and written anew says the same.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "http/sse.h"

namespace kthena::http {
namespace {

struct Split {
  std::string all;
  std::vector<std::string> events;
  std::string rest;
};

/// The simplest reader that could be right.
Split split_plainly(std::string_view stream) {
  Split split;
  bool line_is_empty = true;
  for (std::size_t i = 0; i < stream.size(); ++i) {
    split.rest += stream[i];
    if (stream[i] != '\r' && stream[i] != '\n') {
      line_is_empty = false;
      continue;
    }
    if (stream[i] == '\r' && i + 1 < stream.size() && stream[i + 1] == '\n') {
      split.rest += stream[++i];
    }
    if (line_is_empty) {
      split.events.push_back(std::move(split.rest));
      split.rest.clear();
    }
    line_is_empty = true;
  }
  return split;
}

Split split_by_pieces(std::string_view stream, std::size_t piece, std::size_t max_held) {
  Split split;
  SseSplitter splitter(max_held);
  for (std::size_t at = 0; at < stream.size(); at += piece) {
    const std::string copy(stream.substr(at, piece));
    splitter.feed(copy);
    while (const auto given = splitter.next()) {
      split.all += given->bytes;
      // An LF that came late belongs to the line end before.
      std::string_view event = given->bytes;
      if (event.starts_with('\n') && !split.events.empty() && split.events.back().ends_with("\r")) {
        split.events.back() += '\n';
        event.remove_prefix(1);
      }
      if (!event.empty()) {
        split.events.emplace_back(event);
      }
    }
    CHECK_LE(splitter.held().size(), max_held);
  }
  split.rest = splitter.held();
  if (split.rest.starts_with('\n') && !split.events.empty() &&
      split.events.back().ends_with("\r")) {
    split.events.back() += '\n';
    split.rest.erase(0, 1);
    split.all += '\n';
  }
  split.all += split.rest;
  return split;
}

void check_event(std::string_view bytes) {
  std::string joined;
  const SseEvent event = parse_sse_event(bytes, joined);
  CHECK_LE(event.data.size() + event.type.size() + event.id.size(), bytes.size());
  if (!event.has_data) {
    CHECK(event.data.empty());
    return;
  }
  std::string written;
  append_sse_event(written, event.type, event.data);
  const Split split = split_plainly(written);
  CHECK_EQ(split.events.size(), 1U);
  CHECK(split.rest.empty());
  std::string joined_again;
  const SseEvent again = parse_sse_event(written, joined_again);
  CHECK_EQ(again.type, event.type);
  CHECK_EQ(again.data, event.data);
}

}  // namespace
}  // namespace kthena::http

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace kthena::http;
  if (size < 1 || size > 20'000) {
    return 0;
  }
  const std::string_view stream(reinterpret_cast<const char*>(data) + 1, size - 1);
  const Split plain = split_plainly(stream);
  const Split whole = split_by_pieces(stream, stream.size() + 1, 1 << 20);
  const Split pieces = split_by_pieces(stream, 1 + data[0] % 32, 1 << 20);
  CHECK_EQ(whole.all, stream);
  CHECK_EQ(pieces.all, stream);
  // A CR at the very end may be half of a line end: then the reader of pieces still waits.
  if (!stream.ends_with('\r')) {
    CHECK(whole.events == plain.events);
    CHECK(pieces.events == plain.events);
    CHECK_EQ(pieces.rest, plain.rest);
  }
  CHECK_EQ(split_by_pieces(stream, 1 + data[0] % 32, data[0]).all, stream);
  for (const std::string& event : plain.events) {
    check_event(event);
  }
  return 0;
}
