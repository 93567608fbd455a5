#include "apiserver/storage/object_store.h"

#include <algorithm>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "apiserver/storage/change_log.h"
#include "apiserver/storage/journal.h"
#include "apiserver/storage/object.h"
#include "async/loop.h"
#include "async/task.h"
#include "base/check.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/result.h"
#include "json/parse.h"
#include "json/value.h"

namespace kthena::apiserver {
namespace {

/// One is being committed while the next one waits at the journal; the rest gathers here.
constexpr std::size_t kMostFlights = 2;
constexpr std::size_t kParsedValues = 256;

}  // namespace

Result<> Expected::check(const ObjectPath& path, const StoredObject* current) const {
  switch (kind_) {
    case Kind::Anything:
      return {};
    case Kind::Absent:
      if (current != nullptr) {
        return fail(ErrorCode::AlreadyExists, path.to_string() + " already exists");
      }
      return {};
    case Kind::Present:
    case Kind::Version:
      if (current == nullptr) {
        return fail(ErrorCode::NotFound, path.to_string() + " not found");
      }
      if (kind_ == Kind::Version && current->version != version_) {
        return fail(ErrorCode::Conflict, path.to_string() + " is at version " +
                                             std::to_string(current->version) + ", not " +
                                             std::to_string(version_));
      }
      return {};
  }
  return {};
}

std::size_t ObjectStore::HashPath::operator()(const ObjectPath& path) const noexcept {
  return xxh3_64(path.name, xxh3_64(path.namespace_name, xxh3_64(path.resource)));
}

ObjectStore::ObjectStore(async::Loop& loop, Journal& journal, StoreLimits limits)
    : loop_(loop), journal_(journal), limits_(limits), tasks_(loop) {}

Result<std::unique_ptr<ObjectStore>> ObjectStore::open(async::Loop& loop, Journal& journal,
                                                       StoreLimits limits) {
  std::unique_ptr<ObjectStore> store(new ObjectStore(loop, journal, limits));
  store->restore(TRY(journal.load()));
  return store;
}

void ObjectStore::restore(Loaded loaded) {
  *version_ = loaded.version;
  next_version_ = loaded.version + 1;
  trimmed_ = loaded.trimmed;
  gaps_ = std::move(loaded.gaps);
  for (ObjectPtr& object : loaded.objects) {
    resource(object->path().resource).objects.emplace(name_of(*object), std::move(object));
  }
  for (const ChangePtr& change : loaded.log) {
    remember(change);
  }
  trim();
}

// ---- Reading

ObjectStore::Name ObjectStore::name_of(const StoredObject& object) noexcept {
  return {.namespace_name = object.path().namespace_name, .name = object.path().name};
}

bool ObjectStore::ByKey::operator()(const Name& a, const Name& b) const noexcept {
  if (a.namespace_name == b.namespace_name) {
    return a.name < b.name;
  }
  const std::size_t common = std::min(a.namespace_name.size(), b.namespace_name.size());
  const int order = a.namespace_name.substr(0, common).compare(b.namespace_name.substr(0, common));
  if (order != 0) {
    return order < 0;
  }
  // One begins with the other: the shorter one goes on with the slash before the name.
  return a.namespace_name.size() == common ? '/' < b.namespace_name[common]
                                           : a.namespace_name[common] < '/';
}

ObjectStore::Resource& ObjectStore::resource(std::string_view name) {
  auto place = resources_.find(name);
  if (place == resources_.end()) {
    place = resources_.emplace(std::string(name), std::make_unique<Resource>()).first;
  }
  return *place->second;
}

const ObjectStore::Resource* ObjectStore::find_resource(std::string_view name) const {
  const auto place = resources_.find(name);
  return place == resources_.end() ? nullptr : place->second.get();
}

ObjectPtr ObjectStore::find(const ObjectPath& path) const {
  const Resource* resource = find_resource(path.resource);
  if (resource == nullptr) {
    return nullptr;
  }
  const auto place =
      resource->objects.find({.namespace_name = path.namespace_name, .name = path.name});
  return place == resource->objects.end() ? nullptr : place->second;
}

std::size_t ObjectStore::count(std::string_view resource) const {
  const Resource* found = find_resource(resource);
  return found == nullptr ? 0 : found->objects.size();
}

Result<> ObjectStore::check_version(Version version) const {
  if (version > *version_) {
    return fail(ErrorCode::Expired, "version " + std::to_string(version) +
                                        " was not given by this server: the newest one is " +
                                        std::to_string(*version_));
  }
  const bool lost = std::ranges::any_of(
      gaps_, [&](const Gap& gap) { return gap.last < version && version < gap.next; });
  if (lost || version < trimmed_) {
    return fail(ErrorCode::Expired, "version " + std::to_string(version) +
                                        " is no longer kept: the oldest one is " +
                                        std::to_string(trimmed_));
  }
  return {};
}

Result<ObjectList> ObjectStore::list(const ListQuery& query) const {
  const Version version = query.version == 0 ? *version_ : query.version;
  TRY(check_version(version));
  ObjectList list{.objects = {}, .version = version, .more = false};
  if (const Resource* resource = find_resource(query.resource)) {
    const Objects old =
        version == *version_ ? Objects{} : objects_before_changes(*resource, query, version);
    read(resource->objects, old, query, list);
  }
  return list;
}

ObjectStore::Name ObjectStore::start_of(const ListQuery& query) noexcept {
  return query.after
             ? Name{.namespace_name = query.after->namespace_name, .name = query.after->name}
             : Name{.namespace_name = query.namespace_name, .name = {}};
}

ObjectStore::Objects ObjectStore::objects_before_changes(const Resource& resource,
                                                         const ListQuery& query, Version version) {
  Objects before;
  const ResourceLog& log = *resource.log;
  for (auto position = log.after(version); position != log.end(); ++position) {
    const Change& change = *log.at(position);
    const Name name = name_of(*change.object);
    const bool wanted = query.namespace_name.empty() || name.namespace_name == query.namespace_name;
    if (wanted && ByKey()(start_of(query), name)) {
      before.try_emplace(name, change.previous);  // of several changes the first one tells
    }
  }
  return before;
}

void ObjectStore::read(const Objects& now, const Objects& old, const ListQuery& query,
                       ObjectList& list) {
  auto live = now.upper_bound(start_of(query));
  auto then = old.begin();
  const auto is_wanted = [&](const Name& name) {
    return query.namespace_name.empty() || name.namespace_name == query.namespace_name;
  };
  if (query.limit == 0 && query.namespace_name.empty() && !query.after) {
    list.objects.reserve(now.size());
  }
  while (true) {
    const bool has_live = live != now.end() && is_wanted(live->first);
    const bool has_old = then != old.end();
    if (!has_live && !has_old) {
      return;
    }
    const bool take_old = has_old && !(has_live && ByKey()(live->first, then->first));
    const ObjectPtr& object = take_old ? then->second : live->second;
    if (take_old) {
      if (has_live && !ByKey()(then->first, live->first)) {
        ++live;
      }
      ++then;
    } else {
      ++live;
    }
    if (object == nullptr) {
      continue;
    }
    if (query.limit != 0 && list.objects.size() == query.limit) {
      list.more = true;
      return;
    }
    list.objects.push_back(object);
  }
}

Result<std::unique_ptr<Subscription>> ObjectStore::subscribe(std::string_view name,
                                                             std::string namespace_name,
                                                             Version from) {
  TRY(check_version(from));
  return std::make_unique<Subscription>(resource(name).log, version_, std::move(namespace_name),
                                        from);
}

Result<std::shared_ptr<const json::Value>> ObjectStore::value(const ObjectPtr& object) {
  const auto known = parsed_places_.find(object.get());
  if (known != parsed_places_.end()) {
    return parsed_[known->second].value;
  }
  auto value = std::make_shared<const json::Value>(TRY(json::parse(object->text)));
  if (parsed_.size() < kParsedValues) {
    parsed_.emplace_back();
  }
  Parsed& place = parsed_[next_parsed_];
  parsed_places_.erase(place.object.get());
  place = {.object = object, .value = value};
  parsed_places_.emplace(object.get(), next_parsed_);
  next_parsed_ = (next_parsed_ + 1) % kParsedValues;
  return value;
}

// ---- Writing

async::Task<Result<Written>> ObjectStore::write(ObjectPath path, Expected expected, Decide decide) {
  for (auto ahead = pending_.find(path); ahead != pending_.end(); ahead = pending_.find(path)) {
    const PendingPtr pending = ahead->second;
    CO_TRY(co_await pending->done.wait());
  }
  CO_TRY(admit());
  const ObjectPtr current = find(path);
  CO_TRY(expected.check(path, current.get()));
  Edit edit = CO_TRY(decide(next_version_, current));
  if (edit.action == Edit::Action::Keep) {
    co_return Written{.action = edit.action, .object = current};
  }
  const PendingPtr pending =
      enqueue(plan(std::move(path), current, edit, next_version_++), edit.durability);
  CO_TRY(co_await pending->done.wait());
  CO_TRY(std::move(pending->outcome));
  co_return Written{.action = edit.action, .object = pending->change->object};
}

Result<> ObjectStore::admit() const {
  if (stopping_) {
    return fail(ErrorCode::Unavailable, "the storage is stopped");
  }
  if (pending_.size() >= limits_.waiting_writes || waiting_bytes_ >= limits_.waiting_bytes) {
    return fail(ErrorCode::RateLimited,
                "too many writes wait for the disk: " + std::to_string(pending_.size()));
  }
  return {};
}

ChangePtr ObjectStore::plan(ObjectPath path, const ObjectPtr& current, Edit& edit,
                            Version version) const {
  const bool removes = edit.action == Edit::Action::Remove;
  CHECK(current != nullptr || !removes);
  StoredObject object{.identity = nullptr, .version = version, .text = std::move(edit.text)};
  object.identity =
      current ? current->identity
              : std::make_shared<const ObjectIdentity>(ObjectIdentity{
                    .path = std::move(path), .uid = std::move(edit.uid), .created = version});
  return std::make_shared<const Change>(
      Change{.type = removes              ? ChangeType::Deleted
                     : current != nullptr ? ChangeType::Modified
                                          : ChangeType::Added,
             .object = std::make_shared<const StoredObject>(std::move(object)),
             .previous = current,
             .at = loop_.wall_now()});
}

ObjectStore::PendingPtr ObjectStore::enqueue(ChangePtr change, Durability durability) {
  auto pending = std::make_shared<Pending>();
  pending->change = std::move(change);
  pending->durability = durability;
  waiting_bytes_ += pending->change->object->text.size();
  pending_.emplace(pending->change->path(), pending);
  gathered_.push_back(pending);
  if (!dispatcher_.linked()) {
    loop_.make_ready(dispatcher_);
  }
  return pending;
}

void ObjectStore::dispatch() {
  if (gathered_.empty() || flights_.size() >= kMostFlights) {
    return;
  }
  auto flight = std::make_unique<Flight>();
  flight->writes = std::move(gathered_);
  gathered_.clear();
  flights_.push_back(std::move(flight));
  tasks_.spawn(fly());
}

async::Task<void> ObjectStore::fly() {
  // Tasks may start in any order, flights must not.
  const auto next = std::ranges::find_if(flights_, [](const auto& one) { return !one->departed; });
  CHECK(next != flights_.end());
  Flight& flight = **next;  // stays where it is until it has landed
  flight.departed = true;
  Batch batch{.changes = {}, .durability = Durability::Process, .trim_to = trimmed_};
  batch.changes.reserve(flight.writes.size());
  for (const PendingPtr& write : flight.writes) {
    batch.changes.push_back(write->change);
    batch.durability = std::max(batch.durability, write->durability);
  }
  flight.outcome = co_await journal_.commit(std::move(batch));
  flight.landed = true;
  land();
}

void ObjectStore::land() {
  while (!flights_.empty() && flights_.front()->landed) {
    const std::unique_ptr<Flight> flight = std::move(flights_.front());
    flights_.pop_front();
    if (flight->outcome) {
      publish(*flight);
    }
    for (const PendingPtr& write : flight->writes) {
      waiting_bytes_ -= write->change->object->text.size();
      pending_.erase(write->change->path());
      write->outcome = flight->outcome;
      write->done.set();
    }
  }
  dispatch();
}

void ObjectStore::publish(const Flight& flight) {
  std::vector<std::pair<ResourceLog*, ResourceLog::Position>> grown;
  for (const PendingPtr& write : flight.writes) {
    ResourceLog* log = resource(write->change->path().resource).log.get();
    if (std::ranges::find(grown, log, [](const auto& one) { return one.first; }) == grown.end()) {
      grown.emplace_back(log, log->end());
    }
    apply(write->change);
    remember(write->change);
  }
  *version_ = flight.writes.back()->change->version();
  for (const auto& [log, from] : grown) {
    log->announce(from);
  }
  trim();
}

void ObjectStore::apply(const ChangePtr& change) {
  Objects& objects = resource(change->path().resource).objects;
  const Name name = name_of(*change->object);
  switch (change->type) {
    case ChangeType::Added:
      CHECK(objects.emplace(name, change->object).second);
      return;
    case ChangeType::Modified:
      objects.find(name)->second = change->object;  // same identity, so the key stays valid
      return;
    case ChangeType::Deleted:
      CHECK_EQ(objects.erase(name), 1U);
      return;
  }
}

void ObjectStore::remember(const ChangePtr& change) {
  Resource& changed = resource(change->path().resource);
  changed.log->append(change);
  log_order_.push_back(&changed);
  log_bytes_ += change->bytes();
}

void ObjectStore::trim() {
  const WallTime oldest = loop_.wall_now() - limits_.log_age;
  while (!log_order_.empty()) {
    ResourceLog& log = *log_order_.front()->log;
    const Change& change = *log.front();
    if (log_order_.size() <= limits_.log_changes && log_bytes_ <= limits_.log_bytes &&
        change.at >= oldest) {
      break;
    }
    trimmed_ = change.version();
    log_bytes_ -= change.bytes();
    log.pop_front();
    log_order_.pop_front();
  }
  std::erase_if(gaps_, [&](const Gap& gap) { return gap.next <= trimmed_; });
}

void ObjectStore::forget_history() {
  trimmed_ = *version_;
  log_bytes_ = 0;
  for (Resource* resource : log_order_) {
    resource->log->pop_front();
  }
  log_order_.clear();
  gaps_.clear();
}

async::Task<void> ObjectStore::stop() {
  stopping_ = true;
  dispatch();
  co_await tasks_.join();
  for (const auto& [name, resource] : resources_) {
    resource->log->close();
  }
}

}  // namespace kthena::apiserver
