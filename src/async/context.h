// What travels with a running task: whether it is still wanted, and until when. Not part of any
// signature.
#pragma once

#include <coroutine>
#include <cstdint>

#include "async/loop.h"
#include "base/list.h"
#include "base/result.h"

namespace kthena::telemetry {
class LogTags;
}

namespace kthena::async {

enum class CancelReason : std::uint8_t { None, Cancelled, DeadlineExceeded };

class Waiter;

/// A node in the tree of tasks. Cancelling it cancels all below it and wakes every leaf that waits
/// there. Lives in a coroutine frame or in a TaskScope, longer than all that runs in it.
class Context : public ListNode {
 public:
  /// A context below `parent`; null: a tree of its own.
  Context(Loop& loop, Context* parent) noexcept;
  ~Context();

  Loop& loop() const noexcept { return loop_; }
  bool cancelled() const noexcept { return reason_ != CancelReason::None; }
  CancelReason reason() const noexcept { return reason_; }

  /// Idempotent; the first reason stays.
  void cancel(CancelReason reason = CancelReason::Cancelled) noexcept;

  /// Tags of this task for the log, in place while it runs; null: none. Inherited. Set by
  /// LogTagScope.
  const telemetry::LogTags* log_tags() const noexcept { return log_tags_; }
  void set_log_tags(const telemetry::LogTags* tags) noexcept { log_tags_ = tags; }

 private:
  friend class Waiter;
  Loop& loop_;
  const telemetry::LogTags* log_tags_ = nullptr;
  List<Context> children_;
  List<ListNode> waiters_;
  CancelReason reason_ = CancelReason::None;
};

/// The error that a leaf answers after a cancellation.
Error cancel_error(CancelReason reason);

/// A suspended coroutine as ready work. While it runs, what travels with its task is in place.
/// Lives in the awaiter, so in the frame; gone once the coroutine runs on.
class Resumption : public Runnable {
 public:
  void run() noexcept final;

 protected:
  Resumption() = default;
  void suspend(std::coroutine_handle<> handle, Context& context) noexcept {
    handle_ = handle;
    context_ = &context;
  }
  Context& context() const noexcept { return *context_; }
  /// Queues the coroutine.
  void make_ready() noexcept { context_->loop().make_ready(*this); }

 private:
  std::coroutine_handle<> handle_;
  Context* context_ = nullptr;
};

/// One suspended leaf operation: a coroutine, and what to do when it is cancelled.
///
/// Life: begin() links it to the context of the coroutine; then either wake() (by what it waits
/// for) or a cancellation unlinks it and queues the coroutine; outcome() tells which. As a Runnable
/// it may stand in a list of the thing that it waits for; on_cancel() takes it out of there.
class Waiter : public Resumption {
 public:
  Waiter() = default;

  /// Queues the coroutine. The caller has already forgotten the waiter. A cancellation that comes
  /// later finds the operation done.
  void wake() noexcept;

  bool waiting() const noexcept { return in_context_.linked(); }

 protected:
  /// Called by await_suspend. False if the task is already cancelled: then do not suspend.
  template <class Promise>
  bool begin(std::coroutine_handle<Promise> handle) noexcept {
    return begin(handle, *handle.promise().context);
  }
  bool begin(std::coroutine_handle<> handle, Context& context) noexcept;

  /// The cancellation that ended the wait, or None.
  CancelReason outcome() const noexcept { return outcome_; }

  /// Removes the waiter from what it waits for. By default from the list in which it stands.
  virtual void on_cancel() noexcept { unlink(); }

 private:
  friend class Context;
  struct InContext : ListNode {
    Waiter* owner = nullptr;
  };
  InContext in_context_;
  CancelReason outcome_ = CancelReason::None;
};

}  // namespace kthena::async
