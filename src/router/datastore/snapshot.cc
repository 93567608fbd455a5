#include "router/datastore/snapshot.h"

#include <algorithm>

namespace kthena::router {

std::vector<std::string_view> Snapshot::model_names() const {
  std::vector<std::string_view> names;
  names.reserve(by_model.size() + by_adapter.size());
  for (const auto& entry : by_model) {
    names.push_back(entry.key);
  }
  for (const auto& entry : by_adapter) {
    names.push_back(entry.key);
  }
  std::ranges::sort(names);
  const auto repeated = std::ranges::unique(names);
  names.erase(repeated.begin(), repeated.end());
  return names;
}

}  // namespace kthena::router
