#include "async/frame_pool.h"

#include <array>
#include <cstddef>
#include <new>
#include <utility>

namespace kthena::async {

#ifdef KTHENA_SANITIZED

void* allocate_frame(std::size_t size) { return ::operator new(size); }
void free_frame(void* frame, std::size_t /*size*/) noexcept { ::operator delete(frame); }
std::size_t pooled_frame_bytes() noexcept { return 0; }

#else

namespace {

constexpr std::size_t kStep = 64;
constexpr std::size_t kClasses = 64;              // up to 4 KiB; larger frames are rare
constexpr std::size_t kMaxPooledBytes = 1 << 20;  // after a peak the rest goes to the allocator

struct FreeBlock {
  FreeBlock* next;
};

// Without a destructor, so that an access costs no check whether the thread has set it up.
struct Pool {
  std::array<FreeBlock*, kClasses> free{};
  std::size_t bytes = 0;
  bool cleaned_at_exit = false;
};
constinit thread_local Pool pool;

/// Frees the lists when the thread ends. Frames freed later in its exit go to the allocator.
struct Cleaner {
  ~Cleaner() {
    for (FreeBlock* block : pool.free) {
      while (block != nullptr) {
        ::operator delete(std::exchange(block, block->next));
      }
    }
    pool.free = {};
    pool.bytes = kMaxPooledBytes;
  }
};

[[gnu::noinline]] void clean_at_exit() {
  thread_local const Cleaner cleaner;
  pool.cleaned_at_exit = true;
}

constexpr std::size_t class_of(std::size_t size) { return (size + kStep - 1) / kStep - 1; }

}  // namespace

void* allocate_frame(std::size_t size) {
  const std::size_t index = class_of(size);
  if (index >= kClasses) [[unlikely]] {
    return ::operator new(size);
  }
  if (FreeBlock* block = pool.free[index]; block != nullptr) [[likely]] {
    pool.free[index] = block->next;
    pool.bytes -= (index + 1) * kStep;
    return block;
  }
  return ::operator new((index + 1) * kStep);
}

void free_frame(void* frame, std::size_t size) noexcept {
  const std::size_t index = class_of(size);
  if (index >= kClasses || pool.bytes >= kMaxPooledBytes) [[unlikely]] {
    ::operator delete(frame);
    return;
  }
  if (!pool.cleaned_at_exit) [[unlikely]] {
    clean_at_exit();
  }
  auto* block = static_cast<FreeBlock*>(frame);
  block->next = pool.free[index];
  pool.free[index] = block;
  pool.bytes += (index + 1) * kStep;
}

std::size_t pooled_frame_bytes() noexcept { return pool.bytes; }

#endif

}  // namespace kthena::async
