// IP addresses and ports.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

struct sockaddr_storage;

namespace kthena::net {

/// An IPv4 or IPv6 address. IPv4 is kept as its IPv4-mapped IPv6 form, so comparison and hashing
/// have one case.
class IpAddress {
 public:
  /// "::"
  constexpr IpAddress() = default;
  static IpAddress v4(std::uint32_t host_order);
  static IpAddress v6(const std::array<std::uint8_t, 16>& bytes);
  static IpAddress loopback() { return v4(0x7f000001); }
  static IpAddress any() { return v4(0); }

  bool is_v4() const noexcept;
  bool is_loopback() const noexcept;
  const std::array<std::uint8_t, 16>& bytes() const noexcept { return bytes_; }
  std::uint32_t v4_host_order() const noexcept;

  /// "127.0.0.1", "2001:db8::1".
  std::string to_string() const;

  friend auto operator<=>(const IpAddress&, const IpAddress&) = default;

 private:
  std::array<std::uint8_t, 16> bytes_{};
};

/// Errors: InvalidArgument naming the text.
Result<IpAddress> parse_ip(std::string_view text);

struct SocketAddress {
  IpAddress ip;
  std::uint16_t port = 0;

  /// "127.0.0.1:80", "[2001:db8::1]:80".
  std::string to_string() const;
  friend auto operator<=>(const SocketAddress&, const SocketAddress&) = default;

  /// Fills `out` and returns its length.
  unsigned to_sockaddr(sockaddr_storage& out) const noexcept;
  static SocketAddress from_sockaddr(const sockaddr_storage& in) noexcept;
};

/// "1.2.3.4:80", "[::1]:80", ":80" (any address). Errors: InvalidArgument.
Result<SocketAddress> parse_socket_address(std::string_view text);

/// "host:port" into its parts; brackets around IPv6 are removed. Errors: InvalidArgument.
struct HostPort {
  std::string host;
  std::uint16_t port = 0;
};
Result<HostPort> split_host_port(std::string_view text);

}  // namespace kthena::net

template <>
struct std::hash<kthena::net::SocketAddress> {
  std::size_t operator()(const kthena::net::SocketAddress& address) const noexcept;
};
