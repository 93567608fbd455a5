// TLS between two streams over a simulated network: whatever the sizes of reads, writes and pieces
// on the wire, the bytes arrive as they were written; and a server takes whatever a stranger sends.
#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "async/combine.h"
#include "async/simulated_loop.h"
#include "async/time.h"
#include "base/check.h"
#include "net/simulated_network.h"
#include "net/testing/certificates.h"
#include "net/testing/streams.h"
#include "net/tls.h"

using namespace kthena;
using namespace kthena::net;
using async::Task;

namespace {

/// Numbers from the input; zeros after its end.
class Input {
 public:
  Input(const std::uint8_t* data, std::size_t size) : data_(data), size_(size) {}
  std::size_t number(std::size_t below) {
    if (at_ >= size_) {
      return 0;
    }
    const std::size_t high = data_[at_++];
    const std::size_t low = at_ < size_ ? data_[at_++] : 0;
    return (high << 8 | low) % below;
  }
  bool at_end() const { return at_ >= size_; }
  std::string_view rest() const {
    return {reinterpret_cast<const char*>(data_) + at_, size_ - at_};
  }

 private:
  const std::uint8_t* data_;
  std::size_t size_;
  std::size_t at_ = 0;
};

const testing::CertificateAuthority& authority() {
  static const testing::CertificateAuthority made("fuzz");
  return made;
}
const TlsContext& server_context() {
  static const TlsContext made = [] {
    const auto certificate = authority().issue({.dns_names = {"fuzz.test"}});
    return *TlsContext::server({.certificate_pem = certificate.certificate_pem,
                                .private_key_pem = certificate.private_key_pem,
                                .alpn = {"h2"},
                                .client_ca_pem = {}});
  }();
  return made;
}
const TlsContext& client_context() {
  static const TlsContext made = [] {
    TlsClientOptions options;
    options.ca_pem = authority().certificate_pem();
    options.alpn = {"h2"};
    return *TlsContext::client(options);
  }();
  return made;
}

const std::string& all_bytes() {
  static const std::string made = testing::counting_text(1 << 20);
  return made;
}

/// Writes pieces of the text in parts of the sizes that the input gives; returns how much it wrote.
Task<std::size_t> write_pieces(Stream& stream, Input& input) {
  std::size_t written = 0;
  while (!input.at_end() && written < 60'000) {
    std::vector<std::string_view> parts;
    std::size_t end = written;
    for (std::size_t count = 1 + input.number(4); count > 0; --count) {
      const std::size_t size = input.number(40'000);
      parts.push_back(std::string_view(all_bytes()).substr(end, size));
      end += parts.back().size();
    }
    while (written < end) {
      // What was not taken is offered again, in one part.
      const IoOutcome outcome = stream.try_write(parts);
      if (outcome.kind == IoOutcome::Kind::WouldBlock) {
        CHECK(co_await async::wait_io(stream.io(), async::Interest::Write));
      } else {
        CHECK(outcome.kind == IoOutcome::Kind::Bytes);
        CHECK_LE(outcome.bytes, end - written);
        written += outcome.bytes;
      }
      parts = {std::string_view(all_bytes()).substr(written, end - written)};
    }
  }
  stream.shutdown_write();
  co_return written;
}

Task<std::size_t> read_pieces(Stream& stream, Input& input) {
  std::string buffer(70'000, '\0');
  std::size_t total = 0;
  while (true) {
    const std::span<char> into(buffer.data(), 1 + input.number(buffer.size()));
    const IoOutcome outcome = stream.try_read(into);
    switch (outcome.kind) {
      case IoOutcome::Kind::Bytes:
        CHECK(std::string_view(buffer).substr(0, outcome.bytes) ==
              std::string_view(all_bytes()).substr(total, outcome.bytes));
        total += outcome.bytes;
        break;
      case IoOutcome::Kind::WouldBlock:
        CHECK(!stream.io().readable());
        CHECK(co_await async::wait_io(stream.io(), async::Interest::Read));
        break;
      case IoOutcome::Kind::End:
        co_return total;
      case IoOutcome::Kind::Failed:
        CHECK(outcome.kind != IoOutcome::Kind::Failed);
    }
  }
}

Task<void> exchange(Network& network, Input& input) {
  testing::Pair raw = co_await testing::make_pair(network);
  auto [client, server] =
      co_await async::when_all(tls_connect(std::move(raw.client), client_context(), "fuzz.test"),
                               tls_accept(std::move(raw.server), server_context()));
  CHECK(client);
  CHECK(server);
  CHECK((*client)->application_protocol() == "h2");
  const auto [up, up_read, down, down_read] =
      co_await async::when_all(write_pieces(**client, input), read_pieces(**server, input),
                               write_pieces(**server, input), read_pieces(**client, input));
  CHECK_EQ(up, up_read);
  CHECK_EQ(down, down_read);
}

Task<void> hear_a_stranger(Network& network, Input& input) {
  testing::Pair raw = co_await testing::make_pair(network);
  const async::DeadlineScope limit(co_await async::this_task(), std::chrono::seconds(1));
  auto [written, accepted] =
      co_await async::when_all(testing::write_then_end(*raw.client, input.rest()),
                               tls_accept(std::move(raw.server), server_context()));
  CHECK(!accepted);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Input input(data, size);
  async::SimulatedLoop loop(1 + input.number(1000));
  const bool stranger = input.number(8) == 0;
  SimulatedNetwork network(loop,
                           {.latency = std::chrono::microseconds(input.number(3)),
                            .jitter = {},
                            .buffer = 200 + input.number(40'000),
                            .max_slice = input.number(3) == 0 ? 0 : 50 + input.number(20'000),
                            .max_write = input.number(3) == 0 ? 0 : 50 + input.number(20'000)});
  run_until_done(loop, stranger ? hear_a_stranger(network, input) : exchange(network, input));
  CHECK_EQ(network.open_streams(), 0U);
  return 0;
}
