#include "bench/backend/stats.h"

#include <fmt/format.h>

namespace kthena::bench {

void BackendStats::count_body(std::uint64_t length, std::uint64_t hash) {
  constexpr std::size_t kKinds = 64;
  const auto found = bodies.find({length, hash});
  if (found != bodies.end()) {
    ++found->second;
  } else if (bodies.size() < kKinds) {
    bodies[{length, hash}] = 1;
  } else {
    ++other_bodies;
  }
}

std::string BackendStats::to_json() const {
  std::string kinds;
  for (const auto& [kind, count] : bodies) {
    kinds += fmt::format(R"({}{{"bytes":{},"hash":"{:016x}","count":{}}})",
                         kinds.empty() ? "" : ",", kind.first, kind.second, count);
  }
  return fmt::format(
      R"({{"connections":{},"model_connections":{},"open":{},"requests":{},"polls":{},"streams":{},)"
      R"("events":{},"cut_requests":{},"cut_replies":{},"malformed":{},"bodies":[{}],)"
      R"("other_bodies":{}}})"
      "\n",
      connections, model_connections, open, requests, polls, streams, events, cut_requests,
      cut_replies, malformed, kinds, other_bodies);
}

}  // namespace kthena::bench
