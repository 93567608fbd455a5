// A bounded queue of byte records from many threads to one, in one block of memory.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string_view>

namespace kthena::telemetry {

/// Producers reserve their place with one compare-and-swap, copy, and publish with one store: no
/// lock, no system call, and a full ring refuses at once. Records leave in the order of
/// reservation. A producer that is interrupted between the two steps delays the consumer, never
/// other producers.
class RecordRing {
 public:
  /// @param capacity  in bytes, rounded up to a power of two of at least 4 KiB. Pages are touched
  /// as
  ///                  the ring first goes round.
  explicit RecordRing(std::size_t capacity);

  /// The longest record; a longer one is refused.
  std::size_t most_bytes() const noexcept { return capacity_ / 8; }

  enum class Push : std::uint8_t {
    Refused,       ///< no room, or too long
    Done,          ///
    DoneHalfFull,  ///< the consumer should hurry
  };

  /// Appends `record` followed by `end`. Any thread. Cost: some 15 ns and the copy.
  Push push(std::string_view record, std::string_view end = {}) noexcept;

  /// Gives the next records to `take(std::string_view) -> bool` until it answers false (that record
  /// stays) or no published one is left. Only the consumer's thread.
  template <class Take>
  void drain(Take&& take) {
    std::string_view record;
    while (peek(record)) {
      if (!take(record)) {
        break;
      }
      pop();
    }
    release();
  }

  /// The position up to which producers have reserved, and that up to which drain() has taken.
  std::uint64_t reserved() const noexcept { return tail_.load(std::memory_order_seq_cst); }
  std::uint64_t taken() const noexcept { return released_; }

 private:
  // A record is one word, its length and its kind, and the bytes, padded to whole words. The word
  // is zero until the record is published; what was taken is zeroed before it is given back.
  using Word = std::uint64_t;
  static constexpr Word kRecord = Word{1} << 32;
  static constexpr Word kPadding = Word{2} << 32;  // up to the end of the block

  std::atomic_ref<Word> word_at(std::uint64_t position) const noexcept {
    return std::atomic_ref<Word>(memory_[(position & (capacity_ - 1)) / sizeof(Word)]);
  }
  char* bytes_at(std::uint64_t position) const noexcept {
    return reinterpret_cast<char*>(memory_.get()) + (position & (capacity_ - 1));
  }
  bool peek(std::string_view& record) noexcept;
  void pop() noexcept;
  void release() noexcept;

  struct Free {
    void operator()(Word* memory) const noexcept { std::free(memory); }
  };

  const std::size_t capacity_;
  const std::unique_ptr<Word[], Free> memory_;
  alignas(64) std::atomic<std::uint64_t> tail_ = 0;  // producers
  alignas(64) std::atomic<std::uint64_t> head_ = 0;  // read by producers, written by the consumer
  alignas(64) std::uint64_t next_ = 0;               // consumer: the record peek() shows
  std::uint64_t released_ = 0;                       // consumer: a copy of head_
};

}  // namespace kthena::telemetry
