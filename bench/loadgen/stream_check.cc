#include "bench/loadgen/stream_check.h"

#include <fmt/format.h>

#include <charconv>

namespace kthena::bench {
namespace {

constexpr std::string_view kErrorStart = R"(data: {"error":)";
constexpr std::size_t kErrorLimit = 4096;

std::int64_t digits_at(std::string_view text, const EventField& field) {
  std::int64_t value = -1;
  const char* begin = text.data() + field.offset;
  const auto [end, error] = std::from_chars(begin, begin + field.size, value);
  return error == std::errc{} && end == begin + field.size ? value : -1;
}

}  // namespace

void StreamCheck::feed(std::string_view piece, Nanos time, Histogram& delays) {
  while (!piece.empty()) {
    if (state_ == State::Done) {
      corrupt(piece);
    }
    if (state_ == State::Corrupted) {
      return;
    }
    if (state_ == State::ErrorEvent) {
      carry_ += piece;
      if (carry_.size() > kErrorLimit) {
        corrupt(carry_);
      }
      return;
    }
    const std::size_t want = events_ < spec_.events ? spec_.size : kDone.size();
    if (carry_.empty() && piece.size() >= want) {
      take(piece.substr(0, want), time, delays);
      piece.remove_prefix(want);
      continue;
    }
    const std::size_t part = std::min(want - carry_.size(), piece.size());
    carry_ += piece.substr(0, part);
    piece.remove_prefix(part);
    if (carry_.size() == want) {
      std::string unit;
      unit.swap(carry_);
      take(unit, time, delays);
    }
  }
}

void StreamCheck::take(std::string_view unit, Nanos time, Histogram& delays) {
  if (events_ == spec_.events && unit == kDone) {
    state_ = State::Done;
  } else if (events_ < spec_.events && take_event(unit, time, delays)) {
    ++events_;
  } else if (unit.starts_with(kErrorStart)) {
    state_ = State::ErrorEvent;
    carry_ = unit;
  } else {
    corrupt(unit);
  }
}

bool StreamCheck::take_event(std::string_view event, Nanos time, Histogram& delays) {
  const std::int64_t backend = digits_at(event, kBackendInEvent);
  const std::int64_t sent = digits_at(event, kStampInEvent);
  if (backend < 0 || sent < 0 || (backend_ >= 0 && backend != backend_)) {
    return false;
  }
  static std::string expected;
  expected.clear();
  append_event(expected, spec_, events_, static_cast<int>(backend), sent);
  if (event != expected) {
    return false;
  }
  backend_ = static_cast<int>(backend);
  delays.record(time - sent);
  return true;
}

void StreamCheck::corrupt(std::string_view unit) {
  state_ = State::Corrupted;
  detail_ =
      fmt::format("stream {} event {}: {:?}", spec_.id, events_, std::string(unit.substr(0, 300)));
}

StreamCheck::State StreamCheck::finish() {
  if (state_ == State::Corrupted || state_ == State::Done || carry_.empty()) {
    return state_;
  }
  if (!carry_.starts_with(kErrorStart)) {
    return state_;  // a part of an event: the stream was cut inside it
  }
  const bool one_whole_event = carry_.find("\n\n") == carry_.size() - 2;
  if (one_whole_event) {
    state_ = State::ErrorEvent;
    detail_ = carry_;
  } else {
    corrupt(carry_);
  }
  return state_;
}

}  // namespace kthena::bench
