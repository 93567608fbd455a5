#include "net/address.h"

#include <gtest/gtest.h>

namespace kthena::net {
namespace {

TEST(IpAddress, ParsesAndPrintsBothFamilies) {
  for (const std::string_view text : {"127.0.0.1", "10.1.2.3", "::1", "2001:db8::1", "::"}) {
    EXPECT_EQ(parse_ip(text)->to_string(), text);
  }
  EXPECT_TRUE(parse_ip("127.8.8.8")->is_loopback());
  EXPECT_TRUE(parse_ip("::1")->is_loopback());
  EXPECT_FALSE(parse_ip("10.0.0.1")->is_loopback());
}

TEST(IpAddress, RefusesWhatIsNone) {
  for (const std::string_view text : {"", "1.2.3", "256.0.0.1", "host", "1.2.3.4 ", "::g"}) {
    EXPECT_FALSE(parse_ip(text)) << text;
  }
  EXPECT_FALSE(parse_ip(std::string_view("1.2.3.4\0.evil", 13)));
}

TEST(SocketAddress, RoundTrips) {
  for (const std::string_view text : {"127.0.0.1:80", "[::1]:8080"}) {
    EXPECT_EQ(parse_socket_address(text)->to_string(), text);
  }
  EXPECT_EQ(parse_socket_address(":80")->to_string(), "0.0.0.0:80");
}

TEST(SocketAddress, NamesWhatIsWrong) {
  EXPECT_EQ(parse_socket_address("1.2.3.4").error().message(),
            "'1.2.3.4' is not HOST:PORT: no port");
  EXPECT_EQ(parse_socket_address("1.2.3.4:70000").error().message(),
            "'1.2.3.4:70000' is not HOST:PORT: the port must be a number from 0 to 65535");
  EXPECT_EQ(parse_socket_address("::1:80").error().message(),
            "'::1:80' is not HOST:PORT: an IPv6 address needs brackets");
}

TEST(SocketAddress, HashesDistinctly) {
  const std::hash<SocketAddress> hash;
  EXPECT_NE(hash(*parse_socket_address("127.0.0.1:80")),
            hash(*parse_socket_address("127.0.0.1:81")));
  EXPECT_NE(hash(*parse_socket_address("127.0.0.1:80")),
            hash(*parse_socket_address("127.0.0.2:80")));
}

}  // namespace
}  // namespace kthena::net
