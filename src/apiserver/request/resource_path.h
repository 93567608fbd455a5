// What the path of a request means: a resource, an object, a part of one.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace kthena::apiserver {

/// A path below /api/V or /apis/G/V, decoded. Whether there is such a resource is not asked.
struct ResourcePath {
  std::string group;  ///< empty for the core group
  std::string version;
  std::string plural;
  std::string namespace_name;  ///< empty: none was given
  std::string name;            ///< empty: the collection
  std::string subresource;     ///< "status", "log"; empty: the object
  bool watches = false;        ///< the old form /api/v1/watch/…

  friend bool operator==(const ResourcePath&, const ResourcePath&) = default;
};

/// Nothing for a path that is none of a resource: documents, health.
/// Source: Kubernetes API concepts, resource URIs.
std::optional<ResourcePath> parse_resource_path(std::string_view path);

/// The pairs of a query, decoded, in order. What cannot be decoded stays as it is.
class Query {
 public:
  explicit Query(std::string_view text);

  /// The first value of that name; nothing if it is absent.
  std::optional<std::string_view> find(std::string_view name) const;
  /// Empty if it is absent.
  std::string_view get(std::string_view name) const { return find(name).value_or(""); }
  std::vector<std::string_view> all(std::string_view name) const;

 private:
  struct Pair {
    std::string name;
    std::string value;
  };
  std::vector<Pair> pairs_;
};

}  // namespace kthena::apiserver
