// A data shard of the router from client bytes to engine bytes: the common path, routing, answers.
// Numbers in names are those of the acceptance scenarios.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <new>
#include <utility>

#include "async/combine.h"
#include "async/time.h"
#include "router/routing/string_match.h"
#include "router_world.h"
#include "telemetry/testing/captured_log.h"

namespace kthena::router {
namespace {

using namespace std::chrono_literals;
using async::Task;
using ::testing::AllOf;
using testing::answer;
using testing::chunk;
using ::testing::Contains;
using ::testing::ElementsAre;
using testing::event;
using ::testing::HasSubstr;
using testing::kChat;
using testing::kDone;
using testing::kLastChunk;
using testing::kStream;
using ::testing::MatchesRegex;
using testing::Message;
using ::testing::Not;
using testing::Script;
using testing::send;
using ::testing::StartsWith;
using testing::stream_head;
using testing::wait;
using testing::World;

std::string whole_stream_body() { return event("a") + event("b") + std::string(kDone); }

TEST(Router, AnswersAChatCallFromAnEngine) {
  World world;
  const Message answered = world.fetch(World::post(kChat));
  EXPECT_EQ(answered.status(), 200);
  EXPECT_TRUE(answered.whole);
  EXPECT_THAT(answered.body, StartsWith("{\"id\":\"10.0.1."));
  EXPECT_EQ(answered.header("Content-Type"), "application/json");
  EXPECT_EQ(answered.header("Content-Length"), std::to_string(answered.body.size()));
  EXPECT_EQ(world.finish(), 0U);
}

TEST(Router, S1To3BodiesThatCannotBeReadAreRefusedAndLoggedOnce) {
  World world;
  const std::vector<std::tuple<std::string, int, std::string>> cases = {
      {R"({"prompt":"x"})", 404, "model not found"},
      {R"({"model":7,"prompt":"x"})", 404, "model not found"},
      {R"({"model":"","prompt":"x"})", 404, "model not found"},
      {R"({"model":" ","prompt":"x"})", 404, "model not found"},
      {"null", 404, "model not found"},
      {"", 400, "EOF"},
      {R"({"model":)", 400, "unexpected EOF"},
      {R"({"model":"m"}{})", 400, "invalid request body"},
      {"[1]", 400, ""},
      {"7", 400, ""},
      {R"({"model":"m","model":"n"})", 400, "model"},
      {R"({"model":"m","mod\u0065l":"n"})", 400, "model"},
      {R"({"model":"m","stream":true,"stream":false})", 400, "stream"},
      {R"({"model":"m","stream_options":{},"stream_options":{}})", 400, "stream_options"}};
  for (const auto& [body, status, text] : cases) {
    const Message answered = world.fetch(World::post(body));
    EXPECT_EQ(answered.status(), status) << body;
    EXPECT_THAT(answered.body, HasSubstr(text)) << body;
    EXPECT_THAT(answered.body, StartsWith("{\"error\":{\"message\":")) << body;
    EXPECT_TRUE(answered.header("x-request-id")) << body;
  }
  EXPECT_EQ(world.fetch(World::post(std::string(kChat) + " \n\t\r")).status(), 200);
  const auto lines = world.log_lines();
  ASSERT_EQ(lines.size(), cases.size() + 1);
  EXPECT_THAT(lines.front(), HasSubstr("\" 404 error=request_parsing:"));
}

TEST(Router, S8AnUnknownModelIsRouteNotFoundAndNoSeriesCarriesItsName) {
  World world;
  const Message answered = world.fetch(World::post(R"({"model":"secret-name"})"));
  EXPECT_EQ(answered.status(), 404);
  EXPECT_THAT(answered.body, HasSubstr("route not found"));
  EXPECT_THAT(answered.body, HasSubstr("\"code\":\"route_not_found\""));
  EXPECT_THAT(answered.body, HasSubstr("\"type\":\"invalid_request_error\""));
  const std::string metrics = world.metrics();
  EXPECT_THAT(metrics, Not(HasSubstr("secret-name")));
  EXPECT_THAT(metrics, HasSubstr("error_type=\"route_not_found\""));
  EXPECT_THAT(world.log_lines(), ElementsAre(HasSubstr(" 404 error=route_not_found:")));
}

TEST(Router, S11ModelsAreListedSortedAndOnce) {
  World world;
  std::string get = "GET /v1/models HTTP/1.1\r\nHost: r\r\nConnection: close\r\n\r\n";
  Message answered = world.fetch(get);
  EXPECT_EQ(answered.status(), 200);
  EXPECT_EQ(
      answered.body,
      R"({"object":"list","data":[{"id":"adapter","object":"model","created":0,"owned_by":"kthena"},)"
      R"({"id":"m","object":"model","created":0,"owned_by":"kthena"}]})");
  world.apply("");
  answered = world.fetch(get);
  EXPECT_EQ(answered.body, R"({"object":"list","data":[]})");
}

TEST(Router, OneModelIsFoundByItsNameAlsoWhenItIsEscaped) {
  World world;
  std::string yaml = world.manifests();
  yaml.replace(yaml.find("modelName: m,"), 13, "modelName: org/m-1,");
  world.apply(yaml);
  for (const std::string_view path : {"/v1/models/org/m-1", "/v1/models/org%2Fm-1"}) {
    const Message answered = world.fetch("GET " + std::string(path) +
                                         " HTTP/1.1\r\nHost: r\r\nConnection: close\r\n\r\n");
    EXPECT_EQ(answered.status(), 200) << path;
    EXPECT_THAT(answered.body, HasSubstr("\"id\":\"org/m-1\"")) << path;
  }
  EXPECT_EQ(
      world.fetch("GET /v1/models/x HTTP/1.1\r\nHost: r\r\nConnection: close\r\n\r\n").status(),
      404);
}

TEST(Router, S12ARequestIdIsMadeOrKeptAndReachesEngineClientAndLog) {
  World world({.engines = 1});
  Message answered = world.fetch(World::post(kChat));
  const std::string made = answered.header("x-request-id").value_or("");
  EXPECT_THAT(made, MatchesRegex("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}"));
  EXPECT_EQ(world.engines[0]->seen.back().header("x-request-id"), made);
  answered = world.fetch(World::post(kChat, "/v1/chat/completions", "X-Request-Id: mine-1\r\n"));
  EXPECT_EQ(answered.header("x-request-id"), "mine-1");
  EXPECT_EQ(world.engines[0]->seen.back().header("x-request-id"), "mine-1");
  EXPECT_THAT(world.log_lines(),
              ElementsAre(HasSubstr("request_id=" + made), HasSubstr("request_id=mine-1")));
}

TEST(Router, S15AHeaderRuleSendsPremiumUsersElsewhere) {
  World world({.engines = 2});
  std::string yaml = world.manifests();
  const std::string rules = "rules: [{targetModels: [{modelServerName: s}]}]";
  yaml.replace(yaml.find(rules), rules.size(),
               "rules: [{modelMatch: {headers: {user-type: {exact: premium}}}, targetModels: "
               "[{modelServerName: big}]}, {targetModels: [{modelServerName: s}]}]");
  yaml +=
      "---\napiVersion: networking.serving.volcano.sh/v1alpha1\nkind: ModelServer\n"
      "metadata: {name: big}\nspec: {inferenceEngine: vLLM, workloadSelector: {matchLabels: "
      "{app: big}}, workloadPort: {port: 8000}}\n";
  world.apply(yaml);
  const auto status = [&](std::string_view header) {
    return world.fetch(World::post(kChat, "/v1/chat/completions", header)).status();
  };
  EXPECT_EQ(status("User-Type: premium\r\n"), 503) << "the big server has no pods";
  EXPECT_EQ(status(""), 200);
  EXPECT_EQ(status("User-Type: free\r\n"), 200);
  EXPECT_EQ(status("User-Type:\r\n"), 200);
}

TEST(Router, S16AfterTheOlderRouteIsGoneTheNewerTakesOver) {
  World world;
  const auto route = [](std::string_view name, std::string_view server, int day) {
    return "---\napiVersion: networking.serving.volcano.sh/v1alpha1\nkind: ModelRoute\nmetadata: "
           "{name: " +
           std::string(name) + ", creationTimestamp: \"2026-01-0" + std::to_string(day) +
           "T00:00:00Z\"}\nspec: {modelName: x, rules: [{targetModels: [{modelServerName: " +
           std::string(server) + "}]}]}\n";
  };
  const std::string old_route = route("z", "nowhere", 1);
  const std::string new_route = route("a", "s", 2);
  constexpr std::string_view kCall = R"({"model":"x"})";
  world.apply(world.manifests() + new_route + old_route);
  EXPECT_THAT(world.fetch(World::post(kCall)).body,
              HasSubstr("can't find model server: default/nowhere"));
  world.apply(world.manifests() + new_route);
  EXPECT_EQ(world.fetch(World::post(kCall)).status(), 200);
}

TEST(Router, S17AnUpdateOfARouteTakesOldNamesAway) {
  World world;
  EXPECT_EQ(world.fetch(World::post(R"({"model":"adapter"})")).status(), 200);
  std::string yaml = world.manifests();
  yaml.replace(yaml.find("[adapter]"), 9, "[other]");
  world.apply(yaml);
  EXPECT_EQ(world.fetch(World::post(R"({"model":"adapter"})")).status(), 404);
  EXPECT_EQ(world.fetch(World::post(R"({"model":"other"})")).status(), 200);
  yaml.replace(yaml.find("spec: {modelName: m,"), 20,
               "spec: {parentRefs: [{name: g}], modelName: m,");
  world.apply(yaml);
  EXPECT_EQ(world.fetch(World::post(R"({"model":"other"})")).status(), 404);
}

TEST(Router, S18TrafficIsSplitByWeight) {
  World world({.engines = 1});
  std::string yaml = world.manifests();
  const std::string rules = "rules: [{targetModels: [{modelServerName: s}]}]";
  yaml.replace(yaml.find(rules), rules.size(),
               "rules: [{targetModels: [{modelServerName: s, weight: 70}, {modelServerName: gone, "
               "weight: 30}]}]");
  world.apply(yaml);
  int first = 0;
  for (int i = 0; i < 500; ++i) {
    first += world.fetch(World::post(kChat)).status() == 200 ? 1 : 0;
  }
  EXPECT_NEAR(first, 350, 25);
}

TEST(Router, S22And23TheModelIsRewrittenForBaseNamesAndNotForAdapters) {
  World world({.engines = 1});
  world.fetch(World::post(R"({ "x" : 9007199254740993123 , "model" : "m", "prompt": "é" })"));
  EXPECT_EQ(world.engines[0]->seen.back().body,
            R"({ "x" : 9007199254740993123 , "model" : "base", "prompt": "é" })");
  world.fetch(World::post(R"({"model":"adapter"})"));
  EXPECT_EQ(world.engines[0]->seen.back().body, R"({"model":"adapter"})");
  EXPECT_THAT(world.log_lines(),
              ElementsAre(HasSubstr(" model_name=m model_route=default/m model_server=default/s "
                                    "selected_pod=e-0 "),
                          HasSubstr(" upstream_model=adapter ")));
}

TEST(Router, S25AMissingServerIs404AndOneWithoutPodsIs503) {
  World world;
  std::string yaml = world.manifests();
  yaml.replace(yaml.find("modelServerName: s"), 18, "modelServerName: t");
  world.apply(yaml);
  Message answered = world.fetch(World::post(kChat));
  EXPECT_EQ(answered.status(), 404);
  EXPECT_THAT(answered.body, HasSubstr("can't find model server: default/t"));
  yaml = world.manifests();
  yaml.replace(yaml.find("matchLabels: {app: m}"), 21, "matchLabels: {app: x}");
  world.apply(yaml);
  answered = world.fetch(World::post(kChat));
  EXPECT_EQ(answered.status(), 503);
  EXPECT_THAT(answered.body, HasSubstr("no available pods for model server: default/s"));
  EXPECT_EQ(answered.header("Retry-After"), "1");
  EXPECT_THAT(world.log_lines(),
              ElementsAre(HasSubstr(" error=pod_discovery:"), HasSubstr(" error=pod_discovery:")));
}

TEST(Router, S29RepeatedHeadersPassAndHopByHopOnesDoNot) {
  World world({.engines = 1});
  world.engines[0]->script = [](const Message&) {
    return Script{
        send(answer(200, "{}",
                    "Set-Cookie: a=1\r\nSet-Cookie: b=2\r\nConnection: keep-alive, X-Hop\r\n"
                    "X-Hop: 1\r\nKeep-Alive: timeout=5\r\nX-End: 1\r\n"))};
  };
  const Message answered = world.fetch(World::post(
      kChat, "/v1/chat/completions?a=b",
      "Connection: X-Mine\r\nX-Mine: 1\r\nTE: trailers\r\nX-Kept: 1\r\nAccept-Encoding: gzip\r\n"
      "X-Forwarded-For: 1.2.3.4\r\nX-Forwarded-For: 5.6.7.8\r\n"));
  EXPECT_THAT(answered.head, HasSubstr("Set-Cookie: a=1\r\nSet-Cookie: b=2\r\n"));
  EXPECT_TRUE(answered.header("X-End"));
  EXPECT_FALSE(answered.header("X-Hop"));
  EXPECT_FALSE(answered.header("Keep-Alive"));
  const Message& request = world.engines[0]->seen.at(0);
  EXPECT_THAT(request.head, StartsWith("POST /v1/chat/completions?a=b HTTP/1.1\r\n"));
  EXPECT_EQ(request.header("Host"), "router");
  EXPECT_EQ(request.header("X-Kept"), "1");
  EXPECT_FALSE(request.header("X-Mine"));
  EXPECT_FALSE(request.header("TE"));
  EXPECT_FALSE(request.header("Accept-Encoding"));
  EXPECT_EQ(request.header("X-Forwarded-For"), "1.2.3.4, 5.6.7.8, 127.0.0.1");
  EXPECT_EQ(request.header("X-Forwarded-Host"), "router");
  EXPECT_EQ(request.header("X-Forwarded-Proto"), "http");
}

TEST(Router, S30UsageIsAskedForHiddenAndCounted) {
  const std::string usage =
      "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":10,\"completion_tokens\":2,"
      "\"total_tokens\":12}}\n\n";
  const std::string with_choices =
      "data: {\"choices\":[{}],\"usage\":{\"prompt_tokens\":10,\"completion_tokens\":2,"
      "\"total_tokens\":12}}\n\n";
  struct Case {
    std::string body;
    std::string sent;
    std::string engine_gets;
    std::string client_gets;
    std::string path = "/v1/chat/completions";
  };
  const std::vector<Case> cases = {
      {R"({"model":"m","stream":true})", usage,
       R"({"stream_options":{"include_usage":true},"model":"base","stream":true})", ""},
      {R"({"model":"m","stream":true})", with_choices,
       R"({"stream_options":{"include_usage":true},"model":"base","stream":true})", with_choices},
      {R"({"model":"m","stream":true,"stream_options":{"include_usage":true}})", usage,
       R"({"model":"base","stream":true,"stream_options":{"include_usage":true}})", usage},
      // Not asked for by us, so not ours to hide.
      {R"({"model":"m","stream":true})", usage, R"({"model":"base","stream":true})", usage,
       "/v1/embeddings"},
      {R"({"model":"m","stream":true,"stream_options":7})", usage,
       R"({"model":"base","stream":true,"stream_options":7})", usage},
  };
  for (const Case& each : cases) {
    World world({.engines = 1});
    world.engines[0]->script = [&](const Message&) {
      return Script{send(stream_head() + chunk(event("a")) + chunk(each.sent) + chunk(kDone) +
                         std::string(kLastChunk))};
    };
    const Message answered = world.fetch(World::post(each.body, each.path));
    EXPECT_EQ(world.engines[0]->seen.at(0).body, each.engine_gets);
    EXPECT_EQ(answered.body, event("a") + each.client_gets + std::string(kDone)) << each.body;
    EXPECT_TRUE(answered.whole);
    EXPECT_THAT(world.log_lines(), ElementsAre(HasSubstr("/2 timings=")));
  }
}

TEST(Router, S31AClientThatLeavesAbortsItsEngineAtOnceAndFreesItsPlaceOnce) {
  World world({.engines = 1});
  world.engines[0]->script = [](const Message&) {
    Script script{send(stream_head())};
    for (int i = 0; i < 1000; ++i) {
      script.push_back(send(chunk(event("x"))));
      script.push_back(wait(1s));
    }
    return script;
  };
  const auto leave = [](World& w) -> Task<Instant> {
    auto stream = *co_await w.network.connect(w.address);
    CHECK(co_await net::write_all(*stream, World::post(kStream)));
    co_await async::sleep_for(5500ms);
    EXPECT_EQ(w.in_flight(), 1);
    EXPECT_THAT(w.metrics(), HasSubstr("kthena_router_active_requests 1\n"));
    co_return w.loop.now();
  };
  const Instant left = world.run(leave(world));
  world.loop.run_for(10ms);
  ASSERT_TRUE(world.engines[0]->gone_at);
  EXPECT_LT(*world.engines[0]->gone_at - left, 5ms);
  EXPECT_EQ(world.in_flight(), 0);
  EXPECT_THAT(world.log_lines(), ElementsAre(HasSubstr(" 499 error=client_cancelled:")));
  EXPECT_THAT(world.metrics(), HasSubstr("kthena_router_active_requests 0\n"));
  EXPECT_EQ(world.endpoint(0).failures_in_row.load(), 0U) << "the engine is not to blame";
  EXPECT_EQ(world.finish(), 0U);
}

TEST(Router, AClientThatLeavesBeforeTheAnswerAbortsItsEngineAndNobodyElseIsTried) {
  World world({.engines = 2});
  for (auto& engine : world.engines) {
    engine->script = [](const Message&) { return Script{wait(1h)}; };
  }
  const auto leave = [](World& w) -> Task<void> {
    auto stream = *co_await w.network.connect(w.address);
    CHECK(co_await net::write_all(*stream, World::post(kChat)));
    co_await async::sleep_for(1s);
  };
  world.run(leave(world));
  world.loop.run_for(10ms);
  EXPECT_EQ(world.in_flight(), 0);
  EXPECT_EQ(world.engines[0]->seen.size() + world.engines[1]->seen.size(), 1U);
  EXPECT_THAT(world.log_lines(), ElementsAre(HasSubstr(" 499 error=client_cancelled:")));
  EXPECT_EQ(world.endpoint(0).failures_in_row.load() + world.endpoint(1).failures_in_row.load(),
            0U);
  EXPECT_EQ(world.finish(), 0U);
}

TEST(Router, AClientThatLeavesAfterTheTerminalEventWasServed) {
  World world({.engines = 1});
  world.engines[0]->script = [](const Message&) {
    return Script{send(stream_head() + chunk(event("a")) + chunk(kDone)), wait(1h)};
  };
  const auto leave = [](World& w) -> Task<void> {
    auto stream = *co_await w.network.connect(w.address);
    CHECK(co_await net::write_all(*stream, World::post(kStream)));
    co_await async::sleep_for(1s);
  };
  world.run(leave(world));
  world.loop.run_for(10ms);
  EXPECT_THAT(world.log_lines(), ElementsAre(HasSubstr("HTTP/1.1\" 200 model_name=m")));
  EXPECT_EQ(world.finish(), 0U);
}

TEST(Router, StreamsPassEventByEventAndNoneIsHeldForTheNext) {
  World world({.engines = 1});
  world.engines[0]->script = [](const Message&) {
    return Script{send(stream_head()),
                  wait(1s),
                  send(chunk(event("a"))),
                  wait(1s),
                  send(chunk(event("b").substr(0, 9))),
                  wait(1s),
                  send(chunk(event("b").substr(9) + std::string(kDone))),
                  send(std::string(kLastChunk))};
  };
  const auto read = [](World& w, std::string& bytes) -> Task<void> {
    auto stream = *co_await w.network.connect(w.address);
    CHECK(co_await net::write_all(*stream, World::post(kStream)));
    const auto buffer = std::make_unique<std::array<char, 4096>>();
    while (const auto count = co_await net::read_some(*stream, *buffer)) {
      if (*count == 0) {
        break;
      }
      bytes.append(buffer->data(), *count);
    }
  };
  std::string bytes;
  world.tasks.spawn(read(world, bytes));
  world.loop.run_for(900ms);
  EXPECT_EQ(bytes, "") << "the head waits for the first event";
  world.loop.run_for(1s);
  EXPECT_EQ(testing::parse_message(bytes, false).body, event("a"));
  world.loop.run_for(1s);
  EXPECT_EQ(testing::parse_message(bytes, false).body, event("a")) << "whole events only";
  world.loop.run_for(1s);
  EXPECT_EQ(testing::parse_message(bytes, false).body, whole_stream_body());
  EXPECT_TRUE(testing::parse_message(bytes, false).whole);
}

TEST(Router, AnswersWithALengthInChunksAndUntilCloseAllArriveWhole) {
  const std::string body(200'000, 'x');
  for (const std::string& reply :
       {answer(200, body),
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk(body.substr(0, 70'000)) +
            chunk(body.substr(70'000)) + std::string(kLastChunk),
        "HTTP/1.0 200 OK\r\n\r\n" + body}) {
    World world({.engines = 1, .wires = {.latency = 1ms, .max_slice = 5000}});
    world.engines[0]->script = [&](const Message&) {
      return Script{send(reply), reply.starts_with("HTTP/1.0") ? testing::close() : wait(0ms)};
    };
    const Message answered = world.fetch(World::post(kChat));
    EXPECT_EQ(answered.status(), 200);
    EXPECT_TRUE(answered.whole);
    EXPECT_EQ(answered.body, body);
    EXPECT_FALSE(answered.chunked) << "all of it was held, so its length is known";
  }
}

TEST(Router, ConnectionsToEnginesAreKeptAndUsedAgain) {
  World world({.engines = 1});
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(world.fetch(World::post(kChat)).status(), 200);
  }
  EXPECT_EQ(world.engines[0]->connections, 1U);
  EXPECT_EQ(world.engines[0]->seen.size(), 10U);
}

TEST(Router, S15TiesAreSpreadEvenlyOverEqualEngines) {
  for (const std::size_t engines : {2U, 4U}) {
    World world({.engines = engines});
    for (std::size_t i = 0; i < 10 * engines; ++i) {
      EXPECT_EQ(world.fetch(World::post(kChat)).status(), 200);
    }
    for (const auto& engine : world.engines) {
      EXPECT_EQ(engine->seen.size(), 10U);
    }
  }
}

TEST(Router, OtherPathsAreNotFoundAndHealthIsTold) {
  World world;
  const auto get = [&](std::string_view path) {
    return world.fetch("GET " + std::string(path) +
                       " HTTP/1.1\r\nHost: r\r\nConnection: close\r\n\r\n");
  };
  EXPECT_EQ(get("/healthz").status(), 200);
  EXPECT_EQ(get("/readyz").status(), 200);
  EXPECT_EQ(get("/metrics").status(), 404);
  EXPECT_EQ(get("/x").status(), 404);
  EXPECT_EQ(get("/v1").status(), 301);
  const Message without_body = get("/v1/chat/completions");
  EXPECT_EQ(without_body.status(), 400) << "any method is a model request";
  EXPECT_THAT(without_body.body, HasSubstr("unexpected EOF: the request has no body; POST"));
  world.readiness.set_stopping();
  EXPECT_EQ(get("/readyz").status(), 503);
  EXPECT_EQ(get("/readyz").body, R"({"message":"router is not ready: it stops"})");
  EXPECT_EQ(get("/healthz").status(), 200);
}

TEST(Router, HeadAndOptionsAreAnsweredWithoutABodyOfTheirs) {
  World world;
  Message answered =
      world.fetch("HEAD /v1/models HTTP/1.1\r\nHost: r\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(answered.status(), 200);
  EXPECT_EQ(answered.body, "");
  EXPECT_NE(answered.header("Content-Length"), "0");
  answered =
      world.fetch("OPTIONS /v1/chat/completions HTTP/1.1\r\nHost: r\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(answered.status(), 400);
  EXPECT_THAT(answered.body, StartsWith("{\"error\":"));
}

class Throwing final : public StringMatch {
 public:
  bool matches(std::string_view /*text*/) const override { throw std::bad_alloc(); }
};

TEST(Router, AnExceptionEndsItsCallWith500AndIsLoggedAndCounted) {
  World world;
  const auto broken = std::make_shared<Snapshot>(*world.shard->snapshots().get());
  const auto route = std::make_shared<Route>(*broken->routes.at("default/m"));
  route->rules.front().uri = std::make_shared<const Throwing>();
  SharedMapBuilder<Candidates> by_model;
  by_model.set("m", {route});
  broken->by_model = by_model.version();
  world.shard->follow({.after = broken, .gone = {}});
  const log::testing::CapturedLog captured;
  const Message answered =
      world.fetch(World::post(kChat, "/v1/chat/completions", "x-request-id: the-one\r\n"));
  EXPECT_EQ(answered.status(), 500);
  EXPECT_THAT(answered.body, HasSubstr("\"code\":\"internal_error\""));
  EXPECT_THAT(captured.lines(),
              Contains(AllOf(HasSubstr("ERROR"), HasSubstr("the-one"), HasSubstr("bad_alloc"))));
  EXPECT_THAT(world.log_lines(), ElementsAre(HasSubstr(" 500 error=internal_error:")));
  EXPECT_THAT(world.metrics(), HasSubstr("error_type=\"internal_error\""));
  EXPECT_EQ(world.fetch(World::post(R"({"model":"adapter"})")).status(), 200) << "others go on";
}

TEST(Router, ASlowClientHoldsItsEngineBackAndCostsLittleMemory) {
  World world({.engines = 1, .wires = {.buffer = 16 << 10}});
  std::size_t sent = 0;
  world.engines[0]->script = [&](const Message&) {
    Script script{send(stream_head())};
    for (int i = 0; i < 2000; ++i) {
      script.push_back(send(chunk(event(std::string(1000, 'x')))));
    }
    script.push_back(send(chunk(kDone) + std::string(kLastChunk)));
    return script;
  };
  const auto read = [](World& w, std::size_t& taken) -> Task<std::string> {
    auto stream = *co_await w.network.connect(w.address);
    CHECK(co_await net::write_all(*stream, World::post(kStream)));
    co_await async::sleep_for(30s);
    // What is on the way: two wires' buffers, and what one read of the router took.
    taken = http::pooled_buffer_bytes();
    std::string bytes;
    const auto buffer = std::make_unique<std::array<char, 1000>>();
    while (true) {
      const auto count = co_await net::read_some(*stream, *buffer);
      if (!count || *count == 0) {
        co_return bytes;
      }
      bytes.append(buffer->data(), *count);
      co_await async::sleep_for(1ms);
    }
  };
  const Message answered = testing::parse_message(world.run(read(world, sent)), true);
  EXPECT_TRUE(answered.whole);
  EXPECT_EQ(answered.body.size(), 2000 * event(std::string(1000, 'x')).size() + kDone.size());
  EXPECT_EQ(world.finish(), 0U);
}

TEST(Router, BodiesBeyondTheMemoryBudgetGet503AndTheMemoryComesBack) {
  World world({.engines = 1, .body_memory = 300 << 10});
  world.engines[0]->script = [](const Message&) {
    return Script{wait(1s), send(answer(200, "{}"))};
  };
  const std::string body = R"({"model":"m","prompt":")" + std::string(200 << 10, 'x') + "\"}";
  const auto both = [](World& w, std::string request) -> Task<std::pair<Message, Message>> {
    auto first = w.fetching(request);
    auto second = w.fetching(std::move(request));
    auto [one, two] = co_await async::when_all(std::move(first), std::move(second));
    co_return std::pair(std::move(one), std::move(two));
  };
  const auto [one, two] = world.run(both(world, World::post(body)));
  EXPECT_EQ(one.status() + two.status(), 200 + 503);
  const Message& refused = one.status() == 503 ? one : two;
  EXPECT_EQ(refused.header("Retry-After"), "1");
  EXPECT_EQ(world.budget.used(), 0U);
  EXPECT_EQ(world.fetch(World::post(body)).status(), 200);
  EXPECT_EQ(world.finish(), 0U);
}

TEST(Router, StreamedAnswersGiveTheBodysMemoryBackAtTheFirstEvent) {
  World world({.engines = 1});
  world.engines[0]->script = [](const Message&) {
    return Script{wait(1s), send(stream_head() + chunk(event("a"))), wait(5s), send(chunk(kDone)),
                  send(std::string(kLastChunk))};
  };
  const auto watch = [](World& w) -> Task<void> {
    co_await async::sleep_for(500ms);
    EXPECT_GT(w.budget.used(), 0U);
    co_await async::sleep_for(2s);
    EXPECT_EQ(w.budget.used(), 0U);
  };
  world.tasks.spawn(watch(world));
  EXPECT_TRUE(world.fetch(World::post(kStream)).whole);
}

TEST(Router, AStreamThatRunsWhenTheShardDrainsIsFinished) {
  World world({.engines = 1});
  world.engines[0]->script = [](const Message&) {
    return Script{send(stream_head() + chunk(event("a"))), wait(10s),
                  send(chunk(event("b") + std::string(kDone)) + std::string(kLastChunk))};
  };
  const auto drain = [](World& w) -> Task<void> {
    co_await async::sleep_for(1s);
    EXPECT_EQ(co_await w.shard->server().drain(w.loop.now() + 1h), 0U);
  };
  world.tasks.spawn(drain(world));
  const Message answered = world.fetch(World::post(kStream));
  EXPECT_TRUE(answered.whole);
  EXPECT_EQ(answered.body, whole_stream_body());
  EXPECT_EQ(world.finish(), 0U);
}

TEST(Router, AStreamCutByTheStopLimitEndsWithLastWordsAndNoLastChunk) {
  World world({.engines = 1});
  world.engines[0]->script = [](const Message&) {
    return Script{send(stream_head() + chunk(event("a"))), wait(1h)};
  };
  const auto drain = [](World& w) -> Task<void> {
    co_await async::sleep_for(1s);
    EXPECT_EQ(co_await w.shard->server().drain(w.loop.now() + 1s), 1U);
  };
  world.tasks.spawn(drain(world));
  const Message answered = world.fetch(World::post(kStream));
  EXPECT_FALSE(answered.whole);
  EXPECT_THAT(answered.body, StartsWith(event("a") + "data: {\"error\":"));
  EXPECT_THAT(answered.body, HasSubstr("\"code\":\"router_shutdown\""));
  EXPECT_THAT(world.log_lines(), ElementsAre(HasSubstr(" 200 error=response_forwarding:")));
  EXPECT_EQ(world.finish(), 0U);
}

TEST(Router, ACallCutByTheStopLimitBeforeItsAnswerGets503) {
  World world({.engines = 1});
  world.engines[0]->script = [](const Message&) { return Script{wait(1h)}; };
  const auto drain = [](World& w) -> Task<void> {
    co_await async::sleep_for(1s);
    EXPECT_EQ(co_await w.shard->server().drain(w.loop.now() + 1s), 1U);
  };
  world.tasks.spawn(drain(world));
  const Message answered = world.fetch(World::post(kChat));
  EXPECT_EQ(answered.status(), 503);
  EXPECT_TRUE(answered.whole);
  EXPECT_THAT(answered.body, HasSubstr("\"code\":\"router_shutdown\""));
  EXPECT_EQ(world.endpoint(0).failures_in_row.load(), 0U);
  EXPECT_EQ(world.finish(), 0U);
}

}  // namespace
}  // namespace kthena::router
