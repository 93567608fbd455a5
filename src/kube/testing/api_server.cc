#include "kube/testing/api_server.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

#include "async/time.h"
#include "base/strings.h"
#include "json/parse.h"
#include "json/print.h"
#include "kube/meta/scalars.h"
#include "kube/testing/api_path.h"

namespace kthena::kube::testing {

using namespace std::chrono_literals;

struct ApiServer::Target : ApiPath {
  http::Method method = http::Method::Get;
};

struct ApiServer::Answer {
  int status = 200;
  std::string text;
  std::unique_ptr<WatchSource> watch;
};

namespace {

constexpr std::size_t kMostBody = 4 << 20;

std::string text_of(const json::Value& object, std::string_view field) {
  const json::Value* metadata = object.find("metadata");
  const json::Value* value = metadata != nullptr ? metadata->find(field) : nullptr;
  return value != nullptr && value->is_string() ? value->as_string() : std::string();
}

bool has_finalizers(const json::Value& object) {
  const json::Value* finalizers = object.find("metadata")->find("finalizers");
  return finalizers != nullptr && finalizers->is_array() && !finalizers->as_array().empty();
}

Labels labels_of(const json::Value& object) {
  Labels labels;
  const json::Value* found = object.find("metadata")->find("labels");
  if (found != nullptr && found->is_object()) {
    for (const json::Member& label : found->as_object()) {
      labels[label.key] = label.value.as_string();
    }
  }
  return labels;
}

/// RFC 7396.
void merge_into(json::Value& target, const json::Value& patch) {
  if (!patch.is_object()) {
    target = patch;
    return;
  }
  if (!target.is_object()) {
    target = json::Object();
  }
  for (const json::Member& member : patch.as_object()) {
    if (member.value.is_null()) {
      target.erase(member.key);
    } else if (json::Value* inner = target.find(member.key)) {
      merge_into(*inner, member.value);
    } else {
      json::Value fresh;
      merge_into(fresh, member.value);
      target.set(member.key, std::move(fresh));
    }
  }
}

/// The value that a JSON pointer (RFC 6901) without escapes leads to; null if there is none.
json::Value* resolve(json::Value& root, std::string_view pointer) {
  json::Value* at = &root;
  for (const std::string_view part : split(pointer.substr(pointer.empty() ? 0 : 1), '/')) {
    if (at != nullptr && at->is_array()) {
      const auto index = parse_int<std::size_t>(part);
      at = index && *index < at->as_array().size() ? &at->as_array()[*index] : nullptr;
    } else if (at != nullptr && !part.empty()) {
      at = at->find(part);
    }
  }
  return at;
}

/// RFC 6902, as far as our patches go: tests, and members that are added. Whether all could be
/// done.
bool apply_json_patch(json::Value& object, const json::Value& patch) {
  for (const json::Value& step : patch.as_array()) {
    const std::string& path = step.find("path")->as_string();
    const json::Value& value = *step.find("value");
    const std::size_t last = path.rfind('/');
    json::Value* const present = resolve(object, path);
    json::Value* const parent = resolve(object, path.substr(0, last));
    const bool is_test = step.find("op")->as_string() == "test";
    if (is_test ? present == nullptr || *present != value : parent == nullptr) {
      return false;
    }
    if (!is_test) {
      parent->set(path.substr(last + 1), value);
    }
  }
  return true;
}

/// Puts `field` of `from` into `to`, or takes it away.
void carry(const json::Value& from, json::Value& to, std::string_view field) {
  const json::Value* value = from.find(field);
  if (value != nullptr) {
    to.set(field, *value);
  } else {
    to.erase(field);
  }
}

bool differs(const json::Value& a, const json::Value& b, std::string_view field) {
  const json::Value* in_a = a.find(field);
  const json::Value* in_b = b.find(field);
  return (in_a == nullptr) != (in_b == nullptr) || (in_a != nullptr && *in_a != *in_b);
}

}  // namespace

ApiServer::ApiServer(async::SimulatedLoop& loop) : loop_(loop) {}
ApiServer::~ApiServer() = default;

/// As the API words it.
ApiServer::Answer ApiServer::refusal(int status, std::string_view reason,
                                     std::string_view message) {
  const json::Value text =
      json::Object{{"kind", "Status"},   {"apiVersion", "v1"}, {"status", "Failure"},
                   {"message", message}, {"reason", reason},   {"code", status}};
  return {.status = status, .text = json::print(text), .watch = {}};
}

async::Task<http::Response> ApiServer::handle(http::Request& request) {
  http::Response lost;
  lost.status = 0;
  ++stats_.requests;
  if (happens(faults.slow)) {
    if (!co_await async::sleep_for(1ms * static_cast<std::int64_t>(loop_.random_below(3000)))) {
      co_return lost;
    }
  }
  if (happens(faults.lose_request)) {
    co_return lost;
  }
  const Result<std::string> body = co_await http::read_all(request.body, kMostBody);
  const auto path = parse_api_path(request.target);
  Answer answer;
  if (!body || !path) {
    answer = refusal(404, "NotFound", "no such path");
  } else if (happens(faults.refuse)) {
    constexpr std::array kStatuses = {429, 500, 503};
    const int status = kStatuses[loop_.random_below(kStatuses.size())];
    answer = refusal(status, "", "not now");
  } else {
    answer = dispatch(request, Target{*path, request.method}, *body);
  }
  if (answer.watch == nullptr && happens(faults.lose_answer)) {
    co_return lost;
  }
  http::Response response =
      http::text_response(answer.status, "application/json", std::move(answer.text));
  if (answer.status == 429) {
    response.headers.add("Retry-After", "1");
  }
  if (answer.watch != nullptr) {
    response.body = std::move(answer.watch);
  }
  co_return response;
}

ApiServer::Answer ApiServer::dispatch(const http::Request& request, const Target& target,
                                      const std::string& body) {
  const bool one = !target.key.name.empty();
  const bool writes = target.method == http::Method::Put || target.method == http::Method::Patch;
  if (writes && happens(faults.conflict)) {
    return refusal(409, "Conflict", "changed meanwhile");
  }
  if (!one && target.method == http::Method::Get && happens(faults.forget)) {
    forget_history();
  }
  switch (target.method) {
    case http::Method::Get:
      return one ? read(target) : target.watches ? watch(target) : list(target);
    case http::Method::Post:
      return create(target, body);
    case http::Method::Put:
      return replace(target, body);
    case http::Method::Patch:
      if (request.headers.find("Content-Type") == "application/merge-patch+json") {
        return merge(target, body);
      }
      if (request.headers.find("Content-Type") == "application/json-patch+json") {
        return patch(target, body);
      }
      return refusal(415, "UnsupportedMediaType", "merge and JSON patches only");
    case http::Method::Delete:
      return one ? remove(target, body) : remove_all(target);
    default:
      return refusal(405, "MethodNotAllowed", "no");
  }
}

// Reading.

ApiServer::Answer ApiServer::read(const Target& target) {
  const Collection& all = collection(target.collection);
  const auto found = all.objects.find(target.key);
  if (found == all.objects.end()) {
    return refusal(404, "NotFound", target.key.name + " not found");
  }
  return {.status = 200, .text = found->second->text, .watch = {}};
}

ApiServer::Answer ApiServer::list(const Target& target) {
  ++stats_.lists;
  if (!target.continue_token.empty()) {
    const auto snapshot = snapshots_.extract(target.continue_token);
    if (snapshot.empty()) {
      return refusal(410, "Expired", "the continue token is too old");
    }
    return page(target, std::move(snapshot.mapped().rest), snapshot.mapped().version);
  }
  std::vector<StoredPointer> objects;
  for (const auto& [key, stored] : collection(target.collection).objects) {
    if (target.filter.matches(*stored)) {
      objects.push_back(stored);
    }
  }
  return page(target, std::move(objects), version_);
}

ApiServer::Answer ApiServer::page(const Target& target, std::vector<StoredPointer> rest,
                                  std::uint64_t version) {
  const std::size_t size = target.limit > 0 ? std::min(target.limit, rest.size()) : rest.size();
  std::string items;
  for (std::size_t i = 0; i < size; ++i) {
    items += i > 0 ? "," : "";
    items += rest[i]->text;
  }
  rest.erase(rest.begin(), rest.begin() + static_cast<std::ptrdiff_t>(size));
  std::string next;
  if (!rest.empty()) {
    next = fmt::format("page-{}", ++names_);
    snapshots_[next] = {.version = version, .rest = std::move(rest)};
  }
  return {.status = 200,
          .text = fmt::format(R"({{"kind":"List","apiVersion":"v1","metadata":)"
                              R"({{"resourceVersion":"{}","continue":"{}"}},"items":[{}]}})",
                              version, next, items),
          .watch = {}};
}

ApiServer::Answer ApiServer::watch(const Target& target) {
  ++stats_.watches;
  if (target.initial_events && !streams_lists) {
    return refusal(422, "Invalid", "sendInitialEvents is forbidden for watch");
  }
  Collection& all = collection(target.collection);
  const bool from_now = target.resource_version == 0;
  if (!from_now && target.resource_version < all.forgotten) {
    return refusal(410, "Expired", "too old resource version");
  }
  WatchRequest request{.filter = target.filter,
                       .after = target.resource_version,
                       .bookmarks = target.bookmarks,
                       .initial_events = target.initial_events || from_now,
                       .timeout = std::chrono::seconds(target.timeout_seconds)};
  return {.status = 200,
          .text = {},
          .watch = std::make_unique<WatchSource>(loop_, all, std::move(request), faults, version_)};
}

// Writing.

ApiServer::Answer ApiServer::create(const Target& target, const std::string& body) {
  auto object = json::parse(body);
  if (!object || object->find("metadata") == nullptr) {
    return refusal(400, "BadRequest", "no object");
  }
  json::Value& metadata = *object->find("metadata");
  std::string name = text_of(*object, "name");
  if (name.empty()) {
    name = text_of(*object, "generateName") + fmt::format("{:05}", ++names_);
    metadata.set("name", name);
  }
  const ObjectKey key{.namespace_name = target.key.namespace_name, .name = name};
  Collection& all = collection(target.collection);
  if (all.objects.contains(key)) {
    return refusal(409, "AlreadyExists", name + " already exists");
  }
  return {.status = 201, .text = store(all, key, *std::move(object), nullptr)->text, .watch = {}};
}

ApiServer::Answer ApiServer::replace(const Target& target, const std::string& body) {
  Collection& all = collection(target.collection);
  const auto found = all.objects.find(target.key);
  if (found == all.objects.end()) {
    return refusal(404, "NotFound", "not found");
  }
  auto object = json::parse(body);
  if (!object || object->find("metadata") == nullptr) {
    return refusal(400, "BadRequest", "no object");
  }
  const StoredPointer before = found->second;
  const std::string version = text_of(*object, "resourceVersion");
  if (!version.empty() && version != text_of(before->object, "resourceVersion")) {
    return refusal(409, "Conflict", "the object has been modified");
  }
  if (target.subresource == "status") {
    json::Value whole = before->object;
    carry(*object, whole, "status");
    object = std::move(whole);
  } else {
    carry(before->object, *object, "status");
  }
  const StoredPointer now = store(all, target.key, *std::move(object), before);
  return {.status = 200, .text = now->text, .watch = {}};
}

ApiServer::Answer ApiServer::merge(const Target& target, const std::string& body) {
  Collection& all = collection(target.collection);
  const auto found = all.objects.find(target.key);
  if (found == all.objects.end()) {
    return refusal(404, "NotFound", "not found");
  }
  const auto patch = json::parse(body);
  if (!patch) {
    return refusal(400, "BadRequest", "no patch");
  }
  json::Value object = found->second->object;
  merge_into(object, *patch);
  return replace(target, json::print(object));
}

ApiServer::Answer ApiServer::patch(const Target& target, const std::string& body) {
  Collection& all = collection(target.collection);
  const auto found = all.objects.find(target.key);
  if (found == all.objects.end()) {
    return refusal(404, "NotFound", "not found");
  }
  const auto patch = json::parse(body);
  json::Value object = found->second->object;
  if (!patch || !patch->is_array() || !apply_json_patch(object, *patch)) {
    return refusal(422, "Invalid",
                   "the server rejected our request due to an error in our request");
  }
  return replace(target, json::print(object));
}

ApiServer::Answer ApiServer::remove(const Target& target, const std::string& body) {
  Collection& all = collection(target.collection);
  const auto found = all.objects.find(target.key);
  if (found == all.objects.end()) {
    return refusal(404, "NotFound", "not found");
  }
  const StoredPointer before = found->second;
  const auto options = json::parse(body);
  const json::Value* preconditions = options ? options->find("preconditions") : nullptr;
  for (const std::string_view field : {"uid", "resourceVersion"}) {
    const json::Value* wanted = preconditions != nullptr ? preconditions->find(field) : nullptr;
    if (wanted != nullptr && wanted->as_string() != text_of(before->object, field)) {
      return refusal(409, "Conflict", "precondition failed");
    }
  }
  if (!has_finalizers(before->object)) {
    return {.status = 200, .text = erase(all, target.key)->text, .watch = {}};
  }
  json::Value object = before->object;
  json::Value& metadata = *object.find("metadata");
  if (metadata.find("deletionTimestamp") == nullptr) {
    metadata.set("deletionTimestamp", Time::whole_seconds(loop_.wall_now()).to_json());
  }
  return {
      .status = 200, .text = store(all, target.key, std::move(object), before)->text, .watch = {}};
}

ApiServer::Answer ApiServer::remove_all(const Target& target) {
  std::vector<ObjectKey> keys;
  for (const auto& [key, stored] : collection(target.collection).objects) {
    if (target.filter.matches(*stored)) {
      keys.push_back(key);
    }
  }
  for (const ObjectKey& key : keys) {
    Target one = target;
    one.key = key;
    (void)remove(one, "");
  }
  return {.status = 200, .text = R"({"kind":"Status","status":"Success"})", .watch = {}};
}

StoredPointer ApiServer::store(Collection& collection, const ObjectKey& key, json::Value object,
                               const StoredPointer& before) {
  json::Value& metadata = *object.find("metadata");
  metadata.set("name", key.name);
  if (!key.namespace_name.empty()) {
    metadata.set("namespace", key.namespace_name);
  }
  if (before == nullptr) {
    metadata.set("uid", fmt::format("uid-{}", ++names_));
    metadata.set("creationTimestamp", Time::whole_seconds(loop_.wall_now()).to_json());
    metadata.set("generation", 1);
  } else {
    const json::Value& old = *before->object.find("metadata");
    for (const std::string_view field :
         {"uid", "creationTimestamp", "generation", "resourceVersion"}) {
      carry(old, metadata, field);
    }
    if (old.find("deletionTimestamp") != nullptr) {
      carry(old, metadata, "deletionTimestamp");
    }
    if (object == before->object) {
      return before;  // nothing changes, so nothing happened
    }
    if (differs(object, before->object, "spec")) {
      metadata.set("generation", metadata.find("generation")->to_int64().value_or(0) + 1);
    }
    if (metadata.find("deletionTimestamp") != nullptr && !has_finalizers(object)) {
      return erase(collection, key);
    }
  }
  metadata.set("resourceVersion", std::to_string(++version_));
  auto stored = std::make_shared<const Stored>(
      Stored{.object = object, .text = json::print(object), .labels = labels_of(object)});
  collection.objects[key] = stored;
  record(collection, {.version = version_, .before = before, .now = stored, .last = {}});
  return stored;
}

StoredPointer ApiServer::erase(Collection& collection, const ObjectKey& key) {
  const auto node = collection.objects.extract(key);
  json::Value object = node.mapped()->object;
  object.find("metadata")->set("resourceVersion", std::to_string(++version_));
  auto last = std::make_shared<const Stored>(
      Stored{.object = object, .text = json::print(object), .labels = node.mapped()->labels});
  record(collection, {.version = version_, .before = node.mapped(), .now = {}, .last = last});
  return last;
}

void ApiServer::record(Collection& collection, Change change) {
  ++stats_.writes;
  collection.changes.push_back(std::move(change));
  collection.listeners.for_each([](CollectionListener& listener) { listener.on_change(); });
}

// As another client would.

json::Value ApiServer::put(const ResourceType& type, json::Value object) {
  const ObjectKey key{.namespace_name = text_of(object, "namespace"),
                      .name = text_of(object, "name")};
  Collection& all = collection(collection_path(type));
  const auto found = all.objects.find(key);
  return store(all, key, std::move(object), found != all.objects.end() ? found->second : nullptr)
      ->object;
}

bool ApiServer::remove(const ResourceType& type, const ObjectKey& key) {
  Collection& all = collection(collection_path(type));
  return all.objects.contains(key) && erase(all, key) != nullptr;
}

std::optional<json::Value> ApiServer::find(const ResourceType& type, const ObjectKey& key) const {
  const auto all = collections_.find(collection_path(type));
  if (all == collections_.end() || !all->second.objects.contains(key)) {
    return std::nullopt;
  }
  return all->second.objects.at(key)->object;
}

std::map<ObjectKey, json::Value> ApiServer::objects(const ResourceType& type) const {
  std::map<ObjectKey, json::Value> objects;
  const auto all = collections_.find(collection_path(type));
  if (all != collections_.end()) {
    for (const auto& [key, stored] : all->second.objects) {
      objects.emplace(key, stored->object);
    }
  }
  return objects;
}

void ApiServer::forget_history() {
  snapshots_.clear();
  for (auto& [path, collection] : collections_) {
    collection.changes.clear();
    collection.forgotten = version_;
  }
}

void ApiServer::cut_watches() {
  for (auto& [path, collection] : collections_) {
    collection.listeners.for_each([](CollectionListener& listener) { listener.cut(); });
  }
}

}  // namespace kthena::kube::testing
