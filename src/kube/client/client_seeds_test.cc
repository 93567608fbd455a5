// The client on bad networks: whatever happens when, an answer is whole or an error says so.
#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "async/combine.h"
#include "async/scope.h"
#include "async/simulated_loop.h"
#include "async/time.h"
#include "kube/client/client.h"
#include "kube/client/testing/scripted_api.h"
#include "kube/types/pod.h"
#include "net/simulated_network.h"
#include "net/testing/static_resolver.h"

namespace kthena::kube {
namespace {

using namespace std::chrono_literals;
using async::Task;
using testing::Answer;

constexpr int kPages = 3;
constexpr int kItems = 4;

std::vector<std::string> page_pieces(int page) {
  std::vector<std::string> pieces;
  pieces.push_back(
      R"({"kind":"PodList","metadata":{"resourceVersion":"9")" +
      (page + 1 < kPages ? R"(,"continue":"c)" + std::to_string(page + 1) + "\"" : "") +
      R"(},"items":[)");
  for (int i = 0; i < kItems; ++i) {
    pieces.push_back((i == 0 ? "" : ",") + std::string(R"({"metadata":{"name":"p)") +
                     std::to_string(page) + "-" + std::to_string(i) + "\"}}");
  }
  pieces.emplace_back("]}");
  return pieces;
}

Task<Result<>> harm(net::SimulatedNetwork& network, net::SocketAddress address, Duration after,
                    std::uint64_t kind) {
  CO_TRY(co_await async::sleep_for(after));
  switch (kind) {
    case 0:
      network.cut(address);
      break;
    case 1:
      network.refuse(address, true);
      CO_TRY(co_await async::sleep_for(5ms));
      network.refuse(address, false);
      break;
    case 2:
      network.black_hole(address, true);
      CO_TRY(co_await async::sleep_for(3s));
      network.black_hole(address, false);
      break;
    default:
      break;
  }
  co_return {};
}

Task<Result<std::size_t>> watch_all(Client& client) {
  auto watch = CO_TRY(co_await client.watch(Pod::kResource, {}));
  std::size_t events = 0;
  while (const auto event = CO_TRY(co_await watch.next())) {
    const auto pod = CO_TRY(json::read_object<Pod>(event->object));
    EXPECT_EQ(pod.metadata.name, "p" + std::to_string(events));
    ++events;
  }
  co_return events;
}

void expect_whole_or_failed(const Result<std::size_t>& got, std::size_t whole, std::uint64_t seed) {
  if (got) {
    EXPECT_EQ(*got, whole) << "seed " << seed;
    return;
  }
  const ErrorCode code = got.error().code();
  EXPECT_TRUE(code == ErrorCode::Disconnected || code == ErrorCode::Unavailable)
      << "seed " << seed << ": " << got.error().to_string();
}

TEST(ClientSeeds, GetWholeAnswersOrErrors) {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    async::SimulatedLoop loop(seed);
    net::SimulatedNetwork network(
        loop,
        {.latency = 1ms, .jitter = 2ms, .max_slice = 1 + loop.random_below(90), .max_write = 200});
    net::testing::StaticResolver resolver;
    testing::ScriptedApi api(network);
    {
      const auto client = *Client::create(network, resolver, {.server = api.url()});
      api.answer_all([](const testing::Asked& asked) {
        const auto at = asked.line.find("continue=c");
        const int page = at == std::string::npos ? 0 : asked.line[at + 10] - '0';
        return Answer{.pieces = page_pieces(page)};
      });
      const auto after = [&] { return std::chrono::microseconds(loop.random_below(40'000)); };
      const auto [all, harmed] = async::run_until_done(
          loop, async::when_all(client->list_all<Pod>({}, kItems),
                                harm(network, api.address(), after(), loop.random_below(4))));
      const auto items = all ? Result<std::size_t>(all->items.size()) : fail(all.error());
      expect_whole_or_failed(items, kPages * kItems, seed);
    }
    {
      const auto client = *Client::create(network, resolver, {.server = api.url()});
      std::vector<std::string> events;
      for (int i = 0; i < kItems; ++i) {
        events.push_back(R"({"type":"ADDED","object":{"metadata":{"name":"p)" + std::to_string(i) +
                         "\"}}}\n");
      }
      api.answer_all([events](const testing::Asked&) { return Answer{.pieces = events}; });
      const auto [seen, harmed] = async::run_until_done(
          loop, async::when_all(watch_all(*client),
                                harm(network, api.address(),
                                     std::chrono::microseconds(loop.random_below(15'000)),
                                     loop.random_below(4))));
      expect_whole_or_failed(seen, kItems, seed);
    }
    api.stop(loop);
    EXPECT_EQ(network.open_streams(), 0U) << "seed " << seed;
  }
}

}  // namespace
}  // namespace kthena::kube
