#include "apiserver/stream/pod_requests.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "apiserver/stream/exec_session.h"
#include "apiserver/stream/testing/loopback_streams.h"
#include "apiserver/stream/testing/stream_server.h"
#include "async/combine.h"
#include "async/scope.h"
#include "async/simulated_loop.h"
#include "async/time.h"
#include "http/server.h"
#include "http/websocket.h"
#include "http/websocket_connection.h"
#include "kube/client/client.h"
#include "kube/client/exec.h"
#include "kube/client/port_forward.h"
#include "net/simulated_network.h"
#include "net/testing/static_resolver.h"
#include "net/testing/streams.h"

namespace kthena::apiserver {
namespace {

using namespace std::chrono_literals;
using async::Task;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// Our own client library, the API's side and a node, on a simulated network.
struct StreamTest : ::testing::Test {
  ~StreamTest() override { async::run_until_done(loop, stop(server, loop)); }
  static Task<void> stop(http::Server& server, async::Loop& loop) {
    static_cast<void>(co_await server.drain(loop.now() + 1s));
  }

  async::SimulatedLoop loop{11};
  net::SimulatedNetwork network{loop, {.latency = 1ms, .max_slice = 700, .max_write = 3000}};
  net::testing::StaticResolver resolver;
  testing::LoopbackStreams streams{network, net::IpAddress::loopback()};
  testing::StreamService service{streams};
  http::MemoryBudget budget{64 << 20};
  http::Server server{network, budget, service};
  net::SocketAddress address = *server.listen({.ip = net::IpAddress::loopback(), .port = 0});
  std::unique_ptr<kube::Client> client =
      *kube::Client::create(network, resolver, {.server = "http://" + address.to_string()});
};

/// Until the server has seen that its clients are gone.
Task<void> settle() { static_cast<void>(co_await async::sleep_for(3s)); }

Task<void> drive(kube::ExecSession& session, std::string_view input) {
  if (!input.empty()) {
    EXPECT_TRUE(co_await session.resize(80, 24));
    EXPECT_TRUE(co_await session.write(input));
    EXPECT_TRUE(co_await session.close_stdin());
  }
}

Task<std::string> collect(kube::ExecSession& session) {
  std::string all;
  while (true) {
    const auto output = co_await session.next();
    if (!output) {
      co_return all + output.error().to_string();
    }
    if (!*output) {
      break;
    }
    all += (*output)->channel == kube::ExecChannel::Stderr ? "2:" : "";
    all += (*output)->bytes;
  }
  const Result<int>& status = session.exit_status();
  co_return all + "|" + (status ? std::to_string(*status) : status.error().to_string());
}

Task<std::string> run_program(kube::Client& client, std::vector<std::string> command,
                              std::string input) {
  auto session = co_await kube::ExecSession::start(
      client, {"prod", "p"},
      {.container = "c", .command = std::move(command), .stdin_open = !input.empty()});
  if (!session) {
    co_return session.error().to_string();
  }
  auto [driven, output] = co_await async::when_all(drive(*session, input), collect(*session));
  co_return output;
}

TEST_F(StreamTest, RunsPrograms) {
  const auto run = [this](std::vector<std::string> command, std::string input = {}) {
    return async::run_until_done(loop, run_program(*client, std::move(command), std::move(input)));
  };
  EXPECT_EQ(run({"echo", "hello", "there"}), "hello there\n|0");
  EXPECT_EQ(run({"complain"}), "out2:err|2");
  EXPECT_EQ(run({"exit", "7"}), "|7");
  EXPECT_EQ(run({"nothing"}),
            "|Unavailable: Internal error occurred: error executing command in container: no such "
            "program: nothing");
  EXPECT_EQ(run({"cat"}), "|0") << "without input it reads an end";
  EXPECT_EQ(run({"sizes", "1"}, "x"), "80x24\n|0");
  const std::string large(300'000, 'z');
  EXPECT_EQ(run({"cat"}, large), large + "|0");
  EXPECT_EQ(run({"yes", "500"}).size(), 500U * 1024 + 2);
  async::run_until_done(loop, settle());
  EXPECT_EQ(server.stats().upgraded, 0U);
  EXPECT_EQ(budget.used(), 0U);
}

Task<void> leave(kube::Client& client, http::Server& server) {
  {
    auto session = co_await kube::ExecSession::start(client, {"prod", "p"}, {.command = {"wait"}});
    EXPECT_TRUE(session);
    EXPECT_EQ(server.stats().upgraded, 1U);
  }
  while (server.stats().upgraded > 0) {
    static_cast<void>(co_await async::sleep_for(1ms));
  }
}

TEST_F(StreamTest, CancelsAProgramWhoseClientIsGone) {
  async::run_until_done(loop, leave(*client, server));
  EXPECT_EQ(streams.cancelled, 1);
}

/// All messages of an exec with another protocol.
Task<std::vector<std::string>> messages(kube::Client& client, std::string_view protocol,
                                        std::vector<std::string> command) {
  const kube::ApiRequest request =
      *kube::requests::exec({"prod", "p"}, {.command = std::move(command)});
  auto socket = co_await client.open_websocket(request, protocol);
  std::vector<std::string> all;
  if (!socket) {
    all.push_back(socket.error().to_string());
    co_return all;
  }
  while (true) {
    const auto message = co_await (*socket)->receive();
    if (!message || !*message) {
      co_return all;
    }
    all.emplace_back((*message)->payload);
  }
}

TEST_F(StreamTest, SpeaksEarlierProtocols) {
  const auto run = [this](std::string_view protocol, std::vector<std::string> command) {
    return async::run_until_done(loop, messages(*client, protocol, std::move(command)));
  };
  EXPECT_THAT(run("v4.channel.k8s.io", {"echo", "a"}),
              ElementsAre("\1", "\1a\n", "\3{\"metadata\":{},\"status\":\"Success\"}"));
  EXPECT_THAT(run("channel.k8s.io", {"exit", "3"}),
              ElementsAre("\1", "\3command terminated with non-zero exit code: exit status 3"));
  EXPECT_THAT(run("channel.k8s.io", {"exit", "0"}), ElementsAre("\1"));
  EXPECT_THAT(run("v3.channel.k8s.io", {"cat"}), ElementsAre(HasSubstr("403")));
}

/// Sends back what it reads, in upper case the first byte of each, until the end.
Task<void> echo(net::Listener& listener) {
  auto stream = *co_await net::testing::accept(listener);
  char buffer[1000];
  while (true) {
    const auto count = co_await net::read_some(*stream, buffer);
    if (!count || *count == 0) {
      break;
    }
    if (!co_await net::write_all(*stream, {buffer, *count})) {
      break;
    }
  }
}

Task<void> say(kube::PortForward& port, std::string_view text) {
  EXPECT_TRUE(co_await port.write(text));
}

Task<std::string> hear(kube::PortForward& port, std::size_t size) {
  std::string all;
  while (all.size() < size) {
    const auto bytes = co_await port.next();
    if (!bytes || !*bytes) {
      co_return all + (bytes ? "<end>" : bytes.error().to_string());
    }
    all += **bytes;
  }
  EXPECT_TRUE(co_await port.close());
  co_return all;
}

Task<std::string> talk(kube::Client& client, std::uint16_t number, std::string text) {
  auto port = co_await kube::PortForward::connect(client, {"prod", "p"}, number);
  if (!port) {
    co_return port.error().to_string();
  }
  auto [said, heard] = co_await async::when_all(say(*port, text), hear(*port, text.size()));
  co_return heard;
}

TEST_F(StreamTest, ForwardsPortsByChannels) {
  auto listener = *network.listen({.ip = net::IpAddress::loopback(), .port = 0}, {});
  const std::uint16_t port = listener->local().port;
  const std::string text(200'000, 'q');
  const auto [echoed, heard] =
      async::run_until_done(loop, async::when_all(echo(*listener), talk(*client, port, text)));
  EXPECT_EQ(heard, text);
  listener.reset();
  EXPECT_THAT(async::run_until_done(loop, talk(*client, port, "x")),
              HasSubstr("error forwarding port " + std::to_string(port) + " to pod p, uid u1: "));
}

TEST(PodRequests, ReadOptions) {
  const auto exec = read_exec_request(
      "container=c&command=sh&command=-c&command=echo+%22a%20b%22&stdin=true&stdout=1&stderr=0&"
      "tty");
  ASSERT_TRUE(exec);
  EXPECT_EQ(exec->container, "c");
  EXPECT_THAT(exec->command, ElementsAre("sh", "-c", "echo \"a b\""));
  EXPECT_TRUE(exec->standard_in && exec->standard_out && exec->terminal);
  EXPECT_FALSE(exec->standard_error);
  EXPECT_EQ(read_exec_request("command=sh").error().message,
            "you must specify at least 1 of stdin, stdout, stderr");
  EXPECT_FALSE(read_exec_request("stderr=true&tty=true")) << "a terminal has one output";

  EXPECT_THAT(*read_ports("ports=80,81&ports=65535"), ElementsAre(80, 81, 65535));
  for (const std::string_view query : {"", "ports=", "ports=0", "ports=65536", "ports=80,x"}) {
    EXPECT_FALSE(read_ports(query)) << query;
  }
}

TEST(PodRequests, WantAnUpgrade) {
  async::SimulatedLoop loop{1};
  net::SimulatedNetwork network{loop, {}};
  testing::LoopbackStreams streams{network, net::IpAddress::loopback()};
  http::Request request;
  request.target = "/api/v1/namespaces/a/pods/p/exec?stdout=true&command=x";
  EXPECT_EQ(answer_exec(request, {}, ExecMode::Exec, streams).error().message,
            "Upgrade request required");
  EXPECT_EQ(answer_port_forward(request, {}, streams).error().code, 400);
}

}  // namespace
}  // namespace kthena::apiserver
