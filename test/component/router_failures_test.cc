// Engines that fail in every way: what is tried again, what the client gets, what is counted.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "async/combine.h"
#include "async/time.h"
#include "router_world.h"

namespace kthena::router {
namespace {

using namespace std::chrono_literals;
using async::Task;
using ::testing::AllOf;
using testing::answer;
using testing::chunk;
using ::testing::Each;
using ::testing::ElementsAre;
using testing::event;
using ::testing::HasSubstr;
using testing::kChat;
using testing::kDone;
using testing::kLastChunk;
using testing::kStream;
using testing::Message;
using testing::Script;
using testing::send;
using ::testing::SizeIs;
using ::testing::StartsWith;
using testing::stream_head;
using testing::wait;
using testing::World;

constexpr std::string_view kDeath =
    "data: {\"error\":{\"message\":\"the engine stopped before the answer was complete; retry the "
    "request\",\"type\":\"server_error\",\"param\":null,\"code\":\"upstream_disconnected\"}}\n\n";

/// The first engine that is asked does `first`, all others answer.
void first_does(World& world, Script first) {
  const auto asked = std::make_shared<int>(0);
  for (const auto& engine : world.engines) {
    engine->script = [asked, first](const Message&) {
      return (*asked)++ == 0 ? first : Script{send(answer(200, "{\"ok\":1}"))};
    };
  }
}
std::size_t asked(const World& world) {
  std::size_t sum = 0;
  for (const auto& engine : world.engines) {
    sum += engine->seen.size();
  }
  return sum;
}

TEST(RouterFailures, S26AFirstEngineWith503IsFollowedByASecondWithTheWholeBody) {
  World world;
  first_does(world, {send(answer(503, "busy", "Set-Cookie: stale=1\r\n"))});
  const Message answered = world.fetch(World::post(kChat));
  EXPECT_EQ(answered.status(), 200);
  EXPECT_EQ(answered.body, "{\"ok\":1}");
  EXPECT_FALSE(answered.header("Set-Cookie")) << "of the first attempt";
  ASSERT_EQ(world.engines[0]->seen.size(), 1U);
  ASSERT_EQ(world.engines[1]->seen.size(), 1U);
  EXPECT_EQ(world.engines[0]->seen[0].body, world.engines[1]->seen[0].body);
  EXPECT_THAT(world.log_lines(),
              ElementsAre(HasSubstr("upstream_status_code=200 upstream_attempts=2")));
  EXPECT_EQ(world.in_flight(), 0);
}

TEST(RouterFailures, EachKindOfFailureBeforeTheFirstByteIsTriedElsewhere) {
  const std::vector<std::pair<const char*, Script>> failures = {
      {"close", {testing::close()}},
      {"reset", {testing::reset()}},
      {"half a head", {send("HTTP/1.1 200 OK\r\nContent-"), testing::close()}},
      {"no HTTP", {send("SSH-2.0-OpenSSH\r\n\r\n"), testing::close()}},
      {"half a body", {send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n1234"), testing::close()}},
      {"bad chunk", {send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n")}},
      {"a stream without an event", {send(stream_head()), testing::close()}},
      {"half an event", {send(stream_head() + chunk("data: {")), testing::reset()}},
      {"an ended stream without an event", {send(stream_head() + std::string(kLastChunk))}},
      {"408", {send(answer(408, ""))}},
      {"429", {send(answer(429, ""))}},
      {"500", {send(answer(500, ""))}},
      {"502", {send(answer(502, ""))}},
      {"503", {send(answer(503, ""))}},
      {"504", {send(answer(504, ""))}}};
  for (const auto& [name, failure] : failures) {
    World world;
    first_does(world, failure);
    const Message answered = world.fetch(World::post(kStream));
    EXPECT_EQ(answered.status(), 200) << name;
    EXPECT_TRUE(answered.whole) << name;
    EXPECT_EQ(asked(world), 2U) << name;
    EXPECT_EQ(world.in_flight(), 0) << name;
    EXPECT_THAT(world.log_lines(), ElementsAre(HasSubstr("upstream_attempts=2"))) << name;
    EXPECT_EQ(world.finish(), 0U) << name;
  }
}

TEST(RouterFailures, AClientsMistakesAndOtherStatusesPassUnchanged) {
  for (const int status : {200, 201, 301, 400, 401, 404, 413, 422, 501, 505}) {
    World world;
    first_does(world, {send(answer(status, "said so", "X-Why: 1\r\nContent-Type: text/x\r\n"))});
    const Message answered = world.fetch(World::post(kChat));
    EXPECT_EQ(answered.status(), status);
    EXPECT_EQ(answered.body, "said so");
    EXPECT_EQ(answered.header("X-Why"), "1");
    EXPECT_EQ(answered.header("Content-Type"), "text/x");
    EXPECT_EQ(asked(world), 1U) << status;
  }
}

TEST(RouterFailures, S25WhenAllRefuseTheLastAnswerIsForwarded) {
  World world({.engines = 3});
  for (const auto& engine : world.engines) {
    engine->script = [&world](const Message&) {
      return Script{send(answer(503, "refusal " + std::to_string(asked(world))))};
    };
  }
  const Message answered = world.fetch(World::post(kChat));
  EXPECT_EQ(answered.status(), 503);
  EXPECT_EQ(answered.body, "refusal 3") << "the last answer of an engine, not one of ours";
  EXPECT_EQ(asked(world), 3U);
  EXPECT_THAT(world.log_lines(), ElementsAre(HasSubstr(" 503 error=proxy:")));
  EXPECT_THAT(world.metrics(), HasSubstr("error_type=\"proxy\""));
  EXPECT_EQ(world.in_flight(), 0);
}

TEST(RouterFailures, ARefusalIsForwardedAlsoWhenALaterEngineGaveNoAnswer) {
  World world({.engines = 2});
  const auto count = std::make_shared<int>(0);
  for (const auto& engine : world.engines) {
    engine->script = [count](const Message&) {
      return (*count)++ == 0 ? Script{send(answer(429, "slow down", "Retry-After: 7\r\n"))}
                             : Script{testing::reset()};
    };
  }
  const Message answered = world.fetch(World::post(kChat));
  EXPECT_EQ(answered.status(), 429);
  EXPECT_EQ(answered.body, "slow down");
  EXPECT_EQ(answered.header("Retry-After"), "7");
}

TEST(RouterFailures, TheLogNamesThePodWhoseRefusalIsForwarded) {
  World world({.engines = 2});
  world.engines[0]->script = [](const Message&) { return Script{send(answer(429, "slow down"))}; };
  world.engines[1]->script = [](const Message&) {
    return Script{send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n1"), testing::reset()};
  };
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(world.fetch(World::post(kChat)).body, "slow down");
  }
  EXPECT_THAT(world.log_lines(),
              Each(AllOf(HasSubstr("selected_pod=e-0 "), HasSubstr("upstream_status_code=429 "),
                         HasSubstr("upstream_attempts=2"))));
}

TEST(RouterFailures, WithoutAnyAnswerTheRouterSays503) {
  World world({.engines = 2});
  for (const auto& engine : world.engines) {
    world.network.refuse(engine->address(), true);
  }
  const Message answered = world.fetch(World::post(kChat));
  EXPECT_EQ(answered.status(), 503);
  EXPECT_THAT(answered.body, HasSubstr("request to all pods failed"));
  EXPECT_THAT(answered.body, HasSubstr("\"type\":\"server_error\""));
  EXPECT_EQ(answered.header("Retry-After"), "1");
  EXPECT_THAT(world.log_lines(), ElementsAre(HasSubstr("upstream_attempts=2")));
  EXPECT_EQ(world.in_flight(), 0);
}

TEST(RouterFailures, A500IsTriedOnceMoreAndNotAThirdTime) {
  World world({.engines = 4});
  for (const auto& engine : world.engines) {
    engine->script = [](const Message&) { return Script{send(answer(500, "bug"))}; };
  }
  const Message answered = world.fetch(World::post(kChat));
  EXPECT_EQ(answered.status(), 500);
  EXPECT_EQ(answered.body, "bug");
  EXPECT_EQ(asked(world), 2U);
}

TEST(RouterFailures, A500AfterAnotherFailureIsStillTriedOnceMore) {
  World world({.engines = 3});
  const auto count = std::make_shared<int>(0);
  for (const auto& engine : world.engines) {
    engine->script = [count](const Message&) {
      const int number = (*count)++;
      return number == 0   ? Script{testing::reset()}
             : number == 1 ? Script{send(answer(500, "bug"))}
                           : Script{send(answer(200, "{}"))};
    };
  }
  EXPECT_EQ(world.fetch(World::post(kChat)).status(), 200);
  EXPECT_EQ(asked(world), 3U);
}

TEST(RouterFailures, AtMostFiveEnginesAreTried) {
  World world({.engines = 8});
  for (const auto& engine : world.engines) {
    engine->script = [](const Message&) { return Script{testing::reset()}; };
  }
  EXPECT_EQ(world.fetch(World::post(kChat)).status(), 503);
  EXPECT_EQ(asked(world), 5U);
}

TEST(RouterFailures, AResetOfAReusedConnectionIsNoAttempt) {
  World world({.engines = 1});
  const auto number = std::make_shared<int>(0);
  world.engines[0]->script = [number](const Message&) {
    // The second request comes over the connection of the first, and finds it closing.
    return (*number)++ == 1 ? Script{testing::reset()} : Script{send(answer(200, "{}"))};
  };
  EXPECT_EQ(world.fetch(World::post(kChat)).status(), 200);
  EXPECT_EQ(world.fetch(World::post(kChat)).status(), 200);
  EXPECT_EQ(world.engines[0]->seen.size(), 3U);
  EXPECT_EQ(world.engines[0]->connections, 2U);
  EXPECT_THAT(world.log_lines(), Each(HasSubstr("upstream_attempts=1")));
  EXPECT_EQ(world.endpoint(0).failures_in_row.load(), 0U);
}

TEST(RouterFailures, RetriesAreBoundedByAFifthOfTheCalls) {
  World world({.engines = 2});
  for (const auto& engine : world.engines) {
    engine->script = [](const Message&) { return Script{send(answer(503, "no"))}; };
  }
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(world.fetch(World::post(kChat)).status(), 503);
  }
  const std::size_t retries = asked(world) - 100;
  EXPECT_GE(retries, 10U);
  EXPECT_LE(retries, 20U);
}

TEST(RouterFailures, RetriesAreCountedForEachModelOfARoute) {
  World world({.engines = 2});
  for (const auto& engine : world.engines) {
    engine->script = [](const Message&) { return Script{send(answer(503, "no"))}; };
  }
  for (int i = 0; i < 50; ++i) {
    world.fetch(World::post(kChat));
  }
  const std::size_t before = asked(world);
  EXPECT_EQ(before, 50U + 10U) << "used up";
  world.fetch(World::post(R"({"model":"adapter"})"));
  EXPECT_EQ(asked(world) - before, 2U) << "another model, of the same route";
}

TEST(RouterFailures, NothingIsKeptForModelsAndPodsThatAreGone) {
  World world({.engines = 2});
  world.engines[0]->script = [](const Message&) { return Script{wait(1s), testing::reset()}; };
  world.fetch(World::post(kChat));
  world.fetch(World::post(R"({"model":"adapter"})"));
  EXPECT_EQ(world.shard->connector().model_count(), 2U);
  EXPECT_EQ(world.shard->client().endpoint_count(), 2U);
  EXPECT_EQ(world.shard->client().stats().idle, 1U);
  std::string yaml = world.manifests();
  yaml.replace(yaml.find("loraAdapters: [adapter], "), 25, "");
  world.apply(yaml.substr(0, yaml.rfind("---")));  // without the second pod
  EXPECT_EQ(world.shard->connector().model_count(), 1U);
  EXPECT_EQ(world.shard->client().endpoint_count(), 1U);
  EXPECT_EQ(world.shard->client().stats().idle, 0U);
  // A call that is under way while all goes finds its way, and leaves nothing for long.
  const auto remove = [](World& w) -> Task<void> {
    co_await async::sleep_for(500ms);
    w.apply("");
  };
  world.apply(world.manifests());
  world.tasks.spawn(remove(world));
  while (world.engines[0]->seen.size() < 3) {
    world.fetch(World::post(kChat));
  }
  world.loop.run_for(DataShard::kSweepAfter);
  EXPECT_EQ(world.shard->connector().model_count(), 0U);
  EXPECT_EQ(world.shard->client().endpoint_count(), 0U);
}

TEST(RouterFailures, ConfiguredAttemptsBoundTheRetriesAndPauseBetweenThem) {
  World world({.engines = 4});
  world.apply(world.manifests("  trafficPolicy: {retry: {attempts: 2, retryInterval: 1s}}\n"));
  for (const auto& engine : world.engines) {
    engine->script = [](const Message&) { return Script{send(answer(503, "no"))}; };
  }
  const Instant begin = world.loop.now();
  EXPECT_EQ(world.fetch(World::post(kChat)).status(), 503);
  EXPECT_EQ(asked(world), 3U);
  EXPECT_GE(world.loop.now() - begin, 1s);
  EXPECT_LE(world.loop.now() - begin, 3s);
}

TEST(RouterFailures, AClientThatLeavesBetweenAttemptsEndsTheCall) {
  World world({.engines = 4});
  world.apply(world.manifests("  trafficPolicy: {retry: {attempts: 3, retryInterval: 10s}}\n"));
  for (const auto& engine : world.engines) {
    engine->script = [](const Message&) { return Script{send(answer(503, "no"))}; };
  }
  const auto leave = [](World& w) -> Task<void> {
    auto stream = *co_await w.network.connect(w.address);
    CHECK(co_await net::write_all(*stream, World::post(kChat)));
    co_await async::sleep_for(1s);
  };
  world.run(leave(world));
  world.loop.run_for(60s);
  EXPECT_EQ(asked(world), 1U);
  EXPECT_THAT(world.log_lines(), ElementsAre(HasSubstr(" 499 error=client_cancelled:")));
  EXPECT_EQ(world.in_flight(), 0);
  EXPECT_EQ(world.finish(), 0U);
}

TEST(RouterFailures, S28ATimeoutBoundsTheWaitForTheHeadAndNotTheStream) {
  World world({.engines = 2});
  world.apply(world.manifests("  trafficPolicy: {timeout: 300ms}\n"));
  first_does(world, {wait(1h)});
  const Instant begin = world.loop.now();
  EXPECT_EQ(world.fetch(World::post(kChat)).status(), 200);
  EXPECT_GE(world.loop.now() - begin, 250ms);
  EXPECT_LE(world.loop.now() - begin, 1s);
  EXPECT_EQ(asked(world), 2U);

  World streaming({.engines = 1});
  streaming.apply(streaming.manifests("  trafficPolicy: {timeout: 200ms}\n"));
  streaming.engines[0]->script = [](const Message&) {
    return Script{send(stream_head()), wait(600ms), send(chunk(event("a"))), wait(600ms),
                  send(chunk(kDone) + std::string(kLastChunk))};
  };
  const Message answered = streaming.fetch(World::post(kStream));
  EXPECT_TRUE(answered.whole);
  EXPECT_EQ(answered.body, event("a") + std::string(kDone));
}

TEST(RouterFailures, AnEngineThatDoesNotAcceptIsGivenUpSoon) {
  World world({.engines = 2});
  // The one that is asked first.
  world.network.black_hole(world.engines[0]->address(), true);
  for (int i = 0; i < 2; ++i) {
    const Instant begin = world.loop.now();
    EXPECT_EQ(world.fetch(World::post(kChat)).status(), 200);
    EXPECT_LE(world.loop.now() - begin, 4s);
  }
  world.network.black_hole(world.engines[0]->address(), false);
  EXPECT_EQ(world.finish(), 0U);
}

TEST(RouterFailures, DeathWithinAStreamIsAnErrorEventAndNoLastChunk) {
  for (const Script& end : {Script{testing::close()}, Script{testing::reset()},
                            Script{send(std::string(kLastChunk))}, Script{send("nonsense\r\n")}}) {
    World world({.engines = 2});
    Script script{send(stream_head() + chunk(event("a")) + chunk(event("b").substr(0, 12))),
                  wait(1s)};
    script.insert(script.end(), end.begin(), end.end());
    first_does(world, script);
    const Message answered = world.fetch(World::post(kStream));
    EXPECT_EQ(answered.status(), 200);
    EXPECT_TRUE(answered.chunked);
    EXPECT_FALSE(answered.whole) << "no zero chunk";
    EXPECT_EQ(answered.body, event("a") + std::string(kDeath));
    EXPECT_EQ(asked(world), 1U) << "never tried again";
    EXPECT_THAT(world.log_lines(), ElementsAre(HasSubstr(" 200 error=response_forwarding:")));
    EXPECT_THAT(world.metrics(), HasSubstr("error_type=\"response_forwarding\""));
    EXPECT_EQ(world.in_flight(), 0);
    EXPECT_EQ(world.endpoint(0).failures_in_row.load() + world.endpoint(1).failures_in_row.load(),
              1U)
        << "counts for ejection";
    EXPECT_EQ(world.finish(), 0U);
  }
}

TEST(RouterFailures, WhatCameBeforeABadChunkInTheSameReadIsDelivered) {
  for (const Duration pause : {0s, 1s}) {
    World world({.engines = 1});
    world.engines[0]->script = [pause](const Message&) {
      const std::string rest = chunk(event("b")) + chunk(event("c")) + "nonsense\r\n";
      return pause == 0s ? Script{send(stream_head() + chunk(event("a")) + rest), wait(1h)}
                         : Script{send(stream_head() + chunk(event("a"))), wait(pause), send(rest),
                                  wait(1h)};
    };
    const Message answered = world.fetch(World::post(kStream));
    EXPECT_EQ(answered.body, event("a") + event("b") + event("c") + std::string(kDeath));
    EXPECT_FALSE(answered.whole);
  }
}

TEST(RouterFailures, AnEngineThatDiesInStreamAfterStreamIsEjected) {
  World world({.engines = 2});
  world.engines[0]->script = [](const Message&) {
    return Script{send(stream_head() + chunk(event("a"))), wait(1ms), testing::reset()};
  };
  world.engines[1]->script = [](const Message&) {
    return Script{send(stream_head() + chunk(kDone) + std::string(kLastChunk))};
  };
  for (int i = 0; i < 20; ++i) {
    world.fetch(World::post(kStream));
  }
  EXPECT_EQ(world.engines[0]->seen.size(), 3U) << "then held back for a second";
  EXPECT_EQ(world.engines[1]->seen.size(), 17U);
}

TEST(RouterFailures, TokensOfAStreamThatBreaksOffAreTheEventsUnlessTheEngineToldOfMore) {
  const std::string usage =
      "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"x\"}}],\"usage\":"
      "{\"prompt_tokens\":5,\"completion_tokens\":40,\"total_tokens\":45}}\n\n";
  for (const auto& [events, tokens] : {std::pair(event("a") + event("b") + event("c"), "3"),
                                       std::pair(event("a") + usage + event("b"), "40")}) {
    World world({.engines = 1});
    world.engines[0]->script = [&](const Message&) {
      return Script{send(stream_head() + chunk(events)), wait(1s), testing::reset()};
    };
    world.fetch(World::post(kStream));
    EXPECT_THAT(world.log_lines(), ElementsAre(HasSubstr("/" + std::string(tokens) + " timings=")));
  }
}

TEST(RouterFailures, AWholeStreamWithoutUsageHasNoTokens) {
  World world({.engines = 1});
  world.engines[0]->script = [](const Message&) {
    return Script{send(stream_head() + chunk(event("a") + event("b") + std::string(kDone)) +
                       std::string(kLastChunk))};
  };
  EXPECT_TRUE(world.fetch(World::post(kStream)).whole);
  EXPECT_THAT(world.log_lines(), ElementsAre(HasSubstr("/0 timings=")));
}

TEST(RouterFailures, CommentsAreNoAnswerSoDeathAfterThemIsTriedElsewhere) {
  World world;
  first_does(world, {send(stream_head() + chunk(": ping\n\n")), wait(1s), send(chunk("\n")),
                     wait(1s), send(chunk(":\n\n")), testing::reset()});
  const Message answered = world.fetch(World::post(kStream));
  EXPECT_EQ(answered.status(), 200);
  EXPECT_EQ(answered.body, "{\"ok\":1}");
  EXPECT_EQ(asked(world), 2U);
}

TEST(RouterFailures, SilenceInAStreamIsATimeout) {
  World world({.engines = 1, .shard = {.forward = {.stream_idle_timeout = 10s}}});
  world.engines[0]->script = [](const Message&) {
    return Script{send(stream_head() + chunk(event("a"))), wait(1h)};
  };
  const Instant begin = world.loop.now();
  const Message answered = world.fetch(World::post(kStream));
  EXPECT_FALSE(answered.whole);
  EXPECT_THAT(answered.body, HasSubstr("\"code\":\"upstream_timeout\""));
  EXPECT_LE(world.loop.now() - begin, 11s);
  EXPECT_TRUE(world.engines[0]->gone_at) << "the engine is told";
  EXPECT_EQ(world.in_flight(), 0);
}

TEST(RouterFailures, AnEngineThatFallsSilentBehindItsHeadIsGivenUpAndAnotherOneTried) {
  const std::string head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n";
  for (const std::string& begin : {head + "Content-Length: 9\r\n\r\n1234", head + "\r\n",
                                   stream_head() + chunk(event("a").substr(0, 9))}) {
    World world({.engines = 2, .shard = {.forward = {.stream_idle_timeout = 10s}}});
    first_does(world, {send(begin), wait(1h)});
    const Instant start = world.loop.now();
    const Message answered = world.fetch(World::post(kChat));
    EXPECT_EQ(answered.status(), 200);
    EXPECT_EQ(answered.body, "{\"ok\":1}");
    EXPECT_EQ(asked(world), 2U);
    EXPECT_LE(world.loop.now() - start, 11s);
    EXPECT_TRUE(world.engines[0]->gone_at || world.engines[1]->gone_at) << "the engine is told";
    EXPECT_EQ(world.in_flight(), 0);
    EXPECT_EQ(world.finish(), 0U);
  }
}

TEST(RouterFailures, WhenTheLastEngineFallsSilentTheAnswerIs504) {
  World world({.engines = 1, .shard = {.forward = {.stream_idle_timeout = 10s}}});
  for (const std::string& begin :
       {std::string("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n1234"), stream_head(),
        std::string("HTTP/1.1 503 Busy\r\nContent-Length: 9\r\n\r\n1234")}) {
    world.engines[0]->script = [&begin](const Message&) { return Script{send(begin), wait(1h)}; };
    const Message answered = world.fetch(World::post(kChat));
    EXPECT_EQ(answered.status(), 504);
    EXPECT_THAT(answered.body, HasSubstr("\"code\":\"upstream_timeout\""));
    EXPECT_THAT(answered.body, HasSubstr("\"type\":\"server_error\""));
  }
  EXPECT_THAT(world.log_lines(), Each(HasSubstr(" 504 error=proxy:")));
  EXPECT_EQ(world.in_flight(), 0);
}

TEST(RouterFailures, SilenceInALongAnswerCutsIt) {
  World world({.engines = 1, .shard = {.forward = {.stream_idle_timeout = 10s}}});
  world.engines[0]->script = [](const Message&) {
    return Script{
        send("HTTP/1.1 200 OK\r\nContent-Length: 3000000\r\n\r\n" + std::string(1'500'000, 'x')),
        wait(1h)};
  };
  const Instant start = world.loop.now();
  const Message answered = world.fetch(World::post(kChat));
  EXPECT_EQ(answered.status(), 200);
  EXPECT_FALSE(answered.whole);
  EXPECT_LE(world.loop.now() - start, 21s);
  EXPECT_THAT(world.log_lines(), ElementsAre(HasSubstr(" 200 error=response_forwarding:")));
  EXPECT_EQ(world.in_flight(), 0);
}

TEST(RouterFailures, ALongAnswerThatBreaksOffBeyondWhatIsHeldIsCut) {
  const std::string half(1'500'000, 'x');
  for (const bool with_length : {true, false}) {
    World world({.engines = 2});
    first_does(world, {send("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n" +
                            (with_length ? "Content-Length: 3000000\r\n\r\n" + half
                                         : "Transfer-Encoding: chunked\r\n\r\n" + chunk(half))),
                       wait(1s), testing::reset()});
    const Message answered = world.fetch(World::post(kChat));
    EXPECT_EQ(answered.status(), 200);
    EXPECT_FALSE(answered.whole);
    EXPECT_EQ(answered.body.substr(0, half.size()).size(), answered.body.size());
    EXPECT_EQ(asked(world), 1U);
    EXPECT_THAT(world.log_lines(), ElementsAre(HasSubstr(" 200 error=response_forwarding:")));
    EXPECT_EQ(world.in_flight(), 0);
    EXPECT_EQ(world.finish(), 0U);
  }
}

TEST(RouterFailures, AnOldClientIsResetInsteadOfBeingGivenACutAnswerAsAWholeOne) {
  World world({.engines = 1});
  world.engines[0]->script = [](const Message&) {
    return Script{send(stream_head() + chunk(event("a"))), wait(1s), testing::reset()};
  };
  const Message answered = world.fetch(
      "POST /v1/chat/completions HTTP/1.0\r\nContent-Length: " + std::to_string(kStream.size()) +
      "\r\n\r\n" + std::string(kStream));
  EXPECT_FALSE(answered.chunked);
  EXPECT_TRUE(answered.reset) << "the end of the connection is the end of the body";
}

TEST(RouterFailures, AKilledEngineEndsItsStreamsAndNoOthers) {
  World world({.engines = 2});
  for (const auto& engine : world.engines) {
    engine->script = [](const Message&) {
      Script script{send(stream_head())};
      for (int i = 0; i < 10; ++i) {
        script.push_back(send(chunk(event(std::to_string(i)))));
        script.push_back(wait(1s));
      }
      script.push_back(send(chunk(kDone) + std::string(kLastChunk)));
      return script;
    };
  }
  std::vector<Message> answers;
  const auto fetch = [](World& w, std::vector<Message>& all) -> Task<void> {
    all.push_back(co_await w.fetching(World::post(kStream)));
  };
  for (int i = 0; i < 20; ++i) {
    world.tasks.spawn(fetch(world, answers));
  }
  world.loop.run_for(4500ms);
  EXPECT_EQ(world.endpoint(0).in_flight.load(), 10);
  EXPECT_EQ(world.endpoint(1).in_flight.load(), 10);
  world.network.cut(world.engines[0]->address());
  world.network.refuse(world.engines[0]->address(), true);
  world.loop.run_for(10ms);
  EXPECT_EQ(world.endpoint(0).in_flight.load(), 0);
  world.loop.run_for(20s);
  ASSERT_THAT(answers, SizeIs(20));
  std::string whole;
  for (int i = 0; i < 10; ++i) {
    whole += event(std::to_string(i));
  }
  for (const Message& each : answers) {
    if (each.whole) {
      EXPECT_EQ(each.body, whole + std::string(kDone));
    } else {
      EXPECT_EQ(each.body, whole.substr(0, 5 * event("0").size()) + std::string(kDeath));
    }
  }
  EXPECT_EQ(std::ranges::count(answers, true, &Message::whole), 10);
  EXPECT_EQ(world.in_flight(), 0);
  EXPECT_EQ(world.finish(), 0U);
}

}  // namespace
}  // namespace kthena::router
