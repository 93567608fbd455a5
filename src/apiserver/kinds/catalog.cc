#include "apiserver/kinds/catalog.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace kthena::apiserver {

std::string_view to_string(Verb verb) noexcept {
  constexpr std::array<std::string_view, 8> kNames{"create", "delete", "deletecollection", "get",
                                                   "list",   "patch",  "update",           "watch"};
  return kNames[static_cast<std::size_t>(verb)];
}

Catalog::Catalog(std::vector<KindPtr> kinds) : kinds_(std::move(kinds)) {
  for (std::size_t i = 0; i < kinds_.size(); ++i) {
    const Kind& kind = *kinds_[i];
    by_plural_.emplace(fmt::format("{}/{}/{}", kind.group, kind.version, kind.plural), i);
    by_kind_.emplace(fmt::format("{}/{}", kind.api_version, kind.kind), i);
    if (kind.group.empty()) {
      continue;
    }
    auto group = std::ranges::find(groups_, kind.group, &Group::name);
    if (group == groups_.end()) {
      group = groups_.insert(groups_.end(), {.name = kind.group, .versions = {}});
    }
    if (std::ranges::find(group->versions, kind.version) == group->versions.end()) {
      group->versions.push_back(kind.version);
    }
  }
}

KindPtr Catalog::find(std::string_view group, std::string_view version,
                      std::string_view plural) const {
  const auto found = by_plural_.find(fmt::format("{}/{}/{}", group, version, plural));
  return found == by_plural_.end() ? nullptr : kinds_[found->second];
}

KindPtr Catalog::find_kind(std::string_view api_version, std::string_view kind) const {
  const auto found = by_kind_.find(fmt::format("{}/{}", api_version, kind));
  return found == by_kind_.end() ? nullptr : kinds_[found->second];
}

KindPtr Catalog::find_resource(std::string_view group, std::string_view plural) const {
  const auto found = std::ranges::find_if(
      kinds_, [&](const KindPtr& kind) { return kind->group == group && kind->plural == plural; });
  return found == kinds_.end() ? nullptr : *found;
}

bool Catalog::has_group_version(std::string_view group, std::string_view version) const {
  return std::ranges::any_of(kinds_, [&](const KindPtr& kind) {
    return kind->group == group && kind->version == version;
  });
}

std::vector<KindPtr> Catalog::kinds_of(std::string_view group, std::string_view version) const {
  std::vector<KindPtr> found;
  std::ranges::copy_if(kinds_, std::back_inserter(found), [&](const KindPtr& kind) {
    return kind->group == group && kind->version == version;
  });
  return found;
}

}  // namespace kthena::apiserver
