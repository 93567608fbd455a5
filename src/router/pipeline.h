// The journey of a call.
#pragma once

#include <memory>

#include "base/random.h"
#include "router/call.h"
#include "router/connectors/aggregated.h"
#include "router/datastore/current_snapshot.h"
#include "router/intake/intake.h"
#include "router/observe/recorder.h"
#include "router/rejection.h"

namespace kthena::router {

/// One per shard. Reading run() is reading what happens to a request.
class Pipeline {
 public:
  Pipeline(async::Loop& loop, const CurrentSnapshot& snapshots, Intake& intake,
           AggregatedConnector& connector, Recorder& recorder, Random& random)
      : loop_(loop),
        snapshots_(snapshots),
        intake_(intake),
        connector_(connector),
        recorder_(recorder),
        random_(random) {}

  /// Answers a model request. The answer owns the call, and records it when its last byte was sent.
  async::Task<http::Response> handle(http::Request& request);

  /// Answers GET /v1/models and GET /v1/models/{id} from the names that routes give.
  http::Response list_models(http::Request& request);

  /// Answers a model request that came before the world is known.
  http::Response turn_away(http::Request& request);

  /// Answers what could not be read as a request.
  http::Response refuse(int status, std::string_view message);

 private:
  async::Task<Stage<http::Response>> run(Call& call);
  std::unique_ptr<Call> begin(http::Request& request);
  http::Response finish(std::unique_ptr<Call> call, Stage<http::Response> result);

  async::Loop& loop_;
  const CurrentSnapshot& snapshots_;
  Intake& intake_;
  AggregatedConnector& connector_;
  Recorder& recorder_;
  Random& random_;
};

}  // namespace kthena::router
