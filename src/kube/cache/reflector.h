// Keeps a copy of a collection equal to the server's: lists it, then follows its changes.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "async/channel.h"
#include "async/task.h"
#include "base/random.h"
#include "kube/client/backoff.h"
#include "kube/client/client.h"
#include "telemetry/metrics.h"

namespace kthena::kube {

/// The copy. Knows the type of the objects, which the reflector does not.
class ReflectorTarget {
 public:
  virtual ~ReflectorTarget() = default;

  /// A list begins. It may end without end_list(), and begin anew.
  virtual void begin_list() = 0;
  /// An object of the list. Returns its resource version. Errors: it cannot be read; the list goes
  /// on.
  virtual Result<std::string> on_listed(std::string_view object) = 0;
  /// The list was complete: what it did not name is gone.
  virtual void end_list() = 0;

  /// An object that was added or changed, and one that is gone. The same.
  virtual Result<std::string> on_changed(std::string_view object) = 0;
  virtual Result<std::string> on_deleted(std::string_view object) = 0;
};

/// The series of a kind. An empty one counts nothing.
struct ReflectorMetrics {
  telemetry::Counter lists;
  telemetry::Counter watches;
  telemetry::Counter events;
  telemetry::Counter failures;    ///< of lists and watches
  telemetry::Counter unreadable;  ///< objects that were left out
};

/// How the objects that exist at the beginning are asked for.
enum class InitialList : std::uint8_t {
  Pages,   ///< lists of `page_size`
  Stream,  ///< the watch sends them first; lists in pages where the server cannot do that
};

struct ReflectorOptions {
  Selection selection;
  InitialList initial = InitialList::Pages;
  std::uint32_t page_size = 500;
  Backoff backoff{
      .first = std::chrono::milliseconds(800), .most = std::chrono::seconds(30), .jitter = 1.0};
  /// The server ends a watch after this, up to twice as long: the load of many clients is spread.
  Duration watch_for = std::chrono::minutes(5);
  /// A watch that ends sooner than this without a single event is counted as a failure.
  Duration least_watch = std::chrono::seconds(1);
  std::uint64_t seed = 0;  ///< of what is random; 0: another one in each run
  ReflectorMetrics metrics = {};
};

/// What it promises, whatever the network and the server do: once they are well again, the copy
/// becomes what the server has; and every change that the copy sees, it sees in the order of the
/// server. One shard.
class Reflector {
 public:
  /// `client`, `type` and `target` outlive it.
  Reflector(Client& client, const ResourceType& type, ReflectorTarget& target,
            ReflectorOptions options = {});

  /// Works until it is cancelled. Never fails: what goes wrong is logged, and tried again.
  async::Task<void> run();

  /// Whether a first list was complete, and waiting for that. Errors: Cancelled, DeadlineExceeded.
  bool synced() const noexcept { return synced_.is_set(); }
  async::Event::Wait wait_synced() noexcept { return synced_.wait(); }

  /// The version up to which the copy has seen everything; empty before the first list.
  const std::string& resource_version() const noexcept { return version_; }

 private:
  // Where it stands.
  struct Listing {};   ///< nothing is known, or what is known is too old
  struct Watching {};  ///< everything up to version_ was seen
  using State = std::variant<Listing, Watching>;
  class PageItems;

  async::Task<Result<>> list();
  async::Task<Result<>> list_pages();
  async::Task<Result<>> stream();
  async::Task<Result<>> watch();
  async::Task<Result<>> follow(WatchStream stream);
  void on_event(const WatchEvent& event);
  void note(const Result<std::string>& version);
  void finish_list(std::string version);
  async::Task<Result<>> recover(Error error);
  Duration watch_time();

  Client& client_;
  const ResourceType& type_;
  ReflectorTarget& target_;
  ReflectorOptions options_;
  Random random_;
  State state_ = Listing{};
  std::string version_;
  async::Event synced_;
  std::uint32_t failures_ = 0;     // in a row
  std::uint32_t fresh_lists_ = 0;  // in a row, without an event after them
  std::string last_failure_;       // as it was logged
  std::uint64_t events_ = 0;       // of the present watch
  bool can_stream_ = true;         // until the server says otherwise
  bool listing_by_watch_ = false;  // the events so far are those of a list
};

}  // namespace kthena::kube
