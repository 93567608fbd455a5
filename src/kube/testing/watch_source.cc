#include "kube/testing/watch_source.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <string_view>
#include <utility>

#include "kube/meta/selector.h"

namespace kthena::kube::testing {

using namespace std::chrono_literals;

namespace {

constexpr Duration kBookmarkEvery = 60s;

}  // namespace

bool Filter::matches(const Stored& stored) const {
  const json::Value* metadata = stored.object.find("metadata");
  const auto is = [&](std::string_view field, const std::string& wanted) {
    const json::Value* value = metadata->find(field);
    return wanted.empty() || (value != nullptr && value->as_string() == wanted);
  };
  return is("namespace", namespace_name) && is("name", name) &&
         matches_labels(labels, stored.labels);
}

WatchSource::WatchSource(async::SimulatedLoop& loop, Collection& collection, WatchRequest request,
                         const Faults& faults, const std::uint64_t& version)
    : Timer(loop),
      loop_(loop),
      collection_(collection),
      request_(std::move(request)),
      faults_(faults),
      version_(version),
      ends_at_(request_.timeout > Duration::zero() ? loop.now() + request_.timeout
                                                   : Instant::max()) {
  if (request_.initial_events) {
    add_initial_events();
  }
  collection_.listeners.push_back(*this);
  Timer::set(std::min(ends_at_, loop.now() + kBookmarkEvery));
}

bool WatchSource::happens(std::uint32_t chance) {
  return chance > 0 && loop_.random_below(1000) < chance;
}

const Change* WatchSource::next_change() const {
  const auto found =
      std::ranges::upper_bound(collection_.changes, request_.after, {}, &Change::version);
  return found != collection_.changes.end() ? &*found : nullptr;
}

http::Pulled WatchSource::pull() {
  output_ = std::exchange(initial_, {});
  if (cut_) {
    return failed(Error(ErrorCode::Disconnected, "cut"));
  }
  while (output_.empty()) {
    if (ended_ || loop_.now() >= ends_at_) {
      return {.kind = http::Pulled::Kind::End, .data = {}};
    }
    if (loop_.now() < held_until_) {
      return {.kind = http::Pulled::Kind::WouldBlock, .data = {}};
    }
    const Change* change = next_change();
    if (change == nullptr) {
      if (std::exchange(bookmark_due_, false) && request_.bookmarks) {
        add_bookmark(false);
        break;
      }
      return {.kind = http::Pulled::Kind::WouldBlock, .data = {}};
    }
    if (change->version <= collection_.forgotten) {
      ended_ = true;  // too slow: what comes next is gone
      continue;
    }
    if (happens(faults_.end_watch)) {
      ended_ = true;
      continue;
    }
    if (happens(faults_.delay)) {
      held_until_ = loop_.now() + 1ms * static_cast<std::int64_t>(1 + loop_.random_below(1000));
      Timer::set(std::min(ends_at_, held_until_));
      continue;
    }
    request_.after = change->version;
    add_event(*change);
  }
  return send();
}

/// What was added, or a beginning of it.
http::Pulled WatchSource::send() {
  std::string_view data = output_;
  if (happens(faults_.cut_watch)) {
    cut_ = true;
    data = data.substr(0, loop_.random_below(data.size()));
    if (data.empty()) {
      return failed(Error(ErrorCode::Disconnected, "cut"));
    }
  }
  return {.kind = http::Pulled::Kind::Data, .data = data};
}

void WatchSource::add_event(const Change& change) {
  const bool was = change.before != nullptr && request_.filter.matches(*change.before);
  const bool is = change.now != nullptr && request_.filter.matches(*change.now);
  if (!was && !is) {
    return;
  }
  const std::string_view type = !was ? "ADDED" : is ? "MODIFIED" : "DELETED";
  const Stored& object = change.now != nullptr ? *change.now : *change.last;
  add_line(type, object.text);
  if (happens(faults_.repeat)) {
    add_line(type, object.text);
  }
}

void WatchSource::add_line(std::string_view type, std::string_view object) {
  fmt::format_to(std::back_inserter(output_), "{{\"type\":\"{}\",\"object\":{}}}\n", type, object);
}

void WatchSource::add_initial_events() {
  for (const auto& [key, stored] : collection_.objects) {
    if (request_.filter.matches(*stored)) {
      add_line("ADDED", stored->text);
    }
  }
  request_.after = version_;
  add_bookmark(true);
  initial_ = std::exchange(output_, {});
}

void WatchSource::add_bookmark(bool initial_events_end) {
  const std::string_view annotations =
      initial_events_end ? R"(,"annotations":{"k8s.io/initial-events-end":"true"})" : "";
  add_line("BOOKMARK", fmt::format(R"({{"metadata":{{"resourceVersion":"{}"{}}}}})",
                                   std::max(request_.after, version_), annotations));
}

void WatchSource::cut() noexcept {
  cut_ = true;
  wake();
}

void WatchSource::wake() noexcept {
  if (waiter_ != nullptr) {
    std::exchange(waiter_, nullptr)->wake();
  }
}

void WatchSource::on_timer() noexcept {
  bookmark_due_ = loop_.now() >= held_until_;
  if (loop_.now() < ends_at_) {
    Timer::set(std::min(ends_at_, loop_.now() + kBookmarkEvery));
  }
  wake();
}

}  // namespace kthena::kube::testing
