#include "async/frame_pool.h"

#include <array>
#include <new>

namespace kthena::async {
namespace {

constexpr std::size_t kStep = 64;
constexpr std::size_t kClasses = 64;  // up to 4 KiB; larger frames are rare
constexpr std::size_t kMaxPooledBytes = 4
                                        << 20;  // after a peak the rest goes back to the allocator

struct FreeBlock {
  FreeBlock* next;
};

struct Pool {
  std::array<FreeBlock*, kClasses> free{};
  std::size_t bytes = 0;
  ~Pool() {
    for (FreeBlock* block : free) {
      while (block != nullptr) {
        FreeBlock* next = block->next;
        ::operator delete(block);
        block = next;
      }
    }
    free = {};
    bytes = kMaxPooledBytes;  // frames freed during thread exit are not pooled again
  }
};

thread_local Pool pool;

[[maybe_unused]] constexpr std::size_t class_of(std::size_t size) {
  return (size + kStep - 1) / kStep - 1;
}

}  // namespace

void* allocate_frame(std::size_t size) {
#ifndef KTHENA_SANITIZED
  const std::size_t index = class_of(size);
  if (index < kClasses) {
    if (FreeBlock* block = pool.free[index]; block != nullptr) {
      pool.free[index] = block->next;
      pool.bytes -= (index + 1) * kStep;
      return block;
    }
    return ::operator new((index + 1) * kStep);
  }
#endif
  return ::operator new(size);
}

void free_frame(void* frame, std::size_t size) noexcept {
#ifndef KTHENA_SANITIZED
  const std::size_t index = class_of(size);
  if (index < kClasses && pool.bytes < kMaxPooledBytes) {
    auto* block = static_cast<FreeBlock*>(frame);
    block->next = pool.free[index];
    pool.free[index] = block;
    pool.bytes += (index + 1) * kStep;
    return;
  }
#else
  static_cast<void>(size);
#endif
  ::operator delete(frame);
}

std::size_t pooled_frame_bytes() noexcept { return pool.bytes; }

}  // namespace kthena::async
