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
      refusal;                 ///< an answer whose status lets another endpoint be tried
  std::optional<Error> error;  ///< no answer
  InFlight in_flight;          ///< of a refusal that is kept
};

namespace {

/// Statuses that may be better elsewhere. 500 is tried once more, the others as long as endpoints
/// are left.
bool may_be_better_elsewhere(int status) {
  return status == 408 || status == 429 || status == 500 || status == 502 || status == 503 ||
         status == 504;
}

std::unexpected<Rejection> client_gone() {
  return reject(499, "client_cancelled", "proxy", "the client closed the connection");
}

/// Counts an attempt of the call on its destination's gauge.
telemetry::GaugeHold upstream_hold(const Call& call) {
  return call.series == nullptr ? telemetry::GaugeHold()
                                : telemetry::GaugeHold(std::shared_ptr<const telemetry::Gauge>(
                                      call.series, &call.series->active_upstream));
}

/// Holds the endpoint's count for as long as its answer is being relayed.
template <class Relay>
class Counted final : public http::BodySource {
 public:
  Counted(std::unique_ptr<Relay> relay, InFlight in_flight)
      : in_flight_(std::move(in_flight)), relay_(std::move(relay)) {}
  http::Pulled pull() override {
    const http::Pulled pulled = relay_->pull();
    if (pulled.kind == http::Pulled::Kind::Failed) {
      return failed(relay_->error());
    }
    if (pulled.kind == http::Pulled::Kind::End) {
      in_flight_.release();
    }
    return pulled;
  }
  void subscribe(async::Waiter& waiter) override { relay_->subscribe(waiter); }
  void unsubscribe(async::Waiter& waiter) noexcept override { relay_->unsubscribe(waiter); }
  std::optional<std::uint64_t> length() const override { return relay_->length(); }
  std::string_view last_words() override { return relay_->last_words(); }

 private:
  InFlight in_flight_;
  std::unique_ptr<Relay> relay_;
};

}  // namespace

async::Task<Stage<http::Response>> AggregatedConnector::forward(Call& call) {
  const Outgoing outgoing(call);
  RetryBudget& budget = budgets_.try_emplace(call.route->key).first->second;
  budget.count_call(loop_.now());
  Attempt last_refusal;
  call.timings.upstream_start = loop_.now();
  for (std::size_t tried = 0; tried < call.candidates.size(); ++tried) {
    call.outcome.attempts = static_cast<std::uint32_t>(tried + 1);
    call.endpoint = call.candidates[tried];
    Attempt attempt = co_await this->attempt(call, outgoing, call.endpoint);
    if (attempt.response) {
      co_return *std::move(attempt.response);
    }
    if ((co_await async::this_task()).context->cancelled()) {
      co_return client_gone();
    }
    const bool again = may_retry(call, attempt, tried + 1);
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
        co_return client_gone();
      }
    }
  }
  co_return co_await give_up(call, last_refusal);
}

async::Task<AggregatedConnector::Attempt> AggregatedConnector::attempt(
    Call& call, const Outgoing& outgoing, std::shared_ptr<Endpoint> endpoint) {
  Attempt attempt;
  InFlight in_flight(endpoint, upstream_hold(call));
  scheduling::note_chosen(*endpoint);
  const net::SocketAddress address{.ip = endpoint->ip, .port = call.server->port};
  std::optional<async::DeadlineScope> limit;
  if (call.server->timeout) {
    limit.emplace(co_await async::this_task(), *call.server->timeout);
  }
  auto answer = co_await client_.send(address, outgoing.request());
  if (!answer) {
    attempt.error = std::move(answer).error().error;
    if (attempt.error->code() != ErrorCode::Cancelled) {
      scheduling::note_failure(*endpoint, loop_.now());
    }
    co_return attempt;
  }
  limit.reset();
  call.outcome.upstream_status = answer->status;
  if (answer->status >= 500) {
    scheduling::note_failure(*endpoint, loop_.now());
  } else {
    scheduling::note_success(*endpoint);
  }
  if (may_be_better_elsewhere(answer->status)) {
    attempt.refusal = *std::move(answer);
    attempt.in_flight = std::move(in_flight);
    co_return attempt;
  }
  auto response = co_await begin_answer(call, *std::move(answer), std::move(in_flight));
  if (response) {
    attempt.response = *std::move(response);
  } else {
    attempt.error = std::move(response).error();
    if (attempt.error->code() != ErrorCode::Cancelled) {
      scheduling::note_failure(*endpoint, loop_.now());
    }
  }
  co_return attempt;
}

async::Task<Result<http::Response>> AggregatedConnector::begin_answer(Call& call,
                                                                      http::ClientResponse answer,
                                                                      InFlight in_flight) {
  http::Response response;
  response.status = answer.status;
  http::copy_end_to_end(answer.headers, response.headers);
  if (answer.status / 100 == 2 &&
      http::is_event_stream(answer.headers.find("Content-Type").value_or(""))) {
    const bool hide_usage = call.stream && !call.wants_usage;
    auto relay = std::make_unique<StreamRelay>(
        loop_, std::move(answer.body),
        StreamRelay::Options{.dialect = stream_dialect(call.request.path()),
                             .hide_usage = hide_usage,
                             .idle_timeout = options_.stream_idle_timeout},
        call.outcome, call.timings);
    CO_TRY(co_await relay->wait_first());
    response.body = std::make_unique<Counted<StreamRelay>>(std::move(relay), std::move(in_flight));
  } else {
    auto relay = std::make_unique<AnswerRelay>(std::move(answer.body), call.outcome);
    CO_TRY(co_await relay->hold());
    response.body = std::make_unique<Counted<AnswerRelay>>(std::move(relay), std::move(in_flight));
  }
  // Nothing can be retried any more: a stream that may last for minutes keeps only what the end
  // needs.
  call.body.reset();
  call.candidates = {};
  call.request.headers = {};
  co_return response;
}

bool AggregatedConnector::may_retry(Call& call, const Attempt& failed, std::size_t tried) {
  if (tried >= call.candidates.size()) {
    return false;
  }
  if (call.server->retry_attempts && tried > *call.server->retry_attempts) {
    return false;
  }
  if (failed.refusal && failed.refusal->status == 500 && tried > 1) {
    return false;  // a request that breaks two engines would break the next
  }
  return budgets_.find(call.route->key)->second.try_take(loop_.now());
}

async::Task<Stage<http::Response>> AggregatedConnector::give_up(Call& call, Attempt& last_refusal) {
  call.outcome.reason = "proxy";
  call.outcome.log_type = "proxy";
  call.outcome.log_message = "request processing failed";
  if (last_refusal.refusal) {
    auto response = co_await begin_answer(call, *std::move(last_refusal.refusal),
                                          std::move(last_refusal.in_flight));
    if (response) {
      co_return *std::move(response);
    }
  }
  auto rejection = reject(503, "proxy", "proxy", "request to all pods failed");
  rejection.error().retry_after = std::chrono::seconds(1);
  co_return rejection;
}

}  // namespace kthena::router
