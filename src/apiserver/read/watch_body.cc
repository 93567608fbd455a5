#include "apiserver/read/watch_body.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <iterator>
#include <utility>

#include "apiserver/read/stored_text.h"
#include "apiserver/request/refusals.h"

namespace kthena::apiserver {

namespace {

constexpr Duration kBookmarkEvery = std::chrono::minutes(1);
/// Given to the connection at once.
constexpr std::size_t kChunk = 64UL << 10;

}  // namespace

WatchBody::WatchBody(async::Loop& loop, std::unique_ptr<Subscription> subscription,
                     WatchRequest request)
    : Timer(loop),
      loop_(loop),
      subscription_(std::move(subscription)),
      request_(std::move(request)),
      head_(text_head(*request_.kind)),
      initial_done_(request_.initial.empty() && !request_.marks_initial_end) {
  arm();
}

void WatchBody::arm() {
  if (ended_) {
    return;
  }
  const Instant bookmark = loop_.now() + kBookmarkEvery;
  if (request_.bookmarks || request_.ends_at != Instant::max()) {
    Timer::set(request_.bookmarks ? std::min(bookmark, request_.ends_at) : request_.ends_at);
  }
}

http::Pulled WatchBody::pull() {
  chunk_.clear();
  if (ended_ || loop_.now() >= request_.ends_at) {
    return {.kind = http::Pulled::Kind::End, .data = {}};
  }
  add_initial();
  if (initial_done_ && chunk_.size() < kChunk) {
    ended_ = !add_changes();
  }
  if (chunk_.empty() && !ended_ && std::exchange(bookmark_due_, false)) {
    add_bookmark(false);
  }
  if (!chunk_.empty()) {
    return {.kind = http::Pulled::Kind::Data, .data = chunk_};
  }
  return {.kind = ended_ ? http::Pulled::Kind::End : http::Pulled::Kind::WouldBlock, .data = {}};
}

void WatchBody::add_initial() {
  while (next_initial_ < request_.initial.size() && chunk_.size() < kChunk) {
    add_event("ADDED", *std::exchange(request_.initial[next_initial_], nullptr));
    ++next_initial_;
  }
  if (!initial_done_ && next_initial_ == request_.initial.size()) {
    initial_done_ = true;
    request_.initial = {};
    if (request_.marks_initial_end) {
      add_bookmark(true);
    }
  }
}

bool WatchBody::add_changes() {
  while (chunk_.size() < kChunk) {
    const Result<ChangePtr> change = subscription_->try_next();
    if (!change) {
      if (change.error().code() == ErrorCode::Expired) {
        add_error(change.error());
      }
      return false;
    }
    if (*change == nullptr) {
      return true;
    }
    add_change(**change);
  }
  return true;
}

void WatchBody::add_change(const Change& change) {
  const bool is =
      change.type != ChangeType::Deleted && request_.filter.matches(change.object->text);
  const bool was = change.previous != nullptr && request_.filter.matches(change.previous->text);
  if (is) {
    add_event(was ? "MODIFIED" : "ADDED", *change.object);
  } else if (was) {
    add_event("DELETED", *change.object);
  }
}

void WatchBody::add_event(std::string_view type, const StoredObject& object) {
  fmt::format_to(std::back_inserter(chunk_), R"({{"type":"{}","object":)", type);
  if (request_.append) {
    request_.append(chunk_, object);
  } else {
    chunk_ += head_;
    chunk_ += text_tail(object.text);
  }
  chunk_ += "}\n";
}

void WatchBody::add_bookmark(bool initial_end) {
  if (!request_.bookmarks && !initial_end) {
    return;
  }
  fmt::format_to(
      std::back_inserter(chunk_),
      R"({{"type":"BOOKMARK","object":{}{}{{"resourceVersion":"{}","creationTimestamp":null{}}}}}}})"
      "\n",
      head_, R"(,"metadata":)", subscription_->version(),
      initial_end ? R"(,"annotations":{"k8s.io/initial-events-end":"true"})" : "");
}

void WatchBody::add_error(const Error& error) {
  const auto status =
      refusals::expired(fmt::format("too old resource version: {}", error.message()));
  fmt::format_to(std::back_inserter(chunk_),
                 R"({{"type":"ERROR","object":{}}})"
                 "\n",
                 print_status(status.error()));
}

void WatchBody::subscribe(async::Waiter& waiter) {
  waiter_ = &waiter;
  if (!Follower::linked()) {
    subscription_->follow(*this);
  }
}

void WatchBody::unsubscribe(async::Waiter&) noexcept {
  waiter_ = nullptr;
  Follower::unlink();
}

void WatchBody::wake() noexcept {
  if (waiter_ != nullptr) {
    std::exchange(waiter_, nullptr)->wake();
  }
}

void WatchBody::on_timer() noexcept {
  bookmark_due_ = request_.bookmarks;
  Follower::unlink();
  arm();
  wake();
}

}  // namespace kthena::apiserver
