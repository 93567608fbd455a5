// Metrics: counters, gauges and histograms, with labels, printed as Prometheus reads them.
//
//   struct RouterMetrics {
//     explicit RouterMetrics(telemetry::Registry& registry)
//         : requests(registry.counters("kthena_router_requests_total", "Requests by model.",
//                                      {"model", "path"})) {}
//     telemetry::CounterFamily<2> requests;
//   };
//   metrics.requests.inc({model, path});
//
// Names, labels and buckets are user interface. They are constants of the program, and wrong ones
// (or two families of one name) end it. Label values come from outside: see Family.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "telemetry/exposition.h"
#include "telemetry/metric_cells.h"
#include "telemetry/metric_family.h"

namespace kthena::telemetry {

class Registry;

/// A number that only grows. Copies count the same thing; an empty one counts nothing. Any thread.
/// Cost: some 2 ns, without contention, see metrics_bench.cc.
class Counter {
 public:
  Counter() = default;
  void inc() const noexcept { add(1); }
  /// What is not above 0 is ignored.
  void add(double amount) const noexcept {
    if (child_ && amount > 0) {
      detail::add_to_cell(child_->first_cell(), amount);
    }
  }
  /// The sum over all threads. For tests: costs a walk over the threads.
  double value() const noexcept { return child_ ? child_->sum(0) : 0; }

 private:
  template <class, std::size_t>
  friend class Family;
  friend class Registry;
  static constexpr detail::Kind kKind = detail::Kind::Counter;
  explicit Counter(detail::ChildRef child) noexcept : child_(std::move(child)) {}
  detail::ChildRef child_;
};

/// A number that goes up and down. A gauge is either set, or added to; after both, it is the last
/// number that was set and everything that was ever added.
class Gauge {
 public:
  Gauge() = default;
  void inc() const noexcept { add(1); }
  void dec() const noexcept { add(-1); }
  void add(double amount) const noexcept {
    if (child_) {
      detail::add_to_cell(child_->first_cell(), amount);
    }
  }
  void set(double value) const noexcept {
    if (child_) {
      detail::set_cell(child_->first_cell(), value);
    }
  }
  double value() const noexcept { return child_ ? child_->sum(0) : 0; }

 private:
  template <class, std::size_t>
  friend class Family;
  friend class Registry;
  static constexpr detail::Kind kKind = detail::Kind::Gauge;
  explicit Gauge(detail::ChildRef child) noexcept : child_(std::move(child)) {}
  detail::ChildRef child_;
};

/// How often values lay below each bound, and their sum.
class Histogram {
 public:
  Histogram() = default;
  /// NaN is ignored.
  void observe(double value) const noexcept {
    if (child_) {
      child_->observe(value);
    }
  }
  /// How many values were observed, and their sum. For tests.
  double count() const noexcept { return child_ ? child_->observations() : 0; }
  double sum() const noexcept { return child_ ? child_->observed_sum() : 0; }

 private:
  template <class, std::size_t>
  friend class Family;
  friend class Registry;
  static constexpr detail::Kind kKind = detail::Kind::Histogram;
  explicit Histogram(detail::ChildRef child) noexcept : child_(std::move(child)) {}
  detail::ChildRef child_;
};

/// The series of one name, told apart by N label values. Copies are the same family. Any thread.
///
/// Label values are bounded by who calls (an unknown model is `unknown`); as a last resort a family
/// has at most `most_children` series, and further ones are counted in one whose labels are all
/// `other`. Bytes that are no UTF-8 are replaced, values of over 256 bytes cut.
template <class Metric, std::size_t N>
class Family {
 public:
  /// In the order in which the labels were declared.
  using Values = const std::string_view (&)[N];

  Family() = default;

  /// Finds or makes a series. To be kept where it is used often; it stays valid after its removal,
  /// but then nobody sees it. Cost: a hash of the values and an uncontended lock.
  Metric with(Values values) const { return Metric(state_->with(values)); }

  /// The same without keeping it, and cheaper than with().
  void inc(Values values) const
    requires(Metric::kKind != detail::Kind::Histogram)
  {
    add(values, 1);
  }
  void add(Values values, double amount) const
    requires(Metric::kKind != detail::Kind::Histogram)
  {
    if (Metric::kKind == detail::Kind::Gauge || amount > 0) {
      state_->add(values, amount);
    }
  }
  void observe(Values values, double value) const
    requires(Metric::kKind == detail::Kind::Histogram)
  {
    state_->observe(values, value);
  }

  /// Removes one series. False if there was none.
  bool remove(Values values) const { return state_->remove(values); }
  /// Removes the series with this value of the label; returns how many there were.
  std::size_t remove_where(std::string_view label, std::string_view value) const {
    return state_->remove_where(label, value);
  }
  std::size_t size() const { return state_->size(); }

 private:
  friend class Registry;
  explicit Family(std::shared_ptr<detail::FamilyState> state) : state_(std::move(state)) {}
  std::shared_ptr<detail::FamilyState> state_;
};

template <std::size_t N>
using CounterFamily = Family<Counter, N>;
template <std::size_t N>
using GaugeFamily = Family<Gauge, N>;
template <std::size_t N>
using HistogramFamily = Family<Histogram, N>;

/// What a collector says when it is asked: series that exist at this moment only.
class Scrape {
 public:
  struct Label {
    std::string_view name;
    std::string_view value;
  };
  virtual ~Scrape() = default;
  virtual void counter(std::string_view name, std::string_view help, double value,
                       std::span<const Label> labels = {}) = 0;
  virtual void gauge(std::string_view name, std::string_view help, double value,
                     std::span<const Label> labels = {}) = 0;
};

using Collector = std::function<void(Scrape&)>;

/// Keeps a collector registered while it lives: destroyed before what the collector refers to.
/// Waits for a scrape that runs.
class Registration {
 public:
  Registration() = default;
  Registration(Registration&& other) noexcept;
  Registration& operator=(Registration&& other) noexcept;
  ~Registration() { remove(); }

  void remove() noexcept;
  /// Leaves the collector registered for as long as there is the registry.
  void keep() noexcept { registry_ = nullptr; }

 private:
  friend class Registry;
  Registration(Registry* registry, std::uint64_t id) : registry_(registry), id_(id) {}
  Registry* registry_ = nullptr;
  std::uint64_t id_ = 0;
};

/// All metrics of a process. main() makes one and gives it to what is measured. Thread-safe.
class Registry {
 public:
  static constexpr std::size_t kMostChildren = 10'000;

  Registry();
  ~Registry();
  Registry(const Registry&) = delete;
  Registry& operator=(const Registry&) = delete;

  /// Single series. Names of counters end in `_total`.
  Counter counter(std::string_view name, std::string_view help);
  Gauge gauge(std::string_view name, std::string_view help);
  /// @param bounds  upper bounds of the buckets, rising, without infinity
  Histogram histogram(std::string_view name, std::string_view help, std::span<const double> bounds);

  template <std::size_t N>
  CounterFamily<N> counters(std::string_view name, std::string_view help,
                            const std::string_view (&labels)[N],
                            std::size_t most_children = kMostChildren) {
    return CounterFamily<N>(
        add_family(detail::Kind::Counter, name, help, labels, {}, most_children));
  }
  template <std::size_t N>
  GaugeFamily<N> gauges(std::string_view name, std::string_view help,
                        const std::string_view (&labels)[N],
                        std::size_t most_children = kMostChildren) {
    return GaugeFamily<N>(add_family(detail::Kind::Gauge, name, help, labels, {}, most_children));
  }
  template <std::size_t N>
  HistogramFamily<N> histograms(std::string_view name, std::string_view help,
                                const std::string_view (&labels)[N], std::span<const double> bounds,
                                std::size_t most_children = kMostChildren) {
    return HistogramFamily<N>(
        add_family(detail::Kind::Histogram, name, help, labels, bounds, most_children));
  }

  /// A gauge that is read when it is scraped, by the scraping thread.
  [[nodiscard]] Registration gauge_read_by(std::string name, std::string help,
                                           std::function<double()> read);
  /// Asks for whole families when they are scraped. The collector must not use the registry.
  [[nodiscard]] Registration add_collector(Collector collector);

  /// Removes the series that have this value of the label from every family that has the label, for
  /// example `model_route` of a deleted route. Returns how many there were.
  std::size_t remove_where(std::string_view label, std::string_view value);

  /// Appends all families, sorted, with their series, sorted. Cost: some 100 ns a number.
  void print(std::string& out, Exposition format = Exposition::Text);

 private:
  friend class Registration;
  std::shared_ptr<detail::FamilyState> add_family(detail::Kind kind, std::string_view name,
                                                  std::string_view help,
                                                  std::span<const std::string_view> labels,
                                                  std::span<const double> bounds,
                                                  std::size_t most_children);
  void remove_collector(std::uint64_t id) noexcept;

  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace kthena::telemetry
