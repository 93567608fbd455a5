#include "kube/crd/shape_schema.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "json/path.h"
#include "json/print.h"
#include "json/value.h"

namespace kthena::kube {
namespace {

std::string schema_at(std::string_view type, std::string_view path) {
  const json::Value schema = shape_schema(type);
  const json::Value* found = json::find_path(schema, path);
  return found == nullptr ? "nothing" : json::print_canonical(*found);
}

TEST(ShapeSchema, DescribesWhatAPodTemplateHolds) {
  EXPECT_EQ(schema_at("PodTemplateSpec", "properties.metadata"),
            R"({"properties":{"annotations":{"additionalProperties":{"type":"string"},)"
            R"("type":"object"},"labels":{"additionalProperties":{"type":"string"},)"
            R"("type":"object"}},"type":"object"})");
  EXPECT_EQ(schema_at("PodTemplateSpec", "properties.spec.required"), R"(["containers"])");
}

TEST(ShapeSchema, HasListTypesKeysAndDefaults) {
  EXPECT_EQ(
      schema_at("Container", "properties.ports"),
      R"({"items":{"properties":{"containerPort":{"format":"int32","type":"integer"},)"
      R"("hostIP":{"type":"string"},"hostPort":{"format":"int32","type":"integer"},)"
      R"("name":{"type":"string"},"protocol":{"default":"TCP","type":"string"}},)"
      R"("required":["containerPort"],"type":"object"},"type":"array",)"
      R"("x-kubernetes-list-map-keys":["containerPort","protocol"],"x-kubernetes-list-type":"map"})");
  EXPECT_EQ(schema_at("PodSpec", "properties.hostAliases.x-kubernetes-list-type"), "nothing");
}

TEST(ShapeSchema, SaysNothingOfValuesThatALaterKubernetesMayAdd) {
  EXPECT_EQ(schema_at("PodSpec", "properties.restartPolicy"), R"({"type":"string"})");
}

TEST(ShapeSchema, IsNullForTypesThatAreNotKnown) {
  EXPECT_TRUE(shape_schema("PodTemplateSpecs").is_null());
}

}  // namespace
}  // namespace kthena::kube
