#include "http/request_body.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "http/server_connection.h"

namespace kthena::http {
namespace {

// Whatever Content-Length claims, a body's buffer is small until the client has sent so much (or
// half of that with its last request) …
constexpr std::size_t kEarnest = 16 << 10;
// … and then no larger than this, from where it doubles as bytes arrive.
constexpr std::size_t kFirstLargeBuffer = 512 << 10;

}  // namespace

RequestBody::RequestBody(ServerConnection& connection, const Framing& framing)
    : connection_(connection),
      decoder_(framing.kind == Framing::Kind::Chunked ? std::make_unique<ChunkDecoder>() : nullptr),
      expects_continue_(framing.expect_continue),
      left_(framing.length) {}

RequestBody::~RequestBody() {
  if (complete()) {
    connection_.last_body_kib_ =
        static_cast<std::uint16_t>(std::min<std::uint64_t>(total_ >> 10, UINT16_MAX));
  }
  connection_.serving_->body_left_unread = !complete();
  connection_.serving_->body = nullptr;
}

void RequestBody::take_prefetched() {
  if (chunked()) {
    return;  // decoded from the connection's bytes as it is pulled
  }
  const auto here =
      static_cast<std::size_t>(std::min<std::uint64_t>(left_, connection_.serving_->bytes.size()));
  const bool earnest = here >= kEarnest || left_ >> 10 <= 2U * connection_.last_body_kib_;
  const std::size_t room = earnest ? kFirstLargeBuffer : kEarnest;
  prefetched_ = Buffer::allocate(
      std::max(here, static_cast<std::size_t>(std::min<std::uint64_t>(left_, room))),
      &connection_.server_.budget_);
  if (!prefetched_) {
    refused_ = true;
    return;
  }
  prefetched_.append(connection_.serving_->bytes.substr(0, here));
  connection_.consume(here);
  left_ -= here;
  total_ = here;
}

std::optional<std::uint64_t> RequestBody::length() const {
  return chunked() ? std::nullopt : std::optional(total_ + left_);
}

const Headers* RequestBody::trailers() const {
  return ended_ && !decoder_->trailers().empty() ? &decoder_->trailers() : nullptr;
}

Pulled RequestBody::pull() {
  send_continue();
  if (refused_) {
    return out_of_memory();
  }
  if (chunked()) {
    return pull_chunked();
  }
  if (prefetched_.size() > 0) {
    given_ = std::move(prefetched_);
    return {.kind = Pulled::Kind::Data, .data = given_.view()};
  }
  given_.reset();
  if (left_ == 0) {
    return {.kind = Pulled::Kind::End};
  }
  char* scratch = read_scratch();
  const auto room = static_cast<std::size_t>(std::min<std::uint64_t>(left_, kReadScratchSize));
  const net::IoOutcome outcome = connection_.stream_->try_read({scratch, room});
  if (outcome.kind != net::IoOutcome::Kind::Bytes) {
    return broken_or_blocked(outcome);
  }
  left_ -= outcome.bytes;
  total_ += outcome.bytes;
  return {.kind = Pulled::Kind::Data, .data = {scratch, outcome.bytes}};
}

bool RequestBody::make_room(Buffer& buffer) const {
  const std::uint64_t whole = total_ + left_;
  const std::uint64_t wanted = std::max<std::uint64_t>(2 * buffer.capacity(), kFirstLargeBuffer);
  return buffer.reserve(static_cast<std::size_t>(std::min(whole, wanted)));
}

Pulled RequestBody::collect(Buffer& into, std::size_t limit, MemoryBudget* budget) {
  if (chunked() || refused_) {
    return BodySource::collect(into, limit, budget);
  }
  send_continue();
  if (total_ + left_ > limit) {
    return too_large(limit);
  }
  if (!into) {
    into = std::move(prefetched_);
  }
  while (left_ > 0) {
    if (into.room() == 0 && !make_room(into)) {
      return out_of_memory();
    }
    const auto room = static_cast<std::size_t>(std::min<std::uint64_t>(left_, into.room()));
    const net::IoOutcome outcome = connection_.stream_->try_read({into.data() + into.size(), room});
    if (outcome.kind != net::IoOutcome::Kind::Bytes) {
      return broken_or_blocked(outcome);
    }
    into.grow(outcome.bytes);
    left_ -= outcome.bytes;
    total_ += outcome.bytes;
    if (left_ > 0 && !connection_.stream_->io().readable()) {
      return {.kind = Pulled::Kind::WouldBlock};
    }
  }
  return {.kind = Pulled::Kind::End};
}

void RequestBody::subscribe(async::Waiter& waiter) {
  connection_.stream_->io().subscribe_read(waiter);
}

void RequestBody::unsubscribe(async::Waiter& waiter) noexcept {
  connection_.stream_->io().unsubscribe(waiter);
}

void RequestBody::send_continue() {
  if (std::exchange(expects_continue_, false) && total_ == 0 &&
      connection_.serving_->bytes.empty()) {
    constexpr std::array<std::string_view, 1> kContinue = {"HTTP/1.1 100 Continue\r\n\r\n"};
    connection_.serving_->unsent =
        kContinue[0].substr(connection_.stream_->try_write(kContinue).bytes);
  }
}

Pulled RequestBody::broken_or_blocked(const net::IoOutcome& outcome) {
  if (outcome.kind == net::IoOutcome::Kind::WouldBlock) {
    return {.kind = Pulled::Kind::WouldBlock};
  }
  return failed(Error(ErrorCode::Disconnected, "the client closed the connection within the body"));
}

Pulled RequestBody::out_of_memory() {
  return failed(Error(ErrorCode::Unavailable, "no memory left for request bodies; retry later"));
}

Pulled RequestBody::too_large(std::uint64_t limit) {
  return failed(
      Error(ErrorCode::TooLarge, "the body is larger than " + std::to_string(limit) + " bytes"));
}

Pulled RequestBody::pull_chunked() {
  // Chunked requests are rare: their bytes go through the connection's own buffer, one copy more.
  while (!ended_) {
    if (connection_.serving_->bytes.empty()) {
      const net::IoOutcome outcome = connection_.read_pending();
      if (outcome.kind != net::IoOutcome::Kind::Bytes) {
        return broken_or_blocked(outcome);
      }
    }
    const std::size_t before = connection_.serving_->bytes.size();
    std::string_view input = connection_.serving_->bytes;
    const ChunkDecoder::Step step = decoder_->step(input);
    connection_.serving_->bytes.remove_prefix(before - input.size());
    switch (step.kind) {
      case ChunkDecoder::Kind::Data:
        total_ += step.data.size();
        if (total_ > connection_.server_.options_.max_body_bytes) {
          return too_large(connection_.server_.options_.max_body_bytes);
        }
        return {.kind = Pulled::Kind::Data, .data = step.data};
      case ChunkDecoder::Kind::End:
        ended_ = true;
        break;
      case ChunkDecoder::Kind::Bad:
        return failed(Error(ErrorCode::InvalidArgument, "malformed chunked body"));
      case ChunkDecoder::Kind::NeedMore:
        break;
    }
  }
  return {.kind = Pulled::Kind::End};
}

}  // namespace kthena::http
