// Relays an engine's event stream to the client, whole events only, and says the last words when
// the engine dies.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "async/loop.h"
#include "base/clock.h"
#include "http/body.h"
#include "http/sse.h"
#include "json/stream_event.h"
#include "router/call.h"
#include "router/connectors/idle_limit.h"

namespace kthena::router {

/// Which marker ends a stream, and which shape an error event has.
enum class StreamDialect : std::uint8_t {
  OpenAi,     ///< chat and completions: `data: [DONE]`
  Responses,  ///< /v1/responses: response.completed, .incomplete, .failed
  Messages,   ///< /v1/messages: message_stop
  Other,      ///< images, audio and what else streams events: no marker, a proper end is an end
};
StreamDialect stream_dialect(std::string_view path) noexcept;

/// The rules, in the order of the design (docs/design/0003-mid-stream-death.md):
///  - Whole events are passed on as they came, an incomplete one is held back up to 64 KiB; beyond
///  that bytes pass, and a
///    death then is an abort alone.
///  - End before the terminal marker, a reset, malformed framing or silence for the idle limit is
///  the engine's death: one
///    error event, then Failed, so that the connection is closed without a proper end.
///  - Comments and other keep-alives are a sign of life and no event: dropped before the first one,
///  passed on after it.
///  - A usage event that only the router asked for is taken out; its numbers are kept in the call.
class StreamRelay final : public http::BodySource {
 public:
  struct Options {
    StreamDialect dialect = StreamDialect::OpenAi;
    bool hide_usage = false;
    Duration idle_timeout = std::chrono::seconds(300);
  };
  /// `outcome` and `timings` live as long as the relay.
  StreamRelay(async::Loop& loop, std::unique_ptr<http::BodySource> upstream, Options options,
              Outcome& outcome, Timings& timings);

  /// Waits for the first event, which the first pull() then gives. Errors: the engine died before
  /// it.
  async::Task<Result<>> wait_first();

  http::Pulled pull() override;
  void subscribe(async::Waiter& waiter) override { idle_.subscribe(waiter); }
  void unsubscribe(async::Waiter& waiter) noexcept override { idle_.unsubscribe(waiter); }
  std::string_view last_words() override;

 private:
  http::Pulled pull_events();
  /// Looks at the whole events that `bytes` completes, and returns what of them is to be sent.
  std::string_view take_events(std::string_view bytes);
  enum class Verdict : std::uint8_t { Pass, Drop };
  Verdict inspect(std::string_view event);
  Verdict inspect_openai(std::string_view event);
  Verdict inspect_responses(std::string_view event);
  Verdict inspect_messages(std::string_view event);
  /// An event with at least one token, or one behind the first of them.
  void note_token();
  void note_usage(const json::TokenUsage& usage);
  Verdict keep_alive() const;
  /// What is held back is the marker, without the blank line behind it.
  bool held_marker() const;
  http::Pulled died(std::string_view code, Error error);
  std::string error_event(std::string_view code, std::string_view message) const;

  std::unique_ptr<http::BodySource> upstream_;
  Options options_;
  Outcome& outcome_;
  Timings& timings_;
  const async::Loop& loop_;
  IdleLimit idle_;
  http::SseSplitter splitter_;
  std::string output_;  ///< what the last pull's view points into, where it is not the upstream's
  std::string first_;   ///< the first event, until it is pulled
  std::uint64_t events_ = 0;  ///< seen, keep-alives not counted
  bool has_first_ = false;
  bool terminal_ = false;  ///< the marker was seen: an end is a success
  bool dead_ = false;      ///< the error event was given; Failed comes next
  std::optional<Error> death_;
};

}  // namespace kthena::router
