// The body of a watch: an event for each change, as it happens.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "apiserver/kinds/kind.h"
#include "apiserver/patch/failure.h"
#include "apiserver/read/filter.h"
#include "apiserver/storage/change_log.h"
#include "apiserver/storage/object.h"
#include "async/loop.h"
#include "http/body.h"

namespace kthena::apiserver {

struct WatchRequest {
  KindPtr kind;
  Filter filter;
  bool bookmarks = false;
  /// Told first, as if they had just been added.
  std::vector<ObjectPtr> initial = {};
  /// Whether a bookmark says where they end. Source: Kubernetes API concepts, streaming lists.
  bool marks_initial_end = false;
  Instant ends_at = Instant::max();
  /// Adds the object of an event; null: as the kind has it.
  std::move_only_function<void(std::string& out, const StoredObject& object)> append = nullptr;
};

/// Ends at its time, when the store stops, and with an event that says 410 when the client reads
/// too slowly for the log. What it holds does not grow with that.
class WatchBody final : public http::BodySource, private Follower, private async::Timer {
 public:
  WatchBody(async::Loop& loop, std::unique_ptr<Subscription> subscription, WatchRequest request);

  http::Pulled pull() override;
  void subscribe(async::Waiter& waiter) override;
  void unsubscribe(async::Waiter& waiter) noexcept override;
  /// The end of a watch that the server's stop cuts is an end like others.
  bool reset_on_failure() const noexcept override { return false; }

 private:
  void add_initial();
  /// False: there is nothing more to tell.
  bool add_changes();
  void add_change(const Change& change);
  void add_event(std::string_view type, const StoredObject& object);
  void add_bookmark(bool initial_end);
  void add_error(const Error& error);
  void arm();
  void wake() noexcept;
  void on_news() noexcept override { wake(); }
  void on_timer() noexcept override;

  async::Loop& loop_;
  std::unique_ptr<Subscription> subscription_;
  WatchRequest request_;
  std::string head_;  ///< how objects of the kind begin
  std::size_t next_initial_ = 0;
  bool initial_done_ = false;
  bool bookmark_due_ = false;
  bool ended_ = false;
  async::Waiter* waiter_ = nullptr;
  std::string chunk_;
};

}  // namespace kthena::apiserver
