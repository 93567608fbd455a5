// Custom kinds as their definitions would make them, for tests of what is served.
#pragma once

#include <memory>
#include <string>

#include "apiserver/kinds/catalog.h"

namespace kthena::apiserver::testing {

/// example.com Foo, namespaced.
/// @param subresources  whether it has status and scale
inline KindPtr foo(const std::string& version, bool subresources) {
  return std::make_shared<const Kind>(Kind{.group = "example.com",
                                           .version = version,
                                           .kind = "Foo",
                                           .list_kind = "FooList",
                                           .plural = "foos",
                                           .singular = "foo",
                                           .short_names = {"fo"},
                                           .categories = {"all", "mine"},
                                           .origin = Origin::Custom,
                                           .has_status = subresources,
                                           .has_scale = subresources,
                                           .api_versions = {"example.com/" + version},
                                           .api_version = "example.com/" + version,
                                           .resource = "example.com/foos"});
}

/// All built-in kinds and Foo in two versions.
inline CatalogPtr catalog_with_foo() {
  std::vector<KindPtr> kinds(built_in_kinds().begin(), built_in_kinds().end());
  kinds.push_back(foo("v1", true));
  kinds.push_back(foo("v1beta1", false));
  return std::make_shared<const Catalog>(std::move(kinds));
}

}  // namespace kthena::apiserver::testing
