#include "apiserver/read/list_body.h"

#include <utility>

namespace kthena::apiserver {

namespace {

/// Sent at once; as much again may be in the kernel.
constexpr std::size_t kChunk = 128UL << 10;

}  // namespace

http::Pulled ListBody::pull() {
  if (done_) {
    return {.kind = http::Pulled::Kind::End, .data = {}};
  }
  chunk_.clear();
  chunk_ += std::exchange(head_, {});
  while (next_ < objects_.size() && chunk_.size() < kChunk) {
    if (next_ > 0) {
      chunk_ += ',';
    }
    append_(chunk_, *objects_[next_]);
    objects_[next_].reset();
    ++next_;
  }
  if (next_ == objects_.size()) {
    chunk_ += "]}\n";
    done_ = true;
  }
  return {.kind = http::Pulled::Kind::Data, .data = chunk_};
}

}  // namespace kthena::apiserver
