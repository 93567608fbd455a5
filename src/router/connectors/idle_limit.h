// How long an engine may be silent within its answer.
#pragma once

#include "async/loop.h"
#include "base/clock.h"
#include "http/body.h"

namespace kthena::router {

/// Bounds the waits for a body, for the relay that pulls it. Time counts from when all that the
/// engine has sent was pulled: a client that does not read is not an engine that is silent.
class IdleLimit final : private async::Timer {
 public:
  /// `upstream` is the body of the relay that owns this, and lives as long.
  IdleLimit(async::Loop& loop, http::BodySource& upstream, Duration limit);

  /// To be called at the begin of each pull: whoever waited is there now.
  void pulling() noexcept { waiter_ = nullptr; }
  /// The engine has sent something.
  void heard() noexcept { waiting_ = false; }
  /// Nothing is there now. True: nothing has been for too long.
  bool waited_too_long();
  /// The body has ended.
  void stop() noexcept { Timer::cancel(); }

  // The relay's own, passed on; the waiter is woken too when the limit is reached.
  void subscribe(async::Waiter& waiter);
  void unsubscribe(async::Waiter& waiter) noexcept;

 private:
  void on_timer() noexcept override;

  http::BodySource& upstream_;
  Duration limit_;
  Instant waiting_since_;  ///< for the engine, if waiting_
  async::Waiter* waiter_ = nullptr;
  bool waiting_ = true;  ///< all that the engine has sent was pulled
  bool idle_ = false;    ///< the engine was waited for too long
};

}  // namespace kthena::router
