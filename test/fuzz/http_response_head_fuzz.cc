// A response head that we accept ends where we say, is accepted by an independent parser with the
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

struct Answer {
  int status = 0;
  Version version = Version::Http11;
  Headers headers;
};

void check_other_parser_agrees(std::string_view head, Method method, const Framing& framing) {
  boost::beast::http::response_parser<boost::beast::http::empty_body> other;
  other.header_limit(1 << 20);
  other.body_limit(std::numeric_limits<std::uint64_t>::max());
  other.skip(method == Method::Head);
  boost::beast::error_code error;
  const std::size_t used = other.put(boost::asio::const_buffer(head.data(), head.size()), error);
  CHECK(!error);
  CHECK_EQ(used, head.size());
  switch (framing.kind) {
    case Framing::Kind::None:
      CHECK(other.is_done());
      break;
    case Framing::Kind::Length:
      CHECK_EQ(other.content_length().value_or(0), framing.length);
      break;
    case Framing::Kind::Chunked:
      CHECK(other.chunked());
      break;
    case Framing::Kind::UntilClose:
      CHECK(other.need_eof());
      break;
  }
}

void check_survives_rewriting(const Answer& answer, Method method, const Framing& framing) {
  std::string written;
  append_response_head(written, answer.status, answer.headers, framing, WallTime{});
  Answer again;
  const auto parsed =
      parse_response_head(written, method, again.status, again.version, again.headers);
  CHECK(parsed.has_value());
  CHECK_EQ(again.status, answer.status);
  CHECK(parsed->kind == framing.kind || answer.status == 304 || method == Method::Head);
  CHECK_EQ(parsed->length, framing.length);
  Headers expected = answer.headers;
  if (!expected.contains("Date") && answer.status >= 200) {
    again.headers.remove("Date");
  }
  check_same_fields(expected, again.headers);
}

void check(std::string_view bytes, Method method, std::size_t piece) {
  const HeadEnd end = find_head_end_both_ways(bytes, piece);
  const bool complete = end.kind == HeadEnd::Kind::Complete;
  const std::string head(bytes.substr(0, complete ? end.size : bytes.size()));
  Answer answer;
  const auto framing =
      parse_response_head(head, method, answer.status, answer.version, answer.headers);
  if (!framing) {
    CHECK(framing.error().code() == ErrorCode::Malformed);
    return;
  }
  CHECK(complete);
  CHECK(answer.status >= 100 && answer.status <= 999);
  check_other_parser_agrees(head, method, *framing);
  check_passes_on_no_connection_fields(answer.headers);
  check_survives_rewriting(answer, method, *framing);
}

}  // namespace
}  // namespace kthena::http

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using kthena::http::Method;
  if (size == 0 || size > 20'000) {
    return 0;
  }
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  kthena::http::check(bytes.substr(1), (data[0] & 0x80) != 0 ? Method::Head : Method::Get,
                      1 + data[0] % 32);
  return 0;
}
