// Memory for bodies: buffers by size class from per-thread pools, and a budget for the whole
// process.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

namespace kthena::http {

/// How many bytes of request bodies the process may hold. Thread-safe.
class MemoryBudget {
 public:
  explicit MemoryBudget(std::size_t limit) noexcept : limit_(limit) {}

  /// False if that would go over the limit.
  bool try_take(std::size_t bytes) noexcept;
  void give_back(std::size_t bytes) noexcept { used_.fetch_sub(bytes, std::memory_order_relaxed); }
  std::size_t used() const noexcept { return used_.load(std::memory_order_relaxed); }
  std::size_t limit() const noexcept { return limit_; }

 private:
  std::size_t limit_;
  std::atomic<std::size_t> used_ = 0;
};

/// A block of memory from the calling thread's pools (powers of two from 4 KiB to 4 MiB; larger
/// ones from the allocator). Goes back to the pool, and its bytes to the budget, when destroyed.
/// Moves, does not copy.
class Buffer {
 public:
  /// Readable bytes behind the end of size(), for parsers that read in blocks.
  static constexpr std::size_t kSlack = 64;

  Buffer() = default;
  Buffer(Buffer&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)),
        size_(std::exchange(other.size_, 0)),
        block_(std::exchange(other.block_, 0)),
        budget_(std::exchange(other.budget_, nullptr)) {}
  Buffer& operator=(Buffer&& other) noexcept;
  ~Buffer() { reset(); }

  /// A buffer with room for `capacity` bytes and the slack. Empty (capacity() == 0) if the budget
  /// is used up; no budget: never refused.
  static Buffer allocate(std::size_t capacity, MemoryBudget* budget);

  explicit operator bool() const noexcept { return data_ != nullptr; }
  char* data() noexcept { return data_; }
  const char* data() const noexcept { return data_; }
  std::size_t size() const noexcept { return size_; }
  std::size_t capacity() const noexcept { return block_ > kSlack ? block_ - kSlack : 0; }
  std::size_t room() const noexcept { return capacity() - size_; }
  std::string_view view() const noexcept { return {data_, size_}; }

  /// Counts bytes that were written behind the end.
  void grow(std::size_t bytes) noexcept { size_ += bytes; }
  void append(std::string_view bytes) noexcept;
  void reset() noexcept {
    if (data_ != nullptr) {
      free();
    }
  }

  /// The same content in a block with room for `capacity`; false if the budget is used up
  /// (unchanged then).
  bool reserve(std::size_t capacity);

 private:
  void free() noexcept;

  char* data_ = nullptr;  // null: all the rest is zero
  std::size_t size_ = 0;
  std::size_t block_ = 0;
  MemoryBudget* budget_ = nullptr;
};

/// The calling thread's 64 KiB scratch for reading. Nothing in it lives across a suspension.
char* read_scratch() noexcept;
inline constexpr std::size_t kReadScratchSize = 64 << 10;

/// Bytes that the calling thread holds in its pools.
std::size_t pooled_buffer_bytes() noexcept;

}  // namespace kthena::http
