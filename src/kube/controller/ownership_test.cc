#include "kube/controller/ownership.h"

#include <gtest/gtest.h>

#include "json/print.h"
#include "kube/types/lease.h"

namespace kthena::kube {
namespace {

Lease owner(std::string uid) {
  Lease lease;
  lease.metadata.name = "owner";
  lease.metadata.uid = std::move(uid);
  return lease;
}

TEST(Ownership, TheControllerIsTheOwnerThatManages) {
  ObjectMeta metadata;
  EXPECT_EQ(controller_of(metadata), nullptr);
  metadata.owner_references.push_back({.kind = "ConfigMap", .name = "other", .uid = "o"});
  metadata.owner_references.push_back(controller_reference(owner("u1")));
  ASSERT_NE(controller_of(metadata), nullptr);
  EXPECT_EQ(controller_of(metadata)->uid, "u1");
  EXPECT_EQ(controller_of(metadata)->kind, "Lease");
  EXPECT_TRUE(is_controlled_by(metadata, owner("u1").metadata));
}

TEST(Ownership, AnotherObjectOfTheOwnersNameIsNotTheOwner) {
  ObjectMeta metadata;
  metadata.owner_references.push_back(controller_reference(owner("u1")));
  EXPECT_FALSE(is_controlled_by(metadata, owner("u2").metadata));
}

TEST(Finalizers, AreAddedToTheVersionThatWasRead) {
  ObjectMeta metadata;
  metadata.resource_version = "7";
  EXPECT_EQ(json::print(add_finalizer_patch(metadata, "a/b")),
            R"([{"op":"replace","path":"/metadata/resourceVersion","value":"7"},)"
            R"({"op":"add","path":"/metadata/finalizers","value":["a/b"]}])");
  metadata.finalizers = {"c/d"};
  EXPECT_EQ(json::print(add_finalizer_patch(metadata, "a/b")),
            R"([{"op":"replace","path":"/metadata/resourceVersion","value":"7"},)"
            R"({"op":"add","path":"/metadata/finalizers/-","value":"a/b"}])");
}

TEST(Finalizers, OfOthersStayWhenOursIsRemoved) {
  ObjectMeta metadata;
  metadata.resource_version = "7";
  metadata.finalizers = {"a/b", "c/d"};
  EXPECT_TRUE(has_finalizer(metadata, "a/b"));
  EXPECT_EQ(json::print(remove_finalizer_patch(metadata, "a/b")),
            R"([{"op":"replace","path":"/metadata/resourceVersion","value":"7"},)"
            R"({"op":"add","path":"/metadata/finalizers","value":["c/d"]}])");
}

}  // namespace
}  // namespace kthena::kube
