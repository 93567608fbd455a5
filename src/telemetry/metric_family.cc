#include "telemetry/metric_family.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/hash.h"
#include "base/strings.h"
#include "base/utf8.h"
#include "telemetry/exposition.h"
#include "telemetry/metric_cells.h"

namespace kthena::telemetry::detail {
namespace {

constexpr std::size_t kMostValueBytes = 256;
constexpr std::string_view kOther = "other";

std::string_view type_of(Kind kind) {
  switch (kind) {
    case Kind::Counter:
      return "counter";
    case Kind::Gauge:
      return "gauge";
    case Kind::Histogram:
      return "histogram";
  }
  return "untyped";
}

/// Letters, digits and '_', not a digit first; ':' in names of metrics only.
bool is_valid_name(std::string_view name, bool is_label) {
  const auto is_valid = [&](char c) {
    return is_ascii_alnum(c) || c == '_' || (c == ':' && !is_label);
  };
  return !name.empty() && !is_ascii_digit(name[0]) && std::ranges::all_of(name, is_valid);
}

std::shared_ptr<const Bounds> check_bounds(Kind kind, std::span<const double> bounds) {
  if (kind != Kind::Histogram) {
    CHECK(bounds.empty());
    return nullptr;
  }
  for (std::size_t i = 0; i < bounds.size(); ++i) {
    CHECK(std::isfinite(bounds[i]));
    CHECK(i == 0 || bounds[i - 1] < bounds[i]);
  }
  return std::make_shared<const Bounds>(bounds.begin(), bounds.end());
}

/// A label value as it is kept: valid UTF-8 of bounded length.
std::string normalized(std::string_view value) {
  std::string text;
  while (!value.empty()) {
    const std::size_t length = utf8_sequence_length(value);
    const std::string_view next = length == 0 ? kReplacementCharacter : value.substr(0, length);
    if (text.size() + next.size() > kMostValueBytes) {
      break;
    }
    text += next;
    value.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return text;
}

bool is_normal(std::string_view value) {
  return value.size() <= kMostValueBytes && is_valid_utf8(value);
}

/// Holds every stripe.
using WriteLock = std::lock_guard<StripedLock>;

}  // namespace

Child::Child(std::vector<std::string> values, std::string label_text, CellIndex first_cell,
             std::shared_ptr<const Bounds> bounds)
    : first_cell_(first_cell),
      bounds_(std::move(bounds)),
      values_(std::move(values)),
      label_text_(std::move(label_text)) {}

Child::~Child() { free_cells(first_cell_, cells_for(bounds_.get())); }

void Child::observe(double value) const noexcept {
  if (std::isnan(value)) {
    return;
  }
  // Buckets are few, and most values fall into the first ones: a walk beats a binary search.
  const Bounds& bounds = *bounds_;
  std::uint32_t bucket = 0;
  while (bucket < bounds.size() && value > bounds[bucket]) {
    ++bucket;
  }
  add_to_cells(first_cell_ + bucket, 1, first_cell_ + buckets(), value);
}

double Child::observations() const noexcept {
  double total = 0;
  for (std::uint32_t bucket = 0; bucket < buckets(); ++bucket) {
    total += sum(bucket);
  }
  return total;
}

std::size_t FamilyState::Hash::operator()(LabelValues values) const noexcept {
  std::uint64_t hash = 0;
  for (const std::string_view value : values) {
    hash = xxh3_64(value, hash);
  }
  return hash;
}

std::size_t FamilyState::Hash::operator()(const ChildRef& child) const noexcept {
  std::uint64_t hash = 0;
  for (const std::string& value : child->values()) {
    hash = xxh3_64(value, hash);
  }
  return hash;
}

bool FamilyState::Equal::operator()(LabelValues values, const ChildRef& child) const noexcept {
  return std::ranges::equal(values, child->values());
}

FamilyState::FamilyState(Kind kind, std::string_view name, std::string_view help,
                         std::span<const std::string_view> labels, std::span<const double> bounds,
                         std::size_t most_children)
    : kind_(kind),
      name_(name),
      help_(help),
      labels_(labels.begin(), labels.end()),
      bounds_(check_bounds(kind, bounds)),
      most_children_(most_children),
      print_order_(labels.size()) {
  CHECK(is_valid_name(name, false));
  CHECK(kind != Kind::Counter || name.ends_with("_total"));
  for (const std::string& label : labels_) {
    CHECK(is_valid_name(label, true));
    CHECK(!label.starts_with("__"));
    CHECK(kind != Kind::Histogram || label != "le");
    CHECK_EQ(std::ranges::count(labels_, label), 1);
  }
  for (std::size_t i = 0; i < print_order_.size(); ++i) {
    print_order_[i] = i;
  }
  std::ranges::sort(print_order_, {}, [this](std::size_t i) { return labels_[i]; });
  // Reserved now, so that it is there when everything else is used up.
  const auto cells = allocate_cells(Child::cells_for(bounds_.get()));
  CHECK(cells.has_value());
  overflow_ = make_child(std::vector<std::string_view>(labels_.size(), kOther), *cells);
}

ChildRef FamilyState::make_child(LabelValues values, CellIndex first_cell) const {
  std::string text;
  for (const std::size_t i : print_order_) {
    text += text.empty() ? "" : ",";
    text += labels_[i];
    text += "=\"";
    append_label_value(text, values[i]);
    text += '"';
  }
  return ChildRef(new Child(std::vector<std::string>(values.begin(), values.end()), std::move(text),
                            first_cell, bounds_));
}

Child* FamilyState::find(LabelValues values) const {
  const auto found = children_.find(values);
  return found == children_.end() ? nullptr : &**found;
}

ChildRef FamilyState::with(LabelValues values) {
  {
    const auto lock = lock_.read();
    if (Child* child = find(values)) {
      return ChildRef(child);
    }
    if (is_full() && has_overflowed_ && std::ranges::all_of(values, is_normal)) {
      overflows_.fetch_add(1, std::memory_order_relaxed);
      return overflow_;
    }
  }
  if (std::ranges::all_of(values, is_normal)) {
    return make(values);
  }
  std::vector<std::string> kept;
  for (const std::string_view value : values) {
    kept.push_back(normalized(value));
  }
  return with(std::vector<std::string_view>(kept.begin(), kept.end()));
}

ChildRef FamilyState::make(LabelValues values) {
  const WriteLock lock(lock_);
  if (Child* child = find(values)) {
    return ChildRef(child);  // another thread was faster
  }
  const auto cells = is_full() ? std::nullopt : allocate_cells(Child::cells_for(bounds_.get()));
  if (!cells) {
    return overflow();
  }
  ChildRef child = make_child(values, *cells);
  children_.insert(child);
  ++version_;
  size_.fetch_add(1, std::memory_order_relaxed);
  return child;
}

/// The series for all that have no room, which is shown from now on. Locked by the caller.
ChildRef FamilyState::overflow() {
  overflows_.fetch_add(1, std::memory_order_relaxed);
  if (!has_overflowed_) {
    has_overflowed_ = true;
    const auto [place, inserted] = children_.insert(overflow_);
    if (inserted) {
      ++version_;
      size_.fetch_add(1, std::memory_order_relaxed);
    } else {
      overflow_ = *place;  // somebody's labels are really all `other`
    }
  }
  return overflow_;
}

void FamilyState::add(LabelValues values, double amount) {
  {
    const auto lock = lock_.read();
    if (const Child* child = find(values)) {
      add_to_cell(child->first_cell(), amount);
      return;
    }
  }
  add_to_cell(with(values)->first_cell(), amount);
}

void FamilyState::observe(LabelValues values, double value) {
  {
    const auto lock = lock_.read();
    if (const Child* child = find(values)) {
      child->observe(value);
      return;
    }
  }
  with(values)->observe(value);
}

bool FamilyState::remove(LabelValues values) {
  const WriteLock lock(lock_);
  const auto found = children_.find(values);
  if (found == children_.end() || &**found == &*overflow_) {
    return false;
  }
  children_.erase(found);
  ++version_;
  size_.fetch_sub(1, std::memory_order_relaxed);
  return true;
}

std::size_t FamilyState::remove_where(std::string_view label, std::string_view value) {
  const auto place = std::ranges::find(labels_, label);
  if (place == labels_.end()) {
    return 0;
  }
  const auto index = static_cast<std::size_t>(place - labels_.begin());
  const WriteLock lock(lock_);
  const std::size_t removed = std::erase_if(children_, [&](const ChildRef& child) {
    return child->values()[index] == value && &*child != &*overflow_;
  });
  version_ += removed;
  size_.fetch_sub(removed, std::memory_order_relaxed);
  return removed;
}

bool FamilyState::comes_before(const Child& a, const Child& b) const {
  for (const std::size_t i : print_order_) {
    if (const int order = a.values()[i].compare(b.values()[i]); order != 0) {
      return order < 0;
    }
  }
  return false;
}

/// Copies the list under the lock, which is quick, and sorts it outside.
void FamilyState::refresh_sorted() {
  std::vector<ChildRef> fresh;
  fresh.reserve(size() + 16);
  {
    const auto lock = lock_.read();
    if (version_ == sorted_version_) {
      return;
    }
    sorted_version_ = version_;
    fresh.assign(children_.begin(), children_.end());
  }
  std::ranges::sort(fresh,
                    [this](const ChildRef& a, const ChildRef& b) { return comes_before(*a, *b); });
  sorted_ = std::move(fresh);
}

namespace {

void print_histogram(std::string& out, const std::string& name, const Child& child,
                     Exposition format) {
  std::string labels = child.label_text();
  labels += labels.empty() ? "le=\"" : ",le=\"";
  const std::size_t le_at = labels.size();
  double below = 0;
  for (std::uint32_t bucket = 0; bucket < child.buckets(); ++bucket) {
    below += child.sum(bucket);
    labels.resize(le_at);
    if (bucket < child.bounds().size()) {
      append_number(labels, child.bounds()[bucket], format);
    } else {
      labels += "+Inf";
    }
    labels += '"';
    append_sample(out, name + "_bucket", labels, below, format, Whole::Yes);
  }
  append_sample(out, name + "_sum", child.label_text(), child.observed_sum(), format);
  append_sample(out, name + "_count", child.label_text(), below, format, Whole::Yes);
}

}  // namespace

void FamilyState::print(std::string& out, Exposition format) {
  refresh_sorted();
  if (sorted_.empty()) {
    return;
  }
  append_family_head(out, name_, help_, type_of(kind_), format);
  for (const ChildRef& child : sorted_) {
    if (kind_ == Kind::Histogram) {
      print_histogram(out, name_, *child, format);
    } else {
      append_sample(out, name_, child->label_text(), child->sum(0), format);
    }
  }
}

}  // namespace kthena::telemetry::detail
