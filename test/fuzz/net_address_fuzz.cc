// Addresses: whatever is accepted prints to something that is accepted again and means the same.
#include <cstdint>
#include <functional>
#include <string_view>

#include "base/check.h"
#include "net/address.h"

using namespace kthena;
using namespace kthena::net;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto ip = parse_ip(text)) {
    CHECK(!text.contains('\0'));
    const auto again = parse_ip(ip->to_string());
    CHECK(again && *again == *ip);
    CHECK(ip->is_v4() || ip->to_string().contains(':'));
  }
  if (const auto parts = split_host_port(text)) {
    CHECK_LE(parts->host.size(), text.size());
    CHECK(text.contains(':'));
  }
  if (const auto address = parse_socket_address(text)) {
    const auto again = parse_socket_address(address->to_string());
    CHECK(again && *again == *address);
    CHECK_EQ(std::hash<SocketAddress>()(*again), std::hash<SocketAddress>()(*address));
    CHECK(split_host_port(text).has_value());
  }
  return 0;
}
