// bench-backend: an engine's outside, as cheap as it can be made, for measuring what stands before
// it. See bench/README.md for the protocol.
#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>

#include <csignal>
#include <cstdio>
#include <memory>
#include <vector>

#include "bench/backend/connection.h"
#include "bench/backend/stats.h"
#include "bench/common/loop.h"
#include "bench/common/options.h"
#include "bench/common/socket.h"

namespace kthena::bench {
namespace {

/// Accepts on one address. The last octet of the address is the backend's number.
class Listener final : public Handler {
 public:
  Listener(Loop& loop, BackendStats& stats, Fd socket, int backend)
      : Handler(loop), stats_(stats), socket_(std::move(socket)), backend_(backend) {
    this->loop().watch(socket_.get(), *this);
  }

  void on_ready(std::uint32_t /*events*/) override {
    while (true) {
      Fd peer(::accept4(socket_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
      if (!peer.valid()) {
        return;
      }
      const int on = 1;
      ::setsockopt(peer.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      new BackendConnection(loop(), stats_, std::move(peer), backend_);  // owns itself
    }
  }

 private:
  BackendStats& stats_;
  Fd socket_;
  int backend_;
};

/// Ends the loop on SIGTERM and SIGINT.
class Signals final : public Handler {
 public:
  explicit Signals(Loop& loop) : Handler(loop) {
    sigset_t set;
    ::sigemptyset(&set);
    ::sigaddset(&set, SIGTERM);
    ::sigaddset(&set, SIGINT);
    ::sigprocmask(SIG_BLOCK, &set, nullptr);
    fd_ = Fd(::signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC));
    this->loop().watch(fd_.get(), *this);
  }
  void on_ready(std::uint32_t events) override {
    if ((events & EPOLLIN) != 0) {
      loop().stop();
    }
  }

 private:
  Fd fd_;
};

Result<void> run(const std::vector<std::string>& arguments) {
  Options options = TRY(Options::parse(arguments));
  const std::vector<std::string> addresses = options.all("listen");
  TRY(options.finish());
  if (addresses.empty()) {
    return fail(ErrorCode::InvalidArgument, "usage: bench-backend --listen 127.0.0.11:9000 …");
  }
  raise_descriptor_limit();
  Loop loop;
  const Signals signals(loop);
  BackendStats stats;
  std::vector<std::unique_ptr<Listener>> listeners;
  for (const std::string& text : addresses) {
    const Address address = TRY(parse_address(text));
    const int number = static_cast<int>(ntohl(address.socket.sin_addr.s_addr) & 0xFF);
    listeners.push_back(std::make_unique<Listener>(loop, stats, TRY(listen_on(address)), number));
  }
  fmt::print("ready\n");
  std::fflush(stdout);
  loop.run();
  return {};
}

}  // namespace
}  // namespace kthena::bench

int main(int argc, char** argv) {
  const auto result = kthena::bench::run({argv + 1, argv + argc});
  if (!result) {
    fmt::print(stderr, "bench-backend: {}\n", result.error().message());
    return 2;
  }
  // The connections still open go with the process.
  std::_Exit(0);
}
