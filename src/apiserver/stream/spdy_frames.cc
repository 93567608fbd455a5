#include "apiserver/stream/spdy_frames.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "apiserver/stream/spdy_dictionary.h"
#include "base/check.h"
#include "base/error.h"
#include "base/result.h"
#include "base/strings.h"

namespace kthena::apiserver::spdy {
namespace {

constexpr std::size_t kHead = 8;  // bytes in front of each frame
constexpr std::uint32_t kControl = 0x80000000;
constexpr std::uint32_t kVersion = 3;
constexpr std::uint32_t kFin = 0x01;
constexpr std::uint32_t kLengthMask = 0xffffff;
constexpr std::uint32_t kStreamMask = 0x7fffffff;
constexpr std::size_t kMaxFieldCount = 128;

std::unexpected<Error> malformed(std::string_view what) {
  return fail(ErrorCode::Malformed, "SPDY: " + std::string(what));
}

std::uint32_t read_number(std::string_view bytes, std::size_t at = 0) {
  std::uint32_t number = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    number = number << 8U | static_cast<unsigned char>(bytes[at + i]);
  }
  return number;
}

void append_number(std::string& out, std::uint32_t number) {
  for (int shift = 24; shift >= 0; shift -= 8) {
    out += static_cast<char>(number >> static_cast<unsigned>(shift) & 0xffU);
  }
}

std::string control_frame(FrameType type, std::string_view front, std::string_view rest = {}) {
  std::string frame;
  frame.reserve(kHead + front.size() + rest.size());
  append_number(frame, kControl | kVersion << 16U | static_cast<std::uint32_t>(type));
  append_number(frame, static_cast<std::uint32_t>(front.size() + rest.size()));
  return frame.append(front).append(rest);
}

std::string numbers(std::uint32_t a, std::uint32_t b) {
  std::string text;
  append_number(text, a);
  append_number(text, b);
  return text;
}

/// How many bytes of a control frame stand in front of its fields; nothing if it has none.
std::optional<std::size_t> front_size(FrameType type) {
  switch (type) {
    case FrameType::SynStream:
      return 10;
    case FrameType::SynReply:
    case FrameType::Headers:
      return 4;
    default:
      return std::nullopt;
  }
}

Bytef* zlib_bytes(std::string_view text) {
  // zlib does not write there; its interface knows no const.
  return reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
}

/// Takes a text of four bytes of length and as many bytes off the front.
std::optional<std::string_view> take_text(std::string_view& bytes) {
  if (bytes.size() < 4) {
    return std::nullopt;
  }
  const std::size_t size = read_number(bytes);
  if (bytes.size() - 4 < size) {
    return std::nullopt;
  }
  const std::string_view text = bytes.substr(4, size);
  bytes.remove_prefix(4 + size);
  return text;
}

Result<Fields> parse_fields(std::string_view bytes) {
  if (bytes.size() < 4) {
    return malformed("fields end too soon");
  }
  const std::size_t count = read_number(bytes);
  bytes.remove_prefix(4);
  if (count > kMaxFieldCount) {
    return fail(ErrorCode::TooLarge, "SPDY: more than 128 fields");
  }
  Fields fields;
  for (std::size_t i = 0; i < count; ++i) {
    const auto name = take_text(bytes);
    const auto value = name ? take_text(bytes) : std::nullopt;
    if (!value) {
      return malformed("fields end too soon");
    }
    fields.emplace_back(to_lower(*name), std::string(*value));
  }
  if (!bytes.empty()) {
    return malformed("bytes behind the last field");
  }
  return fields;
}

}  // namespace

std::string_view find_field(const Fields& fields, std::string_view name) {
  for (const auto& [key, value] : fields) {
    if (key == name) {
      return value;
    }
  }
  return {};
}

struct Decoder::Inflater {
  Inflater() { CHECK_EQ(inflateInit(&stream), Z_OK); }
  ~Inflater() { inflateEnd(&stream); }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  z_stream stream{};
};

Decoder::Decoder() = default;
Decoder::~Decoder() = default;

Result<std::optional<Frame>> Decoder::fail_for_ever(Error error) {
  error_ = error;
  return fail(std::move(error));
}

Result<std::optional<Frame>> Decoder::next() {
  if (error_) {
    return fail(*error_);
  }
  if (in_data_) {
    if (taken_ == input_.size() && data_left_ > 0) {
      input_.clear();
      taken_ = 0;
      return std::nullopt;
    }
    return take_data();
  }
  const std::string_view left = std::string_view(input_).substr(taken_);
  if (left.size() < kHead) {
    input_.erase(0, std::exchange(taken_, 0));
    return std::nullopt;
  }
  const std::uint32_t first = read_number(left);
  const std::uint32_t second = read_number(left, 4);
  const std::size_t length = second & kLengthMask;
  if ((first & kControl) == 0) {
    stream_ = first & kStreamMask;
    if (stream_ == 0) {
      return fail_for_ever(malformed("data of stream 0").error());
    }
    taken_ += kHead;
    data_left_ = length;
    fin_ = (second >> 24U & kFin) != 0;
    in_data_ = true;
    return next();
  }
  if (length > kMaxControl) {
    return fail_for_ever(Error(ErrorCode::TooLarge, "SPDY: a control frame of more than 16 KiB"));
  }
  if (left.size() - kHead < length) {
    input_.erase(0, std::exchange(taken_, 0));
    return std::nullopt;
  }
  auto frame = read_control(first, second, left.substr(kHead, length));
  if (!frame) {
    return fail_for_ever(std::move(frame).error());
  }
  taken_ += kHead + length;
  return *std::move(frame);
}

Frame Decoder::take_data() {
  const std::string_view data = std::string_view(input_).substr(taken_, data_left_);
  taken_ += data.size();
  data_left_ -= data.size();
  in_data_ = data_left_ > 0;
  return {.type = FrameType::Data, .stream = stream_, .fin = fin_ && !in_data_, .data = data};
}

Result<Frame> Decoder::read_control(std::uint32_t first, std::uint32_t second,
                                    std::string_view body) {
  constexpr std::array kKnown = {FrameType::SynStream, FrameType::SynReply,    FrameType::RstStream,
                                 FrameType::Settings,  FrameType::Ping,        FrameType::GoAway,
                                 FrameType::Headers,   FrameType::WindowUpdate};
  const auto type = static_cast<FrameType>(first & 0xffU);
  if ((first >> 16U & 0x7fffU) != kVersion || (first & 0xff00U) != 0 ||
      std::ranges::find(kKnown, type) == kKnown.end()) {
    return malformed("a control frame of no known type");
  }
  if (body.size() < 4) {
    return malformed("a control frame ends too soon");
  }
  Frame frame{.type = type, .stream = read_number(body)};
  if (type == FrameType::Settings) {
    frame.stream = 0;
    return frame;  // nothing in it concerns us
  }
  if (type != FrameType::Ping) {
    frame.stream &= kStreamMask;
  }
  if (frame.stream == 0 && type != FrameType::GoAway) {
    return malformed("a control frame of stream 0");
  }
  if (const auto front = front_size(type)) {
    if (body.size() < *front) {
      return malformed("a control frame ends too soon");
    }
    frame.fin = (second >> 24U & kFin) != 0;
    frame.fields = TRY(read_fields(body.substr(*front)));
    return frame;
  }
  if (body.size() != (type == FrameType::Ping ? 4U : 8U)) {
    return malformed("a control frame of a wrong size");
  }
  frame.status = type == FrameType::Ping ? 0 : read_number(body, 4);
  return frame;
}

Result<Fields> Decoder::read_fields(std::string_view compressed) {
  if (inflater_ == nullptr) {
    inflater_ = std::make_unique<Inflater>();
  }
  z_stream& stream = inflater_->stream;
  stream.next_in = zlib_bytes(compressed);
  stream.avail_in = static_cast<uInt>(compressed.size());
  std::string text;
  std::array<char, 4096> buffer;
  while (true) {
    stream.next_out = reinterpret_cast<Bytef*>(buffer.data());
    stream.avail_out = static_cast<uInt>(buffer.size());
    int outcome = inflate(&stream, Z_SYNC_FLUSH);
    if (outcome == Z_NEED_DICT) {
      const std::string& dictionary = header_dictionary();
      outcome = inflateSetDictionary(&stream, zlib_bytes(dictionary),
                                     static_cast<uInt>(dictionary.size()));
    }
    // Z_BUF_ERROR: nothing more is to be had of these bytes.
    if (outcome != Z_OK && outcome != Z_BUF_ERROR) {
      return malformed("fields that zlib cannot read");
    }
    const std::size_t got = buffer.size() - stream.avail_out;
    text.append(buffer.data(), got);
    if (text.size() > kMaxFields) {
      return fail(ErrorCode::TooLarge, "SPDY: fields of more than 64 KiB");
    }
    if (outcome == Z_BUF_ERROR || (stream.avail_in == 0 && stream.avail_out > 0)) {
      break;
    }
  }
  return parse_fields(text);
}

struct Encoder::Deflater {
  Deflater() {
    // The dictionary is all there is to find again: a window of 2 KiB will do.
    constexpr int kWindow = 11;
    CHECK_EQ(deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, kWindow, 1, Z_DEFAULT_STRATEGY), Z_OK);
    const std::string& dictionary = header_dictionary();
    CHECK_EQ(
        deflateSetDictionary(&stream, zlib_bytes(dictionary), static_cast<uInt>(dictionary.size())),
        Z_OK);
  }
  ~Deflater() { deflateEnd(&stream); }
  Deflater(const Deflater&) = delete;
  Deflater& operator=(const Deflater&) = delete;

  z_stream stream{};
};

Encoder::Encoder() = default;
Encoder::~Encoder() = default;

std::string Encoder::with_fields(FrameType type, std::string_view front, const Fields& fields) {
  if (deflater_ == nullptr) {
    deflater_ = std::make_unique<Deflater>();
  }
  std::string text;
  append_number(text, static_cast<std::uint32_t>(fields.size()));
  for (const auto& [name, value] : fields) {
    append_number(text, static_cast<std::uint32_t>(name.size()));
    text += name;
    append_number(text, static_cast<std::uint32_t>(value.size()));
    text += value;
  }
  z_stream& stream = deflater_->stream;
  stream.next_in = zlib_bytes(text);
  stream.avail_in = static_cast<uInt>(text.size());
  std::string compressed;
  std::array<char, 1024> buffer;
  do {
    stream.next_out = reinterpret_cast<Bytef*>(buffer.data());
    stream.avail_out = static_cast<uInt>(buffer.size());
    const int outcome = deflate(&stream, Z_SYNC_FLUSH);
    CHECK(outcome == Z_OK || outcome == Z_BUF_ERROR);
    compressed.append(buffer.data(), buffer.size() - stream.avail_out);
  } while (stream.avail_out == 0);
  return control_frame(type, front, compressed);
}

std::string Encoder::syn_stream(std::uint32_t stream, const Fields& fields) {
  std::string front = numbers(stream, 0);
  front.append(2, '\0');  // priority, slot
  return with_fields(FrameType::SynStream, front, fields);
}

std::string Encoder::syn_reply(std::uint32_t stream, const Fields& fields) {
  std::string front;
  append_number(front, stream);
  return with_fields(FrameType::SynReply, front, fields);
}

std::string Encoder::data(std::uint32_t stream, std::string_view bytes, bool fin) {
  CHECK(bytes.size() <= kLengthMask);
  std::string frame;
  frame.reserve(kHead + bytes.size());
  append_number(frame, stream);
  append_number(frame, (fin ? kFin << 24U : 0) | static_cast<std::uint32_t>(bytes.size()));
  return frame.append(bytes);
}

std::string Encoder::reset(std::uint32_t stream, std::uint32_t status) {
  return control_frame(FrameType::RstStream, numbers(stream, status));
}

std::string Encoder::ping(std::uint32_t number) {
  std::string front;
  append_number(front, number);
  return control_frame(FrameType::Ping, front);
}

std::string Encoder::go_away(std::uint32_t last_stream, std::uint32_t status) {
  return control_frame(FrameType::GoAway, numbers(last_stream, status));
}

std::string Encoder::window_update(std::uint32_t stream, std::uint32_t by) {
  return control_frame(FrameType::WindowUpdate, numbers(stream, by));
}

}  // namespace kthena::apiserver::spdy
