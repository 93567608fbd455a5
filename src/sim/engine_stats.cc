#include "sim/engine_stats.h"

namespace kthena::sim {

std::vector<double> token_count_bounds(std::uint32_t max_model_len) {
  std::vector<double> bounds;
  for (std::uint64_t power = 1;; power *= 10) {
    for (const std::uint64_t digit : {1, 2, 5}) {
      if (digit * power > max_model_len) {
        return bounds;
      }
      bounds.push_back(static_cast<double>(digit * power));
    }
  }
}

}  // namespace kthena::sim
