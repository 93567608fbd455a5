#include "bench/common/histogram.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace kthena::bench {
namespace {

constexpr int kLinearBits = 6;  // 64 buckets per power of two
constexpr std::int64_t kLinear = 1 << kLinearBits;
constexpr int kLargestPower = 42;  // 2^42 ns is 73 minutes
constexpr std::size_t kBuckets = (kLargestPower - kLinearBits + 2) * kLinear;

}  // namespace

Histogram::Histogram() : buckets_(kBuckets) {}

std::size_t Histogram::bucket_of(Nanos value) noexcept {
  if (value < kLinear) {
    return static_cast<std::size_t>(std::max<Nanos>(value, 0));
  }
  const auto bits = static_cast<std::uint64_t>(value);
  const int shift = std::bit_width(bits) - 1 - kLinearBits;
  const std::size_t bucket =
      (static_cast<std::size_t>(shift + 1) * kLinear) + ((bits >> shift) - kLinear);
  return std::min(bucket, kBuckets - 1);
}

Nanos Histogram::upper_bound_of(std::size_t bucket) noexcept {
  const auto row = static_cast<Nanos>(bucket) / kLinear;
  const auto column = static_cast<Nanos>(bucket) % kLinear;
  if (row == 0) {
    return column;
  }
  return ((kLinear + column + 1) << (row - 1)) - 1;
}

void Histogram::record(Nanos value) noexcept {
  value = std::max<Nanos>(value, 0);
  ++buckets_[bucket_of(value)];
  ++count_;
  sum_ += static_cast<double>(value);
  max_ = std::max(max_, value);
}

void Histogram::merge(const Histogram& other) noexcept {
  for (std::size_t i = 0; i < kBuckets; ++i) {
    buckets_[i] += other.buckets_[i];
  }
  count_ += other.count_;
  sum_ += other.sum_;
  max_ = std::max(max_, other.max_);
}

double Histogram::mean() const noexcept {
  return count_ == 0 ? 0 : sum_ / static_cast<double>(count_);
}

Nanos Histogram::quantile(double q) const noexcept {
  if (count_ == 0) {
    return 0;
  }
  const auto wanted = std::max<std::uint64_t>(
      1, static_cast<std::uint64_t>(std::ceil(q * static_cast<double>(count_))));
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < kBuckets; ++i) {
    seen += buckets_[i];
    if (seen >= wanted) {
      return std::min(upper_bound_of(i), max_);
    }
  }
  return max_;
}

}  // namespace kthena::bench
