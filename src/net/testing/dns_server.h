// A small DNS server on loopback for tests: UDP, and TCP for answers that are too long.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "async/scope.h"
#include "net/address.h"
#include "net/tcp.h"

namespace kthena::net::testing {

/// Answers from a table, on the loop of the test. stop() before it is destroyed.
class DnsServer final : private async::IoObserver {
 public:
  explicit DnsServer(async::EpollLoop& loop);
  ~DnsServer();
  auto stop() { return tasks_.stop(); }

  const SocketAddress& address() const noexcept { return address_; }

  void add_address(const std::string& name, std::string_view ip, std::uint32_t ttl_seconds);
  void add_alias(const std::string& name, const std::string& target, std::uint32_t ttl_seconds);
  /// Questions about the name are not answered.
  void keep_silent_about(const std::string& name) { silent_.insert(name); }
  /// Answers over UDP are cut short: the client has to ask over TCP.
  void truncate_udp() noexcept { truncate_ = true; }
  /// Each answer comes after one from another address, which is to be ignored.
  void send_strays() noexcept { strays_ = true; }

  /// Questions about the name, of any type.
  std::size_t questions(const std::string& name) const;
  std::size_t tcp_questions() const noexcept { return tcp_questions_; }

 private:
  struct Record {
    std::string name;
    std::uint16_t type = 0;
    std::uint32_t ttl = 0;
    std::string data;
  };
  enum class Transport : std::uint8_t { Udp, Tcp };

  void on_io() noexcept override;
  /// Empty: no answer.
  std::string answer(std::string_view question, Transport transport);
  std::vector<Record> records_of(std::string name, std::uint16_t type) const;
  async::Task<void> accept_tcp();
  async::Task<void> serve_tcp(std::unique_ptr<Stream> stream);

  async::EpollLoop& loop_;
  TcpNetwork network_;
  std::unique_ptr<Listener> listener_;
  int fd_ = -1;
  int stray_fd_ = -1;
  async::IoSource source_;
  SocketAddress address_;
  std::map<std::pair<std::string, std::uint16_t>, std::vector<Record>> table_;
  std::set<std::string> names_;
  std::set<std::string> silent_;
  std::map<std::string, std::size_t> questions_;
  std::size_t tcp_questions_ = 0;
  bool truncate_ = false;
  bool strays_ = false;
  async::TaskScope tasks_;
};

}  // namespace kthena::net::testing
