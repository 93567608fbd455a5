#include "http/websocket.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/error.h"
#include "base/hash.h"
#include "base/random.h"
#include "base/result.h"
#include "base/utf8.h"
#include "json/base64.h"

namespace kthena::http {
namespace {

constexpr std::uint8_t kFinal = 0x80;
constexpr std::uint8_t kReserved = 0x70;
constexpr std::uint8_t kMasked = 0x80;
constexpr std::uint8_t kLength16 = 126;
constexpr std::uint8_t kLength64 = 127;
constexpr std::size_t kMaxControl = 125;

constexpr std::uint16_t kProtocolError = 1002;
constexpr std::uint16_t kNotUtf8 = 1007;
constexpr std::uint16_t kTooLarge = 1009;

bool is_control(WebSocketOpcode opcode) { return (static_cast<std::uint8_t>(opcode) & 0x8U) != 0; }

bool is_known(std::uint8_t opcode) { return opcode <= 0x2 || (opcode >= 0x8 && opcode <= 0xA); }

/// Those that may be sent. Section 7.4, and the registry.
bool is_close_code(std::uint16_t code) {
  return (code >= 1000 && code <= 1014 && code != 1004 && code != 1005 && code != 1006) ||
         (code >= 3000 && code <= 4999);
}

void apply_mask(std::string& out, std::size_t from, const WebSocketMask& mask) {
  for (std::size_t i = from; i < out.size(); ++i) {
    out[i] = static_cast<char>(out[i] ^ mask[(i - from) % mask.size()]);
  }
}

void append_big_endian(std::string& out, std::uint64_t value, unsigned bytes) {
  for (unsigned i = bytes; i-- > 0;) {
    out += static_cast<char>(value >> (8 * i));
  }
}

std::uint64_t big_endian(std::string_view bytes) {
  std::uint64_t value = 0;
  for (const char c : bytes) {
    value = value << 8U | static_cast<unsigned char>(c);
  }
  return value;
}

}  // namespace

void append_websocket_frame(std::string& out, WebSocketOpcode opcode, std::string_view payload,
                            const std::optional<WebSocketMask>& mask) {
  out += static_cast<char>(kFinal | static_cast<std::uint8_t>(opcode));
  const std::uint8_t masked = mask ? kMasked : 0;
  if (payload.size() < kLength16) {
    out += static_cast<char>(masked | payload.size());
  } else if (payload.size() <= 0xffff) {
    out += static_cast<char>(masked | kLength16);
    append_big_endian(out, payload.size(), 2);
  } else {
    out += static_cast<char>(masked | kLength64);
    append_big_endian(out, payload.size(), 8);
  }
  if (mask) {
    out.append(mask->data(), mask->size());
  }
  const std::size_t from = out.size();
  out += payload;
  if (mask) {
    apply_mask(out, from, *mask);
  }
}

std::string websocket_close_payload(std::uint16_t code, std::string_view reason) {
  std::string payload;
  append_big_endian(payload, code, 2);
  std::size_t size = 0;  // whole characters only
  while (size < reason.size()) {
    const std::size_t next = utf8_sequence_length(reason.substr(size));
    if (next == 0 || payload.size() + size + next > kMaxControl) {
      break;
    }
    size += next;
  }
  payload += reason.substr(0, size);
  return payload;
}

std::unexpected<Error> WebSocketDecoder::refuse(std::uint16_t close_code, std::string_view what) {
  error_close_code_ = close_code;
  return fail(close_code == kTooLarge ? ErrorCode::TooLarge : ErrorCode::Malformed,
              "WebSocket: " + std::string(what));
}

Result<std::optional<WebSocketDecoder::Header>> WebSocketDecoder::read_header() {
  const std::string_view bytes = std::string_view(input_).substr(taken_);
  if (bytes.size() < 2) {
    return std::nullopt;
  }
  const auto first = static_cast<std::uint8_t>(bytes[0]);
  const auto second = static_cast<std::uint8_t>(bytes[1]);
  const std::uint8_t opcode = first & 0x0FU;
  if ((first & kReserved) != 0 || !is_known(opcode)) {
    return refuse(kProtocolError, "an unknown kind of frame");
  }
  Header header{.final = (first & kFinal) != 0,
                .opcode = static_cast<WebSocketOpcode>(opcode),
                .length = second & 0x7FU,
                .size = 2};
  const std::size_t extended = header.length == kLength64 ? 8 : header.length == kLength16 ? 2 : 0;
  const bool masked = (second & kMasked) != 0;
  if (masked == (self_ == WebSocketSide::Client)) {
    return refuse(kProtocolError,
                  masked ? "a server masked its frame" : "a client did not mask its frame");
  }
  header.size += extended + (masked ? 4 : 0);
  if (bytes.size() < header.size) {
    return std::nullopt;
  }
  if (extended != 0) {
    header.length = big_endian(bytes.substr(2, extended));
    if (header.length <= (extended == 2 ? kLength16 - 1U : 0xffffU)) {
      return refuse(kProtocolError, "a length is not written in its shortest form");
    }
  }
  if (masked) {
    WebSocketMask mask;
    bytes.copy(mask.data(), mask.size(), header.size - mask.size());
    header.mask = mask;
  }
  return header;
}

Result<> WebSocketDecoder::check(const Header& header) {
  if (is_control(header.opcode)) {
    if (!header.final || header.length > kMaxControl) {
      return refuse(kProtocolError, "a control frame is fragmented or longer than 125 bytes");
    }
    return {};
  }
  if ((header.opcode == WebSocketOpcode::Continuation) != fragmented_.has_value()) {
    return refuse(kProtocolError, fragmented_ ? "a message began within another one"
                                              : "a message goes on that has not begun");
  }
  if (header.length > max_message_ || message_.size() + header.length > max_message_) {
    return refuse(kTooLarge, "a message of more than " + std::to_string(max_message_) + " bytes");
  }
  return {};
}

Result<std::optional<WebSocketMessage>> WebSocketDecoder::next() {
  if (std::exchange(message_given_, false)) {
    message_.clear();
  }
  if (error_close_code_ != 0) {
    return refuse(error_close_code_, "the connection has failed");
  }
  while (true) {
    const auto header = TRY(read_header());
    if (header) {
      TRY(check(*header));
    }
    if (!header || input_.size() - taken_ - header->size < header->length) {
      input_.erase(0, std::exchange(taken_, 0));
      return std::nullopt;
    }
    if (auto message = TRY(take_frame(*header))) {
      return message;
    }
  }
}

/// The frame is there whole. Nothing if the message goes on in another one.
Result<std::optional<WebSocketMessage>> WebSocketDecoder::take_frame(const Header& header) {
  const auto length = static_cast<std::size_t>(header.length);
  std::string& into = is_control(header.opcode) ? payload_ : message_;
  if (&into == &payload_) {
    payload_.clear();
  }
  const std::size_t from = into.size();
  into.append(input_, taken_ + header.size, length);
  if (header.mask) {
    apply_mask(into, from, *header.mask);
  }
  taken_ += header.size + length;
  if (header.opcode == WebSocketOpcode::Close) {
    return TRY(take_close());
  }
  if (is_control(header.opcode)) {
    return WebSocketMessage{.opcode = header.opcode, .payload = payload_};
  }
  if (!header.final) {
    fragmented_ = fragmented_.value_or(header.opcode);
    return std::nullopt;
  }
  const WebSocketOpcode opcode = fragmented_.value_or(header.opcode);
  fragmented_.reset();
  if (opcode == WebSocketOpcode::Text && !is_valid_utf8(message_)) {
    return refuse(kNotUtf8, "a text is not UTF-8");
  }
  message_given_ = true;
  return WebSocketMessage{.opcode = opcode, .payload = message_};
}

Result<WebSocketMessage> WebSocketDecoder::take_close() {
  WebSocketMessage message{.opcode = WebSocketOpcode::Close};
  if (payload_.empty()) {
    return message;
  }
  if (payload_.size() < 2) {
    return refuse(kProtocolError, "half a close code");
  }
  message.close_code =
      static_cast<std::uint16_t>(big_endian(std::string_view(payload_).substr(0, 2)));
  message.payload = std::string_view(payload_).substr(2);
  if (!is_close_code(message.close_code)) {
    return refuse(kProtocolError, "a close code that may not be sent");
  }
  if (!is_valid_utf8(message.payload)) {
    return refuse(kNotUtf8, "a close reason is not UTF-8");
  }
  return message;
}

std::string websocket_key() {
  std::array<std::byte, 16> bytes;
  secure_random_bytes(bytes);
  return json::encode_base64({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

std::string websocket_accept(std::string_view key) {
  const Sha1Digest digest = sha1(std::string(key) + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11");
  return json::encode_base64({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

}  // namespace kthena::http
