// Exec and port-forward against a peer that is written from the protocol.
#include "kube/client/exec.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "async/combine.h"
#include "async/scope.h"
#include "async/simulated_loop.h"
#include "http/websocket.h"
#include "http/websocket_connection.h"
#include "kube/client/port_forward.h"
#include "net/simulated_network.h"
#include "net/testing/static_resolver.h"
#include "net/testing/streams.h"

namespace kthena::kube {
namespace {

using namespace std::chrono_literals;
using async::Task;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// What the peer does: each entry of `says` is a message; then it waits for `hears` messages,
/// closes.
struct Script {
  std::string protocol;
  std::vector<std::string> says;
  std::size_t hears = 0;
  std::string refusal;  ///< the whole answer, if it is no 101
  bool wrong_accept = false;
};

struct Heard {
  std::string head;
  std::vector<std::string> messages;
};

Task<Result<std::string>> read_head(net::Stream& stream) {
  std::string head;
  char c = 0;
  while (!head.ends_with("\r\n\r\n")) {
    if (CO_TRY(co_await net::read_some(stream, {&c, 1})) == 0) {
      co_return fail(ErrorCode::Disconnected, "no request");
    }
    head += c;
  }
  co_return head;
}

std::string field_of(const std::string& head, const std::string& name) {
  const auto at = head.find(name + ": ");
  const auto begin = at + name.size() + 2;
  return at == std::string::npos ? "" : head.substr(begin, head.find("\r\n", begin) - begin);
}

Task<Result<Heard>> serve(net::Listener& listener, Script script) {
  auto stream = CO_TRY(co_await net::testing::accept(listener));
  Heard heard;
  heard.head = CO_TRY(co_await read_head(*stream));
  if (!script.refusal.empty()) {
    CO_TRY(co_await net::write_all(*stream, script.refusal));
    co_return heard;
  }
  std::string answer =
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Protocol: " +
      script.protocol + "\r\nSec-WebSocket-Accept: " +
      http::websocket_accept(script.wrong_accept ? "x"
                                                 : field_of(heard.head, "Sec-WebSocket-Key")) +
      "\r\n\r\n";
  // The first message comes in one piece with the head.
  for (const std::string& message : script.says) {
    http::append_websocket_frame(answer, http::WebSocketOpcode::Binary, message, std::nullopt);
  }
  CO_TRY(co_await net::write_all(*stream, answer));
  http::WebSocket socket(std::move(stream), http::WebSocketSide::Server);
  for (std::size_t i = 0; i < script.hears; ++i) {
    const auto message = CO_TRY(co_await socket.receive());
    if (!message) {
      break;
    }
    heard.messages.emplace_back(message->payload);
  }
  CO_TRY(co_await socket.close());
  (void)co_await socket.receive();
  co_return heard;
}

struct ExecTest : ::testing::Test {
  async::SimulatedLoop loop{6};
  net::SimulatedNetwork network{loop, {.latency = 1ms, .max_slice = 50}};
  net::testing::StaticResolver resolver;
  std::unique_ptr<net::Listener> listener =
      *network.listen({.ip = net::IpAddress::loopback(), .port = 0}, {});
  std::unique_ptr<Client> client = *Client::create(
      network, resolver, {.server = "http://" + listener->local().to_string(), .token = "t"});
};

Task<std::string> run_program(Client& client, std::string_view input) {
  auto session = co_await ExecSession::start(
      client, {"prod", "p"}, {.container = "c", .command = {"sh"}, .stdin_open = true});
  if (!session) {
    co_return session.error().to_string();
  }
  if (!input.empty()) {
    (void)co_await session->write(input);
    (void)co_await session->close_stdin();
    (void)co_await session->resize(80, 24);
  }
  std::string all;
  while (true) {
    const auto output = co_await session->next();
    if (!output) {
      co_return all + output.error().to_string();
    }
    if (!*output) {
      break;
    }
    all += ((*output)->channel == ExecChannel::Stdout ? "1:" : "2:") +
           std::string((*output)->bytes) + ";";
  }
  const Result<int>& status = session->exit_status();
  co_return all + (status ? std::to_string(*status) : status.error().to_string());
}

TEST_F(ExecTest, GivesBothStreamsAndTheExitStatus) {
  const auto [heard, output] = async::run_until_done(
      loop,
      async::when_all(
          serve(
              *listener,
              {.protocol = "v5.channel.k8s.io",
               .says =
                   {"\1", "\2", "\1out", "\2err", "\1more",
                    "\3"
                    R"({"metadata":{},"status":"Failure","reason":"NonZeroExitCode","details":{"causes":[{"reason":"ExitCode","message":"3"}]}})"},
               .hears = 3}),
          run_program(*client, "input")));
  EXPECT_EQ(output, "1:out;2:err;1:more;3");
  ASSERT_TRUE(heard.has_value());
  EXPECT_THAT(heard->messages, ElementsAre(std::string("\0input", 6), std::string("\xff\0", 2),
                                           "\4"
                                           R"({"Width":80,"Height":24})"));
  EXPECT_THAT(heard->head,
              HasSubstr("GET /api/v1/namespaces/prod/pods/p/exec?command=sh&container=c&"
                        "stdin=true&stdout=true&stderr=true HTTP/1.1\r\n"));
  EXPECT_THAT(heard->head, HasSubstr("\r\nConnection: Upgrade\r\n"));
  EXPECT_THAT(heard->head, HasSubstr("\r\nUpgrade: websocket\r\n"));
  EXPECT_THAT(heard->head, HasSubstr("\r\nSec-WebSocket-Protocol: v5.channel.k8s.io\r\n"));
  EXPECT_THAT(heard->head, HasSubstr("\r\nAuthorization: Bearer t\r\n"));
}

TEST_F(ExecTest, SaysWhyItDoesNotStart) {
  const auto outcome = [&](Script script) {
    return std::get<1>(async::run_until_done(
        loop, async::when_all(serve(*listener, std::move(script)), run_program(*client, ""))));
  };
  EXPECT_EQ(outcome({.refusal = "HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n"
                                R"({"status":"Failure","message":"pods \"p\" not found"})"}),
            "NotFound: pods \"p\" not found");
  EXPECT_EQ(outcome({.refusal = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"}),
            "Unsupported: the server does not speak WebSocket");
  EXPECT_THAT(outcome({.protocol = "v4.channel.k8s.io"}),
              HasSubstr("Unsupported: http://127.0.0.1"));
  EXPECT_THAT(outcome({.protocol = "v5.channel.k8s.io", .wrong_accept = true}),
              HasSubstr("handshake"));
}

TEST_F(ExecTest, KnowsAnEndWithoutAStatus) {
  const auto outcome = [&](std::vector<std::string> says) {
    return std::get<1>(async::run_until_done(
        loop, async::when_all(
                  serve(*listener, {.protocol = "v5.channel.k8s.io", .says = std::move(says)}),
                  run_program(*client, ""))));
  };
  EXPECT_EQ(outcome({"\1a"}), "1:a;Disconnected: exec: it ended without a status");
  EXPECT_EQ(outcome({"\3"
                     R"({"status":"Success"})"}),
            "0");
  EXPECT_EQ(
      outcome(
          {"\3"
           R"({"status":"Failure","reason":"InternalError","message":"no such program","code":500})"}),
      "Unavailable: no such program");
  EXPECT_EQ(outcome({"\3junk"}), "Malformed: exec: what came is no Status");
  EXPECT_EQ(outcome({"\x09junk"}), "Malformed: exec: a message on channel 9");
}

TEST_F(ExecTest, TakesNoUpgradeThatNobodyAskedFor) {
  const auto [heard, pod] = async::run_until_done(
      loop,
      async::when_all(
          serve(*listener, {.refusal = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n"}),
          client->get(ResourceType{.api_version = "v1", .kind = "Pod", .plural = "pods"},
                      ObjectKey{"prod", "p"})));
  EXPECT_EQ(pod.error().code(), ErrorCode::Malformed);
}

Task<std::string> talk_to_port(Client& client, std::string_view input) {
  auto port = co_await PortForward::connect(client, {"prod", "p"}, 8080);
  if (!port) {
    co_return port.error().to_string();
  }
  if (!input.empty()) {
    (void)co_await port->write(input);
  }
  std::string all;
  while (true) {
    const auto bytes = co_await port->next();
    if (!bytes || !*bytes) {
      co_return all + (bytes ? "<end>" : bytes.error().to_string());
    }
    all += **bytes;
  }
}

TEST_F(ExecTest, ForwardsAPort) {
  const std::string number("\x90\x1f", 2);  // 8080
  const std::string data("\0", 1);
  const auto outcome = [&](std::vector<std::string> says, std::size_t hears,
                           std::string_view input) {
    return async::run_until_done(
        loop, async::when_all(
                  serve(*listener,
                        {.protocol = "v4.channel.k8s.io", .says = std::move(says), .hears = hears}),
                  talk_to_port(*client, input)));
  };
  const std::string large(40000, 'x');
  const auto [heard, got] =
      outcome({data + number, "\1" + number, data + "hello ", data + "there"}, 2, large);
  EXPECT_EQ(got, "hello there<end>");
  EXPECT_THAT(heard->head, HasSubstr("portforward?ports=8080 HTTP"));
  ASSERT_EQ(heard->messages.size(), 2U);
  EXPECT_EQ(heard->messages[0].substr(1) + heard->messages[1].substr(1), large);
  EXPECT_EQ(std::get<1>(outcome({"\1" + number, "\1nobody listens\n"}, 0, "")),
            "Unavailable: port-forward: nobody listens");
  EXPECT_EQ(std::get<1>(outcome({data + "\x51\x1f"}, 0, "")),
            "Malformed: port-forward: a channel of another port");
  EXPECT_EQ(std::get<1>(outcome({""}, 0, "")),
            "Malformed: port-forward: a message of no known channel");
}

}  // namespace
}  // namespace kthena::kube
