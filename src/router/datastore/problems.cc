#include "router/datastore/problems.h"

#include <utility>

namespace kthena::router {

void Problems::set(const std::string& object, std::set<std::string> what) {
  const auto known = present_.find(object);
  if (known == present_.end() ? what.empty() : known->second == what) {
    return;
  }
  changed_.insert(object);
  if (what.empty()) {
    present_.erase(object);
  } else {
    present_[object] = std::move(what);
  }
}

std::vector<Problem> Problems::take_new() {
  std::vector<Problem> found;
  for (const std::string& object : std::exchange(changed_, {})) {
    const auto present = present_.find(object);
    if (present == present_.end()) {
      told_.erase(object);
      continue;
    }
    std::set<std::string>& told = told_[object];
    for (const std::string& what : present->second) {
      if (!told.contains(what)) {
        found.push_back({.object = object, .what = what});
      }
    }
    told = present->second;
  }
  return found;
}

std::vector<Problem> Problems::list() const {
  std::vector<Problem> all;
  for (const auto& [object, texts] : present_) {
    for (const std::string& what : texts) {
      all.push_back({.object = object, .what = what});
    }
  }
  return all;
}

}  // namespace kthena::router
