// A small API server in memory, on virtual time: lists, watches and writes with versions, for any
// kind; no schemas, no server-side apply. With faults, for properties over many seeds.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "async/simulated_loop.h"
#include "http/server.h"
#include "json/value.h"
#include "kube/meta/resource.h"
#include "kube/testing/collection.h"
#include "kube/testing/faults.h"
#include "kube/testing/watch_source.h"

namespace kthena::kube::testing {

/// Behaves as kube-apiserver does: what differs in a test against the real one is a bug here. Watch
/// history is kept until forget_history().
class ApiServer final : public http::Handler {
 public:
  explicit ApiServer(async::SimulatedLoop& loop);
  ~ApiServer() override;

  async::Task<http::Response> handle(http::Request& request) override;

  Faults faults;              ///< may change at any time
  bool streams_lists = true;  ///< false: refuses sendInitialEvents, as older servers do

  // As another client would, at once and without faults.

  /// Creates or replaces the object. Returns it as stored.
  json::Value put(const ResourceType& type, json::Value object);
  /// Whether it was there. Without regard to finalizers.
  bool remove(const ResourceType& type, const ObjectKey& key);
  /// Nothing if there is none.
  std::optional<json::Value> find(const ResourceType& type, const ObjectKey& key) const;
  std::map<ObjectKey, json::Value> objects(const ResourceType& type) const;

  /// What a compaction does: versions up to now cannot be watched from, pages not be continued.
  void forget_history();
  /// What a restart does to those who watch.
  void cut_watches();

  std::uint64_t version() const noexcept { return version_; }
  struct Stats {
    std::uint64_t requests = 0;
    std::uint64_t lists = 0;
    std::uint64_t watches = 0;
    std::uint64_t writes = 0;  ///< that changed something
  };
  const Stats& stats() const noexcept { return stats_; }

 private:
  struct Target;  // what a path means
  struct Answer;
  struct Snapshot {  // what is left of a list in pages
    std::uint64_t version = 0;
    std::vector<StoredPointer> rest;
  };

  static std::optional<Target> parse(const http::Request& request);
  Collection& collection(const std::string& path) { return collections_[path]; }
  Answer dispatch(const http::Request& request, const Target& target, const std::string& body);
  static Answer refusal(int status, std::string_view reason, std::string_view message);
  Answer read(const Target& target);
  Answer list(const Target& target);
  Answer page(const Target& target, std::vector<StoredPointer> rest, std::uint64_t version);
  Answer watch(const Target& target);
  Answer create(const Target& target, const std::string& body);
  Answer replace(const Target& target, const std::string& body);
  Answer merge(const Target& target, const std::string& body);
  Answer patch(const Target& target, const std::string& body);
  Answer remove(const Target& target, const std::string& body);
  Answer remove_all(const Target& target);
  /// Stores `object` in the place of `before` (null: new), or removes it if its last finalizer is
  /// gone.
  StoredPointer store(Collection& collection, const ObjectKey& key, json::Value object,
                      const StoredPointer& before);
  StoredPointer erase(Collection& collection, const ObjectKey& key);
  void record(Collection& collection, Change change);
  bool happens(std::uint32_t chance) { return chance > 0 && loop_.random_below(1000) < chance; }

  async::SimulatedLoop& loop_;
  std::map<std::string, Collection> collections_;  // by path without namespace: "/apis/g/v/plural"
  std::map<std::string, Snapshot> snapshots_;      // by continue token
  std::uint64_t version_ = 100;
  std::uint64_t names_ = 0;
  Stats stats_;
};

}  // namespace kthena::kube::testing
