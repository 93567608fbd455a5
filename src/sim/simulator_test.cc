#include "sim/simulator.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "async/scope.h"
#include "async/task.h"
#include "async/time.h"
#include "json/parse.h"
#include "json/value.h"
#include "sim/answer_text.h"
#include "sim/engine_options.h"
#include "sim/testing/recording.h"
#include "sim/testing/simulated_vllm.h"
#include "sim/tokenizer.h"

namespace kthena::sim {
namespace {

using namespace std::chrono_literals;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::SimulatedVllm;
using ::testing::SizeIs;

SimulatorOptions options_of(std::string_view profile = "stream-20") {
  return {.engine = *find_profile(profile), .vllm = {.model = "m"}};
}

json::Value body_of(std::string_view response) {
  const testing::WireResponse parts = testing::parse_response(response, false);
  return parts.chunks.empty() ? json::Value()
                              : json::parse(parts.chunks.front()).value_or(json::Value());
}

/// Value at a path of names and indexes, null if there is none.
json::Value at(const json::Value& value, std::initializer_list<std::string_view> path) {
  const json::Value* here = &value;
  for (const std::string_view step : path) {
    if (here == nullptr) {
      break;
    }
    here = here->is_array() ? (here->as_array().size() > static_cast<std::size_t>(step[0] - '0')
                                   ? &here->as_array()[static_cast<std::size_t>(step[0] - '0')]
                                   : nullptr)
                            : here->find(step);
  }
  return here != nullptr ? *here : json::Value();
}

/// The events of a streamed answer, without "data: ".
std::vector<std::string> events_of(std::string_view response) {
  std::vector<std::string> events;
  for (const std::string& chunk : testing::parse_response(response, false).chunks) {
    events.push_back(chunk.substr(6, chunk.size() - 8));
  }
  return events;
}

/// The text of a completion stream's events.
std::string text_of(std::string_view response) {
  std::string text;
  for (const std::string& event : events_of(response)) {
    if (const auto value = json::parse(event)) {
      const json::Value piece = at(*value, {"choices", "0", "text"});
      text += piece.is_string() ? piece.as_string() : "";
    }
  }
  return text;
}

std::string completion(std::string_view fields) {
  return fmt::format(R"({{"prompt":"one two three",{}}})", fields);
}
const std::string kStream = completion(R"("max_tokens":20,"ignore_eos":true,"stream":true)");

TEST(Simulator, SaysTheSameStreamedOrNot) {
  SimulatedVllm vllm(options_of());
  const std::string streamed = text_of(vllm.post("/v1/completions", kStream));
  const std::string whole =
      vllm.post("/v1/completions", completion(R"("max_tokens":20,"ignore_eos":true)"));
  EXPECT_EQ(at(body_of(whole), {"choices", "0", "text"}), json::Value(streamed));
  EXPECT_EQ(count_tokens(streamed), 20U);
}

TEST(Simulator, TheAnswerDependsOnSeedAndPromptOnly) {
  const auto answer = [](std::uint64_t seed, const std::string& body) {
    SimulatorOptions options = options_of();
    options.seed = seed;
    SimulatedVllm vllm(std::move(options));
    vllm.post("/v1/completions", R"({"prompt":"something else","max_tokens":2})");
    return text_of(vllm.post("/v1/completions", body));
  };
  const std::string first = answer(1, kStream);
  EXPECT_EQ(answer(1, kStream), first);
  EXPECT_NE(answer(2, kStream), first);
  EXPECT_NE(answer(1, completion(R"("max_tokens":20,"stream":true,"ignore_eos":true,"seed":7)")),
            first);
  EXPECT_NE(answer(1, R"({"prompt":"one two","max_tokens":20,"stream":true,"ignore_eos":true})"),
            first);
}

TEST(Simulator, EchoesTheLastMessage) {
  SimulatorOptions options = options_of();
  options.text = TextMode::Echo;
  SimulatedVllm vllm(std::move(options));
  const json::Value answer = body_of(vllm.post(
      "/v1/chat/completions",
      R"({"messages":[{"role":"system","content":"x"},{"role":"user","content":[{"type":"text","text":"Say \"hi\"\n"}]}]})"));
  EXPECT_EQ(at(answer, {"choices", "0", "message", "content"}), json::Value("Say \"hi\"\n"));
  EXPECT_EQ(at(answer, {"choices", "0", "finish_reason"}), json::Value("stop"));
}

TEST(Simulator, RepeatsAText) {
  SimulatorOptions options = options_of();
  options.text = TextMode::File;
  options.file = std::make_shared<const TokenizedText>("first line\nsecond line\n");
  SimulatedVllm vllm(std::move(options));
  const std::string said = text_of(vllm.post(
      "/v1/completions", completion(R"("max_tokens":9,"ignore_eos":true,"stream":true)")));
  EXPECT_EQ(said, "first line\nsecond line\nfirst line\n");
}

TEST(Simulator, AStopTextEndsAStreamAsItEndsAWholeAnswer) {
  SimulatedVllm vllm(options_of());
  const std::string all = text_of(vllm.post("/v1/completions", kStream));
  const std::string stop = all.substr(30, 3);
  const std::string fields = fmt::format(R"("max_tokens":20,"ignore_eos":true,"stop":"{}")", stop);
  const std::string streamed =
      vllm.post("/v1/completions", completion(fields + R"(,"stream":true)"));
  EXPECT_EQ(text_of(streamed), all.substr(0, all.find(stop)));
  EXPECT_THAT(streamed,
              HasSubstr(fmt::format(R"("finish_reason":"stop","stop_reason":"{}")", stop)));
  const json::Value whole = body_of(vllm.post("/v1/completions", completion(fields)));
  EXPECT_EQ(at(whole, {"choices", "0", "text"}), json::Value(text_of(streamed)));
}

TEST(Simulator, EveryPromptOfABatchHasItsOwnChoices) {
  SimulatedVllm vllm(options_of());
  const json::Value answer = body_of(vllm.post(
      "/v1/completions", R"({"prompt":["a","b","a"],"n":2,"max_tokens":4,"ignore_eos":true})"));
  EXPECT_THAT(at(answer, {"choices"}).as_array(), SizeIs(6));
  EXPECT_EQ(at(answer, {"choices", "0", "text"}), at(answer, {"choices", "4", "text"}));
  EXPECT_NE(at(answer, {"choices", "0", "text"}), at(answer, {"choices", "1", "text"}));
  EXPECT_EQ(at(answer, {"usage", "completion_tokens"}), json::Value(24));
  EXPECT_EQ(at(answer, {"usage", "prompt_tokens"}), json::Value(3));
}

TEST(Simulator, UsageTellsCachedTokensWhenAsked) {
  SimulatorOptions options = options_of();
  options.vllm.enable_prompt_tokens_details = true;
  SimulatedVllm vllm(std::move(options));
  std::string prompt;
  for (int i = 0; i < 40; ++i) {
    prompt += " word";
  }
  const std::string body = fmt::format(R"({{"prompt":"{}","max_tokens":1}})", prompt);
  EXPECT_EQ(at(body_of(vllm.post("/v1/completions", body)),
               {"usage", "prompt_tokens_details", "cached_tokens"}),
            json::Value(0));
  EXPECT_EQ(at(body_of(vllm.post("/v1/completions", body)),
               {"usage", "prompt_tokens_details", "cached_tokens"}),
            json::Value(32));
}

TEST(Simulator, TokenizeCountsAsUsageDoes) {
  SimulatedVllm vllm(options_of());
  const std::string_view messages =
      R"("messages":[{"role":"user","content":"Hello, wonderful world 12345!"}])";
  const json::Value tokens = body_of(vllm.post("/tokenize", fmt::format("{{{}}}", messages)));
  const json::Value answer =
      body_of(vllm.post("/v1/chat/completions", fmt::format(R"({{{},"max_tokens":1}})", messages)));
  EXPECT_EQ(at(tokens, {"count"}), at(answer, {"usage", "prompt_tokens"}));
  EXPECT_EQ(at(tokens, {"tokens"}).as_array().size(), at(tokens, {"count"}).to_uint64());
}

TEST(Simulator, DetokenizeGivesBackWhatItSaid) {
  SimulatedVllm vllm(options_of());
  const std::string said = text_of(vllm.post("/v1/completions", kStream));
  const json::Value tokens =
      body_of(vllm.post("/tokenize", fmt::format(R"({{"prompt":"{}"}})", said)));
  const json::Value text =
      body_of(vllm.post("/detokenize", fmt::format(R"({{"tokens":[{}]}})", [&] {
                          std::string list;
                          for (const json::Value& id : at(tokens, {"tokens"}).as_array()) {
                            list += (list.empty() ? "" : ",") + id.number_text();
                          }
                          return list;
                        }())));
  EXPECT_EQ(at(text, {"prompt"}), json::Value(said));
}

TEST(Simulator, WithoutALimitAnAnswerHasAboutTheMeanLength) {
  SimulatorOptions options = options_of("fast");
  options.mean_answer_tokens = 40;
  SimulatedVllm vllm(std::move(options));
  for (int i = 0; i < 20; ++i) {
    const json::Value answer =
        body_of(vllm.post("/v1/chat/completions",
                          fmt::format(R"({{"messages":[{{"role":"user","content":"{}"}}]}})", i)));
    const auto tokens = at(answer, {"usage", "completion_tokens"}).to_int64().value_or(0);
    EXPECT_GE(tokens, 20);
    EXPECT_LE(tokens, 61);
    EXPECT_EQ(at(answer, {"choices", "0", "finish_reason"}), json::Value("stop"));
  }
}

// As recorded (errors/client-disconnect.json of the recordings): nothing runs any more, and no
// counter of finished requests moves.
class ClientGone : public ::testing::TestWithParam<std::tuple<bool, SimulatedVllm::Leave>> {};

TEST_P(ClientGone, FreesTheEngineAtOnce) {
  const auto [stream, how] = GetParam();
  SimulatedVllm vllm(options_of());
  const std::string body =
      completion(fmt::format(R"("max_tokens":1500,"ignore_eos":true,"stream":{})", stream));
  vllm.start_and_leave(SimulatedVllm::post_request("/v1/completions", body), 500ms, how);
  vllm.pass(499ms);
  EXPECT_EQ(vllm.model().running(), 1U);
  EXPECT_EQ(vllm.simulator().load(), 1U);
  vllm.pass(1ms);
  EXPECT_EQ(vllm.model().running(), 0U);
  EXPECT_EQ(vllm.model().blocks().used(), 0U);
  EXPECT_EQ(vllm.simulator().load(), 0U);
  vllm.pass(100s);
  EXPECT_THAT(vllm.model().stats().finished, ::testing::Each(0U));
  EXPECT_LT(vllm.model().stats().generation_tokens, 12U);
}

INSTANTIATE_TEST_SUITE_P(Ways, ClientGone,
                         ::testing::Combine(::testing::Bool(),
                                            ::testing::Values(SimulatedVllm::Leave::Close,
                                                              SimulatedVllm::Leave::Reset)));

TEST(Simulator, AnAbortEndsAStreamWithThatReason) {
  SimulatedVllm vllm(options_of());
  async::TaskScope scope(vllm.loop());
  scope.spawn([](SimulatedVllm& self) -> async::Task<void> {
    static_cast<void>(co_await async::sleep_for(220ms));
    self.simulator().engine().abort_all();
  }(vllm));
  const std::string answer = vllm.post("/v1/completions", kStream);
  const auto events = events_of(answer);
  ASSERT_THAT(events, SizeIs(6));
  EXPECT_THAT(events[4], HasSubstr(R"("text":"","logprobs":null,"finish_reason":"abort")"));
  EXPECT_EQ(events[5], "[DONE]");
}

TEST(Simulator, MetricsAddUp) {
  SimulatedVllm vllm(options_of("fast"));
  vllm.post("/v1/completions", kStream);
  vllm.post("/v1/chat/completions",
            R"({"messages":[{"role":"user","content":"x"}],"max_tokens":5,"n":2})");
  const std::string text = vllm.get("/metrics");
  for (const std::string_view line :
       {R"(vllm:generation_tokens_total{engine="0",model_name="m"} 30.0)",
        R"(vllm:request_success_total{engine="0",finished_reason="length",model_name="m"} 3.0)",
        R"(vllm:time_to_first_token_seconds_count{engine="0",model_name="m"} 3.0)",
        R"(vllm:inter_token_latency_seconds_count{engine="0",model_name="m"} 27.0)",
        R"(vllm:request_params_n_bucket{engine="0",le="1.0",model_name="m"} 1.0)",
        R"(vllm:request_params_n_sum{engine="0",model_name="m"} 3.0)",
        R"(vllm:num_requests_running{engine="0",model_name="m"} 0.0)"}) {
    EXPECT_THAT(text, HasSubstr(fmt::format("\n{}\n", line)));
  }
}

}  // namespace
}  // namespace kthena::sim
