// Turns what happens to calls into metrics and access-log lines.
#pragma once

#include <cstdint>
#include <memory>

#include "async/loop.h"
#include "http/client.h"
#include "http/message.h"
#include "router/call.h"
#include "router/datastore/current_snapshot.h"
#include "router/observe/access_log.h"
#include "router/observe/metrics.h"
#include "router/observe/series_table.h"

namespace kthena::router {

/// One per shard; outlives its calls. Cost of a call's metrics: see recorder_bench.cc.
class Recorder {
 public:
  Recorder(AccessLog& access_log, const RouterMetrics& metrics, const CurrentSnapshot& current,
           const http::Client& client)
      : access_log_(access_log),
        metrics_(metrics),
        current_(current),
        client_(client),
        series_(metrics),
        // Not owned: the recorder outlives who holds it.
        active_(std::shared_ptr<void>(), &metrics.active_requests) {}

  // The way of a call, in this order. A call that ends early skips what it did not come to.

  /// It came in.
  void begin(Call& call);
  /// Its model and its world are known.
  void identified(Call& call);
  /// It is about to be sent to one of its candidates.
  void placed(Call& call);
  /// Its last byte was sent, or it was given up.
  void end(Call& call, Instant now) noexcept;

  /// A request that could not be read was answered with `status`.
  void refused(int status, std::string_view message, WallTime now) noexcept;

 private:
  void count(Call& call, Instant now);
  void write_line(const Call& call, Instant now) noexcept;
  SeriesTable::Labels labels_of(const Call& call) const;
  void follow_world();
  /// Whether all names that the call's world had are still there.
  bool is_of_today(const Call& call) const noexcept;
  void count_connections() noexcept;

  AccessLog& access_log_;
  const RouterMetrics& metrics_;
  const CurrentSnapshot& current_;
  const http::Client& client_;
  SeriesTable series_;
  std::shared_ptr<const telemetry::Gauge> active_;
  std::uint64_t retirements_ = 0;  ///< of the snapshot that series_ was filled under
  std::uint64_t opened_ = 0;       ///< connections that were counted
  std::uint64_t reused_ = 0;
};

/// Keeps the call until its answer was sent, then records it.
class CallEnd final : public http::ResponseObserver {
 public:
  CallEnd(Recorder& recorder, std::unique_ptr<Call> call, async::Loop& loop)
      : recorder_(recorder), call_(std::move(call)), loop_(loop) {}
  void on_sent(const http::Sent& sent) noexcept override;

 private:
  Recorder& recorder_;
  std::unique_ptr<Call> call_;
  async::Loop& loop_;
};

}  // namespace kthena::router
