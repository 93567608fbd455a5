// The debug port: what the router knows, as JSON. For people at the machine: loopback only.
#pragma once

#include "async/loop.h"
#include "http/server.h"
#include "router/datastore/current_snapshot.h"

namespace kthena::router {

/// /, which lists the rest: /debug/config_dump/... and /debug/pprof/. Control shard. Reads the
/// snapshot that the control shard gave out last. Source: docs/reference/debug-port.md
class DebugFront final : public http::Handler {
 public:
  DebugFront(const async::Loop& loop, const CurrentSnapshot& world) : loop_(loop), world_(world) {}
  async::Task<http::Response> handle(http::Request& request) override;

 private:
  const async::Loop& loop_;
  const CurrentSnapshot& world_;
};

}  // namespace kthena::router
