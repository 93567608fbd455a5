#include "net/tls_server_network.h"

#include <cstddef>
#include <deque>
#include <memory>
#include <utility>

#include "async/io_source.h"
#include "async/task.h"
#include "async/time.h"
#include "base/error.h"
#include "base/result.h"
#include "net/tls.h"

namespace kthena::net {

/// What a listener shares with the handshakes of its connections, which may outlive it.
struct TlsServerNetwork::Queue {
  std::deque<std::unique_ptr<Stream>> ready;
  std::size_t handshakes = 0;       // under way
  TlsListener* listener = nullptr;  ///< null: nobody wants them any more
};

class TlsServerNetwork::TlsListener final : public Listener, private async::IoObserver {
 public:
  TlsListener(TlsServerNetwork& network, std::unique_ptr<Listener> below)
      : network_(network),
        below_(std::move(below)),
        io_(network.loop()),
        queue_(std::make_shared<Queue>()) {
    queue_->listener = this;
    io_.clear_readable();
    below_->io().set_observer(this);
    accept_waiting();
  }
  ~TlsListener() override { queue_->listener = nullptr; }

  Result<std::unique_ptr<Stream>> try_accept() override {
    if (queue_->ready.empty()) {
      io_.clear_readable();
      // Also tries again what failed for want of descriptors, as the caller does.
      TRY(accept_waiting());
      return nullptr;
    }
    std::unique_ptr<Stream> stream = std::move(queue_->ready.front());
    queue_->ready.pop_front();
    return stream;
  }
  async::IoSource& io() noexcept override { return io_; }
  SocketAddress local() const override { return below_->local(); }

  /// A handshake has ended.
  void on_handshake_end() {
    if (!queue_->ready.empty()) {
      io_.notify({.readable = true});
    }
    if (full_) {
      static_cast<void>(accept_waiting());
    }
  }

 private:
  void on_io() noexcept override {
    if (!accept_waiting()) {
      io_.notify({.readable = true});  // the caller asks, is told, and comes back later
    }
  }

  Result<> accept_waiting() {
    while (true) {
      full_ = queue_->handshakes >= network_.options_.max_handshakes;
      if (full_) {
        return {};
      }
      std::unique_ptr<Stream> stream = TRY(below_->try_accept());
      if (stream == nullptr) {
        return {};
      }
      ++queue_->handshakes;
      network_.handshakes_.spawn(network_.shake_hands(queue_, std::move(stream)));
    }
  }

  TlsServerNetwork& network_;
  std::unique_ptr<Listener> below_;
  async::IoSource io_;
  std::shared_ptr<Queue> queue_;
  bool full_ = false;
};

TlsServerNetwork::TlsServerNetwork(Network& below, TlsContext context,
                                   TlsServerNetworkOptions options)
    : below_(below), context_(std::move(context)), options_(options), handshakes_(below.loop()) {}

TlsServerNetwork::~TlsServerNetwork() = default;

Result<std::unique_ptr<Listener>> TlsServerNetwork::listen(const SocketAddress& address,
                                                           const ListenOptions& options) {
  return std::make_unique<TlsListener>(*this, TRY(below_.listen(address, options)));
}

async::Task<Result<std::unique_ptr<Stream>>> TlsServerNetwork::connect(
    const SocketAddress& /*address*/) {
  co_return fail(ErrorCode::Unsupported, "a TLS server's network only listens");
}

async::Task<void> TlsServerNetwork::stop() { co_await handshakes_.stop(); }

async::Task<void> TlsServerNetwork::shake_hands(std::shared_ptr<Queue> queue,
                                                std::unique_ptr<Stream> stream) {
  const TlsContext context = context_;  // another one may be set during the handshake
  const async::DeadlineScope limit(co_await async::this_task(), options_.handshake_timeout);
  auto secured = co_await tls_accept(std::move(stream), context);
  if (secured) {
    ++stats_.handshakes;
  } else {
    ++stats_.failures;
  }
  --queue->handshakes;
  if (queue->listener == nullptr) {
    co_return;
  }
  if (secured) {
    queue->ready.push_back(*std::move(secured));
  }
  queue->listener->on_handshake_end();
}

}  // namespace kthena::net
