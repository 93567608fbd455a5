// Turns a finished call, however it ended, into its access-log line and its metrics.
#pragma once

#include "http/message.h"
#include "router/call.h"
#include "router/observe/access_log.h"

namespace kthena::router {

/// Shared by all shards.
class Recorder {
 public:
  explicit Recorder(AccessLog& access_log) : access_log_(access_log) {}

  /// Once per call, after its last byte.
  void record(const Call& call, const http::Sent& sent, Instant now) noexcept;

 private:
  AccessLog& access_log_;
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
