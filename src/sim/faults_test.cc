#include "sim/faults.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "base/clock.h"
#include "json/parse.h"
#include "sim/engine_options.h"
#include "sim/engine_stats.h"
#include "sim/testing/recording.h"
#include "sim/testing/simulated_vllm.h"

namespace kthena::sim {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::SimulatedVllm;
using ::testing::SizeIs;
using ::testing::StartsWith;

constexpr std::string_view kPath = "/v1/completions";
const std::string kStream = R"({"prompt":"x","max_tokens":20,"ignore_eos":true,"stream":true})";
const std::string kWhole = R"({"prompt":"x","max_tokens":20,"ignore_eos":true})";

class FaultsTest : public ::testing::Test {
 protected:
  FaultsTest()
      : vllm_({.engine = *find_profile("stream-20"), .vllm = {.model = "m"}, .crash = [this] {
                 ++crashes_;
               }}) {}

  void fault(std::string_view json) {
    ASSERT_THAT(vllm_.post("/faults", json), StartsWith("HTTP/1.1 200 "));
  }
  testing::WireResponse stream() {
    return testing::parse_response(vllm_.post(kPath, kStream), false);
  }
  testing::WireResponse whole() {
    return testing::parse_response(vllm_.post(kPath, kWhole), false);
  }
  Duration time_of(const std::string& body) {
    const Instant start = vllm_.loop().now();
    vllm_.post(kPath, body);
    return vllm_.loop().now() - start;
  }

  int crashes_ = 0;
  SimulatedVllm vllm_;
};

TEST_F(FaultsTest, RefuseAnswers503) {
  fault(R"({"kind":"refuse"})");
  EXPECT_EQ(stream().status_line, "HTTP/1.1 503 Service Unavailable");
  EXPECT_THAT(vllm_.get("/health"), StartsWith("HTTP/1.1 200 "));
}

TEST_F(FaultsTest, RefuseCanCloseWithoutAnAnswer) {
  fault(R"({"kind":"refuse","status":0})");
  EXPECT_EQ(vllm_.post(kPath, kStream), "");
}

TEST_F(FaultsTest, StatusHitsItsShareOfRequests) {
  fault(R"({"kind":"status","status":500,"share":0.25})");
  int hit = 0;
  for (int i = 0; i < 400; ++i) {
    hit +=
        vllm_.post(kPath, R"({"prompt":"x","max_tokens":1})").starts_with("HTTP/1.1 500 ") ? 1 : 0;
  }
  EXPECT_GT(hit, 60);
  EXPECT_LT(hit, 140);
}

TEST_F(FaultsTest, CountLimitsHowManyAreHit) {
  fault(R"({"kind":"status","status":502,"count":2})");
  EXPECT_EQ(whole().status_line, "HTTP/1.1 502 Bad Gateway");
  EXPECT_EQ(whole().status_line, "HTTP/1.1 502 Bad Gateway");
  EXPECT_EQ(whole().status_line, "HTTP/1.1 200 OK");
}

TEST_F(FaultsTest, APathMayBeNamed) {
  fault(R"({"kind":"status","status":503,"path":"/health"})");
  EXPECT_THAT(vllm_.get("/health"), StartsWith("HTTP/1.1 503 "));
  EXPECT_EQ(whole().status_line, "HTTP/1.1 200 OK");
}

TEST_F(FaultsTest, HangNeverAnswersButLetsGoOfTheClient) {
  fault(R"({"kind":"hang"})");
  vllm_.start_and_leave(SimulatedVllm::post_request(kPath, kStream), 600s,
                        SimulatedVllm::Leave::Close);
  vllm_.pass(599s);
  EXPECT_EQ(vllm_.server_stats().active, 1U);
  vllm_.pass(2s);
  EXPECT_EQ(vllm_.server_stats().active, 0U);
}

TEST_F(FaultsTest, HangAfterTokensStallsTheStream) {
  fault(R"({"kind":"hang","after_tokens":3})");
  vllm_.start_and_leave(SimulatedVllm::post_request(kPath, kStream), 600s,
                        SimulatedVllm::Leave::Close);
  vllm_.pass(599s);
  EXPECT_EQ(vllm_.server_stats().active, 1U);
  vllm_.pass(2s);
  EXPECT_EQ(vllm_.server_stats().active, 0U);
}

TEST_F(FaultsTest, SlowFirstTokenDelaysAllByTheSame) {
  const Duration usual = time_of(R"({"prompt":"x","max_tokens":1,"stream":true})");
  fault(R"({"kind":"slow_first_token","delay_ms":3000})");
  EXPECT_EQ(time_of(R"({"prompt":"x","max_tokens":1,"stream":true})"), usual + 3s);
  // The tokens behind it have been waiting.
  EXPECT_EQ(time_of(kStream), usual + 3s);
  EXPECT_EQ(time_of(kWhole), 20 * 50ms + 3s);
}

TEST_F(FaultsTest, SlowTokensKeepADistance) {
  fault(R"({"kind":"slow_tokens","delay_ms":200})");
  EXPECT_EQ(time_of(kStream), 50ms + 20 * 200ms);
}

TEST_F(FaultsTest, CloseCutsAStreamBetweenTokens) {
  fault(R"({"kind":"close","after_tokens":5})");
  const testing::WireResponse answer = stream();
  EXPECT_FALSE(answer.complete);
  EXPECT_THAT(answer.chunks, SizeIs(5));
  EXPECT_EQ(vllm_.last_error(), 0);
}

TEST_F(FaultsTest, CloseCutsAWholeAnswerInItsMiddle) {
  fault(R"({"kind":"close"})");
  const std::string answer = vllm_.post(kPath, kWhole);
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK"));
  EXPECT_FALSE(testing::parse_response(answer, false).complete);
  EXPECT_THAT(answer, HasSubstr("\"id\":\"cmpl-"));
}

TEST_F(FaultsTest, ResetIsSeenAsSuch) {
  fault(R"({"kind":"reset","after_tokens":5})");
  EXPECT_FALSE(stream().complete);
  EXPECT_EQ(vllm_.last_error(), ECONNRESET);
}

TEST_F(FaultsTest, TruncateEndsProperlyWithoutTheEndMark) {
  fault(R"({"kind":"truncate","after_tokens":5})");
  const testing::WireResponse answer = stream();
  EXPECT_TRUE(answer.complete);
  ASSERT_THAT(answer.chunks, SizeIs(5));
  EXPECT_THAT(answer.chunks.back(), Not(HasSubstr("[DONE]")));
}

TEST_F(FaultsTest, ACutBehindTheEndChangesNothing) {
  fault(R"({"kind":"close","after_tokens":21})");
  const testing::WireResponse answer = stream();
  EXPECT_TRUE(answer.complete);
  EXPECT_EQ(answer.chunks.back(), "data: [DONE]\n\n");
}

TEST_F(FaultsTest, MalformedSseIsOneEventThatIsNotJson) {
  fault(R"({"kind":"malformed_sse","after_tokens":2})");
  const testing::WireResponse answer = stream();
  ASSERT_THAT(answer.chunks, SizeIs(22));
  for (std::size_t i = 0; i < answer.chunks.size(); ++i) {
    const std::string& chunk = answer.chunks[i];
    const bool good = chunk == "data: [DONE]\n\n" || json::parse(chunk.substr(6)).has_value();
    EXPECT_EQ(good, i != 2) << chunk;
  }
}

TEST_F(FaultsTest, CrashComesAfterItsTokens) {
  fault(R"({"kind":"crash","after_tokens":2,"count":1})");
  EXPECT_THAT(stream().chunks, SizeIs(2));
  EXPECT_EQ(crashes_, 1);
  EXPECT_TRUE(stream().complete);
}

TEST_F(FaultsTest, StuckMetricsSayTheSameForEver) {
  fault(R"({"kind":"stuck_metrics"})");
  const std::string before = vllm_.get("/metrics");
  stream();
  EXPECT_EQ(testing::parse_response(vllm_.get("/metrics"), false).chunks,
            testing::parse_response(before, false).chunks);
  vllm_.exchange("DELETE /faults HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_THAT(vllm_.get("/metrics"),
              HasSubstr("vllm:generation_tokens_total{engine=\"0\",model_name=\"m\"} 20.0"));
}

TEST_F(FaultsTest, DrainFinishesWhatRunsAndRefusesTheRest) {
  vllm_.start(SimulatedVllm::post_request(kPath, kStream));
  vllm_.pass(100ms);
  fault(R"({"kind":"drain"})");
  EXPECT_EQ(stream().status_line, "HTTP/1.1 503 Service Unavailable");
  EXPECT_EQ(vllm_.model().running(), 1U);
  vllm_.pass(2s);
  EXPECT_EQ(vllm_.model().running(), 0U);
  EXPECT_EQ(vllm_.model().stats().finished[static_cast<std::size_t>(FinishReason::Length)], 1U);
}

TEST_F(FaultsTest, AreListedAndCleared) {
  fault(R"({"kind":"close","share":0.5,"after_tokens":7,"count":3})");
  fault(R"({"kind":"slow_tokens","delay_ms":1.5})");
  const std::string listed = vllm_.get("/faults");
  EXPECT_THAT(listed,
              HasSubstr(R"({"id":1,"kind":"close","share":0.5,"count":3,"after_tokens":7,)"));
  EXPECT_THAT(listed, HasSubstr(R"("delay_ms":1.5)"));
  EXPECT_THAT(vllm_.exchange("DELETE /faults HTTP/1.1\r\nHost: x\r\n\r\n"),
              HasSubstr(R"({"faults":[]})"));
  EXPECT_TRUE(stream().complete);
}

TEST_F(FaultsTest, WrongOnesNameTheField) {
  for (const auto& [body, message] :
       {std::pair<std::string_view, std::string_view>{"{}", "kind: is missing"},
        {R"({"kind":"explode"})", "kind: must be one of refuse, hang"},
        {R"({"kind":"hang","share":2})", "share: must be"},
        {R"({"kind":"hang","count":-1})", "count: must be"},
        {R"({"kind":"hang","after_tokens":"x"})", "after_tokens: must be"},
        {R"({"kind":"slow_tokens"})", "delay_ms: is required"},
        {R"({"kind":"status","status":99})", "status: must be"},
        {R"({"kind":"status","status":0})", "status: must be"},
        {R"({"kind":"hang","path":"health"})", "path: must be"},
        {R"({"kind":"hang","colour":"red"})", "colour: no such field"},
        {"nonsense", "line 1:"}}) {
    const std::string answer = vllm_.post("/faults", body);
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 400 ")) << body;
    EXPECT_THAT(answer, HasSubstr(std::string(message))) << body;
  }
}

TEST_F(FaultsTest, TheirNumberIsBounded) {
  for (int i = 0; i < 100; ++i) {
    fault(R"({"kind":"stuck_metrics"})");
  }
  EXPECT_THAT(vllm_.post("/faults", R"({"kind":"hang"})"), StartsWith("HTTP/1.1 400 "));
}

TEST(FaultSet, TheSameSeedHitsTheSameRequests) {
  const auto hits = [](std::uint64_t seed) {
    FaultSet faults(seed);
    EXPECT_TRUE(faults.add(*parse_fault(*json::parse(R"({"kind":"hang","share":0.5})"))));
    std::string pattern;
    for (int i = 0; i < 64; ++i) {
      pattern += faults.hit("/v1/completions", true).hang ? '1' : '0';
    }
    return pattern;
  };
  EXPECT_EQ(hits(1), hits(1));
  EXPECT_NE(hits(1), hits(2));
}

}  // namespace
}  // namespace kthena::sim
