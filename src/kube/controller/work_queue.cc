#include "kube/controller/work_queue.h"

#include <algorithm>
#include <chrono>
#include <functional>
#include <string>
#include <utility>

#include "base/check.h"

namespace kthena::kube {

namespace {

double seconds(Duration duration) { return std::chrono::duration<double>(duration).count(); }

}  // namespace

std::size_t WorkQueue::KeyHash::operator()(const ObjectKey& key) const noexcept {
  const std::hash<std::string> hash;
  return hash(key.name) * 31 + hash(key.namespace_name);
}

/// What is known of a key: there is one while the key is queued, in work, waits for its time, or
/// has failed. Linked while it is ready to be taken.
class WorkQueue::Entry final : public ListNode, private async::Timer {
 public:
  Entry(WorkQueue& queue, ObjectKey key)
      : Timer(queue.loop_), key_(std::move(key)), queue_(queue) {}

  const ObjectKey& key() const noexcept { return key_; }

  /// The earlier of this time and the one that is set.
  void wake_at(Instant time, Priority at) {
    timed_priority = waits() ? std::min(timed_priority, at) : at;
    if (!waits() || time < Timer::deadline()) {
      Timer::set(time);
    }
  }
  void drop_wake() noexcept { Timer::cancel(); }
  bool waits() const noexcept { return Timer::armed(); }

  Priority priority = Priority::Change;  ///< if queued, or to be queued again
  Priority timed_priority = Priority::Resync;
  bool in_work = false;
  bool again = false;  ///< was added while in work
  std::uint32_t failures = 0;
  Instant added{};
  Instant taken{};

 private:
  void on_timer() noexcept override { queue_.on_time(*this); }

  ObjectKey key_;
  WorkQueue& queue_;
};

WorkQueue::WorkQueue(async::Loop& loop, WorkQueueOptions options)
    : loop_(loop),
      options_(std::move(options)),
      random_(options_.seed != 0 ? options_.seed : random_seed()),
      retry_tokens_(options_.retry_burst),
      retry_tokens_at_(loop.now()) {}

WorkQueue::~WorkQueue() = default;

WorkQueue::Entry& WorkQueue::entry(const ObjectKey& key) {
  std::unique_ptr<Entry>& slot = entries_[key];
  if (slot == nullptr) {
    slot = std::make_unique<Entry>(*this, key);
  }
  return *slot;
}

void WorkQueue::drop_if_idle(Entry& entry) {
  if (!entry.linked() && !entry.in_work && !entry.waits() && entry.failures == 0) {
    entries_.erase(ObjectKey(entry.key()));  // a copy: the entry's own key dies with it
  }
}

void WorkQueue::enqueue(Entry& entry) {
  if (!entry.linked()) {
    entry.added = loop_.now();
    ++queued_;
    options_.metrics.depth.inc();
  }
  (entry.priority == Priority::Change ? changes_ : resyncs_).push_back(entry);
  wake_.set();
}

void WorkQueue::add(const ObjectKey& key, Priority priority) {
  if (shut_down_) {
    return;
  }
  Entry& wanted = entry(key);
  if (wanted.in_work) {
    if (!wanted.again) {
      options_.metrics.adds.inc();
    }
    wanted.priority = wanted.again ? std::min(wanted.priority, priority) : priority;
    wanted.again = true;
    return;
  }
  if (wanted.linked() && wanted.priority <= priority) {
    return;  // waits already, no later than this wants
  }
  if (!wanted.linked()) {
    options_.metrics.adds.inc();
  }
  wanted.priority = priority;
  enqueue(wanted);
}

void WorkQueue::add_after(const ObjectKey& key, Duration delay, Priority priority) {
  if (delay <= Duration::zero()) {
    add(key, priority);
    return;
  }
  if (!shut_down_) {
    entry(key).wake_at(loop_.now() + delay, priority);
  }
}

Duration WorkQueue::add_after_failure(const ObjectKey& key, Priority priority) {
  if (shut_down_) {
    return Duration::zero();
  }
  options_.metrics.retries.inc();
  Entry& failed = entry(key);
  if (failed.failures < UINT32_MAX) {
    ++failed.failures;
  }
  const Duration wait =
      std::max(options_.backoff.after(failed.failures, random_), wait_for_retry_token());
  add_after(key, wait, priority);
  return wait;
}

/// Takes a token of the bucket that all retries share, on credit if there is none: the wait until
/// the credit is paid back.
Duration WorkQueue::wait_for_retry_token() {
  const Instant now = loop_.now();
  retry_tokens_ = std::min(options_.retry_burst, retry_tokens_ + (seconds(now - retry_tokens_at_) *
                                                                  options_.retries_per_second));
  retry_tokens_at_ = now;
  retry_tokens_ -= 1;
  if (retry_tokens_ >= 0) {
    return Duration::zero();
  }
  return std::chrono::duration_cast<Duration>(
      std::chrono::duration<double>(-retry_tokens_ / options_.retries_per_second));
}

void WorkQueue::forget(const ObjectKey& key) {
  const auto found = entries_.find(key);
  if (found != entries_.end()) {
    found->second->failures = 0;
    drop_if_idle(*found->second);
  }
}

/// Runs within the loop's timers: only queues and wakes.
void WorkQueue::on_time(Entry& entry) noexcept { add(entry.key(), entry.timed_priority); }

WorkQueue::Entry* WorkQueue::next() {
  if (queued_ == 0) {
    return nullptr;
  }
  Entry& entry = (changes_.empty() ? resyncs_ : changes_).pop_front();
  --queued_;
  ++in_work_;
  entry.in_work = true;
  entry.taken = loop_.now();
  options_.metrics.depth.dec();
  options_.metrics.queue_seconds.observe(seconds(entry.taken - entry.added));
  return &entry;
}

async::Task<Result<ObjectKey>> WorkQueue::take() {
  while (true) {
    if (const Entry* entry = next()) {
      co_return entry->key();
    }
    if (shut_down_) {
      co_return fail(ErrorCode::NotFound, "the queue was shut down");
    }
    wake_.reset();
    CO_TRY(co_await wake_.wait());
  }
}

void WorkQueue::done(const ObjectKey& key) {
  const auto found = entries_.find(key);
  CHECK(found != entries_.end() && found->second->in_work);
  Entry& entry = *found->second;
  entry.in_work = false;
  --in_work_;
  options_.metrics.work_seconds.observe(seconds(loop_.now() - entry.taken));
  if (std::exchange(entry.again, false)) {
    enqueue(entry);
  } else {
    drop_if_idle(entry);
  }
}

void WorkQueue::shut_down() {
  shut_down_ = true;
  for (auto& [key, entry] : entries_) {
    entry->drop_wake();
  }
  wake_.set();
}

std::size_t WorkQueue::waiting() const noexcept {
  return static_cast<std::size_t>(
      std::ranges::count_if(entries_, [](const auto& item) { return item.second->waits(); }));
}

std::uint32_t WorkQueue::failures(const ObjectKey& key) const {
  const auto found = entries_.find(key);
  return found != entries_.end() ? found->second->failures : 0;
}

Duration WorkQueue::longest_in_work() const {
  Duration longest{};
  for (const auto& [key, entry] : entries_) {
    if (entry->in_work) {
      longest = std::max(longest, loop_.now() - entry->taken);
    }
  }
  return longest;
}

}  // namespace kthena::kube
