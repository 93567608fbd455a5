#include "router/intake/intake.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "async/scope.h"
#include "async/simulated_loop.h"
#include "router/testing/scripted_source.h"

namespace kthena::router {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using testing::ScriptedSource;

class IntakeTest : public ::testing::Test {
 protected:
  Stage<> read(http::Body body) {
    request_.body = std::move(body);
    call_.emplace(request_);
    return run_until_done(loop_, intake_.read(*call_));
  }
  /// "status message", or "ok".
  std::string read_text(std::string body) {
    const auto result = read(std::move(body));
    return result ? "ok" : std::to_string(result.error().status) + " " + result.error().message;
  }

  async::SimulatedLoop loop_{1};
  http::MemoryBudget budget_{1 << 20};
  Intake intake_{budget_, {.max_body_bytes = 100'000, .body_timeout = 5s}};
  http::Request request_;
  std::optional<Call> call_;
};

TEST_F(IntakeTest, FindsModelStreamAndUsage) {
  EXPECT_EQ(read_text(R"({"model":"m"})"), "ok");
  EXPECT_EQ(call_->model, "m");
  EXPECT_FALSE(call_->stream);
  EXPECT_EQ(
      read_text(R"({"stream":true,"model":" m \u00e9","stream_options":{"include_usage":true}})"),
      "ok");
  EXPECT_EQ(call_->model, " m \xc3\xa9") << "untrimmed, unescaped";
  EXPECT_TRUE(call_->stream);
  EXPECT_TRUE(call_->wants_usage);
  EXPECT_EQ(read_text(R"({"model":"m","stream":true,"stream_options":{"include_usage":1}})"), "ok");
  EXPECT_FALSE(call_->wants_usage);
  EXPECT_EQ(read_text(R"({"model":"m","stream":"true"})"), "ok");
  EXPECT_FALSE(call_->stream) << "JSON true only";
  EXPECT_EQ(read_text(R"({"model":"m","stream":true,"stream_options":[]})"), "ok");
  EXPECT_EQ(read_text("{\"model\":\"m\"} \r\n\t"), "ok");
}

TEST_F(IntakeTest, RefusesWhatIsNoObjectAsTheTableSays) {
  EXPECT_THAT(read_text(""), ::testing::AllOf(HasSubstr("400 "), HasSubstr("EOF")));
  EXPECT_THAT(read_text(" "), ::testing::AllOf(HasSubstr("400 "), HasSubstr("EOF")));
  for (const std::string_view truncated :
       {"{", R"({"model")", R"({"model":)", R"({"model":"m)", R"({"model":"m",)", R"({"a":[1,)"}) {
    EXPECT_THAT(read_text(std::string(truncated)), HasSubstr("400 ")) << truncated;
    EXPECT_THAT(read_text(std::string(truncated)), HasSubstr("unexpected EOF")) << truncated;
  }
  for (const std::string_view bad : {"[]", "7", "\"m\"", "true", "{model:1}", "{\"model\":\"m\",}",
                                     "{\"model\":01}", "{\"model\" \"m\"}"}) {
    EXPECT_THAT(read_text(std::string(bad)), HasSubstr("400 ")) << bad;
  }
  EXPECT_THAT(read_text(R"({"model":"m"} {})"), HasSubstr("400 invalid request body"));
  EXPECT_THAT(read_text(R"({"model":"m"}x)"), HasSubstr("400 "));
}

TEST_F(IntakeTest, WithoutAModelItIsNotFound) {
  for (const std::string_view body :
       {"null", "{}", R"({"model":null})", R"({"model":3})", R"({"model":""})",
        R"({"model":" \t\n"})", R"({"model":["m"]})", R"({"messages":[{"model":"m"}]})"}) {
    EXPECT_THAT(read_text(std::string(body)), HasSubstr("404 model not found")) << body;
  }
}

TEST_F(IntakeTest, RepeatedFieldsAreRefusedHoweverTheyAreSpelled) {
  for (const auto& [field, body] : std::vector<std::pair<std::string, std::string>>{
           {"model", R"({"model":"m","model":"m"})"},
           {"model", R"({"\u006dodel":"m","x":{"model":1},"model":"n"})"},
           {"model", R"({"model":"m","mo\u0064el":"n"})"},
           {"stream", R"({"model":"m","stream":true,"s\u0074ream":true})"},
           {"stream_options", R"({"stream_options":1,"model":"m","stream_options":2})"}}) {
    const std::string answered = read_text(body);
    EXPECT_THAT(answered, HasSubstr("400 ")) << body;
    EXPECT_THAT(answered, HasSubstr("'" + field + "'")) << body;
  }
  EXPECT_EQ(read_text(R"({"model":"m","prompt":"a","prompt":"b","x":1,"x":2})"), "ok")
      << "others are the engine's business";
  EXPECT_EQ(read_text(R"({"\u006dodel":"m"})"), "ok");
  EXPECT_EQ(call_->model, "m");
}

TEST_F(IntakeTest, TokensAreAQuarterOfTheCharacters) {
  EXPECT_EQ(read_text(R"({"model":"m","prompt":"12345"})"), "ok");
  EXPECT_EQ(call_->input_tokens, 2U);
  EXPECT_EQ(read_text(R"({"model":"m","input":[1,2]})"), "ok") << "routed by model all the same";
  EXPECT_EQ(read_text(R"({"model":"m"})"), "ok");
  EXPECT_EQ(call_->input_tokens, 0U);
}

TEST_F(IntakeTest, TooLargeTooSlowAndBrokenBodiesHaveTheirStatus) {
  EXPECT_THAT(read_text(R"({"model":"m","prompt":")" + std::string(100'000, 'x') + "\"}"),
              HasSubstr("413 "));
  auto slow = std::make_unique<ScriptedSource>();
  slow->add("{\"model\":");
  auto result = read(std::move(slow));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().status, 408);
  auto gone = std::make_unique<ScriptedSource>();
  gone->break_off();
  result = read(std::move(gone));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().status, 499);
  EXPECT_EQ(result.error().reason, "client_cancelled");
  EXPECT_EQ(result.error().log_type, "client_cancelled");
  auto bad = std::make_unique<ScriptedSource>();
  bad->break_off(ErrorCode::InvalidArgument);
  result = read(std::move(bad));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().status, 400);
}

TEST_F(IntakeTest, BodiesBeyondTheBudgetAreToldToComeAgain) {
  http::MemoryBudget small(1000);
  Intake intake(small, {});
  request_.body = std::string(R"({"model":"m","prompt":")") + std::string(100'000, 'x') + "\"}";
  call_.emplace(request_);
  const auto result = run_until_done(loop_, intake.read(*call_));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().status, 503);
  EXPECT_TRUE(result.error().retry_after);
  call_.reset();
  EXPECT_EQ(small.used(), 0U);
}

TEST_F(IntakeTest, ABodyInPiecesIsReadAsOne) {
  auto source = std::make_unique<ScriptedSource>();
  for (const char c : std::string_view(R"({"model":"m","stream":true})")) {
    source->add(std::string(1, c));
  }
  source->end();
  EXPECT_TRUE(read(std::move(source)));
  EXPECT_EQ(call_->model, "m");
  EXPECT_TRUE(call_->stream);
}

}  // namespace
}  // namespace kthena::router
