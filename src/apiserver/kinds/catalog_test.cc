#include "apiserver/kinds/catalog.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace kthena::apiserver {
namespace {

Catalog built_in() { return Catalog({built_in_kinds().begin(), built_in_kinds().end()}); }

TEST(Catalog, FindsAKindByItsPathAndByItsName) {
  const Catalog catalog = built_in();
  const KindPtr deployments = catalog.find("apps", "v1", "deployments");
  ASSERT_NE(deployments, nullptr);
  EXPECT_EQ(deployments->api_version, "apps/v1");
  EXPECT_EQ(deployments->resource, "apps/deployments");
  EXPECT_EQ(deployments->qualified(), "deployments.apps");
  EXPECT_EQ(deployments->list_kind, "DeploymentList");
  EXPECT_EQ(catalog.find_kind("apps/v1", "Deployment"), deployments);
  EXPECT_EQ(catalog.find_resource("apps", "deployments"), deployments);
  EXPECT_EQ(catalog.find("apps", "v1beta1", "deployments"), nullptr);
  EXPECT_EQ(catalog.find("", "v1", "deployments"), nullptr);
}

TEST(Catalog, ListsGroupsInTheOrderOfTheirKindsWithoutTheCoreGroup) {
  const Catalog catalog = built_in();
  ASSERT_FALSE(catalog.groups().empty());
  EXPECT_EQ(catalog.groups().front().name, "apps");
  EXPECT_EQ(catalog.groups().back().name, "discovery.k8s.io");
  EXPECT_TRUE(catalog.has_group_version("", "v1"));
  EXPECT_FALSE(catalog.has_group_version("apps", "v2"));
}

TEST(BuiltInKinds, EventsOfBothGroupsAreOneResource) {
  const Catalog catalog = built_in();
  EXPECT_EQ(catalog.find("", "v1", "events")->resource, "events");
  EXPECT_EQ(catalog.find("events.k8s.io", "v1", "events")->resource, "events");
}

TEST(BuiltInKinds, HaveASchemaAndOnePathEach) {
  std::vector<std::string> paths;
  for (const KindPtr& kind : built_in_kinds()) {
    EXPECT_NE(kind->schema, nullptr) << kind->kind;
    EXPECT_NE(kind->shape, nullptr) << kind->kind;
    paths.push_back(kind->api_version + "/" + kind->plural);
  }
  std::ranges::sort(paths);
  EXPECT_EQ(std::ranges::adjacent_find(paths), paths.end());
}

TEST(BuiltInKinds, ReviewsCanOnlyBeCreated) {
  const KindPtr review = built_in().find("authorization.k8s.io", "v1", "subjectaccessreviews");
  ASSERT_NE(review, nullptr);
  EXPECT_TRUE(review->verbs.has(Verb::Create));
  EXPECT_FALSE(review->verbs.has(Verb::List));
  EXPECT_FALSE(built_in().find("", "v1", "namespaces")->verbs.has(Verb::DeleteCollection));
}

}  // namespace
}  // namespace kthena::apiserver
