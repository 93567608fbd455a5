#include "bench/common/socket.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <cerrno>
#include <charconv>
#include <cstdint>
#include <cstring>

namespace kthena::bench {
namespace {

Result<Fd> tcp_socket() {
  Fd fd(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd.valid()) {
    return fail(ErrorCode::Internal, fmt::format("socket: {}", std::strerror(errno)));
  }
  const int on = 1;
  ::setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return fd;
}

const sockaddr* generic(const Address& address) {
  return reinterpret_cast<const sockaddr*>(&address.socket);
}

}  // namespace

Result<Address> parse_address(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  Address address{.text = std::string(text)};
  if (colon != std::string_view::npos) {
    const std::string host(text.substr(0, colon));
    const std::string_view digits = text.substr(colon + 1);
    std::uint16_t port = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
    if (error == std::errc{} && end == digits.data() + digits.size() &&
        ::inet_pton(AF_INET, host.c_str(), &address.socket.sin_addr) == 1) {
      address.socket.sin_family = AF_INET;
      address.socket.sin_port = htons(port);
      return address;
    }
  }
  return fail(ErrorCode::InvalidArgument, fmt::format("'{}' is not IPV4:PORT", text));
}

Result<Fd> listen_on(const Address& address) {
  Fd fd = TRY(tcp_socket());
  const int on = 1;
  ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (::bind(fd.get(), generic(address), sizeof address.socket) != 0 ||
      ::listen(fd.get(), 16384) != 0) {
    return fail(ErrorCode::Unavailable,
                fmt::format("listening on {}: {}", address.text, std::strerror(errno)));
  }
  return fd;
}

Result<Fd> connect_to(const Address& address) {
  Fd fd = TRY(tcp_socket());
  if (::connect(fd.get(), generic(address), sizeof address.socket) != 0 && errno != EINPROGRESS) {
    return fail(ErrorCode::Unavailable,
                fmt::format("connecting to {}: {}", address.text, std::strerror(errno)));
  }
  return fd;
}

int socket_error(const Fd& fd) {
  int error = 0;
  socklen_t length = sizeof error;
  ::getsockopt(fd.get(), SOL_SOCKET, SO_ERROR, &error, &length);
  return error;
}

void raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) == 0) {
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
  }
}

}  // namespace kthena::bench
