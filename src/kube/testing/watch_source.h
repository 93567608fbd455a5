// The body of a watch's answer: events as they happen.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "async/loop.h"
#include "async/simulated_loop.h"
#include "http/body.h"
#include "kube/testing/collection.h"
#include "kube/testing/faults.h"

namespace kthena::kube::testing {

struct WatchRequest {
  Filter filter;
  std::uint64_t after = 0;  ///< events with a version above this
  bool bookmarks = false;
  bool initial_events = false;  ///< first what is there, then a bookmark that says so
  Duration timeout{};           ///< zero: none
};

/// Ends by timeout, by the server, or by a fault.
class WatchSource final : public http::BodySource, public CollectionListener, private async::Timer {
 public:
  /// `collection` and `faults` outlive it. @param version  the newest one, for bookmarks
  WatchSource(async::SimulatedLoop& loop, Collection& collection, WatchRequest request,
              const Faults& faults, const std::uint64_t& version);

  http::Pulled pull() override;
  void subscribe(async::Waiter& waiter) override { waiter_ = &waiter; }
  void unsubscribe(async::Waiter&) noexcept override { waiter_ = nullptr; }
  bool reset_on_failure() const noexcept override { return true; }

  void on_change() noexcept override { wake(); }
  void cut() noexcept override;

 private:
  const Change* next_change() const;
  /// Adds the event that a change is for this watch, if it is one.
  void add_event(const Change& change);
  void add_line(std::string_view type, std::string_view object);
  void add_initial_events();
  void add_bookmark(bool initial_events_end);
  http::Pulled send();
  bool happens(std::uint32_t chance);
  void wake() noexcept;
  void on_timer() noexcept override;

  async::SimulatedLoop& loop_;
  Collection& collection_;
  WatchRequest request_;
  const Faults& faults_;
  const std::uint64_t& version_;
  Instant ends_at_;
  Instant held_until_{};
  async::Waiter* waiter_ = nullptr;
  std::string initial_;  ///< what is sent first
  std::string output_;   ///< what the last pull gave
  bool cut_ = false;
  bool ended_ = false;
  bool bookmark_due_ = false;
};

}  // namespace kthena::kube::testing
