#include "router/datastore/datastore.h"

#include <map>
#include <set>
#include <utility>

namespace kthena::router {

template <class T>
void Datastore::replace_kind(const std::vector<std::shared_ptr<const T>>& before,
                             std::vector<T> objects) {
  std::map<kube::ObjectKey, std::shared_ptr<const T>> left;
  for (const auto& object : before) {
    left.emplace(object->metadata.key(), object);
  }
  for (T& object : objects) {
    const auto known = left.find(object.metadata.key());
    const bool alike = known != left.end() && *known->second == object;
    if (known != left.end()) {
      left.erase(known);
    }
    if (!alike) {
      put(std::make_shared<const T>(std::move(object)));
    }
  }
  for (const auto& [key, object] : left) {
    remove(*object);
  }
}

void Datastore::replace(Objects objects) {
  replace_kind(routes_.objects(), std::move(objects.routes));
  replace_kind(servers_.servers(), std::move(objects.servers));
  replace_kind(servers_.pods(), std::move(objects.pods));
  replace_kind(servers_.slices(), std::move(objects.slices));
}

Change Datastore::update() {
  auto next = std::make_shared<Snapshot>();
  Change change;
  const std::set<std::string> servers = servers_.update(*next, change.gone, problems_);
  routes_.update(*current_, *next, change.gone);
  routes_.update_problems(servers, servers_, problems_);
  next->version = current_->version + 1;
  next->retirements = current_->retirements + (change.gone.names() ? 1 : 0);
  current_ = std::move(next);
  change.after = current_;
  return change;
}

}  // namespace kthena::router
