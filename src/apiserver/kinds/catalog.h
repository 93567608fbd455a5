// All kinds that are served at present.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "apiserver/kinds/kind.h"

namespace kthena::apiserver {

/// A set of kinds. Never changes: when a CustomResourceDefinition does, the server has a new one.
class Catalog {
 public:
  /// @param kinds  in the order in which discovery lists them; preferred versions first
  explicit Catalog(std::vector<KindPtr> kinds);

  /// Null if it is not served.
  KindPtr find(std::string_view group, std::string_view version, std::string_view plural) const;
  KindPtr find_kind(std::string_view api_version, std::string_view kind) const;
  /// Any version of it; null if none is served.
  KindPtr find_resource(std::string_view group, std::string_view plural) const;

  /// Named groups in the order of the kinds.
  struct Group {
    std::string name;                   ///< never empty: the core group is not among them
    std::vector<std::string> versions;  ///< the preferred one first
  };
  const std::vector<Group>& groups() const noexcept { return groups_; }
  bool has_group_version(std::string_view group, std::string_view version) const;

  /// As they were given.
  std::span<const KindPtr> kinds() const noexcept { return kinds_; }
  std::vector<KindPtr> kinds_of(std::string_view group, std::string_view version) const;

 private:
  std::vector<KindPtr> kinds_;
  std::map<std::string, std::size_t, std::less<>> by_plural_;  ///< "apps/v1/deployments"
  std::map<std::string, std::size_t, std::less<>> by_kind_;    ///< "apps/v1/Deployment"
  std::vector<Group> groups_;
};
using CatalogPtr = std::shared_ptr<const Catalog>;

/// The kinds that need no definition, in the order of kube-apiserver. Made at the first call.
std::span<const KindPtr> built_in_kinds();

}  // namespace kthena::apiserver
