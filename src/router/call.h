// The typed state of one model request, from its head to the last byte of its answer.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "http/memory.h"
#include "http/message.h"
#include "router/datastore/snapshot.h"
#include "router/intake/body_scan.h"
#include "router/observe/series_table.h"
#include "telemetry/gauge_hold.h"

namespace kthena::router {

/// Tokens that the engine reported.
struct Usage {
  std::uint64_t prompt_tokens = 0;
  std::uint64_t completion_tokens = 0;
};

/// How the call went, for the access log and the metrics. Filled as it becomes known.
struct Outcome {
  int status = 0;             ///< as sent to the client; 499 when it had gone
  std::string_view reason;    ///< error_type of the metrics; empty: by status
  std::string_view log_type;  ///< error.type of the access log; empty: no error
  std::string log_message;
  int upstream_status = 0;  ///< of the last answer
  std::uint32_t attempts = 0;
  Usage usage;
  bool has_usage = false;
  /// Of a stream, from the first token on: what stands for usage if it breaks off without.
  std::uint64_t token_events = 0;
  bool stream_complete = false;  ///< the stream's terminal event was sent: nothing can be missed
};

/// Checkpoints of the access log's timings. Zero: not reached. Source: docs/reference/access-log.md
struct Timings {
  Instant start{};           ///< S: the call came in
  Instant read{};            ///< R: body read, tokens estimated
  Instant upstream_start{};  ///< U0
  Instant upstream_end{};    ///< U1: last byte from the engine forwarded
  Instant first_token{};
};

/// A request body, whole, and where its fields stand.
struct ReadBody {
  http::Buffer bytes;
  BodyScan scan;
};

/// A stage fills what it learns; what only a retry would need is let go once an answer has begun.
/// Owned by the response until its last byte is sent.
struct Call {
  explicit Call(http::Request& the_request) : request(the_request) {}

  http::Request& request;
  std::string request_id;  ///< x-request-id, the client's or a new UUID
  WallTime started{};
  Timings timings;

  // intake
  std::unique_ptr<ReadBody> body;  ///< given up once an engine has begun to answer
  bool stream = false;             ///< the client asked for a stream
  bool wants_usage = false;        ///< and for usage in it
  std::string model;               ///< as the client named it
  std::uint64_t input_tokens = 0;  ///< estimate: characters / 4

  // routing
  std::shared_ptr<const Snapshot> world;
  const Route* route = nullptr;
  const Server* server = nullptr;
  bool adapter = false;  ///< matched as a LoRA adapter: the model is never rewritten
  std::string_view upstream_model;

  // scheduling: best first, at most five
  std::vector<std::shared_ptr<Endpoint>> candidates;
  std::shared_ptr<Endpoint> endpoint;  ///< the one that answers, or was tried last

  // observe: see Recorder
  bool listing = false;  ///< of models: logged, but no model request
  bool bound = false;    ///< placed: route and server are its destination
  std::shared_ptr<CallSeries> series;
  telemetry::GaugeHold active;
  telemetry::GaugeHold active_downstream;

  Outcome outcome;
};

}  // namespace kthena::router
