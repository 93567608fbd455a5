#include "telemetry/metrics.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "base/check.h"
#include "telemetry/exposition.h"
#include "telemetry/metric_family.h"

namespace kthena::telemetry {
namespace {

/// Gathers what collectors say, family by family.
class Collected final : public Scrape {
 public:
  struct Family {
    std::string help;
    std::string_view type;
    std::map<std::string, double> series;  // by their labels as printed
  };

  void counter(std::string_view name, std::string_view help, double value,
               std::span<const Label> labels) override {
    take("counter", name, help, value, labels);
  }
  void gauge(std::string_view name, std::string_view help, double value,
             std::span<const Label> labels) override {
    take("gauge", name, help, value, labels);
  }

  const std::map<std::string, Family, std::less<>>& families() const { return families_; }

 private:
  void take(std::string_view type, std::string_view name, std::string_view help, double value,
            std::span<const Label> labels) {
    std::map<std::string_view, std::string_view> sorted;
    for (const Label& label : labels) {
      sorted.emplace(label.name, label.value);
    }
    std::string text;
    for (const auto& [label, label_value] : sorted) {
      text += text.empty() ? "" : ",";
      text += label;
      text += "=\"";
      append_label_value(text, label_value);
      text += '"';
    }
    Family& family = families_[std::string(name)];
    family.help = help;
    family.type = type;
    family.series[std::move(text)] = value;
  }

  std::map<std::string, Family, std::less<>> families_;
};

void print_collected(std::string& out, const std::string& name, const Collected::Family& family,
                     Exposition format) {
  append_family_head(out, name, family.help, family.type, format);
  for (const auto& [labels, value] : family.series) {
    append_sample(out, name, labels, value, format);
  }
}

}  // namespace

struct Registry::State {
  std::mutex mutex;  // of all; also held while printing, so that there is one scrape at a time
  std::map<std::string, std::shared_ptr<detail::FamilyState>, std::less<>> families;
  std::map<std::uint64_t, Collector> collectors;
  std::uint64_t next_id = 1;
};

Registry::Registry() : state_(std::make_unique<State>()) {
  add_collector([this](Scrape& scrape) {
    for (const auto& [name, family] : state_->families) {
      if (family->overflows() > 0) {
        const Scrape::Label label{.name = "family", .value = name};
        scrape.counter("kthena_metrics_overflow_total",
                       "How often a value was counted in the series `other` because its family had "
                       "too many series.",
                       static_cast<double>(family->overflows()), std::span(&label, 1));
      }
    }
  }).keep();
}

Registry::~Registry() = default;

std::shared_ptr<detail::FamilyState> Registry::add_family(detail::Kind kind, std::string_view name,
                                                          std::string_view help,
                                                          std::span<const std::string_view> labels,
                                                          std::span<const double> bounds,
                                                          std::size_t most_children) {
  auto family =
      std::make_shared<detail::FamilyState>(kind, name, help, labels, bounds, most_children);
  const std::lock_guard lock(state_->mutex);
  const bool is_new = state_->families.emplace(name, family).second;
  CHECK(is_new);
  return family;
}

Counter Registry::counter(std::string_view name, std::string_view help) {
  return Counter(add_family(detail::Kind::Counter, name, help, {}, {}, 1)->with({}));
}

Gauge Registry::gauge(std::string_view name, std::string_view help) {
  return Gauge(add_family(detail::Kind::Gauge, name, help, {}, {}, 1)->with({}));
}

Histogram Registry::histogram(std::string_view name, std::string_view help,
                              std::span<const double> bounds) {
  return Histogram(add_family(detail::Kind::Histogram, name, help, {}, bounds, 1)->with({}));
}

Registration Registry::gauge_read_by(std::string name, std::string help,
                                     std::function<double()> read) {
  return add_collector([name = std::move(name), help = std::move(help), read = std::move(read)](
                           Scrape& scrape) { scrape.gauge(name, help, read()); });
}

Registration Registry::add_collector(Collector collector) {
  const std::lock_guard lock(state_->mutex);
  const std::uint64_t id = state_->next_id++;
  state_->collectors.emplace(id, std::move(collector));
  return {this, id};
}

void Registry::remove_collector(std::uint64_t id) noexcept {
  const std::lock_guard lock(state_->mutex);
  state_->collectors.erase(id);
}

std::size_t Registry::remove_where(std::string_view label, std::string_view value) {
  const std::lock_guard lock(state_->mutex);
  std::size_t removed = 0;
  for (const auto& [name, family] : state_->families) {
    removed += family->remove_where(label, value);
  }
  return removed;
}

void Registry::print(std::string& out, Exposition format) {
  const std::lock_guard lock(state_->mutex);
  Collected collected;
  for (const auto& [id, collector] : state_->collectors) {
    collector(collected);
  }
  auto next = collected.families().begin();
  const auto end = collected.families().end();
  for (const auto& [name, family] : state_->families) {
    for (; next != end && next->first < name; ++next) {
      print_collected(out, next->first, next->second, format);
    }
    if (next != end && next->first == name) {
      ++next;  // a name is either declared or collected
    }
    family->print(out, format);
  }
  for (; next != end; ++next) {
    print_collected(out, next->first, next->second, format);
  }
  append_end(out, format);
}

Registration::Registration(Registration&& other) noexcept
    : registry_(std::exchange(other.registry_, nullptr)), id_(other.id_) {}

Registration& Registration::operator=(Registration&& other) noexcept {
  if (this != &other) {
    remove();
    registry_ = std::exchange(other.registry_, nullptr);
    id_ = other.id_;
  }
  return *this;
}

void Registration::remove() noexcept {
  if (registry_ != nullptr) {
    std::exchange(registry_, nullptr)->remove_collector(id_);
  }
}

}  // namespace kthena::telemetry
