#include "router/connectors/answer_relay.h"

#include <algorithm>

#include "json/stream_event.h"

namespace kthena::router {

async::Task<Result<>> AnswerRelay::hold() {
  while (held_.size() < kHeldAnswer) {
    const auto data = CO_TRY(co_await http::next(*this));
    if (!data) {
      complete_ = true;
      read_usage();
      break;
    }
    if (!held_) {
      const std::size_t expected =
          static_cast<std::size_t>(std::min<std::uint64_t>(length_.value_or(0), kHeldAnswer));
      held_ = http::Buffer::allocate(std::max(expected, data->size()), nullptr);
    } else if (held_.room() < data->size()) {
      held_.reserve(2 * (held_.size() + data->size()));
    }
    held_.append(*data);
  }
  holding_ = false;
  co_return {};
}

void AnswerRelay::read_usage() {
  const auto read = json::read_stream_event(held_.view());
  if (read && read->usage) {
    outcome_.usage = {.prompt_tokens = static_cast<std::uint64_t>(read->usage->prompt),
                      .completion_tokens = static_cast<std::uint64_t>(read->usage->completion)};
    outcome_.has_usage = true;
  }
}

http::Pulled AnswerRelay::pull() {
  if (holding_) {
    return pull_upstream();
  }
  if (!std::exchange(held_given_, true) && held_.size() > 0) {
    return {.kind = http::Pulled::Kind::Data, .data = held_.view()};
  }
  held_.reset();
  if (complete_) {
    return {.kind = http::Pulled::Kind::End};
  }
  return pull_upstream();
}

http::Pulled AnswerRelay::pull_upstream() {
  idle_.pulling();
  const http::Pulled pulled = upstream_->pull();
  switch (pulled.kind) {
    case http::Pulled::Kind::Data:
      idle_.heard();
      return pulled;
    case http::Pulled::Kind::WouldBlock:
      return idle_.waited_too_long()
                 ? failed(Error(ErrorCode::DeadlineExceeded, "the engine was silent for too long"))
                 : pulled;
    case http::Pulled::Kind::End:
      idle_.stop();
      return pulled;
    case http::Pulled::Kind::Failed:
      break;
  }
  idle_.stop();
  return failed(upstream_->error());
}

}  // namespace kthena::router
