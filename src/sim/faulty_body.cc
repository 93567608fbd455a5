#include "sim/faulty_body.h"

#include <cstdint>
#include <string_view>
#include <utility>

#include "async/context.h"
#include "async/loop.h"
#include "base/clock.h"
#include "base/error.h"
#include "http/body.h"

namespace kthena::sim {
namespace {

// A chunk that was cut off in the middle, with the end of an event.
constexpr std::string_view kMalformedEvent = "data: {\"id\":\"cmpl-0\",\"choices\":[{\"ind\n\n";

Error cut_on_purpose() { return Error(ErrorCode::Disconnected, "cut by an injected fault"); }

}  // namespace

http::Pulled FaultyBody::cut() {
  switch (faults_.cut) {
    case RequestFaults::Cut::None:
      break;
    case RequestFaults::Cut::Stall:
      phase_ = Phase::Stalled;
      return {};
    case RequestFaults::Cut::Truncate:
      phase_ = Phase::Ended;
      return {.kind = http::Pulled::Kind::End, .data = {}};
    case RequestFaults::Cut::Crash:
      crash_();
      [[fallthrough]];
    case RequestFaults::Cut::Close:
    case RequestFaults::Cut::Reset:
      break;
  }
  phase_ = Phase::Broken;
  return failed(cut_on_purpose());
}

bool FaultyBody::held() {
  if (!first_token_seen_ && faults_.first_token_delay != Duration::zero()) {
    if (!inner_->ready()) {
      return false;  // its own wake-up comes first
    }
    not_before_ = loop().now() + faults_.first_token_delay;
  }
  first_token_seen_ = first_token_seen_ || inner_->ready();
  return loop().now() < not_before_;
}

http::Pulled FaultyBody::pull() {
  switch (phase_) {
    case Phase::Open:
      break;
    case Phase::Stalled:
      return {};
    case Phase::Ended:
      return {.kind = http::Pulled::Kind::End, .data = {}};
    case Phase::Broken:
      return failed(cut_on_purpose());
  }
  if (faults_.cut != RequestFaults::Cut::None && inner_->tokens_sent() >= faults_.cut_after) {
    return cut();
  }
  if (held()) {
    Timer::set(not_before_);
    return {};
  }
  if (faults_.malformed_after && inner_->ready() &&
      inner_->tokens_sent() >= *faults_.malformed_after) {
    faults_.malformed_after.reset();
    return {.kind = http::Pulled::Kind::Data, .data = kMalformedEvent};
  }
  const std::uint64_t before = inner_->tokens_sent();
  const http::Pulled pulled = inner_->pull();
  if (inner_->tokens_sent() > before) {
    not_before_ = loop().now() + faults_.token_delay;
  }
  return pulled;
}

void FaultyBody::subscribe(async::Waiter& waiter) {
  if (phase_ == Phase::Stalled || armed()) {
    waiter_ = &waiter;
  } else {
    inner_->subscribe(waiter);
  }
}

void FaultyBody::unsubscribe(async::Waiter& waiter) noexcept {
  waiter_ = nullptr;
  inner_->unsubscribe(waiter);
}

void FaultyBody::on_timer() noexcept {
  if (waiter_ != nullptr) {
    std::exchange(waiter_, nullptr)->wake();
  }
}

http::Pulled CutText::pull() {
  if (given_) {
    return failed(cut_on_purpose());
  }
  given_ = true;
  return {.kind = http::Pulled::Kind::Data,
          .data = std::string_view(text_).substr(0, text_.size() / 2)};
}

}  // namespace kthena::sim
