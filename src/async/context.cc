#include "async/context.h"

#include <coroutine>

#include "async/loop.h"
#include "base/check.h"
#include "base/error.h"
#include "telemetry/log_tags.h"

namespace kthena::async {

Context::Context(Loop& loop, Context* parent) noexcept : loop_(loop) {
  if (parent != nullptr) {
    parent->children_.push_back(*this);
    reason_ = parent->reason_;
    log_tags_ = parent->log_tags_;
  }
}

Context::~Context() { CHECK(children_.empty()); }

void Context::cancel(CancelReason reason) noexcept {
  if (cancelled()) {
    return;
  }
  reason_ = reason;
  while (!waiters_.empty()) {
    Waiter& waiter = *static_cast<Waiter::InContext&>(waiters_.pop_front()).owner;
    waiter.outcome_ = reason;
    waiter.on_cancel();
    waiter.make_ready();
  }
  children_.for_each([reason](Context& child) { child.cancel(reason); });
}

Error cancel_error(CancelReason reason) {
  return reason == CancelReason::DeadlineExceeded
             ? Error(ErrorCode::DeadlineExceeded, "deadline exceeded")
             : Error(ErrorCode::Cancelled, "cancelled");
}

bool Waiter::begin(std::coroutine_handle<> handle, Context& context) noexcept {
  if (context.cancelled()) {
    outcome_ = context.reason();
    return false;
  }
  outcome_ = CancelReason::None;
  suspend(handle, context);
  in_context_.owner = this;
  context.waiters_.push_back(in_context_);
  return true;
}

void Waiter::wake() noexcept {
  in_context_.unlink();
  make_ready();
}

void Resumption::run() noexcept {
  const telemetry::LogTags* outer = telemetry::exchange_current_tags(context_->log_tags());
  handle_.resume();  // from here on `this` may be gone
  telemetry::exchange_current_tags(outer);
}

}  // namespace kthena::async
