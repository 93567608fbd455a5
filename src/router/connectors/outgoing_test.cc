#include "router/connectors/outgoing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "async/scope.h"
#include "async/simulated_loop.h"
#include "router/intake/intake.h"

namespace kthena::router {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class OutgoingTest : public ::testing::Test {
 protected:
  /// The call of a request with that body, as if it had been routed to `upstream_model`.
  Call& call(std::string body, std::string_view upstream_model,
             std::string target = "/v1/chat/completions") {
    request_.method = http::Method::Post;
    request_.target = std::move(target);
    request_.body = http::Body(std::move(body));
    request_.peer = {.ip = net::IpAddress::v4(0x0a090807), .port = 5};
    call_.emplace(request_);
    call_->request_id = "id-1";
    EXPECT_TRUE(run_until_done(loop_, intake_.read(*call_)));
    call_->upstream_model = upstream_model;
    return *call_;
  }
  static std::string body_of(const Outgoing& outgoing) {
    std::string all;
    for (const std::string_view part : outgoing.request().body) {
      all += part;
    }
    return all;
  }
  std::string sent(std::string body, std::string_view upstream_model,
                   std::string target = "/v1/chat/completions") {
    return body_of(Outgoing(call(std::move(body), upstream_model, std::move(target))));
  }

  async::SimulatedLoop loop_{1};
  http::MemoryBudget budget_{1 << 20};
  Intake intake_{budget_, {}};
  http::Request request_;
  std::optional<Call> call_;
};

TEST_F(OutgoingTest, AnUnchangedModelLeavesTheBodyAsItIsInPlace) {
  const std::string body = R"({ "b":1e400,"model":"m" , "a": 9007199254740993123,"a":0 })";
  const Outgoing outgoing(call(body, "m"));
  ASSERT_EQ(outgoing.request().body.size(), 1U);
  EXPECT_EQ(outgoing.request().body[0].data(), call_->body->bytes.data()) << "no copy";
  EXPECT_EQ(body_of(outgoing), body);
  EXPECT_TRUE(outgoing.request().has_body);
}

TEST_F(OutgoingTest, OnlyTheModelsBytesChangeWhenItIsRewritten) {
  EXPECT_EQ(sent(R"({ "b":1e400,"model" : "m\u0041" , "a": 9007199254740993123 })", "base"),
            R"({ "b":1e400,"model" : "base" , "a": 9007199254740993123 })");
  EXPECT_EQ(sent(R"({"model":"m"})", "with \"quotes\" and \xc3\xa9"),
            "{\"model\":\"with \\\"quotes\\\" and \xc3\xa9\"}");
}

TEST_F(OutgoingTest, UsageIsAskedForInStreamsOfChatAndCompletionsOnly) {
  for (const std::string_view path :
       {"/v1/chat/completions", "/v1/completions", "/v1/chat/completions?x=1"}) {
    EXPECT_THAT(sent(R"({"model":"m","stream":true})", "m", std::string(path)),
                HasSubstr(R"("stream_options":{"include_usage":true})"))
        << path;
  }
  for (const std::string_view path : {"/v1/responses", "/v1/messages", "/v1/embeddings", "/v1/x"}) {
    EXPECT_EQ(sent(R"({"model":"m","stream":true})", "m", std::string(path)),
              R"({"model":"m","stream":true})")
        << path;
  }
  EXPECT_EQ(sent(R"({"model":"m"})", "m"), R"({"model":"m"})");
  EXPECT_EQ(sent(R"({"model":"m","stream":false})", "m"), R"({"model":"m","stream":false})");
}

TEST_F(OutgoingTest, StreamOptionsAreMergedAndKeepTheirOtherMembers) {
  const auto merged = [&](std::string options) {
    return sent("{\"stream\":true,\"stream_options\":" + options + ",\"model\":\"m\"}", "m");
  };
  EXPECT_THAT(merged(R"({"continuous_usage_stats":true,"x":1.50})"),
              ::testing::AllOf(HasSubstr("\"continuous_usage_stats\":true"), HasSubstr("1.50"),
                               HasSubstr("\"include_usage\":true")));
  EXPECT_EQ(merged(R"({"include_usage": false })"),
            R"({"stream":true,"stream_options":{"include_usage": true },"model":"m"})");
  EXPECT_EQ(merged("{}"), R"({"stream":true,"stream_options":{"include_usage":true},"model":"m"})");
  EXPECT_EQ(merged(R"({ "include_usage":true})"),
            R"({"stream":true,"stream_options":{ "include_usage":true},"model":"m"})");
}

TEST_F(OutgoingTest, UsageCountsAsInjectedOnlyIfItWas) {
  EXPECT_TRUE(Outgoing(call(R"({"model":"m","stream":true})", "m")).usage_injected());
  EXPECT_FALSE(
      Outgoing(call(R"({"model":"m","stream":true,"stream_options":{"include_usage":true}})", "m"))
          .usage_injected());
  EXPECT_FALSE(
      Outgoing(call(R"({"model":"m","stream":true,"stream_options":"x"})", "m")).usage_injected());
  EXPECT_FALSE(
      Outgoing(call(R"({"model":"m","stream":true})", "m", "/v1/responses")).usage_injected());
}

TEST_F(OutgoingTest, ModelAndUsageChangeTogetherInAnyOrderOfTheFields) {
  EXPECT_EQ(
      sent(R"({"stream_options":{"a":1},"x":[1, 2],"model":"m","stream":true})", "b"),
      R"({"stream_options":{"include_usage":true,"a":1},"x":[1, 2],"model":"b","stream":true})");
  EXPECT_EQ(
      sent(R"({"model":"m","stream":true,"x":[1, 2],"stream_options":{"a":1}})", "b"),
      R"({"model":"b","stream":true,"x":[1, 2],"stream_options":{"include_usage":true,"a":1}})");
}

TEST_F(OutgoingTest, HopByHopHeadersStayAndOthersPass) {
  request_.headers = {};
  for (const auto& [name, value] :
       std::vector<std::pair<std::string, std::string>>{{"Host", "example.org"},
                                                        {"Connection", "close, X-Token"},
                                                        {"X-Token", "1"},
                                                        {"Keep-Alive", "3"},
                                                        {"TE", "trailers"},
                                                        {"Transfer-Encoding", "chunked"},
                                                        {"Upgrade", "h2c"},
                                                        {"Proxy-Authorization", "p"},
                                                        {"Expect", "100-continue"},
                                                        {"Accept-Encoding", "gzip"},
                                                        {"Content-Length", "99"},
                                                        {"Authorization", "Bearer k"},
                                                        {"X-Twice", "1"},
                                                        {"X-Twice", "2"},
                                                        {"X-Request-Id", "theirs"}}) {
    request_.headers.add(name, value);
  }
  const Outgoing outgoing(call(R"({"model":"m"})", "m"));
  const http::Headers& headers = *outgoing.request().headers;
  for (const std::string_view gone :
       {"Connection", "X-Token", "Keep-Alive", "TE", "Transfer-Encoding", "Upgrade",
        "Proxy-Authorization", "Expect", "Accept-Encoding", "Content-Length"}) {
    EXPECT_FALSE(headers.contains(gone)) << gone;
  }
  EXPECT_EQ(headers.find("Host"), "example.org");
  EXPECT_EQ(headers.find("Authorization"), "Bearer k");
  EXPECT_EQ(headers.count("X-Twice"), 2U);
  EXPECT_EQ(headers.count("x-request-id"), 1U);
  EXPECT_EQ(headers.find("x-request-id"), "id-1");
}

TEST_F(OutgoingTest, TheWayIsTold) {
  request_.headers = {};
  {
    const Outgoing outgoing(call(R"({"model":"m"})", "m"));
    const http::Headers& headers = *outgoing.request().headers;
    EXPECT_EQ(headers.find("X-Forwarded-For"), "10.9.8.7");
    EXPECT_EQ(headers.find("X-Forwarded-Proto"), "http");
    EXPECT_TRUE(headers.contains("Host")) << "HTTP/1.0 clients may leave it out";
  }
  request_.headers.add("Host", "h");
  request_.headers.add("X-Forwarded-For", "1.1.1.1");
  request_.headers.add("x-forwarded-for", "2.2.2.2");
  request_.headers.add("X-Forwarded-Proto", "https");
  request_.headers.add("X-Forwarded-Host", "front");
  const Outgoing outgoing(call(R"({"model":"m"})", "m"));
  const http::Headers& headers = *outgoing.request().headers;
  EXPECT_EQ(headers.count("X-Forwarded-For"), 1U);
  EXPECT_EQ(headers.find("X-Forwarded-For"), "1.1.1.1, 2.2.2.2, 10.9.8.7");
  EXPECT_EQ(headers.find("X-Forwarded-Proto"), "https");
  EXPECT_EQ(headers.find("X-Forwarded-Host"), "front");
}

}  // namespace
}  // namespace kthena::router
