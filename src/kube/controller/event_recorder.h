// Writes events about objects, without keeping those waiting who tell of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>

#include "async/channel.h"
#include "async/task.h"
#include "kube/client/client.h"
#include "kube/controller/event_log.h"
#include "kube/meta/reference.h"

namespace kthena::kube {

/// `object`, as an event is about it.
template <Resource T>
ObjectReference reference_to(const T& object) {
  return {.api_version = std::string(T::kResource.api_version),
          .kind = std::string(T::kResource.kind),
          .name = object.metadata.name,
          .namespace_name = object.metadata.namespace_name,
          .resource_version = object.metadata.resource_version,
          .uid = object.metadata.uid};
}

struct EventRecorderOptions {
  EventLogOptions log;
  std::size_t most_queued = 1000;  ///< events that wait to be written
  unsigned tries = 12;             ///< of one event
  Duration retry_period = std::chrono::seconds(10);
};

/// One shard.
class EventRecorder {
 public:
  /// `client` outlives it.
  EventRecorder(Client& client, EventRecorderOptions options)
      : client_(client), options_(std::move(options)), log_(options_.log) {}

  /// Never waits and never fails. What cannot be written is counted, and an event says how many;
  /// see EventLog.
  void record(Occurrence occurrence);

  /// Writes until it is cancelled; what is queued then is lost.
  async::Task<void> run();

  struct Stats {
    std::uint64_t recorded = 0;  ///< calls of record()
    std::uint64_t written = 0;   ///< requests that succeeded
    std::uint64_t omitted = 0;   ///< were not written, but told of
  };
  const Stats& stats() const noexcept { return stats_; }

 private:
  void enqueue(const EventRecordPointer& record);
  async::Task<Result<>> wait_for_work();
  async::Task<void> write(EventRecordPointer record);
  async::Task<Result<>> try_to_write(EventRecord& record);

  Client& client_;
  EventRecorderOptions options_;
  EventLog log_;
  std::deque<EventRecordPointer> queue_;
  async::Event work_;
  Stats stats_;
};

}  // namespace kthena::kube
