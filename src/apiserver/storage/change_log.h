// The changes that the store still remembers, in order, and those who follow them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>

#include "apiserver/storage/object.h"
#include "async/task.h"
#include "base/list.h"
#include "base/result.h"

namespace kthena::apiserver {

class Subscription;

/// Is told when a Subscription has something new. Stands in one log at a time.
class Follower : public ListNode {
 public:
  /// It is out of the log by then: follow again for the next time.
  virtual void on_news() noexcept = 0;

 protected:
  ~Follower() = default;

 private:
  friend class ResourceLog;
  friend class Subscription;
  Subscription* subscription_ = nullptr;
};

/// The remembered changes of one resource. Entries are numbered from the start of the process, so
/// that a follower is a number. One loop.
class ResourceLog {
 public:
  using Position = std::uint64_t;

  /// The first entry that is still there, and the one that comes next.
  Position first() const noexcept { return first_; }
  Position end() const noexcept { return first_ + changes_.size(); }
  const ChangePtr& at(Position position) const { return changes_[position - first_]; }
  /// The position of the first change after `version`.
  Position after(Version version) const noexcept;

  void append(ChangePtr change) { changes_.push_back(std::move(change)); }
  const ChangePtr& front() const { return changes_.front(); }
  void pop_front() {
    changes_.pop_front();
    ++first_;
  }

  /// Tells those who wait of the entries from `from` on. Those whom none concerns are moved past
  /// them, so that a follower of a quiet namespace does not fall behind a busy resource.
  void announce(Position from);

  /// Ends all subscriptions with Unavailable.
  void close();

 private:
  friend class Subscription;
  std::deque<ChangePtr> changes_;
  Position first_ = 0;
  List<Follower> waiting_;
  bool closed_ = false;
};

/// One follower of a resource: a position in the log, whatever it has not read yet. Made by
/// ObjectStore::subscribe(). One reader; may outlive the store.
class Subscription {
 public:
  Subscription(std::shared_ptr<ResourceLog> log, std::shared_ptr<const Version> newest,
               std::string namespace_name, Version from);
  Subscription(const Subscription&) = delete;
  Subscription& operator=(const Subscription&) = delete;

  /// The next change, as soon as there is one. Changes come by version and none is left out.
  /// Errors: Expired when the log was trimmed past what comes next: list again; Unavailable when
  /// the store is stopped; Cancelled, DeadlineExceeded.
  async::Task<Result<ChangePtr>> next();
  /// The next change, or null if there is none now. Errors: Expired, Unavailable.
  Result<ChangePtr> try_next();
  /// Tells `follower` once, when try_next() may have something. After it had nothing.
  void follow(Follower& follower);

  /// All changes up to this version were given: what a bookmark may say.
  Version version() const noexcept;

 private:
  friend class ResourceLog;

  class [[nodiscard]] Wait final : public async::Waiter {
   public:
    explicit Wait(Subscription& subscription) noexcept : subscription_(subscription) {}
    bool await_ready() const noexcept { return false; }
    template <class Promise>
    bool await_suspend(std::coroutine_handle<Promise> handle) noexcept {
      if (!begin(handle)) {
        return false;
      }
      subscription_.follow(news_);
      return true;
    }
    Result<> await_resume() const;

   private:
    struct News final : Follower {
      explicit News(Wait& owner) noexcept : wait(owner) {}
      void on_news() noexcept override { wait.wake(); }
      Wait& wait;
    };
    void on_cancel() noexcept override { news_.unlink(); }
    Subscription& subscription_;
    News news_{*this};
  };

  bool concerns(const Change& change) const noexcept {
    return namespace_.empty() || change.path().namespace_name == namespace_;
  }

  std::shared_ptr<ResourceLog> log_;
  std::shared_ptr<const Version> newest_;
  std::string namespace_;
  ResourceLog::Position position_;
  Version given_;
};

}  // namespace kthena::apiserver
