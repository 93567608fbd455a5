// A log-linear histogram of durations: constant memory, relative error below 1.6 %.
#pragma once

#include <cstdint>
#include <vector>

#include "bench/common/clock.h"

namespace kthena::bench {

/// Counts durations in buckets: 64 linear ones per power of two, so that a quantile is never more
/// than 1/64 above the true value. One thread.
class Histogram {
 public:
  Histogram();

  /// Negative values (clock steps between cores) count as 0; above 4,398 s as the last bucket.
  void record(Nanos value) noexcept;
  void merge(const Histogram& other) noexcept;

  std::uint64_t count() const noexcept { return count_; }
  Nanos max() const noexcept { return max_; }
  double mean() const noexcept;

  /// The smallest recorded bucket bound that `q` of the values do not exceed; 0 when empty.
  /// @param q  in [0, 1]
  Nanos quantile(double q) const noexcept;

 private:
  static std::size_t bucket_of(Nanos value) noexcept;
  static Nanos upper_bound_of(std::size_t bucket) noexcept;

  std::vector<std::uint64_t> buckets_;
  std::uint64_t count_ = 0;
  double sum_ = 0;
  Nanos max_ = 0;
};

}  // namespace kthena::bench
