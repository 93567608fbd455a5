#include "router/connectors/stream_relay.h"

#include <gtest/gtest.h>

#include "async/scope.h"
#include "async/simulated_loop.h"
#include "async/time.h"
#include "base/random.h"
#include "json/parse.h"
#include "router/testing/scripted_source.h"

namespace kthena::router {
namespace {

using namespace std::chrono_literals;
using http::Pulled;
using testing::drain;
using testing::Drained;
using testing::ScriptedSource;

constexpr std::string_view kRole =
    "data: {\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\"}}]}\n\n";
constexpr std::string_view kHello =
    "data: {\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hello\"}}]}\n\n";
constexpr std::string_view kWorld =
    "data: {\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\" world\"}}]}\n\n";
constexpr std::string_view kUsage =
    "data: {\"id\":\"c\",\"choices\":[],\"usage\":{\"prompt_tokens\":10,\"completion_tokens\":2,"
    "\"total_tokens\":12}}\n\n";
constexpr std::string_view kUsageWithChoices =
    "data: {\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{}}],\"usage\":{\"prompt_tokens\":10,"
    "\"completion_tokens\":2,\"total_tokens\":12}}\n\n";
constexpr std::string_view kDone = "data: [DONE]\n\n";
constexpr std::string_view kDeath =
    "data: {\"error\":{\"message\":\"the engine stopped before the answer was complete; retry the "
    "request\",\"type\":\"server_error\",\"param\":null,\"code\":\"upstream_disconnected\"}}\n\n";

std::string join(std::initializer_list<std::string_view> parts) {
  std::string all;
  for (const std::string_view part : parts) {
    all += part;
  }
  return all;
}

/// A relay and what it stands between.
struct Relay {
  explicit Relay(StreamRelay::Options options = {}) {
    auto source = std::make_unique<ScriptedSource>();
    upstream = source.get();
    relay = std::make_unique<StreamRelay>(loop, std::move(source), options, outcome, timings);
  }
  Result<> wait_first() { return run_until_done(loop, relay->wait_first()); }
  /// Everything until the relay stops or blocks.
  Drained take() { return drain(*relay); }

  async::SimulatedLoop loop{3};
  Outcome outcome;
  Timings timings;
  ScriptedSource* upstream = nullptr;
  std::unique_ptr<StreamRelay> relay;
};

TEST(StreamRelay, PassesAStreamUnchangedAndEndsWithIt) {
  Relay r;
  const std::string all = join({kRole, kHello, kWorld, kDone});
  r.upstream->add(all);
  r.upstream->end();
  ASSERT_TRUE(r.wait_first());
  const Drained drained = r.take();
  EXPECT_EQ(drained.bytes, all);
  EXPECT_EQ(drained.end, Pulled::Kind::End);
  EXPECT_TRUE(r.outcome.stream_complete);
  EXPECT_FALSE(r.outcome.has_usage);
}

TEST(StreamRelay, AnEndWithoutTheMarkerIsDeathWithOneErrorEventAndNoProperEnd) {
  Relay r;
  r.upstream->add(join({kRole, kHello}));
  r.upstream->end();
  ASSERT_TRUE(r.wait_first());
  const Drained drained = r.take();
  EXPECT_EQ(drained.bytes, join({kRole, kHello, kDeath}));
  EXPECT_EQ(drained.end, Pulled::Kind::Failed);
  EXPECT_EQ(r.take().end, Pulled::Kind::Failed) << "for ever";
  EXPECT_FALSE(r.outcome.stream_complete);
}

TEST(StreamRelay, AResetIsDeathTooAndWhatWasHeldBackIsNotSent) {
  Relay r;
  r.upstream->add(join({kHello, kWorld.substr(0, 30)}));
  r.upstream->break_off();
  ASSERT_TRUE(r.wait_first());
  const Drained drained = r.take();
  EXPECT_EQ(drained.bytes, join({kHello, kDeath}));
  EXPECT_EQ(drained.end, Pulled::Kind::Failed);
}

TEST(StreamRelay, MalformedFramingIsDeath) {
  Relay r;
  r.upstream->add(std::string(kHello));
  r.upstream->break_off(ErrorCode::Malformed);
  ASSERT_TRUE(r.wait_first());
  EXPECT_EQ(r.take().bytes, join({kHello, kDeath}));
  EXPECT_EQ(r.relay->error().code(), ErrorCode::Malformed);
}

TEST(StreamRelay, DeathBeforeTheFirstEventIsAnErrorOfWaitFirstAndSaysNothing) {
  for (const bool reset : {false, true}) {
    Relay r;
    r.upstream->add(std::string(kHello.substr(0, kHello.size() - 1)));
    reset ? r.upstream->break_off() : r.upstream->end();
    const auto first = r.wait_first();
    ASSERT_FALSE(first);
    EXPECT_EQ(first.error().code(), ErrorCode::Disconnected);
  }
}

TEST(StreamRelay, AHiddenUsageEventAloneIsNoFirstEvent) {
  Relay r({.hide_usage = true});
  r.upstream->add(std::string(kUsage));
  r.upstream->end();
  EXPECT_FALSE(r.wait_first());
}

TEST(StreamRelay, AfterTheMarkerAResetIsSuccess) {
  Relay r;
  r.upstream->add(join({kHello, kDone}));
  r.upstream->break_off();
  ASSERT_TRUE(r.wait_first());
  const Drained drained = r.take();
  EXPECT_EQ(drained.bytes, join({kHello, kDone}));
  EXPECT_EQ(drained.end, Pulled::Kind::End);
}

TEST(StreamRelay, TheMarkerIsKnownInAllSpellings) {
  for (const std::string_view done :
       {"data: [DONE]\n\n", "data:[DONE]\n\n", "data: [DONE]\r\n\r\n", "data: [DONE]\r\r",
        "id: 7\ndata: [DONE]\n\n", "data: [DONE]\nid: 7\n\n", ": ping\ndata: [DONE]\n\n"}) {
    Relay r;
    r.upstream->add(join({kHello, done}));
    r.upstream->end();
    ASSERT_TRUE(r.wait_first());
    EXPECT_EQ(r.take().end, Pulled::Kind::End) << done;
  }
}

TEST(StreamRelay, AMarkerWithoutABlankLineBehindItIsOne) {
  Relay r;
  r.upstream->add(join({kHello, "data: [DONE]\n"}));
  r.upstream->end();
  ASSERT_TRUE(r.wait_first());
  const auto taken = r.take();
  EXPECT_EQ(taken.end, Pulled::Kind::End);
  EXPECT_TRUE(taken.bytes.ends_with("data: [DONE]\n")) << taken.bytes;
}

TEST(StreamRelay, StreamsOfOtherApisNeedNoMarkerButAProperEnd) {
  Relay whole({.dialect = stream_dialect("/v1/images/generations")});
  whole.upstream->add("event: image\ndata: {}\n\n");
  whole.upstream->end();
  ASSERT_TRUE(whole.wait_first());
  EXPECT_EQ(whole.take().end, Pulled::Kind::End);
  Relay cut({.dialect = stream_dialect("/v1/images/generations")});
  cut.upstream->add("event: image\ndata: {}\n\n");
  cut.upstream->break_off();
  ASSERT_TRUE(cut.wait_first());
  EXPECT_EQ(cut.take().end, Pulled::Kind::Failed);
}

TEST(StreamRelay, AMarkerWithinTextIsNone) {
  for (const auto dialect :
       {StreamDialect::OpenAi, StreamDialect::Responses, StreamDialect::Messages}) {
    Relay r({.dialect = dialect});
    r.upstream->add(
        "data: {\"choices\":[{\"text\":\"data: [DONE]\"}]}\n\n"
        "event: response.output_text.delta\n"
        "data: "
        "{\"type\":\"response.output_text.delta\",\"delta\":\"\\\"response.completed\\\"\"}\n\n"
        "event: content_block_delta\n"
        "data: {\"type\":\"content_block_delta\",\"delta\":{\"text\":\"message_stop\"}}\n\n");
    r.upstream->end();
    ASSERT_TRUE(r.wait_first());
    EXPECT_EQ(r.take().end, Pulled::Kind::Failed);
  }
}

TEST(StreamRelay, EachDialectHasItsMarkers) {
  const std::vector<std::pair<StreamDialect, std::string_view>> markers = {
      {StreamDialect::Responses,
       "event: response.completed\ndata: {\"type\":\"response.completed\"}\n\n"},
      {StreamDialect::Responses,
       "event: response.incomplete\ndata: {\"type\":\"response.incomplete\"}\n\n"},
      {StreamDialect::Responses, "data: {\"response\":{}, \"type\" : \"response.failed\"}\n\n"},
      {StreamDialect::Messages, "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n"},
      {StreamDialect::Messages, "data: {\"type\": \"message_stop\"}\n\n"}};
  for (const auto& [dialect, marker] : markers) {
    Relay r({.dialect = dialect});
    r.upstream->add("event: x\ndata: {}\n\n" + std::string(marker));
    r.upstream->end();
    ASSERT_TRUE(r.wait_first());
    EXPECT_EQ(r.take().end, Pulled::Kind::End) << marker;
    Relay other({.dialect = StreamDialect::OpenAi});
    other.upstream->add(std::string(marker));
    other.upstream->end();
    ASSERT_TRUE(other.wait_first());
    EXPECT_EQ(other.take().end, Pulled::Kind::Failed) << marker;
  }
}

TEST(StreamRelay, TheErrorEventHasTheShapeOfItsDialect) {
  Relay responses({.dialect = StreamDialect::Responses});
  responses.upstream->add("event: response.created\ndata: {\"sequence_number\":0}\n\n");
  responses.upstream->add("event: response.in_progress\ndata: {\"sequence_number\":1}\n\n");
  responses.upstream->end();
  ASSERT_TRUE(responses.wait_first());
  std::string bytes = responses.take().bytes;
  EXPECT_TRUE(bytes.ends_with(
      "event: error\ndata: {\"type\":\"error\",\"code\":\"upstream_disconnected\",\"message\":"
      "\"the engine stopped before the answer was complete; retry the request\",\"param\":null,"
      "\"sequence_number\":2}\n\n"))
      << bytes;

  Relay messages({.dialect = StreamDialect::Messages});
  messages.upstream->add("event: message_start\ndata: {}\n\n");
  messages.upstream->end();
  ASSERT_TRUE(messages.wait_first());
  bytes = messages.take().bytes;
  EXPECT_TRUE(bytes.ends_with(
      "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"api_error\",\"message\":"
      "\"the engine stopped before the answer was complete; retry the request\"}}\n\n"))
      << bytes;
}

TEST(StreamRelay, UsageThatOnlyTheRouterAskedForIsHiddenWithItsBlankLine) {
  Relay r({.hide_usage = true});
  r.upstream->add(join({kRole, kHello, kUsage, kDone}));
  r.upstream->end();
  ASSERT_TRUE(r.wait_first());
  EXPECT_EQ(r.take().bytes, join({kRole, kHello, kDone}));
  ASSERT_TRUE(r.outcome.has_usage);
  EXPECT_EQ(r.outcome.usage.prompt_tokens, 10U);
  EXPECT_EQ(r.outcome.usage.completion_tokens, 2U);
}

TEST(StreamRelay, UsageThatTheClientAskedForIsPassedOn) {
  Relay r({.hide_usage = false});
  const std::string all = join({kRole, kHello, kUsage, kDone});
  r.upstream->add(all);
  r.upstream->end();
  ASSERT_TRUE(r.wait_first());
  EXPECT_EQ(r.take().bytes, all);
  EXPECT_EQ(r.outcome.usage.prompt_tokens, 10U);
}

TEST(StreamRelay, UsageBesideChoicesIsPassedOn) {
  Relay r({.hide_usage = true});
  const std::string all = join({kHello, kUsageWithChoices, kDone});
  r.upstream->add(all);
  r.upstream->end();
  ASSERT_TRUE(r.wait_first());
  EXPECT_EQ(r.take().bytes, all);
  EXPECT_EQ(r.outcome.usage.completion_tokens, 2U);
}

TEST(StreamRelay, TheLastOfCumulativeUsagesCounts) {
  Relay r({.hide_usage = true});
  r.upstream->add(
      "data: {\"choices\":[{}],\"usage\":{\"prompt_tokens\":5,\"completion_tokens\":1}}\n\n"
      "data: {\"choices\":[{}],\"usage\":{\"prompt_tokens\":5,\"completion_tokens\":2}}\n\n");
  r.upstream->add(std::string(kDone));
  r.upstream->end();
  ASSERT_TRUE(r.wait_first());
  r.take();
  EXPECT_EQ(r.outcome.usage.completion_tokens, 2U);
}

TEST(StreamRelay, UsageIsHiddenInEventsOfSeveralFieldsToo) {
  for (const std::string_view usage :
       {"event: message\ndata: {\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":4}}\n\n",
        "data: {\"usage\":\ndata: {\"prompt_tokens\":3,\"completion_tokens\":4}}\n\n",
        "data:{\"choices\":[],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":4}}\r\n\r\n"}) {
    Relay r({.hide_usage = true});
    r.upstream->add(join({kHello, usage, kDone}));
    r.upstream->end();
    ASSERT_TRUE(r.wait_first());
    EXPECT_EQ(r.take().bytes, join({kHello, kDone})) << usage;
    EXPECT_EQ(r.outcome.usage.completion_tokens, 4U) << usage;
  }
}

TEST(StreamRelay, TheUsageOfTheResponsesApiIsInItsLastEvent) {
  for (const std::string_view type : {"response.completed", "response.incomplete"}) {
    Relay r({.dialect = StreamDialect::Responses});
    r.upstream->add(
        "event: response.created\ndata: "
        "{\"type\":\"response.created\",\"response\":{\"usage\":null}}\n\n");
    ASSERT_TRUE(r.wait_first());
    r.take();
    EXPECT_EQ(r.timings.first_token, Instant{});
    r.loop.run_for(1s);
    r.upstream->add(
        "event: response.output_text.delta\ndata: "
        "{\"type\":\"response.output_text.delta\",\"delta\":\"a\"}\n\n");
    r.take();
    EXPECT_EQ(r.timings.first_token, r.loop.now());
    r.upstream->add("event: " + std::string(type) + "\ndata: {\"type\":\"" + std::string(type) +
                    "\",\"response\":{\"usage\":{\"input_tokens\":36,\"output_tokens\":87}}}\n\n");
    r.upstream->end();
    EXPECT_EQ(r.take().end, Pulled::Kind::End);
    EXPECT_EQ(r.outcome.usage.prompt_tokens, 36U);
    EXPECT_EQ(r.outcome.usage.completion_tokens, 87U);
  }
}

TEST(StreamRelay, TheUsageOfTheMessagesApiIsInItsFirstAndInItsLastEvents) {
  Relay r({.dialect = StreamDialect::Messages});
  r.upstream->add(
      "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"usage\":"
      "{\"input_tokens\":25,\"output_tokens\":1}}}\n\n");
  ASSERT_TRUE(r.wait_first());
  r.take();
  EXPECT_EQ(r.timings.first_token, Instant{});
  r.loop.run_for(1s);
  r.upstream->add(
      "data: {\"type\":\"content_block_delta\",\"delta\":{\"type\":\"text_delta\"}}\n\n");
  r.take();
  EXPECT_EQ(r.timings.first_token, r.loop.now());
  EXPECT_EQ(r.outcome.usage.completion_tokens, 0U) << "not that of the start";
  r.upstream->add(
      "event: message_delta\ndata: "
      "{\"type\":\"message_delta\",\"usage\":{\"output_tokens\":15}}\n\n"
      "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n");
  r.upstream->end();
  EXPECT_EQ(r.take().end, Pulled::Kind::End);
  EXPECT_EQ(r.outcome.usage.prompt_tokens, 25U);
  EXPECT_EQ(r.outcome.usage.completion_tokens, 15U);
}

TEST(StreamRelay, EventsFromTheFirstTokenOnAreCounted) {
  Relay r;
  r.upstream->add(join({kRole, ": ping\n\n", kHello, kWorld, ": ping\n\n", kHello}));
  r.upstream->break_off();
  ASSERT_TRUE(r.wait_first());
  r.take();
  EXPECT_EQ(r.outcome.token_events, 3U);
  EXPECT_EQ(r.outcome.usage.completion_tokens, 0U);
}

TEST(StreamRelay, AnEnginesOwnErrorEventPassesEvenWithUsage) {
  Relay r({.hide_usage = true});
  const std::string all =
      join({kHello, "data: {\"error\":{\"message\":\"no\"},\"usage\":{\"prompt_tokens\":1}}\n\n",
            kDone});
  r.upstream->add(all);
  r.upstream->end();
  ASSERT_TRUE(r.wait_first());
  EXPECT_EQ(r.take().bytes, all);
}

TEST(StreamRelay, TheFirstTokenIsNotTheRoleEvent) {
  Relay r;
  r.loop.run_for(1s);
  r.upstream->add(std::string(kRole));
  ASSERT_TRUE(r.wait_first());
  r.take();
  EXPECT_EQ(r.timings.first_token, Instant{});
  r.loop.run_for(1s);
  r.upstream->add(std::string(kHello));
  r.take();
  EXPECT_EQ(r.timings.first_token, r.loop.now());
}

TEST(StreamRelay, CommentsAndKeepAlivesAreNoFirstEventAndNoFirstToken) {
  const std::string alive =
      ": ping\n\n\r\n:\r\n\r\nretry: 3000\n\nevent: ping\n\ndata:\n\ndata: \r\n\r\n";
  Relay r;
  for (int i = 0; i < 1000; ++i) {
    r.upstream->add(alive);
  }
  r.upstream->add(std::string(kRole));
  ASSERT_TRUE(r.wait_first());
  EXPECT_EQ(r.take().bytes, kRole) << "what came before is not kept";
  EXPECT_EQ(r.timings.first_token, Instant{}) << "the role is no token, whatever came before it";
  r.upstream->add(join({alive, kHello}));
  EXPECT_EQ(r.take().bytes, join({alive, kHello})) << "passed on as soon as there was an event";
  EXPECT_EQ(r.timings.first_token, r.loop.now());
}

TEST(StreamRelay, DeathAfterCommentsAloneIsAnErrorOfWaitFirst) {
  Relay r;
  r.upstream->add(": ping\n\n: ping\n\n");
  r.upstream->break_off();
  const auto first = r.wait_first();
  ASSERT_FALSE(first);
  EXPECT_EQ(first.error().code(), ErrorCode::Disconnected);
}

TEST(StreamRelay, ACommentInFrontOfAnEventsFieldsBelongsToIt) {
  Relay r;
  const std::string event = ": hello\n" + std::string(kHello);
  r.upstream->add(event);
  ASSERT_TRUE(r.wait_first());
  EXPECT_EQ(r.take().bytes, event);
  EXPECT_EQ(r.timings.first_token, r.loop.now());
}

TEST(StreamRelay, PingsOfTheMessagesApiAreKeepAlivesToo) {
  Relay r({.dialect = StreamDialect::Messages});
  const std::string ping = "event: ping\ndata: {\"type\":\"ping\"}\n\n";
  r.upstream->add(ping);
  r.upstream->break_off();
  EXPECT_FALSE(r.wait_first());
}

TEST(StreamRelay, CommentsAreASignOfLife) {
  Relay r({.idle_timeout = 10s});
  r.upstream->add(std::string(kHello));
  ASSERT_TRUE(r.wait_first());
  for (int i = 0; i < 10; ++i) {
    r.take();
    r.loop.run_for(9s);
    r.upstream->add(": ping\n\n");
  }
  EXPECT_EQ(r.take().end, Pulled::Kind::WouldBlock);
}

TEST(StreamRelay, CommentsAreNotCountedInTheSequenceNumberOfAnError) {
  Relay r({.dialect = StreamDialect::Responses});
  r.upstream->add(
      "event: response.created\ndata: {\"type\":\"response.created\",\"sequence_number\":0}\n\n"
      ": ping\n\n");
  r.upstream->end();
  ASSERT_TRUE(r.wait_first());
  EXPECT_TRUE(r.take().bytes.contains("\"sequence_number\":1}"));
}

TEST(StreamRelay, AnySplitOfTheBytesGivesTheSameOutput) {
  const std::string comment = ": ping\r\n\r\n";
  const std::string with_usage =
      join({kRole, comment, kHello, kUsageWithChoices, kWorld, kUsage, kHello, kUsage, kDone});
  const std::string hidden =
      join({kRole, comment, kHello, kUsageWithChoices, kWorld, kHello, kDone});
  Random random(42);
  for (int run = 0; run < 2000; ++run) {
    const std::size_t cut = random.uniform(with_usage.size() + 1);
    const bool dies =
        random.chance(0.5) && cut > kRole.size() &&
        cut < with_usage.size() - 2;  // the blank line behind the marker may be missing
    const std::string_view sent =
        std::string_view(with_usage).substr(0, dies ? cut : std::string::npos);
    Relay r({.hide_usage = true});
    const std::size_t largest = 1 + random.uniform(random.chance(0.5) ? 8 : 400);
    for (std::size_t at = 0; at < sent.size();) {
      const std::size_t size = 1 + random.uniform(largest);
      r.upstream->add(std::string(sent.substr(at, size)));
      at += size;
    }
    r.upstream->end();
    ASSERT_TRUE(r.wait_first());
    const Drained drained = r.take();
    if (!dies) {
      ASSERT_EQ(drained.bytes, hidden);
      ASSERT_EQ(drained.end, Pulled::Kind::End);
      continue;
    }
    ASSERT_EQ(drained.end, Pulled::Kind::Failed);
    ASSERT_TRUE(drained.bytes.ends_with(kDeath));
    const std::string_view before =
        std::string_view(drained.bytes).substr(0, drained.bytes.size() - kDeath.size());
    ASSERT_TRUE(hidden.starts_with(before));
    ASSERT_TRUE(before.ends_with("\n\n") || before.ends_with("\r\n\r\n")) << "whole events only";
  }
}

TEST(StreamRelay, AnOversizedEventPassesInPartsAndDeathWithinItIsAnAbortAlone) {
  const std::string big = "data: {\"x\":\"" + std::string(100'000, 'x');
  Relay r;
  r.upstream->add(std::string(kHello));
  ASSERT_TRUE(r.wait_first());
  r.upstream->add(big.substr(0, 40'000));
  EXPECT_EQ(r.take().bytes, kHello) << "held back";
  r.upstream->add(big.substr(40'000));
  EXPECT_EQ(r.take().bytes, big);
  r.upstream->break_off();
  const Drained drained = r.take();
  EXPECT_EQ(drained.bytes, "");
  EXPECT_EQ(drained.end, Pulled::Kind::Failed);
  EXPECT_EQ(r.relay->last_words(), "");
}

TEST(StreamRelay, AfterAnOversizedEventDeathIsToldAgainEvenIfItWasTheFirst) {
  const std::string big = "data: {\"x\":\"" + std::string(100'000, 'x') + "\"}\n\n";
  Relay r;
  for (std::size_t at = 0; at < big.size(); at += 30'000) {
    r.upstream->add(big.substr(at, 30'000));
  }
  r.upstream->end();
  ASSERT_TRUE(r.wait_first());
  EXPECT_EQ(r.take().bytes, big + std::string(kDeath));
}

TEST(StreamRelay, AnEngineSilentForTheIdleLimitIsDead) {
  Relay r({.idle_timeout = 300s});
  r.upstream->add(std::string(kHello));
  ASSERT_TRUE(r.wait_first());
  r.take();
  const auto read = [](StreamRelay& relay, Drained& all) -> async::Task<void> {
    while (true) {
      const auto data = co_await http::next(relay);
      if (!data || !*data) {
        all.end = data ? Pulled::Kind::End : Pulled::Kind::Failed;
        co_return;
      }
      all.bytes += **data;
    }
  };
  Drained all;
  async::TaskScope tasks(r.loop);
  tasks.spawn(read(*r.relay, all));
  r.loop.run_for(299s);
  r.upstream->add(std::string(kWorld));
  r.loop.run_for(299s);
  EXPECT_EQ(all.bytes, kWorld);
  r.upstream->wake();  // a wake-up for nothing is no sign of life
  r.loop.run_for(2s);
  EXPECT_EQ(all.end, Pulled::Kind::Failed);
  EXPECT_EQ(all.bytes,
            join({kWorld,
                  "data: {\"error\":{\"message\":\"the engine was silent for too long; "
                  "retry the request\",\"type\":\"server_error\",\"param\":null,\"code\":"
                  "\"upstream_timeout\"}}\n\n"}));
  EXPECT_EQ(tasks.running(), 0U);
}

TEST(StreamRelay, TheIdleLimitBoundsTheWaitForTheFirstEventToo) {
  Relay r({.idle_timeout = 10s});
  const Instant begin = r.loop.now();
  const auto first = r.wait_first();
  ASSERT_FALSE(first);
  EXPECT_EQ(first.error().code(), ErrorCode::DeadlineExceeded);
  EXPECT_EQ(r.loop.now() - begin, 10s);
}

TEST(StreamRelay, ASlowClientDoesNotMakeTheEngineLookDead) {
  Relay r({.idle_timeout = 10s});
  r.upstream->add(std::string(kHello));
  ASSERT_TRUE(r.wait_first());
  r.upstream->add(std::string(kWorld));
  r.loop.run_for(60s);  // nobody pulls
  Drained drained = r.take();
  EXPECT_EQ(drained.bytes, join({kHello, kWorld}));
  EXPECT_EQ(drained.end, Pulled::Kind::WouldBlock);
  r.loop.run_for(9s);
  EXPECT_EQ(r.take().end, Pulled::Kind::WouldBlock) << "the wait began when all was pulled";
  r.loop.run_for(15s);
  drained = r.take();
  EXPECT_TRUE(drained.bytes.contains("upstream_timeout"));
}

TEST(StreamRelay, AnEngineThatDoesNotEndAfterTheMarkerIsEndedWithSuccess) {
  Relay r({.idle_timeout = 10s});
  r.upstream->add(join({kHello, kDone}));
  ASSERT_TRUE(r.wait_first());
  EXPECT_EQ(r.take().end, Pulled::Kind::WouldBlock);
  EXPECT_TRUE(r.outcome.stream_complete) << "a client that leaves now has it all";
  r.loop.run_for(30s);
  EXPECT_EQ(r.take().end, Pulled::Kind::End);
}

TEST(StreamRelay, LastWordsAreAnEventOfTheRouterBetweenEventsOnly) {
  Relay r;
  EXPECT_EQ(r.relay->last_words(), "") << "nothing was sent yet";
  r.upstream->add(join({kHello, kWorld.substr(0, 20)}));
  ASSERT_TRUE(r.wait_first());
  r.take();
  EXPECT_EQ(r.relay->last_words(),
            "data: {\"error\":{\"message\":\"the router is shutting down; retry the request\","
            "\"type\":\"server_error\",\"param\":null,\"code\":\"router_shutdown\"}}\n\n");
  r.upstream->add(std::string(kWorld.substr(20)));
  r.upstream->add(std::string(kDone));
  r.take();
  EXPECT_EQ(r.relay->last_words(), "") << "nothing is missing";
}

TEST(StreamRelay, CancellingTheReaderLeavesNoWaiterBehind) {
  Relay r;
  r.upstream->add(std::string(kHello));
  ASSERT_TRUE(r.wait_first());
  r.take();
  const auto read = [](StreamRelay& relay) -> async::Task<void> {
    static_cast<void>(co_await http::next(relay));
  };
  async::TaskScope tasks(r.loop);
  tasks.spawn(read(*r.relay));
  r.loop.run_ready();
  tasks.cancel();
  r.loop.run_ready();
  EXPECT_EQ(tasks.running(), 0U);
  r.upstream->add(std::string(kWorld));  // would wake a waiter that is gone
  r.loop.run_for(400s);
  EXPECT_EQ(r.take().bytes, kWorld);
}

}  // namespace
}  // namespace kthena::router
