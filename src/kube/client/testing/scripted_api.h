// An API server for tests that answers what a test has written down, and remembers what it was
// asked.
#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "async/scope.h"
#include "async/simulated_loop.h"
#include "async/time.h"
#include "http/server.h"
#include "net/simulated_network.h"

namespace kthena::kube::testing {

/// One answer. A body in several pieces is chunked.
struct Answer {
  int status = 200;
  std::vector<std::string> pieces;
  std::vector<std::pair<std::string, std::string>> headers;
  Duration delay{};
  enum class End : std::uint8_t { Complete, Stay, BreakOff } end = End::Complete;
};

/// A request as a test compares it.
struct Asked {
  std::string line;  ///< "GET /api/v1/pods"
  http::Headers headers;
  std::string body;
};

/// Bodies that end, go on for ever, or break off.
class PiecesSource final : public http::BodySource {
 public:
  explicit PiecesSource(Answer answer) : answer_(std::move(answer)) {}
  http::Pulled pull() override {
    if (next_ < answer_.pieces.size()) {
      return {.kind = http::Pulled::Kind::Data, .data = answer_.pieces[next_++]};
    }
    switch (answer_.end) {
      case Answer::End::Complete:
        return {.kind = http::Pulled::Kind::End};
      case Answer::End::Stay:
        return {.kind = http::Pulled::Kind::WouldBlock};
      case Answer::End::BreakOff:
        break;
    }
    return failed(Error(ErrorCode::Disconnected, "broke off"));
  }
  void subscribe(async::Waiter& /*waiter*/) override {}
  void unsubscribe(async::Waiter& /*waiter*/) noexcept override {}

 private:
  Answer answer_;
  std::size_t next_ = 0;
};

/// Serves on one address of a simulated network. Without a script, it answers 599.
class ScriptedApi final : public http::Handler {
 public:
  explicit ScriptedApi(net::Network& network) : server_(network, budget_, *this) {
    address_ = *server_.listen({.ip = net::IpAddress::loopback(), .port = 0});
  }

  void answer(Answer answer) { script_.push_back(std::move(answer)); }
  void answer(int status, std::string body) {
    script_.push_back({.status = status, .pieces = {std::move(body)}});
  }
  /// For every request from now on, also for one that comes twice since its connection broke.
  void answer_all(std::function<Answer(const Asked&)> answer) { respond_ = std::move(answer); }
  const std::vector<Asked>& asked() const { return asked_; }
  std::vector<std::string> lines() const {
    std::vector<std::string> lines;
    for (const Asked& asked : asked_) {
      lines.push_back(asked.line);
    }
    return lines;
  }
  std::string url() const { return "http://" + address_.to_string(); }
  const net::SocketAddress& address() const { return address_; }
  const http::Server::Stats& stats() const { return server_.stats(); }

  void stop(async::Loop& loop) { async::run_until_done(loop, drain(loop)); }

  async::Task<http::Response> handle(http::Request& request) override {
    asked_.push_back({.line = request.method_text + " " + request.target,
                      .headers = request.headers,
                      .body = *co_await http::read_all(request.body, 16 << 20)});
    if (script_.empty() && !respond_) {
      co_return http::text_response(599, "text/plain", "no answer was written down");
    }
    Answer answer;
    if (respond_) {
      answer = respond_(asked_.back());
    } else {
      answer = std::move(script_.front());
      script_.pop_front();
    }
    if (answer.delay > Duration::zero()) {
      (void)co_await async::sleep_for(answer.delay);
    }
    http::Response response;
    response.status = answer.status;
    response.headers.add("Content-Type", "application/json");
    for (const auto& [name, value] : answer.headers) {
      response.headers.add(name, value);
    }
    if (answer.pieces.size() == 1 && answer.end == Answer::End::Complete) {
      response.body = std::move(answer.pieces.front());
    } else {
      response.body = std::make_unique<PiecesSource>(std::move(answer));
    }
    co_return response;
  }

 private:
  async::Task<void> drain(async::Loop& loop) {
    (void)co_await server_.drain(loop.now() + std::chrono::seconds(1));
  }

  http::MemoryBudget budget_{64 << 20};
  std::deque<Answer> script_;
  std::function<Answer(const Asked&)> respond_;
  std::vector<Asked> asked_;
  http::Server server_;
  net::SocketAddress address_;
};

}  // namespace kthena::kube::testing
