#include "http/chunked.h"

#include <algorithm>

namespace kthena::http {
namespace {

constexpr std::size_t kMaxOverhead = 16 << 10;  // of one chunk's extensions, or of all trailers
constexpr std::uint64_t kMaxSize = 1ULL << 60;

int hex_value(char c) {
  if (c >= '0' && c <= '9') {
    return c - '0';
  }
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

bool is_token_character(char c) {
  constexpr std::string_view kOthers = "!#$%&'*+-.^_`|~";
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         kOthers.contains(c);
}

bool is_control(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte < 0x20 && c != '\t') || byte == 0x7f;
}

/// "Name: value" into the headers; false if it is none.
bool add_trailer(std::string_view line, Headers& trailers) {
  const auto colon = line.find(':');
  if (colon == std::string_view::npos || colon == 0 ||
      !std::ranges::all_of(line.substr(0, colon), is_token_character)) {
    return false;
  }
  std::string_view value = line.substr(colon + 1);
  while (!value.empty() && (value.front() == ' ' || value.front() == '\t')) {
    value.remove_prefix(1);
  }
  while (!value.empty() && (value.back() == ' ' || value.back() == '\t')) {
    value.remove_suffix(1);
  }
  trailers.add(line.substr(0, colon), value);
  return true;
}

}  // namespace

ChunkDecoder::Step ChunkDecoder::bad() {
  state_ = State::Bad;
  return {.kind = Kind::Bad, .data = {}};
}

ChunkDecoder::Step ChunkDecoder::step(std::string_view& input) {
  while (state_ == State::Done || state_ == State::Bad || !input.empty()) {
    if (state_ == State::Data) {
      const std::string_view data =
          input.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(left_, input.size())));
      input.remove_prefix(data.size());
      left_ -= data.size();
      if (left_ == 0) {
        state_ = State::DataCr;
      }
      return {.kind = Kind::Data, .data = data};
    }
    if (state_ == State::Done) {
      return {.kind = Kind::End, .data = {}};
    }
    if (state_ == State::Bad || !take_framing(input.front())) {
      return bad();
    }
    input.remove_prefix(1);
  }
  return {.kind = state_ == State::Done ? Kind::End : Kind::NeedMore, .data = {}};
}

bool ChunkDecoder::take_framing(char c) {
  switch (state_) {
    case State::Size:
      if (const int digit = hex_value(c); digit >= 0) {
        any_digit_ = true;
        left_ = left_ * 16 + static_cast<std::uint64_t>(digit);
        return left_ <= kMaxSize;
      }
      if (!any_digit_) {
        return false;
      }
      overhead_ = 0;
      state_ = c == '\r' ? State::SizeLf : State::Extension;
      return c == '\r' || c == ';' || c == ' ' || c == '\t';
    case State::Extension:
      if (c == '\r') {
        state_ = State::SizeLf;
        return true;
      }
      return !is_control(c) && ++overhead_ <= kMaxOverhead;
    case State::SizeLf:
      any_digit_ = false;
      overhead_ = 0;
      state_ = left_ > 0 ? State::Data : State::Trailer;
      return c == '\n';
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
      line_ += c;
      return !is_control(c) && ++overhead_ <= kMaxOverhead;
    case State::TrailerLf:
      if (c != '\n') {
        return false;
      }
      if (line_.empty()) {
        state_ = State::Done;
        return true;
      }
      state_ = State::Trailer;
      {
        const bool added = add_trailer(line_, trailers_);
        line_.clear();
        return added;
      }
    case State::Data:
    case State::Done:
    case State::Bad:
      break;
  }
  return false;
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
