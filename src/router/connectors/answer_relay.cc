#include "router/connectors/answer_relay.h"

#include <algorithm>
#include <utility>

#include "json/stream_event.h"

namespace kthena::router {
namespace {

/// Engines write usage at the end. Behind it comes little.
constexpr std::size_t kTail = 16 << 10;

bool is_object(std::string_view json) {
  const auto begin = json.find_first_not_of(" \t\r\n");
  return begin != std::string_view::npos && json[begin] == '{';
}

bool take_usage(const std::optional<json::StreamEvent>& read, Outcome& outcome) {
  if (!read || !read->usage) {
    return false;
  }
  outcome.usage = {.prompt_tokens = static_cast<std::uint64_t>(read->usage->prompt),
                   .completion_tokens = static_cast<std::uint64_t>(read->usage->completion)};
  outcome.has_usage = true;
  return true;
}

}  // namespace

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
  if (!complete_ && is_object(held_.view())) {
    keeps_tail_ = true;
    keep_tail(held_.view());
  }
  co_return {};
}

void AnswerRelay::read_usage() { take_usage(json::read_stream_event(held_.view()), outcome_); }

void AnswerRelay::keep_tail(std::string_view data) {
  if (data.size() >= kTail) {
    tail_.assign(data.substr(data.size() - kTail));
    return;
  }
  if (tail_.size() + data.size() > 2 * kTail) {
    tail_.erase(0, tail_.size() + data.size() - kTail);
  }
  tail_.append(data);
}

void AnswerRelay::read_usage_of_tail() {
  // From the member on that is usage, to the end: that is an object again, but for its brace. A
  // name within a text has backslashes at its quotes; one that is deeper down leaves no whole
  // object.
  constexpr std::string_view kName = "\"usage\"";
  constexpr int kTries = 8;
  std::size_t at = tail_.size();
  for (int i = 0; i < kTries && at != 0; ++i) {
    at = tail_.rfind(kName, at - 1);
    if (at == std::string::npos) {
      return;
    }
    if (take_usage(json::read_stream_event("{" + tail_.substr(at)), outcome_)) {
      return;
    }
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
      if (keeps_tail_) {
        keep_tail(pulled.data);
      }
      return pulled;
    case http::Pulled::Kind::WouldBlock:
      return idle_.waited_too_long()
                 ? failed(Error(ErrorCode::DeadlineExceeded, "the engine was silent for too long"))
                 : pulled;
    case http::Pulled::Kind::End:
      idle_.stop();
      if (std::exchange(keeps_tail_, false)) {
        read_usage_of_tail();
      }
      return pulled;
    case http::Pulled::Kind::Failed:
      break;
  }
  idle_.stop();
  return failed(upstream_->error());
}

}  // namespace kthena::router
