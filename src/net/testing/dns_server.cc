#include "net/testing/dns_server.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <optional>

#include "base/check.h"
#include "net/testing/streams.h"

namespace kthena::net::testing {
namespace {

// RFC 1035 3.2.2, RFC 3596 2.1.
constexpr std::uint16_t kA = 1;
constexpr std::uint16_t kCname = 5;
constexpr std::uint16_t kAaaa = 28;
constexpr std::size_t kHeaderBytes = 12;

void put16(std::string& out, std::uint16_t value) {
  out += static_cast<char>(value >> 8);
  out += static_cast<char>(value & 0xff);
}
void put32(std::string& out, std::uint32_t value) {
  put16(out, static_cast<std::uint16_t>(value >> 16));
  put16(out, static_cast<std::uint16_t>(value & 0xffff));
}
std::uint16_t get16(std::string_view in, std::size_t at) {
  return static_cast<std::uint16_t>((static_cast<unsigned char>(in[at]) << 8) |
                                    static_cast<unsigned char>(in[at + 1]));
}

/// "a.b" as labels with their lengths.
std::string labels(std::string_view name) {
  std::string wire;
  while (!name.empty()) {
    const std::string_view label = name.substr(0, name.find('.'));
    wire += static_cast<char>(label.size());
    wire += label;
    name.remove_prefix(std::min(name.size(), label.size() + 1));
  }
  wire += '\0';
  return wire;
}

struct Question {
  std::string name;
  std::uint16_t type = 0;
  std::size_t end = 0;
};
std::optional<Question> parse_question(std::string_view packet) {
  Question question;
  std::size_t at = kHeaderBytes;
  while (at < packet.size() && packet[at] != '\0') {
    const auto length = static_cast<unsigned char>(packet[at]);
    if (at + 1 + length > packet.size()) {
      return std::nullopt;
    }
    question.name += question.name.empty() ? "" : ".";
    question.name += packet.substr(at + 1, length);
    at += 1 + length;
  }
  if (at + 5 > packet.size()) {
    return std::nullopt;
  }
  question.type = get16(packet, at + 1);
  question.end = at + 5;
  return question;
}

int bind_udp(SocketAddress address) {
  const int fd = ::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  sockaddr_storage storage;
  const unsigned size = address.to_sockaddr(storage);
  if (::bind(fd, reinterpret_cast<sockaddr*>(&storage), size) != 0) {
    ::close(fd);
    return -1;
  }
  return fd;
}

}  // namespace

DnsServer::DnsServer(async::EpollLoop& loop)
    : loop_(loop), network_(loop), source_(loop), tasks_(loop) {
  while (fd_ < 0) {  // until a port is free for both transports
    listener_ = *network_.listen({.ip = IpAddress::loopback(), .port = 0}, {});
    address_ = listener_->local();
    fd_ = bind_udp(address_);
  }
  stray_fd_ = bind_udp({.ip = IpAddress::loopback(), .port = 0});
  source_.set_observer(this);
  CHECK(loop_.watch(fd_, source_));
  tasks_.spawn(accept_tcp());
}

DnsServer::~DnsServer() {
  loop_.unwatch(fd_);
  ::close(fd_);
  ::close(stray_fd_);
}

void DnsServer::add_address(const std::string& name, std::string_view ip,
                            std::uint32_t ttl_seconds) {
  const IpAddress address = *parse_ip(ip);
  const std::string all(reinterpret_cast<const char*>(address.bytes().data()), 16);
  const std::uint16_t type = address.is_v4() ? kA : kAaaa;
  names_.insert(name);
  table_[{name, type}].push_back({.name = name,
                                  .type = type,
                                  .ttl = ttl_seconds,
                                  .data = address.is_v4() ? all.substr(12) : all});
}

void DnsServer::add_alias(const std::string& name, const std::string& target,
                          std::uint32_t ttl_seconds) {
  names_.insert(name);
  table_[{name, kCname}] = {
      {.name = name, .type = kCname, .ttl = ttl_seconds, .data = labels(target)}};
  table_[{name, 0}] = {{.name = target, .type = 0, .ttl = 0, .data = {}}};
}

std::size_t DnsServer::questions(const std::string& name) const {
  const auto found = questions_.find(name);
  return found == questions_.end() ? 0 : found->second;
}

std::vector<DnsServer::Record> DnsServer::records_of(std::string name, std::uint16_t type) const {
  std::vector<Record> records;
  while (true) {
    const auto alias = table_.find({name, kCname});
    if (alias == table_.end()) {
      break;
    }
    records.push_back(alias->second.front());
    name = table_.at({name, 0}).front().name;
  }
  if (const auto found = table_.find({name, type}); found != table_.end()) {
    records.insert(records.end(), found->second.begin(), found->second.end());
  }
  return records;
}

std::string DnsServer::answer(std::string_view packet, Transport transport) {
  if (packet.size() < kHeaderBytes) {
    return {};
  }
  const auto question = parse_question(packet);
  if (!question) {
    return {};
  }
  ++questions_[question->name];
  if (silent_.contains(question->name)) {
    return {};
  }
  const bool cut = truncate_ && transport == Transport::Udp;
  const std::vector<Record> records =
      cut ? std::vector<Record>() : records_of(question->name, question->type);
  const std::uint16_t no_such_name = names_.contains(question->name) ? 0 : 3;
  std::string reply(packet.substr(0, 2));
  put16(reply, static_cast<std::uint16_t>(0x8180 | (cut ? 0x0200 : 0) | no_such_name));
  put16(reply, 1);
  put16(reply, static_cast<std::uint16_t>(records.size()));
  put32(reply, 0);
  reply += packet.substr(kHeaderBytes, question->end - kHeaderBytes);
  for (const Record& record : records) {
    reply += labels(record.name);
    put16(reply, record.type);
    put16(reply, 1);
    put32(reply, record.ttl);
    put16(reply, static_cast<std::uint16_t>(record.data.size()));
    reply += record.data;
  }
  return reply;
}

void DnsServer::on_io() noexcept {
  std::array<char, 1500> buffer;
  while (true) {
    sockaddr_storage from;
    socklen_t size = sizeof(from);
    const ssize_t got =
        ::recvfrom(fd_, buffer.data(), buffer.size(), 0, reinterpret_cast<sockaddr*>(&from), &size);
    if (got < 0) {
      source_.clear_readable();
      return;
    }
    const std::string reply =
        answer({buffer.data(), static_cast<std::size_t>(got)}, Transport::Udp);
    if (reply.empty()) {
      continue;
    }
    if (strays_) {
      ::sendto(stray_fd_, reply.data(), reply.size(), 0, reinterpret_cast<sockaddr*>(&from), size);
    }
    ::sendto(fd_, reply.data(), reply.size(), 0, reinterpret_cast<sockaddr*>(&from), size);
  }
}

async::Task<void> DnsServer::accept_tcp() {
  while (true) {
    auto stream = co_await accept(*listener_);
    if (!stream) {
      co_return;
    }
    tasks_.spawn(serve_tcp(*std::move(stream)));
  }
}

async::Task<void> DnsServer::serve_tcp(std::unique_ptr<Stream> stream) {
  std::string input;
  std::array<char, 512> buffer;
  while (true) {
    const auto count = co_await read_some(*stream, buffer);
    if (!count || *count == 0) {
      co_return;
    }
    input.append(buffer.data(), *count);
    while (input.size() >= 2 && input.size() >= 2U + get16(input, 0)) {
      const std::size_t size = get16(input, 0);
      ++tcp_questions_;
      const std::string reply = answer(std::string_view(input).substr(2, size), Transport::Tcp);
      input.erase(0, 2 + size);
      std::string framed;
      put16(framed, static_cast<std::uint16_t>(reply.size()));
      framed += reply;
      // In two halves, so that a reader that stops at the first one is found out.
      const std::size_t half = framed.size() / 2;
      if (!co_await write_all(*stream, framed.substr(0, half)) ||
          !co_await write_all(*stream, framed.substr(half))) {
        co_return;
      }
    }
  }
}

}  // namespace kthena::net::testing
