// A shared informer: a store that follows the server, and whoever wants to hear of changes.
#pragma once

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "async/task.h"
#include "base/list.h"
#include "json/read.h"
#include "kube/cache/reflector.h"
#include "kube/cache/store.h"
#include "kube/client/client.h"
#include "kube/meta/list.h"

namespace kthena::kube {

template <class T>
struct InformerOptions {
  ReflectorOptions reflector = {};
  std::vector<IndexSpec<T>> indices = {};
  /// Drops what nobody reads of an object before it is stored. What T has no member for is never
  /// stored in the first place.
  std::function<void(T&)> project = nullptr;
};

/// What is called of each change, from the informer's task: short, and without changing the
/// informer. Empty ones are not called.
template <class T>
struct ChangeHandlers {
  using Pointer = std::shared_ptr<const T>;
  std::function<void(const Pointer& now)> added = nullptr;
  std::function<void(const Pointer& before, const Pointer& now)> updated = nullptr;
  std::function<void(const Pointer& last)> deleted = nullptr;
};

/// One shard. Destroyed after its task has ended.
template <Resource T>
class Informer final : private ReflectorTarget {
 public:
  using Pointer = std::shared_ptr<const T>;

  explicit Informer(Client& client, InformerOptions<T> options = {})
      : store_(std::move(options.indices)),
        project_(std::move(options.project)),
        reflector_(client, T::kResource, *this, std::move(options.reflector)) {}

  /// Follows the server until it is cancelled.
  [[clang::coro_wrapper]] async::Task<void> run() { return reflector_.run(); }

  const Store<T>& store() const noexcept { return store_; }
  bool synced() const noexcept { return reflector_.synced(); }
  /// Until the store has everything that was there when run() began. Errors: Cancelled,
  /// DeadlineExceeded.
  async::Event::Wait wait_synced() noexcept { return reflector_.wait_synced(); }
  const std::string& resource_version() const noexcept { return reflector_.resource_version(); }

  /// Calls no more once it is destroyed.
  class [[nodiscard]] Subscription : private ListNode {
   public:
    ~Subscription() = default;

   private:
    friend class Informer;
    friend class List<Subscription>;
    explicit Subscription(ChangeHandlers<T> handlers) : handlers_(std::move(handlers)) {}
    ChangeHandlers<T> handlers_;
  };

  /// Hears of all changes from now on; first, and at once, of what is there as added.
  std::unique_ptr<Subscription> subscribe(ChangeHandlers<T> handlers) {
    std::unique_ptr<Subscription> subscription(new Subscription(std::move(handlers)));
    if (subscription->handlers_.added) {
      for (const Pointer& object : store_) {
        subscription->handlers_.added(object);
      }
    }
    subscriptions_.push_back(*subscription);
    return subscription;
  }

 private:
  void begin_list() override {
    unlisted_.clear();
    for (const Pointer& object : store_) {
      unlisted_.insert(object->metadata.key());
    }
  }

  Result<std::string> on_listed(std::string_view text) override {
    Result<T> object = json::read_object<T>(text);
    if (!object) {
      // What is stored of it stays: an object that cannot be read is not gone.
      if (const auto partial = json::read_object<PartialObject>(text)) {
        unlisted_.erase(partial->metadata.key());
      }
      return unreadable(text, object.error());
    }
    unlisted_.erase(object->metadata.key());
    return take(*std::move(object));
  }

  void end_list() override {
    for (const ObjectKey& key : unlisted_) {
      drop(key);
    }
    unlisted_.clear();
  }

  Result<std::string> on_changed(std::string_view text) override {
    Result<T> object = json::read_object<T>(text);
    return object ? take(*std::move(object)) : unreadable(text, object.error());
  }

  Result<std::string> on_deleted(std::string_view text) override {
    const auto object = json::read_object<PartialObject>(text);
    if (!object) {
      return fail(object.error());
    }
    drop(object->metadata.key());
    return object->metadata.resource_version;
  }

  static Result<std::string> unreadable(std::string_view text, const Error& error) {
    const auto partial = json::read_object<PartialObject>(text);
    return fail(partial ? error.with_context(partial->metadata.key().to_string()) : error);
  }

  std::string take(T object) {
    if (project_) {
      project_(object);
    }
    std::string version = object.metadata.resource_version;
    const ObjectKey key = object.metadata.key();
    if (const Pointer before = store_.find(key)) {
      if (before->metadata.resource_version == version) {
        return version;  // a list says again what is known
      }
      if (before->metadata.uid != object.metadata.uid) {
        drop(key);  // deleted and created again while nobody looked
      }
    }
    const Pointer now = std::make_shared<const T>(std::move(object));
    const Pointer before = store_.put(now);
    subscriptions_.for_each([&](Subscription& subscription) {
      const ChangeHandlers<T>& handlers = subscription.handlers_;
      if (before == nullptr && handlers.added) {
        handlers.added(now);
      } else if (before != nullptr && handlers.updated) {
        handlers.updated(before, now);
      }
    });
    return version;
  }

  void drop(const ObjectKey& key) {
    const Pointer last = store_.erase(key);
    if (last == nullptr) {
      return;
    }
    subscriptions_.for_each([&](Subscription& subscription) {
      if (subscription.handlers_.deleted) {
        subscription.handlers_.deleted(last);
      }
    });
  }

  Store<T> store_;
  std::function<void(T&)> project_;
  List<Subscription> subscriptions_;
  std::set<ObjectKey> unlisted_;  // of the list that runs
  Reflector reflector_;
};

}  // namespace kthena::kube
