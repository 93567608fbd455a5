#include "router/connectors/answer_relay.h"

#include <gtest/gtest.h>

#include "async/scope.h"
#include "async/simulated_loop.h"
#include "base/random.h"
#include "router/testing/scripted_source.h"

namespace kthena::router {
namespace {

using namespace std::chrono_literals;
using http::Pulled;
using testing::drain;
using testing::Drained;
using testing::ScriptedSource;

struct Relay {
  Relay() : source(std::make_unique<ScriptedSource>()), upstream(source.get()) {}
  /// To be called when the upstream has its pieces.
  Result<> hold() {
    relay = std::make_unique<AnswerRelay>(loop, std::move(source), 10s, outcome);
    return run_until_done(loop, relay->hold());
  }
  async::SimulatedLoop loop{3};
  Outcome outcome;
  std::unique_ptr<ScriptedSource> source;
  ScriptedSource* upstream;
  std::unique_ptr<AnswerRelay> relay;
};

TEST(AnswerRelay, ASmallAnswerIsHeldWholeSoItsLengthIsKnown) {
  Relay r;
  r.upstream->add("{\"usage\":{\"prompt_tokens\":3,");
  r.upstream->add("\"completion_tokens\":4}}");
  r.upstream->end();
  ASSERT_TRUE(r.hold());
  EXPECT_EQ(r.relay->length(), 51U);
  const Drained drained = drain(*r.relay);
  EXPECT_EQ(drained.bytes, "{\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":4}}");
  EXPECT_EQ(drained.end, Pulled::Kind::End);
  EXPECT_TRUE(r.outcome.has_usage);
  EXPECT_EQ(r.outcome.usage.prompt_tokens, 3U);
  EXPECT_EQ(r.outcome.usage.completion_tokens, 4U);
}

TEST(AnswerRelay, AnEmptyAnswerIsOne) {
  Relay r;
  r.upstream->end();
  ASSERT_TRUE(r.hold());
  EXPECT_EQ(r.relay->length(), 0U);
  EXPECT_EQ(drain(*r.relay).end, Pulled::Kind::End);
  EXPECT_FALSE(r.outcome.has_usage);
}

TEST(AnswerRelay, DeathWhileItIsHeldIsAnError) {
  Relay r;
  r.upstream->add(std::string(kHeldAnswer - 1, 'x'));
  r.upstream->break_off();
  const auto held = r.hold();
  ASSERT_FALSE(held);
  EXPECT_EQ(held.error().code(), ErrorCode::Disconnected);
}

TEST(AnswerRelay, BeyondWhatIsHeldDeathIsTheClientsToo) {
  Relay r;
  r.upstream->set_length(3 * kHeldAnswer);
  r.upstream->add(std::string(kHeldAnswer, 'x'));
  r.upstream->add("y");
  r.upstream->break_off();
  ASSERT_TRUE(r.hold());
  EXPECT_EQ(r.relay->length(), 3 * kHeldAnswer) << "as the engine promised";
  EXPECT_EQ(r.upstream->left(), 1U) << "no more is read than is held";
  const Drained drained = drain(*r.relay);
  EXPECT_EQ(drained.bytes.size(), kHeldAnswer + 1);
  EXPECT_EQ(drained.end, Pulled::Kind::Failed);
  EXPECT_EQ(r.relay->error().code(), ErrorCode::Disconnected);
}

TEST(AnswerRelay, AnEngineThatFallsSilentWhileItIsHeldIsDead) {
  for (const std::string_view before : {"", "{"}) {
    Relay r;
    if (!before.empty()) {
      r.upstream->add(std::string(before));
    }
    const Instant begin = r.loop.now();
    const auto held = r.hold();
    ASSERT_FALSE(held);
    EXPECT_EQ(held.error().code(), ErrorCode::DeadlineExceeded);
    EXPECT_EQ(r.loop.now() - begin, 10s);
  }
}

TEST(AnswerRelay, AnEngineThatFallsSilentBeyondWhatIsHeldIsDeadToo) {
  Relay r;
  r.upstream->add(std::string(kHeldAnswer, 'x'));
  ASSERT_TRUE(r.hold());
  r.loop.run_for(60s);  // nobody pulls
  EXPECT_EQ(drain(*r.relay).end, Pulled::Kind::WouldBlock) << "the client was slow";
  r.loop.run_for(9s);
  r.upstream->add("y");
  EXPECT_EQ(drain(*r.relay).bytes, "y");
  r.loop.run_for(9s);
  EXPECT_EQ(drain(*r.relay).end, Pulled::Kind::WouldBlock);
  r.loop.run_for(12s);
  EXPECT_EQ(drain(*r.relay).end, Pulled::Kind::Failed);
  EXPECT_EQ(r.relay->error().code(), ErrorCode::DeadlineExceeded);
}

TEST(AnswerRelay, AnySplitOfALongAnswerArrivesUnchanged) {
  std::string body;
  for (int i = 0; body.size() < 3 * kHeldAnswer; ++i) {
    body += std::to_string(i) + ' ';
  }
  Random random(9);
  for (int run = 0; run < 10; ++run) {
    Relay r;
    for (std::size_t at = 0; at < body.size();) {
      const std::size_t size = 1 + random.uniform(200'000);
      r.upstream->add(body.substr(at, size));
      at += size;
    }
    r.upstream->end();
    ASSERT_TRUE(r.hold());
    EXPECT_FALSE(r.relay->length()) << "the engine gave none";
    const Drained drained = drain(*r.relay);
    EXPECT_TRUE(drained.bytes == body);
    EXPECT_EQ(drained.end, Pulled::Kind::End);
  }
}

TEST(AnswerRelay, TheUsageOfALongAnswerIsReadFromItsTail) {
  const std::string usage =
      R"("usage":{"prompt_tokens":3,"total_tokens":7,"completion_tokens":4},"user":null,)"
      R"("text":"\"usage\":{\"prompt_tokens\":9}","metadata":{"usage":{"prompt_tokens":9}}})"
      "\n";
  const std::string body = R"({"data":[")" + std::string(kHeldAnswer, 'x') + "\"]," + usage;
  Random random(5);
  for (int run = 0; run < 20; ++run) {
    Relay r;
    const std::size_t largest = run < 10 ? 100 : 100'000;
    r.upstream->add(body.substr(0, kHeldAnswer - 1000));
    for (std::size_t at = kHeldAnswer - 1000; at < body.size();) {
      const std::size_t size = 1 + random.uniform(largest);
      r.upstream->add(body.substr(at, size));
      at += size;
    }
    r.upstream->end();
    ASSERT_TRUE(r.hold());
    EXPECT_TRUE(drain(*r.relay).bytes == body);
    EXPECT_TRUE(r.outcome.has_usage);
    EXPECT_EQ(r.outcome.usage.prompt_tokens, 3U);
    EXPECT_EQ(r.outcome.usage.completion_tokens, 4U);
  }
}

TEST(AnswerRelay, ALongAnswerThatIsNoJsonHasNoUsage) {
  Relay r;
  r.upstream->add(std::string(kHeldAnswer, 'x') + R"("usage":{"prompt_tokens":3}})");
  r.upstream->end();
  ASSERT_TRUE(r.hold());
  drain(*r.relay);
  EXPECT_FALSE(r.outcome.has_usage);
}

TEST(AnswerRelay, WhatIsNoJsonPassesAndHasNoUsage) {
  Relay r;
  r.upstream->add("<html>\"usage\":{\"prompt_tokens\":3}");
  r.upstream->end();
  ASSERT_TRUE(r.hold());
  EXPECT_EQ(drain(*r.relay).bytes, "<html>\"usage\":{\"prompt_tokens\":3}");
  EXPECT_FALSE(r.outcome.has_usage);
}

}  // namespace
}  // namespace kthena::router
