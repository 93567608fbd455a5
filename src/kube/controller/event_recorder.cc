#include "kube/controller/event_recorder.h"

#include <utility>

#include "async/time.h"
#include "telemetry/log.h"

namespace kthena::kube {

namespace {

/// Trying again would not help: the server refuses this event.
bool is_final(ErrorCode code) {
  return code == ErrorCode::InvalidArgument || code == ErrorCode::PermissionDenied ||
         code == ErrorCode::NotFound || code == ErrorCode::TooLarge;
}

}  // namespace

void EventRecorder::record(Occurrence occurrence) {
  ++stats_.recorded;
  const async::Loop& loop = client_.loop();
  if (const auto record = log_.note(occurrence, loop.now(), loop.wall_now())) {
    enqueue(record);
  } else {
    ++stats_.omitted;
    work_.set();  // there may be a new time to wait for
  }
}

void EventRecorder::enqueue(const EventRecordPointer& record) {
  if (record->queued) {
    return;  // will be written with its new count
  }
  if (queue_.size() >= options_.most_queued) {
    ++stats_.omitted;
    log_.give_up(record->event.involved_object, client_.loop().now());
    return;
  }
  record->queued = true;
  queue_.push_back(record);
  work_.set();
}

async::Task<void> EventRecorder::run() {
  async::PromiseBase& self = co_await async::this_task();
  const async::Loop& loop = client_.loop();
  while (!self.context->cancelled()) {
    for (const EventRecordPointer& record : log_.omitted(loop.now(), loop.wall_now())) {
      enqueue(record);
    }
    if (queue_.empty()) {
      (void)co_await wait_for_work();
      continue;
    }
    EventRecordPointer record = std::move(queue_.front());
    queue_.pop_front();
    record->queued = false;
    co_await write(std::move(record));
  }
}

async::Task<Result<>> EventRecorder::wait_for_work() {
  work_.reset();
  if (const auto until = log_.next_omitted()) {
    async::DeadlineScope limit(co_await async::this_task(), *until);
    co_return co_await work_.wait();
  }
  co_return co_await work_.wait();
}

async::Task<void> EventRecorder::write(EventRecordPointer record) {
  async::PromiseBase& self = co_await async::this_task();
  Result<> written;
  for (unsigned i = 0; i < options_.tries; ++i) {
    written = co_await try_to_write(*record);
    if (written) {
      ++stats_.written;
      co_return;
    }
    if (is_final(written.error().code()) || !co_await async::sleep_for(options_.retry_period)) {
      break;
    }
  }
  if (!self.context->cancelled()) {
    ++stats_.omitted;
    log::warn("event not written", kv("about", record->event.involved_object.name),
              kv("reason", record->event.reason), kv("message", record->event.message),
              kv("error", written.error()));
  }
}

async::Task<Result<>> EventRecorder::try_to_write(EventRecord& record) {
  const Event event = record.event;  // it may be counted on while it is written
  if (record.on_server) {
    json::Value change;
    change.set("count", event.count);
    change.set("message", event.message);
    change.set("lastTimestamp", event.last_timestamp->to_json());
    const Result<Event> patched =
        co_await client_.patch<Event>(event.metadata.key(), PatchType::Merge, change);
    if (patched) {
      co_return {};
    }
    if (patched.error().code() != ErrorCode::NotFound) {
      co_return fail(patched.error());
    }
    record.on_server = false;  // events live for an hour
  }
  const Result<Event> created = co_await client_.create(event);
  if (created || created.error().code() == ErrorCode::AlreadyExists) {
    record.on_server = true;  // it may be from a try whose answer was lost
    co_return {};
  }
  co_return fail(created.error());
}

}  // namespace kthena::kube
