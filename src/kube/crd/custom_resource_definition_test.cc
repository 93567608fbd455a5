#include "kube/crd/custom_resource_definition.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "json/fields.h"
#include "json/path.h"
#include "json/print.h"
#include "json/value.h"
#include "kube/meta/object.h"
#include "kube/meta/resource.h"

namespace kthena::kube {
namespace {

struct PetSpec {
  std::string name;

  static constexpr auto fields() {
    return std::tuple{json::Field{"name", &PetSpec::name, "What it is called."}};
  }
};

struct Pet {
  ObjectMeta metadata;
  PetSpec spec;

  static constexpr std::array kColumns{
      PrinterColumn{.name = "Name", .type = "string", .json_path = ".spec.name"},
      PrinterColumn{.name = "Hair", .type = "string", .json_path = ".spec.hair", .priority = 1}};
  static constexpr std::array<std::string_view, 1> kShort{"pe"};
  static constexpr std::array<std::string_view, 1> kCategories{"zoo"};
  static constexpr ResourceType kResource{.api_version = "zoo.example.org/v1",
                                          .kind = "Pet",
                                          .plural = "pets",
                                          .singular = "pet",
                                          .columns = kColumns,
                                          .short_names = kShort,
                                          .categories = kCategories,
                                          .scale = ScalePaths{.spec_replicas = ".spec.replicas",
                                                              .status_replicas = ".status.replicas",
                                                              .label_selector = ".status.selector"},
                                          .help = "An animal."};
  static constexpr auto fields() {
    return std::tuple{json::Constant{"apiVersion", kResource.api_version},
                      json::Constant{"kind", kResource.kind},
                      json::Field{"metadata", &Pet::metadata},
                      json::Field{"spec", &Pet::spec, "What is wanted."}};
  }
};

struct OldPet : Pet {
  static constexpr ResourceType kResource{.api_version = "zoo.example.org/v1beta1",
                                          .kind = "Pet",
                                          .plural = "pets",
                                          .singular = "pet",
                                          .scope = Scope::Cluster,
                                          .has_status = false,
                                          .deprecation = "use v1"};
  static constexpr auto fields() {
    return std::tuple{json::Constant{"apiVersion", kResource.api_version},
                      json::Constant{"kind", kResource.kind}};
  }
};

std::string at(const json::Value& root, std::string_view path) {
  const json::Value* found = json::find_path(root, path);
  return found == nullptr ? "nothing" : json::print(*found);
}

TEST(CustomResourceDefinition, SaysWhatAKindIsCalled) {
  const json::Value crd = custom_resource_definition<Pet>();
  EXPECT_EQ(at(crd, "metadata.name"), R"("pets.zoo.example.org")");
  EXPECT_EQ(at(crd, "spec.group"), R"("zoo.example.org")");
  EXPECT_EQ(at(crd, "spec.scope"), R"("Namespaced")");
  EXPECT_EQ(at(crd, "spec.names"),
            R"({"categories":["zoo"],"kind":"Pet","listKind":"PetList","plural":"pets",)"
            R"("shortNames":["pe"],"singular":"pet"})");
}

TEST(CustomResourceDefinition, HasColumnsAndSubresources) {
  const json::Value crd = custom_resource_definition<Pet>();
  EXPECT_EQ(at(crd, "spec.versions[0].additionalPrinterColumns"),
            R"([{"jsonPath":".spec.name","name":"Name","type":"string"},)"
            R"({"jsonPath":".spec.hair","name":"Hair","priority":1,"type":"string"}])");
  EXPECT_EQ(at(crd, "spec.versions[0].subresources"),
            R"({"scale":{"labelSelectorPath":".status.selector",)"
            R"("specReplicasPath":".spec.replicas","statusReplicasPath":".status.replicas"},)"
            R"("status":{}})");
}

TEST(CustomResourceDefinition, LeavesMetadataToTheServer) {
  const json::Value crd = custom_resource_definition<Pet>();
  const json::Value* schema = json::find_path(crd, "spec.versions[0].schema.openAPIV3Schema");
  ASSERT_NE(schema, nullptr);
  EXPECT_EQ(at(*schema, "description"), R"("An animal.")");
  EXPECT_EQ(at(*schema, "properties.metadata"), R"({"type":"object"})");
  EXPECT_EQ(at(*schema, "properties.apiVersion.enum"), "nothing");
  EXPECT_EQ(at(*schema, "properties.spec.properties.name.type"), R"("string")");
}

TEST(CustomResourceDefinition, StoresTheFirstOfSeveralVersions) {
  const std::array versions{crd_version<Pet>(), crd_version<OldPet>()};
  const json::Value crd = custom_resource_definition(versions);
  EXPECT_EQ(at(crd, "spec.versions[0].name"), R"("v1")");
  EXPECT_EQ(at(crd, "spec.versions[0].storage"), "true");
  EXPECT_EQ(at(crd, "spec.versions[1].name"), R"("v1beta1")");
  EXPECT_EQ(at(crd, "spec.versions[1].storage"), "false");
  EXPECT_EQ(at(crd, "spec.versions[1].served"), "true");
  EXPECT_EQ(at(crd, "spec.versions[1].subresources"), "nothing");
  EXPECT_EQ(at(crd, "spec.versions[1].deprecationWarning"),
            R"("zoo.example.org/v1beta1 Pet is deprecated: use v1")");
}

}  // namespace
}  // namespace kthena::kube
