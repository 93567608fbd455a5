#include "router/datastore/route_table.h"

#include <algorithm>
#include <utility>

namespace kthena::router {

void RouteTable::Names::add(const std::string& name, const Entry& entry) {
  if (!name.empty()) {
    entries[name].insert(&entry);
    touched.insert(name);
  }
}

void RouteTable::Names::remove(const std::string& name, const Entry& entry) {
  const auto found = entries.find(name);
  if (found == entries.end()) {
    return;
  }
  found->second.erase(&entry);
  touched.insert(name);
  if (found->second.empty()) {
    entries.erase(found);
  }
}

void RouteTable::Names::update() {
  for (const std::string& name : std::exchange(touched, {})) {
    const auto found = entries.find(name);
    if (found == entries.end()) {
      built.erase(name);
      continue;
    }
    std::vector<const Entry*> ordered(found->second.begin(), found->second.end());
    std::ranges::sort(
        ordered, [](const Entry* a, const Entry* b) { return precedes(*a->object, *b->object); });
    Candidates candidates;
    candidates.reserve(ordered.size());
    for (const Entry* entry : ordered) {
      candidates.push_back(entry->built.route);
    }
    built.set(name, std::move(candidates));
  }
}

void RouteTable::put(std::shared_ptr<const ModelRoute> object) {
  const kube::ObjectKey key = object->metadata.key();
  entries_[key].object = std::move(object);
  dirty_.insert(key);
}

void RouteTable::remove(const kube::ObjectKey& key) {
  const auto found = entries_.find(key);
  if (found != entries_.end()) {
    unregister(found->second);
    entries_.erase(found);
    dirty_.insert(key);
  }
}

std::vector<std::shared_ptr<const RouteTable::ModelRoute>> RouteTable::objects() const {
  std::vector<std::shared_ptr<const ModelRoute>> all;
  for (const auto& [key, entry] : entries_) {
    all.push_back(entry.object);
  }
  return all;
}

/// Undoes what register_again() did for what was built.
void RouteTable::unregister(const Entry& entry) {
  if (entry.built.route == nullptr) {
    return;
  }
  models_.remove(entry.built.route->model_name, entry);
  for (const std::string& adapter : entry.built.route->lora_adapters) {
    adapters_.remove(adapter, entry);
  }
  const kube::ObjectKey key = entry.built.route->object->metadata.key();
  for (const BuiltRoute::Wanted& wanted : entry.built.wanted) {
    const auto found = wanted_by_.find(wanted.server);
    if (found != wanted_by_.end() && found->second.erase(key) > 0 && found->second.empty()) {
      wanted_by_.erase(found);
    }
  }
}

void RouteTable::register_again(Entry& entry) {
  unregister(entry);
  entry.built = build_route(entry.object);
  models_.add(entry.built.route->model_name, entry);
  for (const std::string& adapter : entry.built.route->lora_adapters) {
    adapters_.add(adapter, entry);
  }
  for (const BuiltRoute::Wanted& wanted : entry.built.wanted) {
    wanted_by_[wanted.server].insert(entry.object->metadata.key());
  }
}

void RouteTable::update(const Snapshot& before, Snapshot& next, Gone& gone) {
  for (const kube::ObjectKey& key : std::exchange(dirty_, {})) {
    const auto found = entries_.find(key);
    if (found != entries_.end()) {
      register_again(found->second);
      built_.set(found->second.built.route->key, found->second.built.route);
    } else if (built_.erase(key.to_string())) {
      gone.routes.push_back(key.to_string());
    }
    unjudged_.insert(key);
  }
  std::set<std::string> touched = models_.touched;
  touched.insert(adapters_.touched.begin(), adapters_.touched.end());
  models_.update();
  adapters_.update();
  next.routes = built_.version();
  next.by_model = models_.built.version();
  next.by_adapter = adapters_.built.version();
  for (const std::string& name : touched) {
    if (before.knows_model(name) && !next.knows_model(name)) {
      gone.models.push_back(name);
    }
  }
}

void RouteTable::update_problems(const std::set<std::string>& servers, const ServerTable& table,
                                 Problems& problems) {
  for (const std::string& server : servers) {
    if (const auto found = wanted_by_.find(server); found != wanted_by_.end()) {
      unjudged_.insert(found->second.begin(), found->second.end());
    }
  }
  for (const kube::ObjectKey& key : std::exchange(unjudged_, {})) {
    std::set<std::string> what;
    if (const auto found = entries_.find(key); found != entries_.end()) {
      what = found->second.built.problems;
      for (const BuiltRoute::Wanted& wanted : found->second.built.wanted) {
        if (!table.contains(wanted.server)) {
          what.insert(wanted.at + ": there is no ModelServer " + wanted.server);
        }
      }
    }
    problems.set("ModelRoute " + key.to_string(), std::move(what));
  }
}

}  // namespace kthena::router
