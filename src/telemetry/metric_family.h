// One family of metrics: the series that exist, and how they are found. Behind metrics.h.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include "telemetry/exposition.h"
#include "telemetry/metric_cells.h"

namespace kthena::telemetry::detail {

enum class Kind : std::uint8_t { Counter, Gauge, Histogram };

using Bounds = std::vector<double>;

/// One series. Counted references: a removed one lives on while somebody holds it.
/// A counter or gauge has one cell; a histogram one a bucket (the last is +Inf), then the sum.
class Child {
 public:
  Child(std::vector<std::string> values, std::string label_text, CellIndex first_cell,
        std::shared_ptr<const Bounds> bounds);
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  CellIndex first_cell() const noexcept { return first_cell_; }
  double sum(std::uint32_t cell) const noexcept { return sum_of_cell(first_cell_ + cell); }

  void observe(double value) const noexcept;
  std::uint32_t buckets() const noexcept { return static_cast<std::uint32_t>(bounds_->size()) + 1; }
  const Bounds& bounds() const noexcept { return *bounds_; }
  double observed_sum() const noexcept { return sum(buckets()); }
  double observations() const noexcept;

  /// In the order of declaration.
  const std::vector<std::string>& values() const noexcept { return values_; }
  /// `model="m",path="/v1"`, sorted by name, escaped.
  const std::string& label_text() const noexcept { return label_text_; }

  static std::uint32_t cells_for(const Bounds* bounds) noexcept {
    return bounds == nullptr ? 1 : static_cast<std::uint32_t>(bounds->size()) + 2;
  }

 private:
  friend class ChildRef;
  std::atomic<std::uint32_t> references_ = 0;
  CellIndex first_cell_;
  std::shared_ptr<const Bounds> bounds_;  // null if not a histogram
  std::vector<std::string> values_;
  std::string label_text_;
};

class ChildRef {
 public:
  ChildRef() = default;
  explicit ChildRef(Child* child) noexcept : child_(child) {
    child_->references_.fetch_add(1, std::memory_order_relaxed);
  }
  ChildRef(const ChildRef& other) noexcept : child_(other.child_) {
    if (child_ != nullptr) {
      child_->references_.fetch_add(1, std::memory_order_relaxed);
    }
  }
  ChildRef(ChildRef&& other) noexcept : child_(std::exchange(other.child_, nullptr)) {}
  ChildRef& operator=(ChildRef other) noexcept {
    std::swap(child_, other.child_);
    return *this;
  }
  ~ChildRef() {
    if (child_ != nullptr && child_->references_.fetch_sub(1, std::memory_order_acq_rel) == 1) {
      delete child_;
    }
  }

  explicit operator bool() const noexcept { return child_ != nullptr; }
  Child* operator->() const noexcept { return child_; }
  Child& operator*() const noexcept { return *child_; }

 private:
  Child* child_ = nullptr;
};

/// A lock for much reading: a reader locks only the stripe of its thread, a writer all of them.
class StripedLock {
 public:
  /// Holds this thread's stripe.
  std::unique_lock<std::mutex> read() const {
    return std::unique_lock(stripes_[thread_stripe() % kStripes].mutex);
  }
  void lock() {
    for (Stripe& stripe : stripes_) {
      stripe.mutex.lock();
    }
  }
  void unlock() {
    for (Stripe& stripe : stripes_) {
      stripe.mutex.unlock();
    }
  }

 private:
  static constexpr std::size_t kStripes = 16;
  struct alignas(64) Stripe {
    std::mutex mutex;
  };
  mutable std::array<Stripe, kStripes> stripes_;
};

using LabelValues = std::span<const std::string_view>;

class FamilyState {
 public:
  FamilyState(Kind kind, std::string_view name, std::string_view help,
              std::span<const std::string_view> labels, std::span<const double> bounds,
              std::size_t most_children);

  ChildRef with(LabelValues values);
  void add(LabelValues values, double amount);
  void observe(LabelValues values, double value);
  bool remove(LabelValues values);
  std::size_t remove_where(std::string_view label, std::string_view value);
  std::size_t size() const noexcept { return size_.load(std::memory_order_relaxed); }

  const std::string& name() const noexcept { return name_; }
  /// How often a series was not made because the family was full.
  std::uint64_t overflows() const noexcept { return overflows_.load(std::memory_order_relaxed); }

  /// One thread at a time.
  void print(std::string& out, Exposition format);

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(LabelValues values) const noexcept;
    std::size_t operator()(const ChildRef& child) const noexcept;
  };
  struct Equal {
    using is_transparent = void;
    bool operator()(LabelValues values, const ChildRef& child) const noexcept;
    bool operator()(const ChildRef& child, LabelValues values) const noexcept {
      return (*this)(values, child);
    }
    bool operator()(const ChildRef& a, const ChildRef& b) const noexcept {
      return a->values() == b->values();
    }
  };
  using Children = std::unordered_set<ChildRef, Hash, Equal>;

  bool is_full() const noexcept { return size() >= most_children_; }
  Child* find(LabelValues values) const;  // locked
  ChildRef make(LabelValues values);
  ChildRef overflow();
  ChildRef make_child(LabelValues values, CellIndex first_cell) const;
  bool comes_before(const Child& a, const Child& b) const;
  void refresh_sorted();

  const Kind kind_;
  const std::string name_;
  const std::string help_;
  const std::vector<std::string> labels_;
  const std::shared_ptr<const Bounds> bounds_;
  const std::size_t most_children_;
  std::vector<std::size_t> print_order_;  // of the labels, by name

  StripedLock lock_;  // of what follows
  Children children_;
  ChildRef overflow_;  // all labels `other`; in children_ once it was needed
  bool has_overflowed_ = false;
  std::uint64_t version_ = 0;  // counts the changes of children_
  std::atomic<std::size_t> size_ = 0;
  std::atomic<std::uint64_t> overflows_ = 0;

  std::vector<ChildRef> sorted_;  // print() only: children_ as of sorted_version_
  std::uint64_t sorted_version_ = 0;
};

}  // namespace kthena::telemetry::detail
