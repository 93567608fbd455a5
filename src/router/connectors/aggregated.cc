#include "router/connectors/aggregated.h"

#include <algorithm>
#include <optional>

#include "async/time.h"
#include "http/fields.h"
#include "router/connectors/answer_relay.h"
#include "router/connectors/outgoing.h"
#include "router/connectors/stream_relay.h"
#include "router/scheduling/least_request.h"

namespace kthena::router {

/// What one attempt came to: an answer to pass on, an answer that says "not me", or none.
struct AggregatedConnector::Attempt {
  std::optional<http::Response> response;  ///< to be passed on
  std::optional<http::ClientResponse>
      refusal;                         ///< an answer whose status lets another endpoint be tried
  std::optional<Error> error;          ///< no answer
  bool silent = false;                 ///< the engine began to answer, and fell silent
  std::shared_ptr<Endpoint> endpoint;  ///< who was asked
  InFlight in_flight;                  ///< of a refusal that is kept
};

namespace {

/// Statuses that may be better elsewhere. 500 is tried once more, the others as long as endpoints
/// are left.
bool may_be_better_elsewhere(int status) {
  return status == 408 || status == 429 || status == 500 || status == 502 || status == 503 ||
         status == 504;
}

/// A cancelled call: the client has gone, or the router's time to stop is up.
std::unexpected<Rejection> cancelled(const async::Context& context) {
  if (context.reason() == async::CancelReason::DeadlineExceeded) {
    return reject(503, "router_shutdown", "proxy",
                  "the router is shutting down; retry the request");
  }
  return reject(499, "client_cancelled", "client_cancelled", "the client closed the connection");
}

/// Counts an attempt of the call on its destination's gauge.
telemetry::GaugeHold upstream_hold(const Call& call) {
  return call.series == nullptr ? telemetry::GaugeHold()
                                : telemetry::GaugeHold(std::shared_ptr<const telemetry::Gauge>(
                                      call.series, &call.series->active_upstream));
}

/// Whether the end of an answer tells how the engine does; a refusal has told already.
enum class Judge : bool { No, Yes };

/// Holds the endpoint's count for as long as its answer is being relayed, and notes how it ended.
template <class Relay>
class Counted final : public http::BodySource {
 public:
  /// @param of_relay  what the relay is made of
  template <class... Arguments>
  Counted(InFlight in_flight, const async::Loop& loop, Judge judge, Arguments&&... of_relay)
      : in_flight_(std::move(in_flight)),
        loop_(loop),
        judge_(judge),
        relay_(std::forward<Arguments>(of_relay)...) {}

  Relay& relay() noexcept { return relay_; }

  http::Pulled pull() override {
    const http::Pulled pulled = relay_.pull();
    if (pulled.kind == http::Pulled::Kind::Failed) {
      if (in_flight_.endpoint() != nullptr) {
        scheduling::note_failure(*in_flight_.endpoint(), loop_.now());
        in_flight_.release();
      }
      return failed(relay_.error());
    }
    if (pulled.kind == http::Pulled::Kind::End) {
      if (judge_ == Judge::Yes && in_flight_.endpoint() != nullptr) {
        scheduling::note_success(*in_flight_.endpoint());
      }
      in_flight_.release();
    }
    return pulled;
  }
  void subscribe(async::Waiter& waiter) override { relay_.subscribe(waiter); }
  void unsubscribe(async::Waiter& waiter) noexcept override { relay_.unsubscribe(waiter); }
  std::optional<std::uint64_t> length() const override { return relay_.length(); }
  std::string_view last_words() override { return relay_.last_words(); }

 private:
  InFlight in_flight_;
  const async::Loop& loop_;
  Judge judge_;
  Relay relay_;
};

}  // namespace

async::Task<Stage<http::Response>> AggregatedConnector::forward(Call& call) {
  const Outgoing outgoing(call);
  budgets_[call.model].count_call(loop_.now());
  const async::Context& context = *(co_await async::this_task()).context;
  Attempt last_refusal;
  bool silent = false;
  bool seen_500 = false;
  call.timings.upstream_start = loop_.now();
  for (std::size_t tried = 0; tried < call.candidates.size(); ++tried) {
    call.outcome.attempts = static_cast<std::uint32_t>(tried + 1);
    call.endpoint = call.candidates[tried];
    Attempt attempt = co_await this->attempt(call, outgoing, call.endpoint);
    if (attempt.response) {
      co_return *std::move(attempt.response);
    }
    if (context.cancelled()) {
      co_return cancelled(context);
    }
    const bool is_500 = attempt.refusal && attempt.refusal->status == 500;
    // A request that breaks two engines would break the next.
    const bool again = !(is_500 && seen_500) && may_retry(call, tried + 1);
    seen_500 = seen_500 || is_500;
    silent = attempt.silent;
    if (attempt.refusal) {
      last_refusal = std::move(attempt);
    }
    if (!again) {
      break;
    }
    if (call.series != nullptr) {
      call.series->retries.inc();
    }
    if (call.server->retry_attempts) {
      // Configured retries wait; failing over to another endpoint does not.
      const Duration pause = call.server->retry_interval;
      const double jitter = 0.5 + random_.uniform_double();
      if (!co_await async::sleep_for(
              Duration(static_cast<std::int64_t>(static_cast<double>(pause.count()) * jitter)))) {
        co_return cancelled(context);
      }
    }
  }
  co_return co_await give_up(call, last_refusal, silent);
}

async::Task<AggregatedConnector::Attempt> AggregatedConnector::attempt(
    Call& call, const Outgoing& outgoing, std::shared_ptr<Endpoint> endpoint) {
  Attempt attempt;
  attempt.endpoint = endpoint;
  InFlight in_flight(endpoint, upstream_hold(call));
  scheduling::note_chosen(*endpoint);
  const net::SocketAddress address{.ip = endpoint->ip, .port = call.server->port};
  std::optional<async::DeadlineScope> limit;
  if (call.server->timeout) {
    limit.emplace(co_await async::this_task(), *call.server->timeout);
  }
  auto answer = co_await client_.send(address, outgoing.request());
  limit.reset();
  const async::Context& context = *(co_await async::this_task()).context;
  if (!answer) {
    attempt.error = std::move(answer).error().error;
    if (!context.cancelled()) {
      scheduling::note_failure(*endpoint, loop_.now());
    }
    co_return attempt;
  }
  call.outcome.upstream_status = answer->status;
  if (answer->status >= 500) {
    scheduling::note_failure(*endpoint, loop_.now());
  } else if (answer->status >= 300) {
    scheduling::note_success(*endpoint);  // a success is one when it has ended
  }
  if (may_be_better_elsewhere(answer->status)) {
    attempt.refusal = *std::move(answer);
    attempt.in_flight = std::move(in_flight);
    co_return attempt;
  }
  auto response = co_await begin_answer(call, *std::move(answer), std::move(in_flight),
                                        outgoing.usage_injected());
  if (response) {
    attempt.response = *std::move(response);
  } else {
    attempt.error = std::move(response).error();
    attempt.silent = attempt.error->code() == ErrorCode::DeadlineExceeded;
    if (!context.cancelled()) {
      scheduling::note_failure(*endpoint, loop_.now());
    }
  }
  co_return attempt;
}

async::Task<Result<http::Response>> AggregatedConnector::begin_answer(Call& call,
                                                                      http::ClientResponse answer,
                                                                      InFlight in_flight,
                                                                      bool hide_usage) {
  http::Response response;
  response.status = answer.status;
  const Judge judge = answer.status / 100 == 2 ? Judge::Yes : Judge::No;
  response.headers = std::move(answer.headers);
  http::keep_end_to_end(response.headers);
  if (answer.status / 100 == 2 &&
      http::is_event_stream(response.headers.find("Content-Type").value_or(""))) {
    auto counted = std::make_unique<Counted<StreamRelay>>(
        std::move(in_flight), loop_, judge, loop_, std::move(answer.body),
        StreamRelay::Options{.dialect = stream_dialect(call.request.path()),
                             .hide_usage = hide_usage,
                             .idle_timeout = options_.stream_idle_timeout},
        call.outcome, call.timings);
    CO_TRY(co_await counted->relay().wait_first());
    response.body = std::move(counted);
  } else {
    auto counted = std::make_unique<Counted<AnswerRelay>>(
        std::move(in_flight), loop_, judge, loop_, std::move(answer.body),
        options_.stream_idle_timeout, call.outcome);
    CO_TRY(co_await counted->relay().hold());
    response.body = std::move(counted);
  }
  // Nothing can be retried any more: a stream that may last for minutes keeps only what the end
  // needs.
  call.body.reset();
  call.candidates = {};
  co_return response;
}

bool AggregatedConnector::may_retry(const Call& call, std::size_t tried) {
  if (tried >= call.candidates.size()) {
    return false;
  }
  if (call.server->retry_attempts && tried > *call.server->retry_attempts) {
    return false;
  }
  return budgets_[call.model].try_take(loop_.now());
}

void AggregatedConnector::keep_models(const Snapshot& world) {
  std::erase_if(budgets_, [&](const auto& entry) { return !world.knows_model(entry.first); });
}

async::Task<Stage<http::Response>> AggregatedConnector::give_up(Call& call, Attempt& last_refusal,
                                                                bool silent) {
  call.outcome.reason = "proxy";
  call.outcome.log_type = "proxy";
  call.outcome.log_message = "request processing failed";
  if (last_refusal.refusal) {
    // Others may have been tried after it, and may have given no answer.
    call.endpoint = last_refusal.endpoint;
    call.outcome.upstream_status = last_refusal.refusal->status;
    auto response = co_await begin_answer(call, *std::move(last_refusal.refusal),
                                          std::move(last_refusal.in_flight), false);
    if (response) {
      co_return *std::move(response);
    }
    const async::Context& context = *(co_await async::this_task()).context;
    if (context.cancelled()) {
      co_return cancelled(context);
    }
    silent = response.error().code() == ErrorCode::DeadlineExceeded;
  }
  if (silent) {
    co_return reject(504, "upstream_timeout", "proxy",
                     "request to all pods failed: the engine was silent for too long");
  }
  auto rejection = reject(503, "proxy", "proxy", "request to all pods failed");
  rejection.error().retry_after = std::chrono::seconds(1);
  co_return rejection;
}

}  // namespace kthena::router
