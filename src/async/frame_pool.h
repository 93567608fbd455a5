// Memory for coroutine frames: per-thread free lists by size, because a request makes a handful of
// frames and frees them within microseconds.
#pragma once

#include <cstddef>

namespace kthena::async {

/// A block of at least `size` bytes. Blocks freed on another thread join that thread's lists.
/// Sanitizer builds go to the allocator each time, so that a use after free is seen.
void* allocate_frame(std::size_t size);
void free_frame(void* frame, std::size_t size) noexcept;

/// Bytes that the calling thread holds in its free lists.
std::size_t pooled_frame_bytes() noexcept;

}  // namespace kthena::async
