#include "kube/controller/controller.h"

#include <chrono>
#include <exception>
#include <utility>

#include "async/log_tag_scope.h"
#include "async/time.h"
#include "telemetry/log.h"

namespace kthena::kube {

namespace {

/// Somebody else was faster: with the newest state it will work.
bool is_part_of_life(ErrorCode code) {
  return code == ErrorCode::Conflict || code == ErrorCode::Expired;
}

/// A key that keeps failing is told of the first time and then ever more rarely.
bool is_worth_a_line(std::uint32_t failures) { return (failures & (failures - 1)) == 0; }

}  // namespace

Controller::Controller(async::Loop& loop, std::string name, Reconciler& reconciler,
                       ControllerOptions options)
    : name_(std::move(name)),
      reconciler_(reconciler),
      options_(std::move(options)),
      queue_(loop, options_.queue) {}

async::Task<void> Controller::run() {
  async::PromiseBase& self = co_await async::this_task();
  async::TaskScope workers(self.context->loop(), self.context);
  for (unsigned i = 0; i < options_.workers; ++i) {
    workers.spawn(work());
  }
  co_await workers.join();
}

async::Task<void> Controller::work() {
  while (true) {
    Result<ObjectKey> key = co_await queue_.take();
    if (!key) {
      co_return;  // cancelled, or the queue was shut down
    }
    co_await handle(*std::move(key));
  }
}

async::Task<void> Controller::handle(ObjectKey key) {
  async::PromiseBase& self = co_await async::this_task();
  const std::string key_text = key.to_string();
  async::LogTagScope tags(self);
  tags.add("controller", name_);
  tags.add("key", key_text);

  const Instant began = self.context->loop().now();
  options_.metrics.active.inc();
  const Result<Requeue> requeue = co_await attempt(key);
  options_.metrics.active.dec();
  options_.metrics.seconds.observe(
      std::chrono::duration<double>(self.context->loop().now() - began).count());

  if (requeue) {
    on_success(key, *requeue);
  } else if (!self.context->cancelled()) {
    on_failure(key, requeue.error());
  }
  queue_.done(key);
}

async::Task<Result<Requeue>> Controller::attempt(const ObjectKey& key) {
  async::DeadlineScope limit(co_await async::this_task(), options_.time_limit);
  try {
    Result<Requeue> requeue = co_await reconciler_.reconcile(key);
    if (!requeue && limit.expired()) {
      co_return fail(ErrorCode::DeadlineExceeded,
                     "took longer than the limit: " + requeue.error().message());
    }
    co_return requeue;
  } catch (const std::exception& exception) {
    options_.metrics.panics.inc();
    co_return fail(ErrorCode::Internal, std::string("exception: ") + exception.what());
  }
}

void Controller::on_success(const ObjectKey& key, const Requeue& requeue) {
  queue_.forget(key);
  if (requeue.delay()) {
    options_.metrics.requeued.inc();
    queue_.add_after(key, *requeue.delay());
  } else {
    options_.metrics.succeeded.inc();
  }
}

void Controller::on_failure(const ObjectKey& key, const Error& error) {
  const Duration wait = queue_.add_after_failure(key);
  if (is_part_of_life(error.code())) {
    options_.metrics.conflicts.inc();
    log::debug("reconcile will be tried again", kv("reason", error), kv("wait", wait));
    return;
  }
  options_.metrics.failed.inc();
  const std::uint32_t failures = queue_.failures(key);
  if (is_worth_a_line(failures)) {
    log::error("reconcile failed", kv("error", error), kv("failures", failures), kv("wait", wait));
  }
}

}  // namespace kthena::kube
