#include "http/server.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "async/combine.h"
#include "async/scope.h"
#include "async/simulated_loop.h"
#include "async/time.h"
#include "http/client.h"
#include "net/simulated_network.h"
#include "net/tcp.h"

namespace kthena::http {
namespace {

using namespace std::chrono_literals;
using async::Task;

/// Gives its pieces one by one, each a while after the last; then ends, or breaks off.
class Pieces final : public BodySource, private async::Timer {
 public:
  Pieces(async::Loop& loop, std::vector<std::string> pieces, Duration gap, bool breaks)
      : Timer(loop), pieces_(std::move(pieces)), gap_(gap), breaks_(breaks) {
    Timer::set(loop.now() + gap_);
  }
  Pulled pull() override {
    if (!due_) {
      return {.kind = Pulled::Kind::WouldBlock};
    }
    if (next_ == pieces_.size()) {
      return breaks_ ? failed(Error(ErrorCode::Disconnected, "broke off"))
                     : Pulled{.kind = Pulled::Kind::End};
    }
    due_ = false;
    Timer::set(loop().now() + gap_);
    return {.kind = Pulled::Kind::Data, .data = pieces_[next_++]};
  }
  void subscribe(async::Waiter& waiter) override { waiter_ = &waiter; }
  void unsubscribe(async::Waiter&) noexcept override { waiter_ = nullptr; }

 private:
  void on_timer() noexcept override {
    due_ = true;
    if (waiter_ != nullptr) {
      std::exchange(waiter_, nullptr)->wake();
    }
  }
  std::vector<std::string> pieces_;
  Duration gap_;
  bool breaks_;
  bool due_ = false;
  std::size_t next_ = 0;
  async::Waiter* waiter_ = nullptr;
};

/// What tests need of a service; remembers what it saw.
class TestHandler final : public Handler {
 public:
  TestHandler(async::Loop& loop, MemoryBudget& budget) : loop_(loop), budget_(budget) {}

  Task<Response> handle(Request& request) override {
    ++calls;
    if (request.path() == "/echo") {
      const auto body = co_await read_buffer(request.body, 8 << 20, &budget_, 5s);
      if (!body) {
        co_return text_response(http_status(body.error().code()), "text/plain",
                                body.error().message());
      }
      co_return text_response(200, "text/plain", std::string(body->view()));
    }
    if (request.path() == "/stream" || request.path() == "/broken") {
      Response response;
      response.headers.add("Content-Type", "text/event-stream");
      response.body = std::make_unique<Pieces>(
          loop_, std::vector<std::string>{"data: a\n\n", "data: b\n\n", "data: c\n\n"}, 10ms,
          request.path() == "/broken");
      response.observer = std::make_unique<Observer>(*this);
      co_return response;
    }
    if (request.path() == "/hang") {
      const auto slept = co_await async::sleep_for(1h);
      cancelled += slept ? 0 : 1;
      co_return text_response(499, "text/plain", "gone");
    }
    if (request.path() == "/throws") {
      throw std::runtime_error("bug");
    }
    if (request.path() == "/unread") {
      co_return text_response(401, "text/plain", "who are you?");
    }
    Response response = text_response(200, "text/plain", "hello");
    response.headers.add("X-Method", to_string(request.method));
    co_return response;
  }

  int calls = 0;
  int cancelled = 0;
  std::vector<Sent> sent;

 private:
  class Observer final : public ResponseObserver {
   public:
    explicit Observer(TestHandler& handler) : handler_(handler) {}
    void on_sent(const Sent& end) noexcept override { handler_.sent.push_back(end); }

   private:
    TestHandler& handler_;
  };
  async::Loop& loop_;
  MemoryBudget& budget_;
};

struct RealWorld {
  std::unique_ptr<async::EpollLoop> loop = *async::EpollLoop::create();
  net::TcpNetwork network{*loop};
};
struct SimulatedWorld {
  std::unique_ptr<async::SimulatedLoop> loop = std::make_unique<async::SimulatedLoop>(5);
  net::SimulatedNetwork network{*loop,
                                {.latency = 1ms, .jitter = 1ms, .max_slice = 7, .max_write = 50}};
};

template <class World>
class Http : public ::testing::Test {
 protected:
  ~Http() override { run_until_done(*world_.loop, stop(server_, *world_.loop)); }
  static Task<void> stop(Server& server, async::Loop& loop) {
    co_await server.drain(loop.now() + 1s);
  }

  template <class T>
  T run(Task<T> task) {
    return run_until_done(*world_.loop, std::move(task));
  }
  /// Sends bytes, ends, and gives all that comes back.
  std::string exchange(std::string_view text, bool end = false) {
    return run(raw(world_.network, address_, text, end));
  }
  static Task<std::string> raw(net::Network& network, net::SocketAddress address,
                               std::string_view text, bool end) {
    auto stream = *co_await network.connect(address);
    CHECK(co_await net::write_all(*stream, text));
    if (end) {
      stream->shutdown_write();
    }
    const async::DeadlineScope limit(co_await async::this_task(), 20s);
    std::string all;
    char buffer[4096];
    while (true) {
      const auto count = co_await net::read_some(*stream, buffer);
      if (!count || *count == 0) {
        co_return count ? all : all + "<" + count.error().message() + ">";
      }
      all.append(buffer, *count);
    }
  }

  World world_;
  MemoryBudget budget_{16 << 20};
  TestHandler handler_{*world_.loop, budget_};
  Server server_{world_.network,
                 budget_,
                 handler_,
                 {.max_head_bytes = 8 << 10,
                  .max_body_bytes = 4 << 20,
                  .head_timeout = 200ms,
                  .idle_timeout = 300ms}};
  net::SocketAddress address_ = *server_.listen({.ip = net::IpAddress::loopback(), .port = 0});
};
using Worlds = ::testing::Types<RealWorld, SimulatedWorld>;
TYPED_TEST_SUITE(Http, Worlds);

TYPED_TEST(Http, AnswersAndCloses) {
  const std::string answer =
      this->exchange("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 OK\r\n")) << answer;
  EXPECT_TRUE(answer.ends_with("\r\n\r\nhello")) << answer;
  EXPECT_TRUE(answer.contains("X-Method: GET\r\n")) << answer;
  EXPECT_TRUE(answer.contains("Content-Length: 5\r\n")) << answer;
}

TYPED_TEST(Http, AnswersPipelinedRequestsInOrder) {
  const std::string answer = this->exchange(
      "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\none"
      "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: "
      "chunked\r\n\r\n2\r\ntw\r\n1;x=y\r\no\r\n0\r\n\r\n"
      "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nConnection: close\r\n\r\nthree");
  const auto one = answer.find("\r\n\r\none");
  const auto two = answer.find("\r\n\r\ntwo");
  const auto three = answer.find("\r\n\r\nthree");
  EXPECT_LT(one, two) << answer;
  EXPECT_LT(two, three) << answer;
  EXPECT_NE(three, std::string::npos) << answer;
}

TYPED_TEST(Http, HeadHasNoBody) {
  const std::string answer =
      this->exchange("HEAD / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_TRUE(answer.contains("Content-Length: 5\r\n")) << answer;
  EXPECT_TRUE(answer.ends_with("\r\n\r\n")) << answer;
}

TYPED_TEST(Http, AsksForTheBodyWhenItIsWanted) {
  const std::string answer = this->exchange(
      "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nExpect: 100-continue\r\nConnection: "
      "close\r\n\r\n",
      true);
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 100 Continue\r\n\r\n")) << answer;
}

TYPED_TEST(Http, StreamsInChunks) {
  const std::string answer =
      this->exchange("GET /stream HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_TRUE(
      answer.ends_with("9\r\ndata: a\n\n\r\n9\r\ndata: b\n\n\r\n9\r\ndata: c\n\n\r\n0\r\n\r\n"))
      << answer;
  ASSERT_EQ(this->handler_.sent.size(), 1U);
  EXPECT_EQ(this->handler_.sent[0].end, Sent::End::Complete);
  EXPECT_EQ(this->handler_.sent[0].body_bytes, 27U);
}

TYPED_TEST(Http, BrokenStreamHasNoEnd) {
  const std::string answer = this->exchange("GET /broken HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_TRUE(answer.ends_with("9\r\ndata: c\n\n\r\n")) << answer;
  ASSERT_EQ(this->handler_.sent.size(), 1U);
  EXPECT_EQ(this->handler_.sent[0].end, Sent::End::SourceFailed);
}

TYPED_TEST(Http, OldClientGetsAStreamUntilClose) {
  const std::string answer = this->exchange("GET /stream HTTP/1.0\r\n\r\n");
  EXPECT_TRUE(answer.ends_with("\r\n\r\ndata: a\n\ndata: b\n\ndata: c\n\n")) << answer;
  EXPECT_FALSE(answer.contains("chunked")) << answer;
}

TYPED_TEST(Http, RefusesWhatIsNotHttp) {
  EXPECT_TRUE(this->exchange("\x16\x03\x01 hello\n\n").starts_with("HTTP/1.1 400 "));
  EXPECT_TRUE(this->exchange("GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: "
                             "chunked\r\n\r\n")
                  .starts_with("HTTP/1.1 400 "));
  EXPECT_TRUE(this->exchange("GET / HTTP/1.1\r\n\r\n").starts_with("HTTP/1.1 400 "));
  EXPECT_EQ(this->handler_.calls, 0);
}

TYPED_TEST(Http, RefusesHeadsThatAreTooLargeOrTooSlow) {
  EXPECT_TRUE(
      this->exchange("GET / HTTP/1.1\r\nHost: x\r\nX: " + std::string(9000, 'a') + "\r\n\r\n")
          .starts_with("HTTP/1.1 431 "));
  EXPECT_TRUE(this->exchange("GET / HTTP/1.1\r\nHo").starts_with("HTTP/1.1 408 "));
}

TYPED_TEST(Http, RefusesBodiesThatAreTooLarge) {
  EXPECT_TRUE(this->exchange("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5000000\r\n\r\n")
                  .starts_with("HTTP/1.1 413 "));
}

TYPED_TEST(Http, AnExceptionEndsOneRequest) {
  EXPECT_TRUE(this->exchange("GET /throws HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                  .starts_with("HTTP/1.1 500 "));
}

TYPED_TEST(Http, AnswersBeforeTheBodyIsRead) {
  const std::string answer = this->exchange(
      "POST /unread HTTP/1.1\r\nHost: x\r\nContent-Length: 2000000\r\n\r\nabc", true);
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 401 ")) << answer;
  EXPECT_TRUE(answer.contains("Connection: close\r\n")) << answer;
}

Task<int> disconnect(net::Network& network, net::SocketAddress address, TestHandler& handler) {
  auto stream = *co_await network.connect(address);
  CHECK(co_await net::write_all(*stream, "GET /hang HTTP/1.1\r\nHost: x\r\n\r\n"));
  while (handler.calls == 0) {
    co_await async::sleep_for(1ms);
  }
  stream.reset();
  for (int i = 0; i < 1000 && handler.cancelled == 0; ++i) {
    co_await async::sleep_for(1ms);
  }
  co_return handler.cancelled;
}
TYPED_TEST(Http, CancelsWhatRunsWhenTheClientGoes) {
  EXPECT_EQ(this->run(disconnect(this->world_.network, this->address_, this->handler_)), 1);
}

Task<std::string> client_get(Client& client, net::SocketAddress address, Method method,
                             std::string_view target, std::string body) {
  Headers headers;
  headers.add("Host", "x");
  const std::array<std::string_view, 1> parts = {body};
  auto response = co_await client.send(address, {.method = method,
                                                 .method_text = {},
                                                 .target = target,
                                                 .headers = &headers,
                                                 .body = parts,
                                                 .has_body = !body.empty()});
  if (!response) {
    co_return "error: " + response.error().error.to_string();
  }
  const auto text = co_await read_all(Body(std::move(response->body)), 8 << 20);
  co_return std::to_string(response->status) + " " + (text ? *text : text.error().to_string());
}

Task<std::vector<std::string>> client_calls(net::Network& network, net::SocketAddress address,
                                            Client::Stats& stats) {
  Client client(network);
  std::vector<std::string> answers;
  std::string large;
  for (int i = 0; i < 200'000; ++i) {
    large += std::to_string(i);
  }
  answers.push_back(co_await client_get(client, address, Method::Get, "/", ""));
  answers.push_back(co_await client_get(client, address, Method::Post, "/echo", "abc"));
  const std::string echoed = co_await client_get(client, address, Method::Post, "/echo", large);
  answers.push_back(echoed == "200 " + large ? "large" : echoed.substr(0, 100));
  answers.push_back(co_await client_get(client, address, Method::Get, "/stream", ""));
  answers.push_back(co_await client_get(client, address, Method::Get, "/broken", ""));
  answers.push_back(co_await client_get(client, address, Method::Post, "/echo", "again"));
  stats = client.stats();
  co_return answers;
}
TYPED_TEST(Http, ClientReusesConnectionsAndSeesBrokenOnes) {
  Client::Stats stats;
  const auto answers = this->run(client_calls(this->world_.network, this->address_, stats));
  EXPECT_EQ(answers,
            (std::vector<std::string>{
                "200 hello", "200 abc", "large", "200 data: a\n\ndata: b\n\ndata: c\n\n",
                "200 Disconnected: the connection was closed within the answer", "200 again"}));
  EXPECT_EQ(stats.opened, 2U);
  EXPECT_EQ(stats.reused, 4U);
  EXPECT_EQ(this->budget_.used(), 0U);
}

Task<std::pair<std::string, Client::Stats>> stale_connection(net::Network& network,
                                                             net::SocketAddress address) {
  Client client(network);
  co_await client_get(client, address, Method::Get, "/", "");
  co_await async::sleep_for(1s);  // the server closes after 300 ms
  std::string answer = co_await client_get(client, address, Method::Get, "/", "");
  co_return std::pair(std::move(answer), client.stats());
}
TYPED_TEST(Http, ClientReplacesConnectionsThatTheServerClosed) {
  const auto [answer, stats] = this->run(stale_connection(this->world_.network, this->address_));
  EXPECT_EQ(answer, "200 hello");
  EXPECT_EQ(stats.opened, 2U);
}

Task<std::size_t> drain_with(Server& server, async::Loop& loop, net::Network& network,
                             net::SocketAddress address, std::string_view target, Duration patience,
                             std::string& answer) {
  auto stream = *co_await network.connect(address);
  CHECK(co_await net::write_all(*stream,
                                "GET " + std::string(target) + " HTTP/1.1\r\nHost: x\r\n\r\n"));
  while (server.stats().active == 0) {
    co_await async::sleep_for(1ms);
  }
  const std::size_t cut = co_await server.drain(loop.now() + patience);
  char buffer[4096];
  while (true) {
    const auto count = co_await net::read_some(*stream, buffer);
    if (!count || *count == 0) {
      co_return cut;
    }
    answer.append(buffer, *count);
  }
}
TYPED_TEST(Http, DrainLetsRunningRequestsFinish) {
  std::string answer;
  EXPECT_EQ(this->run(drain_with(this->server_, *this->world_.loop, this->world_.network,
                                 this->address_, "/stream", 5s, answer)),
            0U);
  EXPECT_TRUE(answer.ends_with("0\r\n\r\n")) << answer;
}
TYPED_TEST(Http, DrainCutsWhatDoesNotFinish) {
  std::string answer;
  EXPECT_EQ(this->run(drain_with(this->server_, *this->world_.loop, this->world_.network,
                                 this->address_, "/hang", 50ms, answer)),
            1U);
  EXPECT_EQ(this->handler_.cancelled, 1);
}

}  // namespace
}  // namespace kthena::http
