// A thousand small histories with everything going wrong at random, each repeated by its seed: what
// must hold after every one of them.
#include <gtest/gtest.h>

#include <cstdlib>

#include "async/time.h"
#include "base/random.h"
#include "router_world.h"

namespace kthena::router {
namespace {

using namespace std::chrono_literals;
using async::Task;
using testing::answer;
using testing::chunk;
using testing::event;
using testing::kDone;
using testing::kLastChunk;
using testing::Message;
using testing::Script;
using testing::send;
using testing::stream_head;
using testing::wait;
using testing::World;
using testing::WorldOptions;

constexpr int kEvents = 8;

std::string stream_body(int events) {
  std::string all;
  for (int i = 0; i < events; ++i) {
    all += event(std::to_string(i));
  }
  return all;
}
std::string text_body() { return "{\"text\":\"" + std::string(3000, 't') + "\"}"; }

Duration up_to(Random& random, Duration most) {
  return Duration(
      static_cast<std::int64_t>(random.uniform(static_cast<std::uint64_t>(most.count()) + 1)));
}

/// An engine's good, slow, half or bad behaviour.
Script behave(Random& random, bool stream) {
  switch (random.uniform(10)) {
    case 0:
      return {send(answer(random.chance(0.5) ? 503 : 500, "no"))};
    case 1:
      return {wait(up_to(random, 10ms)), testing::reset()};
    case 2:
      return {wait(up_to(random, 5s)), testing::close()};
    default:
      break;
  }
  if (!stream) {
    const std::string whole = answer(200, text_body());
    if (random.chance(0.2)) {
      return {send(whole.substr(0, random.uniform(whole.size()))), testing::reset()};
    }
    return {wait(up_to(random, 100ms)), send(whole)};
  }
  Script script{send(stream_head())};
  const std::uint64_t dies_at = random.chance(0.2) ? random.uniform(kEvents) : kEvents + 1;
  std::string pending;
  for (std::uint64_t i = 0; i < kEvents; ++i) {
    if (i == dies_at) {
      script.push_back(random.chance(0.5) ? testing::reset() : testing::close());
      return script;
    }
    const std::string whole = event(std::to_string(i));
    const std::size_t cut = random.uniform(whole.size());
    script.push_back(send(chunk(pending + whole.substr(0, cut + 1))));
    pending = whole.substr(cut + 1);
    script.push_back(wait(up_to(random, 200ms)));
  }
  script.push_back(send(chunk(pending + std::string(kDone)) + std::string(kLastChunk)));
  return script;
}

/// What a client sent and saw.
struct Told {
  bool stream = false;
  bool left = false;  ///< went away on its own
  Message message;
};

/// A client: sends a request, reads at its own pace, perhaps leaves.
Task<void> be_client(World& world, Random random, std::vector<Told>& all) {
  co_await async::sleep_for(up_to(random, 3s));
  Told told{.stream = random.chance(0.6)};
  const std::string request =
      World::post(told.stream ? R"({"model":"m","stream":true})" : R"({"model":"m"})");
  auto stream = co_await world.network.connect(world.address);
  if (!stream) {
    co_return;
  }
  const Duration pace = random.chance(0.2) ? up_to(random, 50ms) : Duration{};
  const bool leaves = random.chance(0.2);
  const Instant until = world.loop.now() + up_to(random, 1s);
  std::string bytes;
  told.message.reset = !co_await net::write_all(**stream, request);
  const auto buffer = std::make_unique<std::array<char, 500>>();
  while (!told.message.reset) {
    std::optional<async::DeadlineScope> limit;
    if (leaves) {
      limit.emplace(co_await async::this_task(), until);
    }
    const auto count = co_await net::read_some(**stream, *buffer);
    if (!count && limit && limit->expired()) {
      told.left = true;
      break;
    }
    limit.reset();
    if (!count || *count == 0) {
      told.message.reset = !count;
      break;
    }
    bytes.append(buffer->data(), *count);
    if (pace > Duration{}) {
      co_await async::sleep_for(pace);
    }
  }
  const bool reset = told.message.reset;
  told.message = testing::parse_message(bytes, !reset && !told.left);
  told.message.reset = reset;
  all.push_back(std::move(told));
}

/// Cuts, refusals and black holes, all over after some seconds. `cuts`: clients' connections too.
Task<void> break_things(World& world, Random random, bool& clients_cut) {
  for (std::uint64_t faults = random.uniform(6); faults > 0; --faults) {
    co_await async::sleep_for(up_to(random, 1s));
    const net::SocketAddress engine = random.pick(world.engines)->address();
    switch (random.uniform(4)) {
      case 0:
        world.network.cut(engine);
        break;
      case 1:
        world.network.cut(engine);
        world.network.refuse(engine, true);
        co_await async::sleep_for(up_to(random, 2s));
        world.network.refuse(engine, false);
        break;
      case 2:
        world.network.black_hole(engine, true);
        co_await async::sleep_for(up_to(random, 8s));
        world.network.black_hole(engine, false);
        break;
      default:
        if (random.chance(0.3)) {
          clients_cut = true;
          world.network.cut(world.address);
        }
        break;
    }
  }
}

/// Empty if all that one client saw may be.
std::string judge(const Told& told) {
  const Message& message = told.message;
  if (message.status() == 0) {
    return message.head.empty() ? "" : "a head that is none: " + message.head;
  }
  if (message.status() != 200) {
    return message.whole || message.reset || told.left ? "" : "an error without its end";
  }
  if (!told.stream) {
    if (message.whole) {
      return message.body == text_body() ? "" : "another text";
    }
    return text_body().starts_with(message.body) ? "" : "not the beginning of the text";
  }
  const std::string all = stream_body(kEvents) + std::string(kDone);
  if (message.whole) {
    return message.body == all ? "" : "a stream that ended properly and is not the engine's";
  }
  if (message.body.contains("\"error\":")) {
    const std::string_view before =
        std::string_view(message.body).substr(0, message.body.find("data: {\"error\":"));
    return std::string_view(all).starts_with(before) && before.ends_with("\n\n")
               ? ""
               : "an error event within an event";
  }
  return "";  // cut by the client's own end
}

void run_history(std::uint64_t seed) {
  Random random(seed);
  const auto one_of = [&](auto... values) {
    const std::array all{static_cast<std::size_t>(values)...};
    return all[random.uniform(all.size())];
  };
  World world(WorldOptions{.seed = seed,
                           .engines = 1 + random.uniform(4),
                           .wires = {.latency = up_to(random, 5ms),
                                     .jitter = up_to(random, 5ms),
                                     .buffer = one_of(200, 4096, 65'536),
                                     .max_slice = one_of(0, 7, 300),
                                     .max_write = one_of(0, 50, 1000)},
                           .shard = {.forward = {.stream_idle_timeout = 4s}}});
  world.apply(world.manifests(random.chance(0.5) ? "  trafficPolicy: {timeout: 1s}\n" : ""));
  for (const auto& engine : world.engines) {
    engine->script = [&random](const Message& request) {
      return behave(random, request.body.contains("\"stream\":true"));
    };
  }
  std::vector<Told> told;
  bool clients_cut = false;
  const std::uint64_t clients = 1 + random.uniform(12);
  for (std::uint64_t i = 0; i < clients; ++i) {
    world.tasks.spawn(be_client(world, random.fork(), told));
  }
  world.tasks.spawn(break_things(world, random.fork(), clients_cut));
  world.loop.run_for(120s);

  EXPECT_EQ(world.tasks.running(), 0U) << "every client has its answer or its end";
  for (const Told& each : told) {
    EXPECT_EQ(judge(each), "") << each.message.head << each.message.body;
    EXPECT_TRUE(each.left || clients_cut || each.message.status() != 0)
        << "nobody is left without an answer";
  }
  EXPECT_EQ(world.in_flight(), 0);
  EXPECT_EQ(world.budget.used(), 0U);
  EXPECT_EQ(world.shard->server().stats().active, 0U);
  EXPECT_EQ(world.log_line_count(), world.shard->server().stats().requests);
  EXPECT_TRUE(world.metrics().contains("kthena_router_active_requests 0\n"));
  EXPECT_EQ(world.finish(), 0U) << "ends of connections are left";
}

TEST(RouterSeeds, AThousandHistoriesLeaveNothingBehind) {
  // One history alone: KTHENA_SEED=17
  const char* const chosen = std::getenv("KTHENA_SEED");
  const std::uint64_t first = chosen != nullptr ? std::strtoull(chosen, nullptr, 10) : 1;
  const std::uint64_t last = chosen != nullptr ? first : 1000;
  for (std::uint64_t seed = first; seed <= last; ++seed) {
    run_history(seed);
    if (::testing::Test::HasFailure()) {
      FAIL() << "seed " << seed;
    }
  }
}

}  // namespace
}  // namespace kthena::router
