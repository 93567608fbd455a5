// What one backend process has seen, told at GET /stats.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>

namespace kthena::bench {

struct BackendStats {
  std::uint64_t connections = 0;        ///< accepted
  std::uint64_t model_connections = 0;  ///< that carried at least one POST
  std::uint64_t open = 0;
  std::uint64_t requests = 0;  ///< POSTs read to their end
  std::uint64_t polls = 0;     ///< everything else: health, metrics, models
  std::uint64_t streams = 0;
  std::uint64_t events = 0;
  std::uint64_t cut_requests = 0;  ///< the peer left inside a request
  std::uint64_t cut_replies = 0;   ///< the peer left before the reply was complete
  std::uint64_t malformed = 0;
  /// How often a body came, by length and hash. A proxy that alters or mixes up bodies shows here.
  std::map<std::pair<std::uint64_t, std::uint64_t>, std::uint64_t> bodies;
  std::uint64_t other_bodies = 0;  ///< beyond the 64 kinds that are told apart

  void count_body(std::uint64_t length, std::uint64_t hash);
  std::string to_json() const;
};

}  // namespace kthena::bench
