#include "http/wire.h"

#include <gtest/gtest.h>

#include <chrono>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

namespace kthena::http {
namespace {

using namespace std::string_literals;
using namespace std::string_view_literals;

// ---- finding the end of a head

std::size_t size_of_head(std::string_view bytes) {
  std::size_t scanned = 0;
  const HeadEnd end = find_head_end(bytes, scanned);
  return end.kind == HeadEnd::Kind::Complete ? end.size : 0;
}

TEST(FindHeadEnd, StopsBehindTheEmptyLine) {
  EXPECT_EQ(size_of_head("GET / HTTP/1.1\r\nHost: a\r\n\r\nbody\r\n\r\n"), 27U);
  EXPECT_EQ(size_of_head("GET / HTTP/1.1\r\n\r\n"), 18U);
}

TEST(FindHeadEnd, CountsEmptyLinesInFrontToTheHead) {
  EXPECT_EQ(size_of_head("\r\nGET / HTTP/1.1\r\n\r\n"), 20U);
  EXPECT_EQ(size_of_head("\r\n\r\nGET / HTTP/1.1\r\n\r\n"), 22U);
}

TEST(FindHeadEnd, GivesTheSameForAnySplit) {
  for (const std::string_view bytes :
       {"GET / HTTP/1.1\r\nHost: a\r\nX: \tb\r\n\r\nrest"sv, "\r\n\r\nGET / HTTP/1.1\r\n\r\n"sv,
        "\r\n\r\n\r\nGET / HTTP/1.1\r\n\r\n"sv, "GET / HTTP/1.1\nHost: a\r\n\r\n"sv,
        "GET / HTTP/1.1\r\nA: b\r\n c\r\n\r\n"sv, "\r\n GET / HTTP/1.1\r\n\r\n"sv,
        "GET / HTTP/1.1\rHost: a\r\n\r\n"sv}) {
    std::size_t scanned = 0;
    const HeadEnd whole = find_head_end(bytes, scanned);
    scanned = 0;
    HeadEnd split;
    for (std::size_t size = 1; size <= bytes.size() && split.kind == HeadEnd::Kind::NeedMore;
         ++size) {
      split = find_head_end(bytes.substr(0, size), scanned);
      EXPECT_LE(scanned, size);
    }
    EXPECT_EQ(split.kind, whole.kind) << bytes;
    EXPECT_EQ(split.size, whole.size) << bytes;
  }
}

TEST(FindHeadEnd, RefusesAtOnceWhatCannotBecomeAHead) {
  for (const std::string_view bytes :
       {"GET / HTTP/1.1\n"sv, "\n"sv, "\r\n\r\n\r\n"sv, "\x16\x03\x01\x02"sv, "GET /\0"sv,
        "GET / HTTP/1.1\r\n Host"sv, "GET / HTTP/1.1\rX"sv, "GET / HTTP/1.1\r\nA: b\n"sv}) {
    std::size_t scanned = 0;
    EXPECT_EQ(find_head_end(bytes, scanned).kind, HeadEnd::Kind::Bad) << bytes;
  }
}

TEST(FindHeadEnd, SearchesNoByteTwice) {
  const std::string bytes(1000, 'a');
  std::size_t scanned = 0;
  EXPECT_EQ(find_head_end(bytes, scanned).kind, HeadEnd::Kind::NeedMore);
  EXPECT_EQ(scanned, 1000U);
  EXPECT_EQ(find_head_end(bytes + "\r", scanned).kind, HeadEnd::Kind::NeedMore);
  EXPECT_EQ(scanned, 1000U);
  EXPECT_EQ(find_head_end(bytes + "\r\n", scanned).kind, HeadEnd::Kind::NeedMore);
  EXPECT_EQ(scanned, 1002U);
}

TEST(OversizedHead, BlamesTheTargetWhileInTheFirstLine) {
  EXPECT_EQ(oversized_head_status("GET /aaaaaaa"), 414);
  EXPECT_EQ(oversized_head_status("\r\nGET /aaaaaaa"), 414);
  EXPECT_EQ(oversized_head_status("GET / HTTP/1.1\r\nA: b"), 431);
}

// ---- requests

std::expected<Framing, HeadError> parse(std::string_view head, Request& request) {
  return parse_request_head(head, {}, request);
}

/// "200" for a head that is taken.
int status_of(std::string_view head) {
  Request request;
  const auto framing = parse(head, request);
  return framing ? 200 : framing.error().status;
}

TEST(ParseRequestHead, GivesAllPartsAsSent) {
  Request request;
  request.headers.add("left", "over");
  const auto framing = parse(
      "POST /v1/chat/completions?a=b HTTP/1.1\r\nHost: router:8080\r\n"
      "content-type:application/json\r\nContent-Length: 12\r\nX-Empty:\r\nX-Twice: 1\r\n"
      "X-Twice: \t2 3 \t\r\n\r\n",
      request);
  ASSERT_TRUE(framing) << framing.error().message;
  EXPECT_EQ(request.method, Method::Post);
  EXPECT_EQ(request.method_text, "POST");
  EXPECT_EQ(request.target, "/v1/chat/completions?a=b");
  EXPECT_EQ(request.version, Version::Http11);
  EXPECT_EQ(request.headers.size(), 6U);
  EXPECT_EQ(request.headers[0].name, "Host");
  EXPECT_EQ(request.headers[1].value, "application/json");
  EXPECT_EQ(request.headers[3].value, "");
  EXPECT_EQ(request.headers[5].value, "2 3");
  EXPECT_EQ(framing->kind, Framing::Kind::Length);
  EXPECT_EQ(framing->length, 12U);
  EXPECT_TRUE(framing->keep_alive);
  EXPECT_FALSE(framing->expect_continue);
}

TEST(ParseRequestHead, SkipsEmptyLinesInFront) {
  EXPECT_EQ(status_of("\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"), 200);
  EXPECT_EQ(status_of("\r\n\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"), 400);
}

TEST(ParseRequestHead, KnowsWhenTheConnectionStaysOpen) {
  struct Case {
    std::string_view version;
    std::string_view connection;
    bool keep_alive;
  };
  for (const auto& [version, connection, keep_alive] : std::vector<Case>{
           {"1.1", "", true},
           {"1.1", "Connection: close\r\n", false},
           {"1.1", "Connection: foo, Close\r\n", false},
           {"1.1", "Connection: keep-alive\r\nConnection: close\r\n", false},
           {"1.0", "", false},
           {"1.0", "Connection: Keep-Alive\r\n", true},
           {"1.0", "Connection: keep-alive, close\r\n", false},
       }) {
    Request request;
    const auto framing = parse(
        "GET / HTTP/" + std::string(version) + "\r\nHost: a\r\n" + std::string(connection) + "\r\n",
        request);
    ASSERT_TRUE(framing) << framing.error().message;
    EXPECT_EQ(framing->keep_alive, keep_alive) << version << " " << connection;
    EXPECT_EQ(framing->kind, Framing::Kind::None);
  }
}

TEST(ParseRequestHead, ExpectsOnlyAContinue) {
  Request request;
  auto framing = parse(
      "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-Continue\r\nContent-Length: 1\r\n\r\n", request);
  ASSERT_TRUE(framing);
  EXPECT_TRUE(framing->expect_continue);
  framing = parse("POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n", request);
  ASSERT_TRUE(framing);
  EXPECT_FALSE(framing->expect_continue);
  EXPECT_EQ(status_of("GET / HTTP/1.1\r\nHost: a\r\nExpect: tea\r\n\r\n"), 417);
}

TEST(ParseRequestHead, ReducesAbsoluteTargetsAndTakesTheirHost) {
  struct Case {
    std::string_view line;
    std::string_view target;
    std::string_view host;
  };
  for (const auto& [line, target, host] : std::vector<Case>{
           {"GET http://b:81/x?y HTTP/1.1", "/x?y", "b:81"},
           {"GET HTTPS://[::1] HTTP/1.1", "/", "[::1]"},
           {"GET http://b?q HTTP/1.1", "/?q", "b"},
           {"OPTIONS http://b HTTP/1.1", "*", "b"},
           {"OPTIONS * HTTP/1.1", "*", "a"},
           {"GET //b/c HTTP/1.1", "//b/c", "a"},
       }) {
    Request request;
    const auto framing = parse(std::string(line) + "\r\nHost: a\r\nX: y\r\n\r\n", request);
    ASSERT_TRUE(framing) << line << ": " << framing.error().message;
    EXPECT_EQ(request.target, target) << line;
    EXPECT_EQ(request.headers.find("Host"), host) << line;
    EXPECT_EQ(request.headers.count("Host"), 1U) << line;
  }
}

TEST(ParseRequestHead, RefusesHeadsOverTheirLimits) {
  Request request;
  const HeadLimits limits{.max_bytes = 200, .max_fields = 3, .max_target_bytes = 10};
  const auto status = [&](const std::string& head) {
    const auto framing = parse_request_head(head, limits, request);
    return framing ? 200 : framing.error().status;
  };
  EXPECT_EQ(status("GET /234567890 HTTP/1.1\r\nHost: a\r\n\r\n"), 200);
  EXPECT_EQ(status("GET /2345678901 HTTP/1.1\r\nHost: a\r\n\r\n"), 414);
  EXPECT_EQ(status("GET /" + std::string(200, 'a') + " HTTP/1.1\r\nHost: a\r\n\r\n"), 414);
  EXPECT_EQ(status("GET / HTTP/1.1\r\nHost: a\r\nB: c\r\nD: e\r\n\r\n"), 200);
  EXPECT_EQ(status("GET / HTTP/1.1\r\nHost: a\r\nB: c\r\nD: e\r\nF: g\r\n\r\n"), 431);
  EXPECT_EQ(status("GET / HTTP/1.1\r\nHost: a\r\nB: " + std::string(200, 'a') + "\r\n\r\n"), 431);
}

struct Refused {
  int status;
  std::string_view head;
};
std::ostream& operator<<(std::ostream& out, const Refused& refused) {
  return out << refused.status << " for " << ::testing::PrintToString(refused.head);
}

/// Each of these two readers could take for different messages, or for none. The head of each row
/// follows a request line "POST / HTTP/1.1" and "Host: a" unless it has its own.
const std::vector<Refused> kRefused = {
    // Two answers to where the body ends.
    {400, "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n"},
    {400, "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n"},
    {400, "Transfer-Encoding: xchunked\r\nContent-Length: 3\r\n\r\n"},
    {400, "Content-Length: 3\r\nContent-Length: 4\r\n\r\n"},
    {400, "Content-Length: 3\r\nContent-Length: 3\r\n\r\n"},
    {400, "Content-Length: 3, 3\r\n\r\n"},
    {400, "Content-Length: 3,4\r\n\r\n"},
    {400, "Content-Length: 3,\r\n\r\n"},
    {400, "Content-Length:\r\n\r\n"},
    {400, "Content-Length: +3\r\n\r\n"},
    {400, "Content-Length: -3\r\n\r\n"},
    {400, "Content-Length: 0x3\r\n\r\n"},
    {400, "Content-Length: 3 3\r\n\r\n"},
    {400, "Content-Length: 3a\r\n\r\n"},
    {400, "Content-Length: 3.0\r\n\r\n"},
    {400, "Content-Length: \"3\"\r\n\r\n"},
    {400, "Content-Length: 18446744073709551615\r\n\r\n"},
    {400, "Content-Length: 18446744073709551616\r\n\r\n"},
    {400, "Content-Length: 99999999999999999999999\r\n\r\n"},
    {501, "Transfer-Encoding: xchunked\r\n\r\n"},
    {501, "Transfer-Encoding: gzip, chunked\r\n\r\n"},
    {501, "Transfer-Encoding: identity\r\n\r\n"},
    {400, "Transfer-Encoding: chunked, identity\r\n\r\n"},
    {400, "Transfer-Encoding: chunked, chunked\r\n\r\n"},
    {400, "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n"},
    {400, "Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n\r\n"},
    {400, "Transfer-Encoding: chunked,\r\n\r\n"},
    {400, "Transfer-Encoding: , chunked\r\n\r\n"},
    {400, "Transfer-Encoding: chunked;q=1\r\n\r\n"},
    {400, "Transfer-Encoding: \"chunked\"\r\n\r\n"},
    {400, "Transfer-Encoding: \r\n\r\n"},
    {400,
     "Transfer-Encoding:\x0b"
     "chunked\r\n\r\n"},
    {400, "Transfer-Encoding: chunked\x7f\r\n\r\n"},
    {400, "Transfer-Encoding\t: chunked\r\n\r\n"},
    {400, "Transfer-Encoding : chunked\r\n\r\n"},
    {400, "Transfer-Encoding:\r\n chunked\r\n\r\n"},
    {400, "Transfer-Encoding: chunked\r\n \r\n\r\n"},
    {400, "X: y\r\n Transfer-Encoding: chunked\r\n\r\n"},
    {400, "X:\r\n y\r\n\r\n"},
    {400, "X:\r\n \r\nY: z\r\n\r\n"},
    {400, " X: y\r\n\r\n"},
    // Line ends and bytes that are none of a head's.
    {400, "X: y\nZ: a\r\n\r\n"},
    {400, "X: y\n\n"},
    {400, "X: y\rZ: a\r\n\r\n"},
    {400, "X: y\r\r\n\r\n"},
    {400, "X: \0y\r\n\r\n"sv},
    {400, "X: y\x01\r\n\r\n"},
    {400, "X\0Y: z\r\n\r\n"sv},
    {400, "X Y: z\r\n\r\n"},
    {400, ": z\r\n\r\n"},
    {400, "X\r\n\r\n"},
    {400, "X\xc3\xa4: z\r\n\r\n"},
    {400, "(X): z\r\n\r\n"},
    {400, "X: y\r\n"},
    {400, "X: y\r\n\r\nrest"},
    // Who is meant.
    {400, "POST / HTTP/1.1\r\nX: y\r\n\r\n"},
    {400, "Host: a\r\n\r\n"},
    {400, "Host: b\r\n\r\n"},
    {400, "POST / HTTP/1.1\r\nHost:\r\n\r\n"},
    {400, "POST / HTTP/1.1\r\nHost: a b\r\n\r\n"},
    {400, "POST / HTTP/1.1\r\nHost: a, b\r\n\r\n"},
    {400, "POST / HTTP/1.1\r\nHost: a,b\r\n\r\n"},
    {400, "POST / HTTP/1.1\r\nHost: a/b\r\n\r\n"},
    {400, "POST / HTTP/1.1\r\nHost: u@a\r\n\r\n"},
    {400, "POST / HTTP/1.1\r\nHost: a:b\r\n\r\n"},
    {400, "POST / HTTP/1.1\r\nHost: a:-1\r\n\r\n"},
    {400, "POST / HTTP/1.1\r\nHost: a:65536\r\n\r\n"},
    {400, "POST / HTTP/1.1\r\nHost: a:80:80\r\n\r\n"},
    {400, "POST / HTTP/1.1\r\nHost: [::1\r\n\r\n"},
    {400, "POST / HTTP/1.1\r\nHost: [::1]x\r\n\r\n"},
    {400, "POST / HTTP/1.1\r\nHost: []\r\n\r\n"},
    {400, "POST / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n"},
    {400, "POST http://b/ HTTP/1.1\r\nX: y\r\n\r\n"},
    {400, "POST http:///x HTTP/1.1\r\nHost: a\r\n\r\n"},
    {400, "POST http://u:p@b/ HTTP/1.1\r\nHost: a\r\n\r\n"},
    {400, "POST http://b,c/ HTTP/1.1\r\nHost: a\r\n\r\n"},
    {400, "POST ftp://b/ HTTP/1.1\r\nHost: a\r\n\r\n"},
    // The request line.
    {400, "POST * HTTP/1.1\r\nHost: a\r\n\r\n"},
    {400, "POST x HTTP/1.1\r\nHost: a\r\n\r\n"},
    {400, "POST  / HTTP/1.1\r\nHost: a\r\n\r\n"},
    {400, "POST /  HTTP/1.1\r\nHost: a\r\n\r\n"},
    {400, "POST / HTTP/1.1 \r\nHost: a\r\n\r\n"},
    {400, " POST / HTTP/1.1\r\nHost: a\r\n\r\n"},
    {400, "POST\t/ HTTP/1.1\r\nHost: a\r\n\r\n"},
    {400, "PO{ST / HTTP/1.1\r\nHost: a\r\n\r\n"},
    {400, "POST /a b HTTP/1.1\r\nHost: a\r\n\r\n"},
    {400, "POST /a\tb HTTP/1.1\r\nHost: a\r\n\r\n"},
    {400, "POST /a#b HTTP/1.1\r\nHost: a\r\n\r\n"},
    {400, "POST /a\\b HTTP/1.1\r\nHost: a\r\n\r\n"},
    {400, "POST /\xc3\xa4 HTTP/1.1\r\nHost: a\r\n\r\n"},
    {400, "POST /\x7f HTTP/1.1\r\nHost: a\r\n\r\n"},
    {400, "POST /\r\nHost: a\r\n\r\n"},
    {400, "POST / http/1.1\r\nHost: a\r\n\r\n"},
    {400, "POST / HTTP/11\r\nHost: a\r\n\r\n"},
    {400, "POST / HTTP/1.10\r\nHost: a\r\n\r\n"},
    {505, "POST / HTTP/1.2\r\nHost: a\r\n\r\n"},
    {505, "POST / HTTP/0.9\r\nHost: a\r\n\r\n"},
    {505, "PRI * HTTP/2.0\r\n\r\n"},
    {501, "CONNECT b:443 HTTP/1.1\r\nHost: b:443\r\n\r\n"},
    // What HTTP/1.0 has not.
    {400, "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"},
};

class ParseRequestHeadRefuses : public ::testing::TestWithParam<Refused> {};

TEST_P(ParseRequestHeadRefuses, WhatTwoReadersCouldTakeDifferently) {
  const auto& [status, row] = GetParam();
  const bool whole =
      row.contains(" HTTP/") || row.contains(" http/") || row.starts_with("POST /\r");
  const std::string head = (whole ? "" : "POST / HTTP/1.1\r\nHost: a\r\n") + std::string(row);
  EXPECT_EQ(status_of(head), status);
}

INSTANTIATE_TEST_SUITE_P(Table, ParseRequestHeadRefuses, ::testing::ValuesIn(kRefused));

TEST(ParseRequestHead, TakesWhatOnlyLooksOdd) {
  for (const std::string_view head : {
           "M-SEARCH / HTTP/1.1\r\nHost: a\r\n\r\n"sv,
           "GET /a[b]{c}|d^e?f='g'&h=%20 HTTP/1.1\r\nHost: a\r\n\r\n"sv,
           "GET / HTTP/1.1\r\nhost: [2001:db8::1]:443\r\n\r\n"sv,
           "GET / HTTP/1.1\r\nHost: a:\r\n\r\n"sv,
           "GET / HTTP/1.0\r\n\r\n"sv,
           "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 007\r\n\r\n"sv,
           "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: CHUNKED\r\n\r\n"sv,
           "GET / HTTP/1.1\r\nHost: a\r\nX: \xc3\xa4 \xff\r\n\r\n"sv,
           "GET / HTTP/1.1\r\nHost: a\r\nX: a\tb:c\r\n\r\n"sv,
       }) {
    EXPECT_EQ(status_of(head), 200) << head;
  }
}

// ---- responses

struct Answer {
  int status = 0;
  Version version = Version::Http11;
  Headers headers;
};

Result<Framing> parse_answer(std::string_view head, Method method, Answer& answer) {
  return parse_response_head(head, method, answer.status, answer.version, answer.headers);
}

TEST(ParseResponseHead, KnowsWhereTheBodyEnds) {
  struct Case {
    std::string_view head;
    Method method;
    Framing::Kind kind;
    std::uint64_t length;
    bool keep_alive;
  };
  using Kind = Framing::Kind;
  for (const auto& [head, method, kind, length, keep_alive] : std::vector<Case>{
           {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", Method::Get, Kind::Length, 5, true},
           {"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", Method::Get, Kind::Length, 0, true},
           {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", Method::Post, Kind::Chunked, 0,
            true},
           {"HTTP/1.1 200 OK\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n",
            Method::Post, Kind::Chunked, 0, false},
           {"HTTP/1.1 200 OK\r\n\r\n", Method::Get, Kind::UntilClose, 0, false},
           {"HTTP/1.1 200 \r\n\r\n", Method::Get, Kind::UntilClose, 0, false},
           {"HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\n", Method::Get, Kind::Length, 5, false},
           {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", Method::Head, Kind::None, 0, true},
           {"HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", Method::Get, Kind::None, 0,
            true},
           {"HTTP/1.1 204 No Content\r\n\r\n", Method::Get, Kind::None, 0, true},
           {"HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n", Method::Get, Kind::None, 0,
            false},
           {"HTTP/1.1 100 Continue\r\n\r\n", Method::Post, Kind::None, 0, true},
           {"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n", Method::Get, Kind::None, 0, true},
       }) {
    Answer answer;
    const auto framing = parse_answer(head, method, answer);
    ASSERT_TRUE(framing) << head << framing.error().to_string();
    EXPECT_EQ(framing->kind, kind) << head;
    EXPECT_EQ(framing->length, length) << head;
    EXPECT_EQ(framing->keep_alive, keep_alive) << head;
  }
}

TEST(ParseResponseHead, GivesStatusVersionAndFields) {
  Answer answer;
  ASSERT_TRUE(parse_answer("HTTP/1.0 429 Slow \xc3\xa4 down\r\nRetry-After: 3\r\n\r\n", Method::Get,
                           answer));
  EXPECT_EQ(answer.status, 429);
  EXPECT_EQ(answer.version, Version::Http10);
  EXPECT_EQ(answer.headers.find("retry-after"), "3");
}

TEST(ParseResponseHead, RefusesWhatTwoReadersCouldTakeDifferently) {
  for (const std::string_view head : {
           "HTTP/1.1 200 OK\r\nContent-Length: 3, 3\r\n\r\n"sv,
           "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\n"sv,
           "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n"sv,
           "HTTP/1.1 200 OK\r\nTransfer-Encoding: xchunked\r\n\r\n"sv,
           "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n"sv,
           "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"sv,
           "HTTP/1.1 200 OK\r\nX: y\r\n z\r\n\r\n"sv,
           "HTTP/1.1 200 OK\r\nX : y\r\n\r\n"sv,
           "HTTP/1.1 200 OK\nX: y\r\n\r\n"sv,
           "HTTP/1.1 200 OK\r\nX: \0\r\n\r\n"sv,
           "\r\nHTTP/1.1 200 OK\r\n\r\n"sv,
           "HTTP/1.1 200\r\n\r\n"sv,
           "HTTP/1.1 20 OK\r\n\r\n"sv,
           "HTTP/1.1 2000 OK\r\n\r\n"sv,
           "HTTP/1.1 099 OK\r\n\r\n"sv,
           "HTTP/2.0 200 OK\r\n\r\n"sv,
           "HTTP/1.1  200 OK\r\n\r\n"sv,
           "ICY 200 OK\r\n\r\n"sv,
           "HTTP/1.1 200 OK\r\n\r\nrest"sv,
       }) {
    Answer answer;
    const auto framing = parse_answer(head, Method::Get, answer);
    ASSERT_FALSE(framing) << head;
    EXPECT_EQ(framing.error().code(), ErrorCode::Malformed) << head;
  }
}

// ---- writing

std::string request_head(const Headers& headers, const Framing& framing,
                         std::string_view target = "/x") {
  std::string out;
  append_request_head(out, "POST", target, headers, framing);
  return out;
}

std::string response_head(int status, const Headers& headers, const Framing& framing,
                          Version client = Version::Http11) {
  std::string out;
  append_response_head(out, status, headers, framing, WallTime{std::chrono::seconds(784111777)},
                       client);
  return out;
}

TEST(AppendRequestHead, WritesFramingOfItsOwn) {
  Headers headers;
  headers.add("Host", "a");
  headers.add("content-length", "99");
  headers.add("TRANSFER-ENCODING", "gzip");
  headers.add("Connection", "X");
  headers.add("Keep-Alive", "timeout=5");
  headers.add("Trailer", "X");
  headers.add("X", "y");
  EXPECT_EQ(request_head(headers, {.kind = Framing::Kind::Length, .length = 5}),
            "POST /x HTTP/1.1\r\nHost: a\r\nX: y\r\nContent-Length: 5\r\n\r\n");
  EXPECT_EQ(request_head(headers, {.kind = Framing::Kind::Chunked, .keep_alive = false}),
            "POST /x HTTP/1.1\r\nHost: a\r\nX: y\r\nTransfer-Encoding: chunked\r\n"
            "Connection: close\r\n\r\n");
  EXPECT_EQ(request_head(headers, {}), "POST /x HTTP/1.1\r\nHost: a\r\nX: y\r\n\r\n");
}

TEST(AppendRequestHead, LetsNothingEndAFieldOrTheLine) {
  Headers headers;
  headers.add("X", "a\r\nY: b\n\0\tc\x01\x7f."sv);
  headers.add("bad\r\nname", "v");
  headers.add("", "v");
  EXPECT_EQ(request_head(headers, {}, "/a b\r\n\x01#\xc3"),
            "POST /a%20b%0D%0A%01%23%C3 HTTP/1.1\r\nX: a  Y: b  \tc  .\r\n\r\n");
  EXPECT_EQ(request_head({}, {}, ""), "POST / HTTP/1.1\r\n\r\n");
}

TEST(AppendResponseHead, WritesStatusDateAndFraming) {
  Headers headers;
  headers.add("Content-Type", "text/plain");
  headers.add("Content-Length", "99");
  EXPECT_EQ(response_head(200, headers, {.kind = Framing::Kind::Length, .length = 5}),
            "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
            "Content-Length: 5\r\n\r\n");
  headers.add("date", "then");
  EXPECT_EQ(response_head(499, headers, {.kind = Framing::Kind::Chunked, .keep_alive = false}),
            "HTTP/1.1 499 \r\nContent-Type: text/plain\r\ndate: then\r\n"
            "Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n");
}

TEST(AppendResponseHead, SaysWhetherTheConnectionStays) {
  Headers headers;
  headers.add("Date", "x");
  EXPECT_EQ(response_head(200, headers, {.kind = Framing::Kind::UntilClose}),
            "HTTP/1.1 200 OK\r\nDate: x\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(response_head(200, headers, {.kind = Framing::Kind::Length}, Version::Http10),
            "HTTP/1.1 200 OK\r\nDate: x\r\nContent-Length: 0\r\nConnection: keep-alive\r\n\r\n");
}

TEST(AppendResponseHead, FramesNoBodyWhereThereIsNone) {
  const Framing framing{.kind = Framing::Kind::Length, .length = 5};
  EXPECT_EQ(response_head(100, {}, {}), "HTTP/1.1 100 Continue\r\n\r\n");
  EXPECT_FALSE(response_head(204, {}, framing).contains("Content-Length"));
  EXPECT_FALSE(response_head(103, {}, framing).contains("Content-Length"));
}

}  // namespace
}  // namespace kthena::http
