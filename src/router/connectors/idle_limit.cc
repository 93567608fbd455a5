#include "router/connectors/idle_limit.h"

#include <utility>

namespace kthena::router {

IdleLimit::IdleLimit(async::Loop& loop, http::BodySource& upstream, Duration limit)
    : Timer(loop), upstream_(upstream), limit_(limit), waiting_since_(loop.now()) {
  Timer::set(waiting_since_ + limit_);
}

bool IdleLimit::waited_too_long() {
  if (!std::exchange(waiting_, true)) {
    waiting_since_ = loop().now();
    if (std::exchange(idle_, false)) {
      Timer::set(waiting_since_ + limit_);
    }
  }
  return idle_;
}

void IdleLimit::subscribe(async::Waiter& waiter) {
  waiter_ = &waiter;
  upstream_.subscribe(waiter);
}

void IdleLimit::unsubscribe(async::Waiter& waiter) noexcept {
  waiter_ = nullptr;
  upstream_.unsubscribe(waiter);
}

void IdleLimit::on_timer() noexcept {
  // Not set anew with each event, which would cost more than looking at the clock once in a while.
  // While nobody asks for events it is the client that is slow, not the engine.
  const Instant due = (waiting_ ? waiting_since_ : loop().now()) + limit_;
  if (due > loop().now()) {
    Timer::set(due);
    return;
  }
  idle_ = true;
  if (waiter_ != nullptr && waiter_->waiting()) {
    async::Waiter& waiter = *std::exchange(waiter_, nullptr);
    upstream_.unsubscribe(waiter);
    waiter.wake();
  }
}

}  // namespace kthena::router
