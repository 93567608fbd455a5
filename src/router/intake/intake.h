// Reads a request body and finds what the router needs to know of it.
#pragma once

#include "http/memory.h"
#include "router/call.h"
#include "router/rejection.h"

namespace kthena::router {

struct IntakeOptions {
  std::size_t max_body_bytes = 64 << 20;
  Duration body_timeout = std::chrono::seconds(60);
};

/// The first stage that reads the body: whole, once, in place.
class Intake {
 public:
  Intake(http::MemoryBudget& budget, IntakeOptions options) : budget_(budget), options_(options) {}

  /// Fills body, scan, model and input_tokens.
  /// Rejects, with reason and log type request_parsing: 400 for what is no JSON object, or repeats
  /// a field that engines and we must read alike; 404 without a model; 408, 413, 503 for bodies
  /// that are too slow, too large, too many.
  async::Task<Stage<>> read(Call& call);

 private:
  Stage<> scan(Call& call) const;

  http::MemoryBudget& budget_;
  IntakeOptions options_;
};

}  // namespace kthena::router
