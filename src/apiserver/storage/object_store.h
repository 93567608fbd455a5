// All objects of a server in memory, kept durable by a Journal: reads, writes, the log of changes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "apiserver/storage/change_log.h"
#include "apiserver/storage/journal.h"
#include "apiserver/storage/object.h"
#include "async/channel.h"
#include "async/scope.h"
#include "base/result.h"
#include "json/value.h"

namespace kthena::apiserver {

/// What a write asks of the object before it.
class Expected {
 public:
  static Expected anything() { return {Kind::Anything}; }
  static Expected absent() { return {Kind::Absent}; }
  static Expected present() { return {Kind::Present}; }
  static Expected at(Version version) { return {Kind::Version, version}; }

  /// Errors: AlreadyExists, NotFound, Conflict.
  Result<> check(const ObjectPath& path, const StoredObject* current) const;

 private:
  enum class Kind : std::uint8_t { Anything, Absent, Present, Version };
  Expected(Kind kind, Version version = 0) : kind_(kind), version_(version) {}
  Kind kind_;
  Version version_;
};

/// What becomes of an object.
struct Edit {
  enum class Action : std::uint8_t {
    Keep,    ///< nothing changes, and no version is used
    Put,     ///< `text` takes its place
    Remove,  ///< it goes; `text` is its last state, which watches are shown
  };
  Action action = Action::Keep;
  std::string text = {};  ///< with the version of the write in `metadata.resourceVersion`
  std::string uid = {};   ///< of an object that is new; later ones keep it
  Durability durability = Durability::Power;
};

/// Decides on an edit, given the version that the write will have and the object as it is then
/// (null: there is none). Called once at most, and nobody else writes the object meanwhile.
using Decide = std::move_only_function<Result<Edit>(Version version, const ObjectPtr& current)>;

struct Written {
  Edit::Action action = Edit::Action::Keep;
  ObjectPtr object;  ///< as it is now; the last state if it was removed
};

/// How much of the past is kept, and how many writes may wait.
struct StoreLimits {
  std::size_t log_changes = 20'000;
  std::size_t log_bytes = 32UL << 20;  ///< of texts that nothing but the log keeps
  Duration log_age = std::chrono::hours(1);
  std::size_t waiting_writes = 10'000;
  std::size_t waiting_bytes = 64UL << 20;
};

/// Which part of a resource to read.
struct ListQuery {
  std::string resource;
  std::string namespace_name = {};  ///< empty: all
  struct Place {
    std::string namespace_name;
    std::string name;
  };
  std::optional<Place> after = {};  ///< begin behind this object, which need not exist
  std::size_t limit = 0;            ///< at most so many; 0: all
  Version version = 0;              ///< as it was then; 0: now
};

struct ObjectList {
  std::vector<ObjectPtr> objects;  ///< by namespace, then name
  Version version = 0;
  bool more = false;  ///< the limit left some out: ask again after the last one
};

/// The objects. One loop, which never waits for the disk: reads are answered from memory, writes by
/// a coroutine. What is not yet durable is seen by nobody; what is becomes visible in the order of
/// versions, and is acknowledged after that.
///
/// stop() it before it is destroyed; the journal outlives it.
class ObjectStore {
 public:
  /// Reads what the journal holds; blocks. Errors: those of Journal::load().
  static Result<std::unique_ptr<ObjectStore>> open(async::Loop& loop, Journal& journal,
                                                   StoreLimits limits = {});

  /// The newest version that is visible.
  Version version() const noexcept { return *version_; }

  /// Null if there is none. Cost: O(log objects).
  ObjectPtr find(const ObjectPath& path) const;
  std::size_t count(std::string_view resource) const;

  /// Errors: Expired if the version is none that can still be told.
  /// Cost: O(log objects + list), and for an older version the changes of the resource since.
  Result<ObjectList> list(const ListQuery& query) const;

  /// Errors: Expired if changes after `from` are missing.
  Result<std::unique_ptr<Subscription>> subscribe(std::string_view resource,
                                                  std::string namespace_name, Version from);
  /// Whether `version` was given by this server and what came after it is known. Errors: Expired.
  Result<> check_version(Version version) const;

  /// Forgets all changes up to now, as a compaction does: versions before this one are Expired. For
  /// good once something is written.
  void forget_history();

  /// Writes one object. Writes of one object run one after the other, each on what the one before
  /// made; those of different objects share a commit.
  /// Errors: those of `expected` and `decide`; Internal with the reason of the disk; RateLimited if
  /// too many wait; Unavailable when stopped; Cancelled, DeadlineExceeded, in which case it may or
  /// may not be written.
  async::Task<Result<Written>> write(ObjectPath path, Expected expected, Decide decide);

  /// The object's JSON as a value. What was last asked for is kept, so that many who look at the
  /// same change read it once. Errors: those of json::parse().
  Result<std::shared_ptr<const json::Value>> value(const ObjectPtr& object);

  /// Refuses further writes, waits for those that were begun and ends the subscriptions.
  async::Task<void> stop();

 private:
  /// Views into the identity of the object that stands there.
  struct Name {
    std::string_view namespace_name;
    std::string_view name;
  };
  /// The order of "namespace/name", in which a real API server lists.
  struct ByKey {
    bool operator()(const Name& a, const Name& b) const noexcept;
  };
  using Objects = std::map<Name, ObjectPtr, ByKey>;
  struct Resource {
    Objects objects;
    std::shared_ptr<ResourceLog> log = std::make_shared<ResourceLog>();
  };
  struct HashText {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept {
      return std::hash<std::string_view>{}(text);
    }
  };
  struct HashPath {
    std::size_t operator()(const ObjectPath& path) const noexcept;
  };

  /// A write that is on its way to the disk. Shared by the flight and those who wait for it, any of
  /// whom may be cancelled.
  struct Pending {
    ChangePtr change;
    Durability durability = Durability::Power;
    async::Event done;
    Result<> outcome;
  };
  using PendingPtr = std::shared_ptr<Pending>;
  struct Flight {
    std::vector<PendingPtr> writes;
    Result<> outcome;
    bool departed = false;
    bool landed = false;
  };

  /// Sends off what was gathered, after the tasks that are ready in this turn had their say.
  class Dispatcher final : public async::Runnable {
   public:
    explicit Dispatcher(ObjectStore& store) noexcept : store_(store) {}
    void run() noexcept override { store_.dispatch(); }

   private:
    ObjectStore& store_;
  };

  ObjectStore(async::Loop& loop, Journal& journal, StoreLimits limits);

  void restore(Loaded loaded);
  Resource& resource(std::string_view name);
  const Resource* find_resource(std::string_view name) const;
  static Name name_of(const StoredObject& object) noexcept;
  /// Behind this begins what is asked for.
  static Name start_of(const ListQuery& query) noexcept;
  /// Of all objects that changed after `version` what they were then; null: they were not.
  static Objects objects_before_changes(const Resource& resource, const ListQuery& query,
                                        Version version);
  static void read(const Objects& now, const Objects& old, const ListQuery& query,
                   ObjectList& list);

  Result<> admit() const;
  ChangePtr plan(ObjectPath path, const ObjectPtr& current, Edit& edit, Version version) const;
  PendingPtr enqueue(ChangePtr change, Durability durability);
  void dispatch();
  /// Takes the next flight to the journal, and home.
  async::Task<void> fly();
  void land();
  void publish(const Flight& flight);
  void apply(const ChangePtr& change);
  void remember(const ChangePtr& change);
  void trim();

  async::Loop& loop_;
  Journal& journal_;
  StoreLimits limits_;

  std::unordered_map<std::string, std::unique_ptr<Resource>, HashText, std::equal_to<>> resources_;
  std::shared_ptr<Version> version_ = std::make_shared<Version>(0);
  std::deque<Resource*> log_order_;  ///< whose log has the oldest change, the next one, …
  std::size_t log_bytes_ = 0;
  Version trimmed_ = 0;
  std::vector<Gap> gaps_;

  Version next_version_ = 1;
  std::unordered_map<ObjectPath, PendingPtr, HashPath> pending_;
  std::vector<PendingPtr> gathered_;
  std::deque<std::unique_ptr<Flight>> flights_;
  std::size_t waiting_bytes_ = 0;
  bool stopping_ = false;
  Dispatcher dispatcher_{*this};

  /// Values that were lately asked for, in a ring.
  struct Parsed {
    ObjectPtr object;
    std::shared_ptr<const json::Value> value;
  };
  std::unordered_map<const StoredObject*, std::size_t> parsed_places_;
  std::vector<Parsed> parsed_;
  std::size_t next_parsed_ = 0;

  async::TaskScope tasks_;
};

}  // namespace kthena::apiserver
