#include "http/memory.h"

#include <array>
#include <bit>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "base/check.h"

namespace kthena::http {

namespace {

constexpr std::size_t kSmallestBlock = 4 << 10;
constexpr std::size_t kLargestBlock = 4 << 20;
constexpr std::size_t kClasses = std::countr_zero(kLargestBlock / kSmallestBlock) + 1;
/// What a thread keeps for reuse, in all and of one class. A burst's memory goes back to the
/// allocator; what a steady load needs stays.
constexpr std::size_t kPooledLimit = 8 << 20;
constexpr std::size_t kPooledLimitPerClass = 4 << 20;
constexpr std::size_t kPooledLimitPerSmallClass = 512
                                                  << 10;  // up to kSmallBlock: cheap to make anew
constexpr std::size_t kSmallBlock = 64 << 10;
#ifdef KTHENA_SANITIZED
constexpr bool kPooling = false;  // so that a use after free is seen
#else
constexpr bool kPooling = true;
#endif

std::size_t class_of(std::size_t block) noexcept {
  return static_cast<std::size_t>(std::countr_zero(block / kSmallestBlock));
}

/// The block that holds `bytes`: a power of two, or whole pages beyond the largest class.
std::size_t block_for(std::size_t bytes) noexcept {
  if (bytes <= kSmallestBlock) {
    return kSmallestBlock;
  }
  if (bytes <= kLargestBlock) {
    return std::bit_ceil(bytes);
  }
  return (bytes + kSmallestBlock - 1) / kSmallestBlock * kSmallestBlock;
}

/// Free blocks of one thread; the first word of each points to the next.
struct Pools {
  std::array<void*, kClasses> free{};
  std::array<std::size_t, kClasses> bytes{};
  std::size_t total = 0;

  ~Pools();
  void* take(std::size_t block) noexcept {
    const std::size_t index = class_of(block);
    void* found = free[index];
    if (found != nullptr) {
      std::memcpy(&free[index], found, sizeof(void*));
      bytes[index] -= block;
      total -= block;
    }
    return found;
  }
  bool give(void* freed, std::size_t block) noexcept {
    const std::size_t index = class_of(block);
    const std::size_t limit =
        block <= kSmallBlock ? kPooledLimitPerSmallClass : kPooledLimitPerClass;
    if (total + block > kPooledLimit || bytes[index] + block > limit) {
      return false;
    }
    std::memcpy(freed, &free[index], sizeof(void*));
    free[index] = freed;
    bytes[index] += block;
    total += block;
    return true;
  }
};

/// Buffers may die after the thread's pools did (objects of static life).
thread_local bool pools_are_gone = false;
thread_local Pools pools;

Pools::~Pools() {
  pools_are_gone = true;
  for (void* block : free) {
    while (block != nullptr) {
      void* next = nullptr;
      std::memcpy(&next, block, sizeof(void*));
      std::free(block);
      block = next;
    }
  }
}

char* take_block(std::size_t block) noexcept {
  if (kPooling && block <= kLargestBlock && !pools_are_gone) {
    if (void* pooled = pools.take(block)) {
      return static_cast<char*>(pooled);
    }
  }
  return static_cast<char*>(std::malloc(block));
}

void free_block(char* data, std::size_t block) noexcept {
  if (kPooling && block <= kLargestBlock && !pools_are_gone && pools.give(data, block)) {
    return;
  }
  std::free(data);
}

}  // namespace

bool MemoryBudget::try_take(std::size_t bytes) noexcept {
  std::size_t used = used_.load(std::memory_order_relaxed);
  do {
    if (bytes > limit_ || used > limit_ - bytes) {
      return false;
    }
  } while (!used_.compare_exchange_weak(used, used + bytes, std::memory_order_relaxed));
  return true;
}

Buffer& Buffer::operator=(Buffer&& other) noexcept {
  if (this != &other) {
    reset();
    data_ = std::exchange(other.data_, nullptr);
    size_ = std::exchange(other.size_, 0);
    block_ = std::exchange(other.block_, 0);
    budget_ = std::exchange(other.budget_, nullptr);
  }
  return *this;
}

Buffer Buffer::allocate(std::size_t capacity, MemoryBudget* budget) {
  Buffer buffer;
  if (capacity > SIZE_MAX / 2) {
    return buffer;
  }
  const std::size_t block = block_for(capacity + kSlack);
  if (budget != nullptr && !budget->try_take(block)) {
    return buffer;
  }
  buffer.data_ = take_block(block);
  if (buffer.data_ == nullptr) {
    if (budget != nullptr) {
      budget->give_back(block);
    }
    return buffer;
  }
  buffer.block_ = block;
  buffer.budget_ = budget;
  return buffer;
}

void Buffer::append(std::string_view bytes) noexcept {
  CHECK_LE(bytes.size(), room());
  if (!bytes.empty()) {
    std::memcpy(data_ + size_, bytes.data(), bytes.size());
    size_ += bytes.size();
  }
}

void Buffer::free() noexcept {
  free_block(data_, block_);
  if (budget_ != nullptr) {
    budget_->give_back(block_);
  }
  data_ = nullptr;
  size_ = 0;
  block_ = 0;
  budget_ = nullptr;
}

bool Buffer::reserve(std::size_t capacity) {
  if (capacity <= this->capacity() && data_ != nullptr) {
    return true;
  }
  Buffer larger = allocate(capacity, budget_);
  if (!larger) {
    return false;
  }
  larger.append(view());
  *this = std::move(larger);
  return true;
}

char* read_scratch() noexcept {
  thread_local const std::unique_ptr<char[]> scratch(
      new (std::nothrow) char[kReadScratchSize + Buffer::kSlack]);
  CHECK(scratch != nullptr);
  return scratch.get();
}

std::size_t pooled_buffer_bytes() noexcept { return pools_are_gone ? 0 : pools.total; }

}  // namespace kthena::http
