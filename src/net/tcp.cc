#include "net/tcp.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "async/epoll_loop.h"
#include "async/io_source.h"
#include "async/task.h"
#include "base/error.h"
#include "base/result.h"
#include "net/address.h"
#include "net/stream.h"

namespace kthena::net {
namespace {

constexpr std::size_t kMaxParts = 16;

/// Owns a descriptor.
class Descriptor {
 public:
  explicit Descriptor(int fd) noexcept : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) {
      ::close(fd_);
    }
  }
  int get() const noexcept { return fd_; }

 private:
  int fd_;
};

void set_option(int fd, int level, int name, int value) {
  ::setsockopt(fd, level, name, &value, sizeof(value));
}

void set_stream_options(int fd) {
  set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1);
  set_option(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
  set_option(fd, IPPROTO_TCP, TCP_KEEPIDLE, 30);
  set_option(fd, IPPROTO_TCP, TCP_KEEPINTVL, 10);
  set_option(fd, IPPROTO_TCP, TCP_KEEPCNT, 3);
}

Error errno_error(int error, const std::string& doing) {
  ErrorCode code = ErrorCode::Unavailable;
  switch (error) {
    case EADDRINUSE:
      code = ErrorCode::AlreadyExists;
      break;
    case EACCES:
    case EPERM:
      code = ErrorCode::PermissionDenied;
      break;
    case EADDRNOTAVAIL:
      code = ErrorCode::InvalidArgument;
      break;
    default:
      break;
  }
  return {code, doing + ": " + std::strerror(error)};
}

Result<Descriptor> open_socket(const SocketAddress& address) {
  const int family = address.ip.is_v4() ? AF_INET : AF_INET6;
  Descriptor socket(::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (socket.get() < 0) {
    return fail(errno_error(errno, "opening a socket"));
  }
  return socket;
}

SocketAddress name_of(int fd, int (*get)(int, sockaddr*, socklen_t*)) {
  sockaddr_storage storage{};
  socklen_t size = sizeof(storage);
  if (get(fd, reinterpret_cast<sockaddr*>(&storage), &size) != 0) {
    return {};
  }
  return SocketAddress::from_sockaddr(storage);
}

class TcpStream final : public Stream {
 public:
  TcpStream(async::EpollLoop& loop, Descriptor socket, const SocketAddress& peer)
      : source_(loop), socket_(std::move(socket)), peer_(peer) {}
  // Closing alone would leave the socket in epoll while a child between fork and exec holds it too.
  ~TcpStream() override { static_cast<async::EpollLoop&>(source_.loop()).unwatch(socket_.get()); }

  IoOutcome try_read(std::span<char> into) override {
    while (true) {
      const ssize_t got = ::recv(socket_.get(), into.data(), into.size(), 0);
      if (got > 0) {
        const auto bytes = static_cast<std::size_t>(got);
        if (bytes < into.size() && !source_.hung_up()) {
          source_.clear_readable();
        }
        return {.kind = IoOutcome::Kind::Bytes, .bytes = bytes};
      }
      if (got == 0) {
        return {.kind = IoOutcome::Kind::End};
      }
      if (errno == EAGAIN) {
        source_.clear_readable();
        return {.kind = IoOutcome::Kind::WouldBlock};
      }
      if (errno != EINTR) {
        return {.kind = IoOutcome::Kind::Failed, .error = errno};
      }
    }
  }

  IoOutcome try_write(std::span<const std::string_view> parts) override {
    std::array<iovec, kMaxParts> vectors;
    std::size_t count = 0;
    std::size_t total = 0;
    for (const std::string_view part : parts) {
      if (part.empty()) {
        continue;
      }
      if (count == kMaxParts) {
        break;
      }
      vectors[count].iov_base = const_cast<char*>(part.data());
      vectors[count++].iov_len = part.size();
      total += part.size();
    }
    msghdr message{};
    message.msg_iov = vectors.data();
    message.msg_iovlen = count;
    while (true) {
      const ssize_t sent = ::sendmsg(socket_.get(), &message, MSG_NOSIGNAL);
      if (sent >= 0) {
        const auto bytes = static_cast<std::size_t>(sent);
        if (bytes < total) {
          source_.clear_writable();
        }
        return {.kind = bytes > 0 ? IoOutcome::Kind::Bytes : IoOutcome::Kind::WouldBlock,
                .bytes = bytes};
      }
      if (errno == EAGAIN) {
        source_.clear_writable();
        return {.kind = IoOutcome::Kind::WouldBlock};
      }
      if (errno != EINTR) {
        return {.kind = IoOutcome::Kind::Failed, .error = errno};
      }
    }
  }

  void shutdown_write() noexcept override { ::shutdown(socket_.get(), SHUT_WR); }

  void reset_on_close() noexcept override {
    const linger option{.l_onoff = 1, .l_linger = 0};
    ::setsockopt(socket_.get(), SOL_SOCKET, SO_LINGER, &option, sizeof(option));
  }

  async::IoSource& io() noexcept override { return source_; }
  SocketAddress peer() const override { return peer_; }
  SocketAddress local() const override { return name_of(socket_.get(), ::getsockname); }

  int fd() const noexcept { return socket_.get(); }

 private:
  async::IoSource source_;
  Descriptor socket_;
  SocketAddress peer_;
};
// All that an idle connection holds is this and its ServerConnection: a size class of the
// allocator.
static_assert(sizeof(TcpStream) <= 96);

/// Errors of accept() that tell of the connection, which is gone, not of the listener.
bool concerns_one_connection(int error) {
  switch (error) {
    case EINTR:
    case ECONNABORTED:
    case EPERM:  // firewall
    case EPROTO:
    case ENOPROTOOPT:
    case EOPNOTSUPP:
    case ENETDOWN:
    case ENETUNREACH:
    case EHOSTDOWN:
    case EHOSTUNREACH:
    case ENONET:
      return true;
    default:
      return false;
  }
}

class TcpListener final : public Listener {
 public:
  TcpListener(async::EpollLoop& loop, Descriptor socket)
      : loop_(loop), socket_(std::move(socket)), source_(loop) {}
  ~TcpListener() override { loop_.unwatch(socket_.get()); }

  Result<std::unique_ptr<Stream>> try_accept() override {
    while (true) {
      sockaddr_storage storage;
      socklen_t size = sizeof(storage);
      Descriptor socket(::accept4(socket_.get(), reinterpret_cast<sockaddr*>(&storage), &size,
                                  SOCK_NONBLOCK | SOCK_CLOEXEC));
      if (socket.get() >= 0) {
        const int fd = socket.get();
        auto stream = std::make_unique<TcpStream>(loop_, std::move(socket),
                                                  SocketAddress::from_sockaddr(storage));
        // Watching reports what has arrived already: no need to find out that nothing has.
        stream->io().clear_readable();
        TRY(loop_.watch(fd, stream->io()));
        return stream;
      }
      if (errno == EAGAIN) {
        source_.clear_readable();
        return nullptr;
      }
      if (!concerns_one_connection(errno)) {
        return fail(errno_error(errno, "accepting a connection"));
      }
    }
  }

  async::IoSource& io() noexcept override { return source_; }
  SocketAddress local() const override { return name_of(socket_.get(), ::getsockname); }

 private:
  async::EpollLoop& loop_;
  Descriptor socket_;
  async::IoSource source_;
};

}  // namespace

Result<std::unique_ptr<Listener>> TcpNetwork::listen(const SocketAddress& address,
                                                     const ListenOptions& options) {
  Descriptor socket = TRY(open_socket(address));
  const int fd = socket.get();
  set_option(fd, SOL_SOCKET, SO_REUSEADDR, 1);
  if (options.reuse_port) {
    set_option(fd, SOL_SOCKET, SO_REUSEPORT, 1);
  }
  // Accepted sockets inherit these, which saves five system calls each.
  set_stream_options(fd);
  sockaddr_storage storage;
  const unsigned size = address.to_sockaddr(storage);
  if (::bind(fd, reinterpret_cast<sockaddr*>(&storage), size) != 0 ||
      ::listen(fd, options.backlog) != 0) {
    return fail(errno_error(errno, "listening on " + address.to_string()));
  }
  auto listener = std::make_unique<TcpListener>(loop_, std::move(socket));
  TRY(loop_.watch(fd, listener->io()));
  return listener;
}

async::Task<Result<std::unique_ptr<Stream>>> TcpNetwork::connect(const SocketAddress& address) {
  Descriptor socket = CO_TRY(open_socket(address));
  const int fd = socket.get();
  set_stream_options(fd);
  auto stream = std::make_unique<TcpStream>(loop_, std::move(socket), address);
  stream->io().clear_writable();
  stream->io().clear_readable();
  sockaddr_storage storage;
  const unsigned size = address.to_sockaddr(storage);
  if (::connect(fd, reinterpret_cast<sockaddr*>(&storage), size) != 0) {
    if (errno != EINPROGRESS) {
      co_return fail(errno_error(errno, "connecting to " + address.to_string()));
    }
    CO_TRY(loop_.watch(fd, stream->io()));
    CO_TRY(co_await async::wait_io(stream->io(), async::Interest::Write));
    int error = 0;
    socklen_t error_size = sizeof(error);
    ::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &error_size);
    if (error != 0) {
      co_return fail(errno_error(error, "connecting to " + address.to_string()));
    }
  } else {
    CO_TRY(loop_.watch(fd, stream->io()));
  }
  co_return std::unique_ptr<Stream>(std::move(stream));
}

std::size_t raise_descriptor_limit() {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
  ::getrlimit(RLIMIT_NOFILE, &limit);
  return limit.rlim_cur;
}

}  // namespace kthena::net
