#include "http/chunked.h"

#include <algorithm>
#include <array>

#include "http/fields.h"
#include "http/scan.h"

namespace kthena::http {

namespace {

constexpr std::uint32_t kMaxOverhead = 16 << 10;
constexpr std::uint8_t kMaxDigits = 15;  // of a size, leading zeros included
// What a chunk's extension may weigh without counting: 16 bytes, and as much as its data.
constexpr std::uint64_t kFreeExtension = 16;

constexpr std::array<std::int8_t, 256> kHexValues = [] {
  std::array<std::int8_t, 256> values{};
  values.fill(-1);
  for (int i = 0; i < 16; ++i) {
    values[static_cast<unsigned char>("0123456789abcdef"[i])] = static_cast<std::int8_t>(i);
    values[static_cast<unsigned char>("0123456789ABCDEF"[i])] = static_cast<std::int8_t>(i);
  }
  return values;
}();

bool is_control(char c) noexcept {
  const auto byte = static_cast<unsigned char>(c);
  return (byte < 0x20 && c != '\t') || byte == 0x7f;
}

/// Source: RFC 9110 section 6.5.1.
bool may_be_trailer(std::string_view name) noexcept {
  constexpr std::array<std::string_view, 9> kForbidden = {
      "Host",          "Authorization", "Set-Cookie",    "Cookie",        "Content-Encoding",
      "Content-Range", "Content-Type",  "Cache-Control", "Content-Length"};
  return !is_hop_by_hop(name) && std::ranges::none_of(kForbidden, [name](std::string_view other) {
    return equals_ignore_case(name, other);
  });
}

}  // namespace

ChunkDecoder::Step ChunkDecoder::step(std::string_view& input) {
  while (true) {
    if (state_ == State::Data && !input.empty()) {
      const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(left_, input.size()));
      const std::string_view data = input.substr(0, size);
      input.remove_prefix(size);
      left_ -= size;
      if (left_ == 0) {
        state_ = State::DataCr;
      }
      return {.kind = Kind::Data, .data = data};
    }
    if (state_ == State::Done || state_ == State::Bad) [[unlikely]] {
      return {.kind = state_ == State::Done ? Kind::End : Kind::Bad, .data = {}};
    }
    if (input.empty()) {
      return {.kind = Kind::NeedMore, .data = {}};
    }
    if (take_framing(input.front())) {
      input.remove_prefix(1);
    } else {
      state_ = State::Bad;
    }
  }
}

bool ChunkDecoder::take_framing(char c) {
  switch (state_) {
    case State::Size:
      return take_size(c);
    case State::SizeBlank:
      if (c == ';') {
        state_ = State::Extension;
        return true;
      }
      return (c == ' ' || c == '\t') && add_overhead();
    case State::Extension:
      if (c == '\r') {
        state_ = State::SizeLf;
        return true;
      }
      return !is_control(c) && add_overhead();
    case State::SizeLf:
      return c == '\n' && end_size_line();
    case State::DataCr:
      state_ = State::DataLf;
      return c == '\r';
    case State::DataLf:
      state_ = State::Size;
      return c == '\n';
    case State::Trailer:
      if (c == '\r') {
        state_ = State::TrailerLf;
        return true;
      }
      if (is_control(c) || !add_overhead()) {
        return false;
      }
      line_.push_back(c);
      return true;
    case State::TrailerLf:
      return c == '\n' && end_trailer_line();
    case State::Data:
    case State::Done:
    case State::Bad:
      break;
  }
  return false;
}

bool ChunkDecoder::take_size(char c) {
  if (const int digit = kHexValues[static_cast<unsigned char>(c)]; digit >= 0) {
    left_ = left_ * 16 + static_cast<std::uint64_t>(digit);
    return ++digits_ <= kMaxDigits;
  }
  if (digits_ == 0) {
    return false;
  }
  switch (c) {
    case '\r':
      state_ = State::SizeLf;
      return true;
    case ';':
      state_ = State::Extension;
      return true;
    case ' ':
    case '\t':
      state_ = State::SizeBlank;
      return add_overhead();
    default:
      return false;
  }
}

bool ChunkDecoder::add_overhead() { return ++overhead_ <= kMaxOverhead; }

bool ChunkDecoder::end_size_line() {
  digits_ = 0;
  if (left_ == 0) {
    overhead_ = 0;  // trailers have a limit of their own
    state_ = State::Trailer;
    return true;
  }
  overhead_ -= static_cast<std::uint32_t>(std::min<std::uint64_t>(
      overhead_, kFreeExtension + std::min<std::uint64_t>(left_, 1U << 31)));
  state_ = State::Data;
  return true;
}

bool ChunkDecoder::end_trailer_line() {
  if (line_.empty()) {
    state_ = State::Done;
    return true;
  }
  state_ = State::Trailer;
  const std::string_view line = line_;
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos || !is_token(line.substr(0, colon))) {
    return false;
  }
  if (may_be_trailer(line.substr(0, colon))) {
    trailers_.add(line.substr(0, colon), trim_blanks(line.substr(colon + 1)));
  }
  line_.clear();
  return true;
}

std::string_view chunk_header(std::size_t size, std::span<char, kChunkHeaderSize> into) noexcept {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::size_t at = kChunkHeaderSize;
  into[--at] = '\n';
  into[--at] = '\r';
  do {
    into[--at] = kDigits[size & 15];
    size >>= 4;
  } while (size > 0);
  return {into.data() + at, kChunkHeaderSize - at};
}

}  // namespace kthena::http
