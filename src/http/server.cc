#include "http/server.h"

#include <algorithm>
#include <utility>

#include "async/time.h"
#include "http/server_connection.h"

namespace kthena::http {
namespace {
// After the process ran out of descriptors, the next try to accept.
constexpr Duration kAcceptPause = std::chrono::milliseconds(100);
// Idle connections are closed so long after the listeners.
constexpr Duration kIdleGrace = std::chrono::milliseconds(250);
constexpr Duration kCutGrace = std::chrono::seconds(1);
}  // namespace

Response Handler::refuse(int status, std::string_view message) {
  return text_response(status, "text/plain; charset=utf-8", std::string(message) + "\n");
}

/// A listener and its connections to be. Needs no coroutine: each edge accepts all that wait.
class Server::Accepting final : private async::IoObserver, private async::Timer {
 public:
  Accepting(Server& server, std::unique_ptr<net::Listener> listener)
      : Timer(server.network_.loop()), server_(server), listener_(std::move(listener)) {
    listener_->io().set_observer(this);
    accept_waiting();
  }
  net::SocketAddress local() const { return listener_->local(); }

  /// Takes the connections that wait: closing a listener resets them.
  void accept_waiting() noexcept {
    while (true) {
      auto stream = listener_->try_accept();
      if (!stream) {
        set(loop().now() + kAcceptPause);
        return;
      }
      if (*stream == nullptr) {
        return;
      }
      if (server_.stats_.open >= server_.options_.max_connections) {
        continue;  // closed at once: refusing is cheaper than running out of memory
      }
      ++server_.stats_.accepted;
      ServerConnection::park(std::make_unique<ServerConnection>(server_, *std::move(stream)));
    }
  }

 private:
  void on_io() noexcept override { accept_waiting(); }
  void on_timer() noexcept override { accept_waiting(); }

  Server& server_;
  std::unique_ptr<net::Listener> listener_;
};

Server::Server(net::Network& network, MemoryBudget& budget, Handler& handler, ServerOptions options)
    : network_(network),
      budget_(budget),
      handler_(handler),
      options_(options),
      tasks_(network.loop()) {}

Server::~Server() {
  listeners_.clear();
  close_idle();
}

Result<net::SocketAddress> Server::listen(const net::SocketAddress& address,
                                          const net::ListenOptions& options) {
  auto listener = TRY(network_.listen(address, options));
  listeners_.push_back(std::make_unique<Accepting>(*this, std::move(listener)));
  return listeners_.back()->local();
}

void Server::close_idle() {
  connections_.for_each([](ServerConnection& connection) {
    if (connection.idle() && !connection.has_news()) {
      delete &connection;
    }
  });
}

async::Task<std::size_t> Server::drain(Instant deadline) {
  closing_ = true;
  for (const auto& listener : listeners_) {
    listener->accept_waiting();
  }
  listeners_.clear();
  // Clients that have just connected, or hold an idle connection, may be sending: their requests
  // are answered, and told to be the last ones.
  const Duration grace_left = std::max(deadline - network_.loop().now(), Duration::zero());
  static_cast<void>(co_await async::sleep_for(std::min(kIdleGrace, grace_left)));
  idle_closed_ = true;
  close_idle();
  async::PromiseBase& task = co_await async::this_task();
  {
    const async::DeadlineScope limit(task, deadline);
    // Joining is not cancellable, so the wait is for the last request to say so.
    while (stats_.open > 0 && co_await async::sleep_for(std::chrono::milliseconds(5))) {
    }
  }
  const std::size_t left = stats_.open;
  if (left > 0) {
    cutting_ = true;
    connections_.for_each([](ServerConnection& connection) { connection.cut(); });
    const async::ShieldScope shield(task);
    const async::DeadlineScope grace(task, kCutGrace);
    while (stats_.open > 0 && co_await async::sleep_for(std::chrono::milliseconds(5))) {
    }
  }
  co_await tasks_.stop();
  co_return left;
}

}  // namespace kthena::http
