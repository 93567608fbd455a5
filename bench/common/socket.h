// Descriptors and TCP sockets for the measuring programs.
#pragma once

#include <netinet/in.h>
#include <unistd.h>

#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"

namespace kthena::bench {

/// Owns a file descriptor.
class Fd {
 public:
  Fd() = default;
  explicit Fd(int fd) : fd_(fd) {}
  Fd(Fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Fd& operator=(Fd&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Fd() { close(); }

  int get() const noexcept { return fd_; }
  bool valid() const noexcept { return fd_ >= 0; }
  void close() noexcept {
    if (fd_ >= 0) {
      ::close(std::exchange(fd_, -1));
    }
  }

 private:
  int fd_ = -1;
};

/// An IPv4 address and port: "127.0.0.11:9000".
struct Address {
  sockaddr_in socket{};
  std::string text;
};
Result<Address> parse_address(std::string_view text);

/// A non-blocking listener with a long accept queue.
Result<Fd> listen_on(const Address& address);

/// Starts a non-blocking connect with TCP_NODELAY; writable or in error when it is decided.
Result<Fd> connect_to(const Address& address);

/// The error of a connect that has been decided; 0 when it succeeded.
int socket_error(const Fd& fd);

/// Raises the soft descriptor limit to the hard one.
void raise_descriptor_limit();

}  // namespace kthena::bench
