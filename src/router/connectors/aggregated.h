// Sends a call to one of its candidates: attempts, failover, and the answer as it comes.
#pragma once

#include <memory>

#include "base/random.h"
#include "base/string_map.h"
#include "http/client.h"
#include "router/call.h"
#include "router/connectors/retry_budget.h"
#include "router/datastore/snapshot.h"
#include "router/rejection.h"

namespace kthena::router {

struct ForwardOptions {
  Duration stream_idle_timeout = std::chrono::seconds(300);  ///< silence within any answer
};

class Outgoing;

/// The connector of servers without prefill and decode roles. One per shard.
class AggregatedConnector {
 public:
  AggregatedConnector(async::Loop& loop, http::Client& client, Random& random,
                      ForwardOptions options)
      : loop_(loop), client_(client), random_(random), options_(options) {}

  /// Tries the candidates in order until one begins to answer. Which failures are retried, and when
  /// it stops: docs/design/0002-retries.md. Rejects: 503 when no engine answered; 504 when the last
  /// one fell silent; 499 when the client has gone.
  async::Task<Stage<http::Response>> forward(Call& call);

  /// Forgets the retries of a model.
  void forget_model(const std::string& name) { budgets_.erase(name); }
  /// Those of all models that the world does not have.
  void keep_models(const Snapshot& world);
  std::size_t model_count() const noexcept { return budgets_.size(); }

 private:
  struct Attempt;
  async::Task<Attempt> attempt(Call& call, const Outgoing& outgoing,
                               std::shared_ptr<Endpoint> endpoint);
  async::Task<Result<http::Response>> begin_answer(Call& call, http::ClientResponse answer,
                                                   InFlight in_flight, bool hide_usage);
  async::Task<Stage<http::Response>> give_up(Call& call, Attempt& last_refusal, bool silent);
  bool may_retry(const Call& call, std::size_t tried);

  async::Loop& loop_;
  http::Client& client_;
  Random& random_;
  ForwardOptions options_;
  StringMap<RetryBudget> budgets_;  ///< by the name that clients use
};

}  // namespace kthena::router
