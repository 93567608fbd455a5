#include "http/fields.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace kthena::http {
namespace {

TEST(Lists, GiveTheirElementsWithoutBlanks) {
  std::string_view list = " a,b ,, \tc d\t,";
  std::vector<std::string> elements;
  while (const auto element = next_list_element(list)) {
    elements.emplace_back(*element);
  }
  EXPECT_EQ(elements, (std::vector<std::string>{"a", "b", "c d"}));
}

TEST(Lists, TokensCompareWhole) {
  EXPECT_TRUE(list_has_token("Keep-Alive, CLOSE", "close"));
  EXPECT_FALSE(list_has_token("closed, xclose", "close"));
  EXPECT_FALSE(list_has_token("", "close"));
}

TEST(KeepEndToEnd, DropsWhatConcernsOneConnection) {
  Headers headers;
  for (const char* name :
       {"Host", "Connection", "Keep-Alive", "Proxy-Connection", "TE", "Trailer", "Upgrade",
        "Transfer-Encoding", "Content-Length", "Proxy-Authorization", "Proxy-Authenticate",
        "Expect", "Content-Type", "Authorization", "X-Mine", "x-named"}) {
    headers.add(
        name, std::string_view(name) == "Connection" ? "close, X-Named, host, content-type" : "v");
  }
  keep_end_to_end(headers);
  std::vector<std::string> names;
  for (const auto [name, value] : headers) {
    names.emplace_back(name);
  }
  EXPECT_EQ(names, (std::vector<std::string>{"Host", "Content-Type", "Authorization", "X-Mine"}));
}

TEST(KeepEndToEnd, NeedsNoConnectionField) {
  Headers headers;
  for (const char* name : {"Host", "content-length", "Keep-Alive", "X-Mine"}) {
    headers.add(name, "v");
  }
  keep_end_to_end(headers);
  EXPECT_EQ(headers.size(), 2U);
  EXPECT_TRUE(headers.contains("Host"));
  EXPECT_TRUE(headers.contains("X-Mine"));
}

TEST(MediaType, ComparesWithoutParametersAndCase) {
  EXPECT_TRUE(is_event_stream("text/event-stream"));
  EXPECT_TRUE(is_event_stream("Text/Event-Stream ; charset=utf-8"));
  EXPECT_FALSE(is_event_stream("text/event-stream2"));
  EXPECT_FALSE(is_event_stream("application/json; x=text/event-stream"));
  EXPECT_FALSE(is_event_stream(""));
}

TEST(HttpDate, HasTheFormOfRfc9110) {
  EXPECT_EQ(format_http_date(WallTime{std::chrono::milliseconds(784111777999)}),
            "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(format_http_date(WallTime{}), "Thu, 01 Jan 1970 00:00:00 GMT");
}

TEST(HttpDate, FollowsTheClockBothWays) {
  const WallTime start{std::chrono::seconds(784111777)};
  EXPECT_EQ(cached_http_date(start), "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(cached_http_date(start + std::chrono::seconds(1)), "Sun, 06 Nov 1994 08:49:38 GMT");
  EXPECT_EQ(cached_http_date(start), "Sun, 06 Nov 1994 08:49:37 GMT");
}

}  // namespace
}  // namespace kthena::http
