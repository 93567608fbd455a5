#include "telemetry/record_ring.h"

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "base/check.h"

namespace kthena::telemetry {
namespace {

constexpr std::size_t kLeastCapacity = 4096;
/// What is taken is given back in steps of this many bytes, so that the line producers read is
/// written rarely.
constexpr std::uint64_t kReleaseStep = 16 * 1024;

constexpr std::uint64_t padded(std::uint64_t bytes) { return (bytes + 7) & ~std::uint64_t{7}; }

}  // namespace

RecordRing::RecordRing(std::size_t capacity)
    : capacity_(std::bit_ceil(std::max(capacity, kLeastCapacity))),
      memory_(static_cast<Word*>(std::calloc(capacity_ / sizeof(Word), sizeof(Word)))) {
  CHECK(memory_ != nullptr);
}

RecordRing::Push RecordRing::push(std::string_view record, std::string_view end) noexcept {
  const std::uint64_t length = record.size() + end.size();
  if (length > most_bytes()) {
    return Push::Refused;
  }
  const std::uint64_t total = sizeof(Word) + padded(length);
  std::uint64_t tail = tail_.load(std::memory_order_relaxed);
  std::uint64_t need = 0;
  std::uint64_t used = 0;
  do {
    const std::uint64_t to_end = capacity_ - (tail & (capacity_ - 1));
    need = total <= to_end ? total : to_end + total;
    // The tail may be older than the head that is read here; then this is negative and the exchange
    // fails.
    used = tail + need - head_.load(std::memory_order_acquire);
    if (static_cast<std::int64_t>(used) > static_cast<std::int64_t>(capacity_)) {
      return Push::Refused;
    }
  } while (!tail_.compare_exchange_weak(tail, tail + need, std::memory_order_seq_cst,
                                        std::memory_order_relaxed));
  if (need != total) {
    word_at(tail).store(kPadding | (need - total), std::memory_order_release);
    tail += need - total;
  }
  char* bytes = bytes_at(tail) + sizeof(Word);
  std::copy(record.begin(), record.end(), bytes);
  std::copy(end.begin(), end.end(), bytes + record.size());
  word_at(tail).store(kRecord | length, std::memory_order_release);
  return used > capacity_ / 2 ? Push::DoneHalfFull : Push::Done;
}

bool RecordRing::peek(std::string_view& record) noexcept {
  Word word = word_at(next_).load(std::memory_order_acquire);
  if ((word & kPadding) != 0) {
    word_at(next_).store(0, std::memory_order_relaxed);
    next_ += word & UINT32_MAX;
    word = word_at(next_).load(std::memory_order_acquire);
  }
  if (word == 0) {
    return false;
  }
  record = {bytes_at(next_) + sizeof(Word), static_cast<std::size_t>(word & UINT32_MAX)};
  return true;
}

void RecordRing::pop() noexcept {
  const Word word = word_at(next_).load(std::memory_order_relaxed);
  const std::uint64_t total = sizeof(Word) + padded(word & UINT32_MAX);
  std::memset(bytes_at(next_), 0, total);
  next_ += total;
  if (next_ - released_ >= kReleaseStep) {
    release();
  }
}

void RecordRing::release() noexcept {
  if (released_ != next_) {
    released_ = next_;
    head_.store(next_, std::memory_order_release);
  }
}

}  // namespace kthena::telemetry
