// A request head that we accept ends where we say, is accepted by an independent parser with the
// same framing, and says the same after we have written it anew.
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include "http_head_checks.h"

namespace kthena::http {
namespace {

void check_other_parser_agrees(std::string_view head, const Framing& framing) {
  head.remove_prefix(leading_blank_size(head));
  boost::beast::http::request_parser<boost::beast::http::empty_body> other;
  other.header_limit(1 << 20);
  other.body_limit(std::numeric_limits<std::uint64_t>::max());
  boost::beast::error_code error;
  const std::size_t used = other.put(boost::asio::const_buffer(head.data(), head.size()), error);
  CHECK(!error);
  CHECK_EQ(used, head.size());
  CHECK_EQ(other.chunked(), framing.kind == Framing::Kind::Chunked);
  CHECK_EQ(other.content_length().has_value(), framing.kind == Framing::Kind::Length);
  CHECK_EQ(other.content_length().value_or(0), framing.length);
}

void check_survives_rewriting(Request& request, const Framing& framing) {
  if (!request.headers.contains("Host")) {
    request.headers.add("Host", "a");  // HTTP/1.0 may do without, what we write may not
  }
  std::string written;
  append_request_head(written, request.method_text, request.target, request.headers, framing);
  Request again;
  const auto parsed = parse_request_head(
      written, {.max_bytes = 1 << 20, .max_fields = 1000, .max_target_bytes = 1 << 20}, again);
  CHECK(parsed.has_value());
  CHECK(parsed->kind == framing.kind);
  CHECK_EQ(parsed->length, framing.length);
  CHECK_EQ(parsed->keep_alive, framing.keep_alive);
  CHECK_EQ(again.method_text, request.method_text);
  CHECK_EQ(again.target, request.target);
  check_same_fields(request.headers, again.headers);
}

void check(std::string_view bytes, std::size_t piece) {
  const HeadEnd end = find_head_end_both_ways(bytes, piece);
  const bool complete = end.kind == HeadEnd::Kind::Complete;
  const std::string head(bytes.substr(0, complete ? end.size : bytes.size()));
  Request request;
  const auto framing = parse_request_head(head, {}, request);
  if (!framing) {
    CHECK(framing.error().status >= 400 && framing.error().status <= 505);
    CHECK(!framing.error().message.empty());
    return;
  }
  CHECK(complete);
  CHECK(framing->kind != Framing::Kind::UntilClose);
  check_other_parser_agrees(head, *framing);
  check_passes_on_no_connection_fields(request.headers);
  check_survives_rewriting(request, *framing);
}

}  // namespace
}  // namespace kthena::http

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0 || size > 20'000) {
    return 0;
  }
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  kthena::http::check(bytes.substr(1), 1 + data[0] % 32);
  return 0;
}
