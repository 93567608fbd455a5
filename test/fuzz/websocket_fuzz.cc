// Frames give the same messages however the bytes are cut; what is read and written anew reads
// back.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/check.h"
#include "http/websocket.h"

namespace kthena::http {
namespace {

struct Seen {
  std::vector<std::pair<WebSocketOpcode, std::string>> messages;
  std::uint16_t error = 0;
  friend bool operator==(const Seen&, const Seen&) = default;
};

Seen read(std::string_view bytes, std::size_t piece, WebSocketSide self) {
  constexpr std::size_t kLimit = 1000;
  WebSocketDecoder decoder(self, kLimit);
  Seen seen;
  for (std::size_t at = 0; at < bytes.size(); at += piece) {
    decoder.feed(bytes.substr(at, piece));
    while (true) {
      const auto message = decoder.next();
      if (!message) {
        seen.error = decoder.error_close_code();
        CHECK(seen.error != 0);
        return seen;
      }
      if (!*message) {
        break;
      }
      CHECK((*message)->payload.size() <= kLimit);
      std::string payload((*message)->payload);
      if ((*message)->close_code != 0) {
        payload = websocket_close_payload((*message)->close_code, payload);
      }
      seen.messages.emplace_back((*message)->opcode, std::move(payload));
    }
  }
  return seen;
}

}  // namespace
}  // namespace kthena::http

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace kthena::http;  // NOLINT: a program of one function
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  for (const WebSocketSide self : {WebSocketSide::Client, WebSocketSide::Server}) {
    const Seen whole = read(bytes, size + 1, self);
    CHECK(read(bytes, 1, self) == whole);
    CHECK(read(bytes, 5, self) == whole);
    std::string written;
    for (const auto& [opcode, payload] : whole.messages) {
      append_websocket_frame(written, opcode, payload,
                             self == WebSocketSide::Server
                                 ? std::optional(WebSocketMask{'a', 'b', 'c', 'd'})
                                 : std::nullopt);
    }
    CHECK(read(written, written.size() + 1, self).messages == whole.messages);
  }
  return 0;
}
