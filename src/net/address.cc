#include "net/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <functional>
#include <string>
#include <string_view>
#include <system_error>

#include "base/error.h"
#include "base/result.h"

namespace kthena::net {
namespace {
constexpr std::array<std::uint8_t, 12> kMappedPrefix = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
}  // namespace

IpAddress IpAddress::v4(std::uint32_t host_order) {
  IpAddress address;
  std::ranges::copy(kMappedPrefix, address.bytes_.begin());
  for (std::size_t i = 0; i < 4; ++i) {
    address.bytes_[12 + i] = static_cast<std::uint8_t>(host_order >> (24 - 8 * i));
  }
  return address;
}

IpAddress IpAddress::v6(const std::array<std::uint8_t, 16>& bytes) {
  IpAddress address;
  address.bytes_ = bytes;
  return address;
}

bool IpAddress::is_v4() const noexcept {
  return std::equal(kMappedPrefix.begin(), kMappedPrefix.end(), bytes_.begin());
}

std::uint32_t IpAddress::v4_host_order() const noexcept {
  return (std::uint32_t{bytes_[12]} << 24) | (std::uint32_t{bytes_[13]} << 16) |
         (std::uint32_t{bytes_[14]} << 8) | std::uint32_t{bytes_[15]};
}

bool IpAddress::is_loopback() const noexcept {
  if (is_v4()) {
    return bytes_[12] == 127;
  }
  return std::all_of(bytes_.begin(), bytes_.end() - 1,
                     [](std::uint8_t byte) { return byte == 0; }) &&
         bytes_[15] == 1;
}

std::string IpAddress::to_string() const {
  char text[INET6_ADDRSTRLEN];
  if (!is_v4()) {
    ::inet_ntop(AF_INET6, bytes_.data(), text, sizeof(text));
    return text;
  }
  // Every request names its client; inet_ntop() goes through printf.
  char* end = text;
  for (std::size_t i = 12; i < 16; ++i) {
    if (i > 12) {
      *end++ = '.';
    }
    end = std::to_chars(end, text + sizeof(text), bytes_[i]).ptr;
  }
  return {text, end};
}

Result<IpAddress> parse_ip(std::string_view text) {
  // Longer than any address, so that what is cut off cannot turn a wrong text into a right one.
  const std::string copy(text.substr(0, INET6_ADDRSTRLEN));
  if (copy.contains('\0')) {
    return fail(ErrorCode::InvalidArgument, "not an IP address: it contains a NUL");
  }
  in_addr v4{};
  if (::inet_pton(AF_INET, copy.c_str(), &v4) == 1) {
    return IpAddress::v4(ntohl(v4.s_addr));
  }
  std::array<std::uint8_t, 16> v6{};
  if (::inet_pton(AF_INET6, copy.c_str(), v6.data()) == 1) {
    return IpAddress::v6(v6);
  }
  return fail(ErrorCode::InvalidArgument, "not an IP address: '" + copy + "'");
}

std::string SocketAddress::to_string() const {
  const std::string host = ip.to_string();
  return (ip.is_v4() ? host : "[" + host + "]") + ":" + std::to_string(port);
}

unsigned SocketAddress::to_sockaddr(sockaddr_storage& out) const noexcept {
  std::memset(&out, 0, sizeof(out));
  if (ip.is_v4()) {
    auto& v4 = reinterpret_cast<sockaddr_in&>(out);
    v4.sin_family = AF_INET;
    v4.sin_port = htons(port);
    std::memcpy(&v4.sin_addr, ip.bytes().data() + 12, 4);
    return sizeof(sockaddr_in);
  }
  auto& v6 = reinterpret_cast<sockaddr_in6&>(out);
  v6.sin6_family = AF_INET6;
  v6.sin6_port = htons(port);
  std::memcpy(&v6.sin6_addr, ip.bytes().data(), 16);
  return sizeof(sockaddr_in6);
}

SocketAddress SocketAddress::from_sockaddr(const sockaddr_storage& in) noexcept {
  if (in.ss_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(in);
    return {.ip = IpAddress::v4(ntohl(v4.sin_addr.s_addr)), .port = ntohs(v4.sin_port)};
  }
  const auto& v6 = reinterpret_cast<const sockaddr_in6&>(in);
  std::array<std::uint8_t, 16> bytes;
  std::memcpy(bytes.data(), &v6.sin6_addr, 16);
  return {.ip = IpAddress::v6(bytes), .port = ntohs(v6.sin6_port)};
}

Result<HostPort> split_host_port(std::string_view text) {
  const auto bad = [&](std::string_view why) {
    return fail(ErrorCode::InvalidArgument,
                "'" + std::string(text) + "' is not HOST:PORT: " + std::string(why));
  };
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) {
    return bad("no port");
  }
  std::string_view host = text.substr(0, colon);
  const std::string_view port_text = text.substr(colon + 1);
  if (host.starts_with('[')) {
    if (!host.ends_with(']')) {
      return bad("'[' without ']'");
    }
    host = host.substr(1, host.size() - 2);
  } else if (host.contains(':')) {
    return bad("an IPv6 address needs brackets");
  }
  std::uint16_t port = 0;
  const auto [end, error] =
      std::from_chars(port_text.data(), port_text.data() + port_text.size(), port);
  if (error != std::errc{} || end != port_text.data() + port_text.size()) {
    return bad("the port must be a number from 0 to 65535");
  }
  return HostPort{.host = std::string(host), .port = port};
}

Result<SocketAddress> parse_socket_address(std::string_view text) {
  const HostPort parts = TRY(split_host_port(text));
  if (parts.host.empty()) {
    return SocketAddress{.ip = IpAddress::any(), .port = parts.port};
  }
  return SocketAddress{.ip = TRY(parse_ip(parts.host)), .port = parts.port};
}

}  // namespace kthena::net

std::size_t std::hash<kthena::net::SocketAddress>::operator()(
    const kthena::net::SocketAddress& address) const noexcept {
  std::uint64_t low = 0;
  std::uint64_t high = 0;
  std::memcpy(&high, address.ip.bytes().data(), 8);
  std::memcpy(&low, address.ip.bytes().data() + 8, 8);
  std::uint64_t mixed = (low ^ (high * 0x9e3779b97f4a7c15ULL)) + address.port;
  mixed ^= mixed >> 32;
  mixed *= 0xd6e8feb86659fd93ULL;
  return mixed ^ (mixed >> 32);
}
