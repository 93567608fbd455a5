// What must hold of the storage whatever crashes, power cuts and full disks do: each seed is a
// history of several lives of a server on one disk.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "apiserver/storage/memory_journal.h"
#include "apiserver/storage/object_store.h"
#include "async/scope.h"
#include "async/simulated_loop.h"
#include "async/time.h"
#include "base/error.h"
#include "kube/testing/seeds.h"

namespace kthena::apiserver {
namespace {

using namespace std::chrono_literals;

using State = std::map<ObjectPath, std::string>;

State state_of(const ObjectList& list) {
  State state;
  for (const ObjectPtr& object : list.objects) {
    state[object->path()] = object->text;
  }
  return state;
}

/// What clients have seen and done, over all lives: the truth against which the store is held.
class Ledger {
 public:
  /// A write that was begun.
  void attempt(const ObjectPath& path, Version version, std::string text) {
    attempts_.insert({version, path, std::move(text)});
  }
  /// An object, or the end of one, that a client was shown.
  void show(const ObjectPath& path, Version version, std::string_view text, bool removed) {
    const auto [known, is_new] = shown_.try_emplace(version, path, std::string(text));
    if (!is_new && known->second != std::pair(path, std::string(text))) {
      fault("version " + std::to_string(version) + " has two meanings");
    }
    if (!attempts_.contains({version, path, std::string(text)})) {
      fault("nobody wrote " + std::string(text));
    }
    history_[path][version] = removed;
  }
  void acknowledge(Version version, Durability durability) {
    if (durability == Durability::Power) {
      safe_ = std::max(safe_, version);
    }
  }

  /// Holds a store that was just opened against what it must still know.
  void check(const ObjectStore& store, bool power_was_cut) {
    for (auto& [path, versions] : history_) {
      if (power_was_cut) {
        forget_what_may_be_lost(store, path, versions);
      }
      if (!versions.empty()) {
        check_object(path, store.find(path), *versions.rbegin());
      }
    }
    for (const char* resource : {"pods", "nodes"}) {
      for (const ObjectPtr& object : store.list({.resource = resource})->objects) {
        show(object->path(), object->version, object->text, false);
      }
    }
  }

  std::uint64_t next_number() { return ++numbers_; }
  void fault(std::string text) { fault_ += text + "; "; }
  const std::string& faults() const { return fault_; }

 private:
  using Versions = std::map<Version, bool>;

  void forget_what_may_be_lost(const ObjectStore& store, const ObjectPath& path,
                               Versions& versions) const {
    const ObjectPtr object = store.find(path);
    const Version kept = std::max(safe_, object ? object->version : 0);
    versions.erase(versions.upper_bound(kept), versions.end());
  }

  void check_object(const ObjectPath& path, const ObjectPtr& object,
                    std::pair<const Version, bool> last) {
    const auto& [version, removed] = last;
    if (object != nullptr) {
      if (object->version < version || (removed && object->version == version)) {
        fault("lost version " + std::to_string(version) + " of " + path.to_string());
      }
    } else if (!removed && !was_removal_begun(path, version)) {
      fault("lost " + path.to_string() + " of version " + std::to_string(version));
    }
  }

  bool was_removal_begun(const ObjectPath& path, Version after) const {
    return std::ranges::any_of(attempts_, [&](const auto& attempt) {
      return std::get<0>(attempt) > after && std::get<1>(attempt) == path &&
             std::get<2>(attempt).starts_with("gone");
    });
  }

  std::set<std::tuple<Version, ObjectPath, std::string>> attempts_;
  std::map<Version, std::pair<ObjectPath, std::string>> shown_;
  std::map<ObjectPath, Versions> history_;  ///< shown versions, and whether it went with that
  Version safe_ = 0;                        ///< up to here a power cut takes nothing
  std::uint64_t numbers_ = 0;
  std::string fault_;
};

/// A client that keeps a copy by list and watch. Lives longer than the servers.
struct Follower {
  std::string resource;
  std::string namespace_name;
  bool listed = false;
  Version version = 0;
  State copy;
};

/// One server on the disk.
class Life {
 public:
  Life(async::SimulatedLoop& loop, Ledger& ledger, ObjectStore& store)
      : loop_(loop), ledger_(ledger), store_(store) {}

  async::Task<void> write(int writes) {
    for (int i = 0; i < writes; ++i) {
      (void)co_await async::sleep_for(1ms * static_cast<std::int64_t>(loop_.random_below(20)));
      co_await write_once();
    }
  }

  async::Task<void> read_pages() {
    while (true) {
      const Result<> slept =
          co_await async::sleep_for(1ms * static_cast<std::int64_t>(loop_.random_below(30)));
      if (!slept) {
        co_return;
      }
      co_await read_list();
    }
  }

  async::Task<void> follow(Follower& follower) {
    while (true) {
      if (!follower.listed) {
        list(follower);
      }
      auto watch = store_.subscribe(follower.resource, follower.namespace_name, follower.version);
      if (!watch) {
        follower.listed = false;
        continue;
      }
      if (const ErrorCode ended = co_await follow(follower, **watch); ended != ErrorCode::Expired) {
        co_return;
      }
      follower.listed = false;
    }
  }

  void check(const Follower& follower) {
    const State now = state_of(
        *store_.list({.resource = follower.resource, .namespace_name = follower.namespace_name}));
    if (follower.listed && now != follower.copy) {
      ledger_.fault("a copy differs");
    }
  }

 private:
  ObjectPath random_path() {
    const bool node = loop_.random_below(5) == 0;
    return {.resource = node ? "nodes" : "pods",
            .namespace_name = node                         ? ""
                              : loop_.random_below(2) == 0 ? "a"
                                                           : "b",
            .name = std::string(1, static_cast<char>('a' + loop_.random_below(4)))};
  }

  async::Task<void> write_once() {
    const ObjectPath path = random_path();
    const ObjectPtr known = store_.find(path);
    const bool removes = known != nullptr && loop_.random_below(4) == 0;
    const Durability durability =
        loop_.random_below(3) == 0 ? Durability::Power : Durability::Process;
    const Expected expected = known == nullptr             ? Expected::absent()
                              : loop_.random_below(2) == 0 ? Expected::at(known->version)
                                                           : Expected::present();
    const auto written =
        co_await store_.write(path, expected, [&](Version version, const ObjectPtr& now) {
          return edit(path, version, now, removes, durability);
        });
    if (written && written->action != Edit::Action::Keep) {
      ledger_.show(path, written->object->version, written->object->text, removes);
      ledger_.acknowledge(written->object->version, durability);
      const ObjectPtr now = store_.find(path);
      if (!removes && (now == nullptr || now->version < written->object->version) &&
          store_.version() < written->object->version) {
        ledger_.fault("acknowledged before it was visible");
      }
    }
  }

  Result<Edit> edit(const ObjectPath& path, Version version, const ObjectPtr& now, bool removes,
                    Durability durability) {
    if (loop_.random_below(10) == 0) {
      return Edit{};
    }
    Edit edit{.action = removes ? Edit::Action::Remove : Edit::Action::Put,
              .text = (removes ? "gone " : "here ") + std::to_string(ledger_.next_number()) +
                      " after " + std::to_string(now ? now->version : 0) + " at " +
                      std::to_string(version),
              .uid = "u" + std::to_string(version),
              .durability = durability};
    ledger_.attempt(path, version, edit.text);
    return edit;
  }

  async::Task<void> read_list() {
    ListQuery query{.resource = "pods",
                    .namespace_name = loop_.random_below(3) == 0 ? "a" : "",
                    .limit = 1 + loop_.random_below(3)};
    ListQuery whole = query;
    whole.limit = 0;
    const State expected = state_of(*store_.list(whole));
    State seen;
    while (true) {
      const Result<ObjectList> page = store_.list(query);
      if (!page) {
        if (page.error().code() != ErrorCode::Expired || query.version == 0) {
          ledger_.fault("a page failed: " + page.error().to_string());
        }
        co_return;
      }
      for (const ObjectPtr& object : page->objects) {
        ledger_.show(object->path(), object->version, object->text, false);
      }
      seen.merge(state_of(*page));
      if (!page->more) {
        break;
      }
      query.version = page->version;
      query.after = {.namespace_name = page->objects.back()->path().namespace_name,
                     .name = page->objects.back()->path().name};
      (void)co_await async::sleep_for(1ms * static_cast<std::int64_t>(loop_.random_below(10)));
    }
    if (seen != expected) {
      ledger_.fault("pages of version " + std::to_string(query.version) + " do not fit");
    }
  }

  void list(Follower& follower) {
    const Result<ObjectList> list =
        store_.list({.resource = follower.resource, .namespace_name = follower.namespace_name});
    follower.copy = state_of(*list);
    follower.version = list->version;
    follower.listed = true;
  }

  async::Task<ErrorCode> follow(Follower& follower, Subscription& watch) {
    while (true) {
      const Result<ChangePtr> change = co_await watch.next();
      if (!change) {
        co_return change.error().code();
      }
      apply(follower, **change);
      if (loop_.random_below(3) == 0) {
        const auto then = store_.list({.resource = follower.resource,
                                       .namespace_name = follower.namespace_name,
                                       .version = follower.version});
        if (then && state_of(*then) != follower.copy) {
          ledger_.fault("the copy differs at version " + std::to_string(follower.version));
        }
      }
      if (loop_.random_below(4) == 0) {
        (void)co_await async::sleep_for(1ms * static_cast<std::int64_t>(loop_.random_below(30)));
      }
      follower.version = watch.version();  // a bookmark
    }
  }

  void apply(Follower& follower, const Change& change) {
    if (change.version() <= follower.version) {
      ledger_.fault("a change came twice");
    }
    ledger_.show(change.path(), change.version(), change.object->text,
                 change.type == ChangeType::Deleted);
    const auto known = follower.copy.find(change.path());
    const bool fits = change.type == ChangeType::Added
                          ? known == follower.copy.end() && change.previous == nullptr
                          : known != follower.copy.end() && change.previous != nullptr &&
                                known->second == change.previous->text;
    if (!fits) {
      ledger_.fault("a change of what was not: " + change.object->text);
    }
    if (change.type == ChangeType::Deleted) {
      follower.copy.erase(change.path());
    } else {
      follower.copy[change.path()] = change.object->text;
    }
    follower.version = change.version();
  }

  async::SimulatedLoop& loop_;
  Ledger& ledger_;
  ObjectStore& store_;
};

/// The disk, the clients, and the lives of the server.
class History {
 public:
  explicit History(std::uint64_t seed) : loop_(seed) {
    followers_ = {
        {.resource = "pods"}, {.resource = "pods", .namespace_name = "a"}, {.resource = "nodes"}};
  }

  std::string run() {
    for (int life = 0; life < 4 && ledger_.faults().empty(); ++life) {
      live();
    }
    return ledger_.faults();
  }

 private:
  void live() {
    bool crashed = false;
    bool running = false;
    MemoryJournal journal(
        loop_, disk_,
        {.slowest_commit = 1ms + 1ms * static_cast<std::int64_t>(loop_.random_below(20)),
         .crash_one_in = loop_.random_below(2) * (10 + loop_.random_below(100)),
         .fail_one_in = loop_.random_below(2) * 10,
         .reserve = 1 + loop_.random_below(20),
         .on_crash = [&] {
           if (!std::exchange(crashed, true) && running) {
             loop_.stop();
           }
         }});
    const auto store = *ObjectStore::open(
        loop_, journal,
        {.log_changes = 5 + loop_.random_below(60), .log_age = 10ms + loop_.random_below(2) * 1h});
    ledger_.check(*store, std::exchange(power_was_cut_, false));
    {
      Life life(loop_, ledger_, *store);
      async::TaskScope tasks(loop_);
      for (int i = 0; i < 4; ++i) {
        tasks.spawn(life.write(12));
      }
      tasks.spawn(life.read_pages());
      for (Follower& follower : followers_) {
        tasks.spawn(life.follow(follower));
      }
      running = true;
      loop_.run_for(2s);
      running = false;
      if (!crashed) {
        for (const Follower& follower : followers_) {
          life.check(follower);
        }
      }
      tasks.cancel();
      loop_.run_for(1s);
    }
    async::run_until_done(loop_, store->stop());
    end(journal, crashed);
  }

  void end(MemoryJournal& journal, bool crashed) {
    if (!crashed && loop_.random_below(2) == 0) {
      (void)async::run_until_done(loop_, journal.close());
    } else if (loop_.random_below(2) == 0) {
      disk_.cut_power(static_cast<std::size_t>(loop_.random_below(disk_.unsynced() + 1)));
      power_was_cut_ = true;
    }
  }

  async::SimulatedLoop loop_;
  MemoryDisk disk_;
  Ledger ledger_;
  std::vector<Follower> followers_;
  bool power_was_cut_ = false;
};

TEST(StorageProperties, NothingAcknowledgedIsLostAndNothingShownIsTakenBack) {
  const kube::testing::Seeds seeds = kube::testing::seeds(10'000, 500);
  for (std::uint64_t seed = seeds.first; seed <= seeds.last; ++seed) {
    ASSERT_EQ(History(seed).run(), "") << kube::testing::replay(seed);
  }
}

}  // namespace
}  // namespace kthena::apiserver
