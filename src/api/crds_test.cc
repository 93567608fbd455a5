// deploy/crds/ is what the code prints: UPDATE_GOLDEN=1 rewrites it.
#include "api/crds.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "api/registry.h"
#include "json/type.h"
#include "json/value.h"
#include "json/yaml.h"

namespace kthena::api {
namespace {

const std::filesystem::path kFolder =
    std::filesystem::path(KTHENA_TESTDATA "/../../../deploy/crds").lexically_normal();

std::string name_of(const json::Value& crd) {
  return crd.find("metadata")->find("name")->as_string();
}

/// "modelroutes.networking.serving.volcano.sh" is in modelroutes.yaml.
std::filesystem::path file_of(const json::Value& crd) {
  const std::string name = name_of(crd);
  return kFolder / (name.substr(0, name.find('.')) + ".yaml");
}

std::string text_of(const json::Value& crd) {
  return "# Printed by the code: src/api/crds_test.cc with UPDATE_GOLDEN=1.\n" +
         json::print_yaml(crd);
}

TEST(Crds, AreTheFilesInDeploy) {
  const bool update = std::getenv("UPDATE_GOLDEN") != nullptr;
  std::set<std::filesystem::path> known;
  for (const json::Value& crd : custom_resource_definitions()) {
    const std::filesystem::path path = file_of(crd);
    known.insert(path);
    if (update) {
      std::filesystem::create_directories(kFolder);
      std::ofstream(path) << text_of(crd);
      continue;
    }
    std::stringstream text;
    text << std::ifstream(path).rdbuf();
    // Not EXPECT_EQ: gtest would compute a difference of a megabyte line by line.
    EXPECT_TRUE(text.str() == text_of(crd))
        << path << " is not what the code prints; UPDATE_GOLDEN=1 rewrites it";
  }
  for (const auto& entry : std::filesystem::directory_iterator(kFolder)) {
    EXPECT_TRUE(known.contains(entry.path())) << entry.path() << " is the file of no kind";
  }
}

/// What must hold of a structural schema, at every depth.
void expect_structural(const json::Value& node, const std::string& path);

/// The keys of a list are required or have a default, else the server refuses the schema.
void expect_keys(const json::Value& list, const std::string& path) {
  const json::Value* keys = list.find("x-kubernetes-list-map-keys");
  if (keys == nullptr) {
    return;
  }
  const json::Value& items = *list.find("items");
  for (const json::Value& key : keys->as_array()) {
    const json::Value* property = items.find("properties")->find(key.as_string());
    ASSERT_NE(property, nullptr) << path;
    const json::Value* required = items.find("required");
    EXPECT_TRUE(property->find("default") != nullptr ||
                (required != nullptr && std::ranges::count(required->as_array(), key) == 1))
        << path << ": key " << key.as_string();
  }
}

void expect_properties(const json::Value& object, const std::string& path) {
  const json::Value& properties = *object.find("properties");
  for (const json::Member& member : properties.as_object()) {
    expect_structural(member.value, path + "." + member.key);
  }
  if (const json::Value* required = object.find("required")) {
    for (const json::Value& name : required->as_array()) {
      EXPECT_NE(properties.find(name.as_string()), nullptr) << path << ": " << name.as_string();
    }
  }
}

void expect_structural(const json::Value& node, const std::string& path) {
  const json::Value* type = node.find("type");
  EXPECT_TRUE(type != nullptr || node.find("x-kubernetes-preserve-unknown-fields") != nullptr ||
              node.find("x-kubernetes-int-or-string") != nullptr)
      << path << " has no type";
  EXPECT_FALSE(node.find("properties") != nullptr && node.find("additionalProperties") != nullptr)
      << path;
  EXPECT_EQ(type != nullptr && *type == "array", node.find("items") != nullptr) << path;
  if (const json::Value* items = node.find("items")) {
    expect_keys(node, path);
    expect_structural(*items, path + "[]");
  }
  if (const json::Value* values = node.find("additionalProperties")) {
    expect_structural(*values, path + "{}");
  }
  if (node.find("properties") != nullptr) {
    expect_properties(node, path);
  }
}

TEST(Crds, HaveStructuralSchemas) {
  for (const json::Value& crd : custom_resource_definitions()) {
    for (const json::Value& version : crd.find("spec")->find("versions")->as_array()) {
      expect_structural(*version.find("schema")->find("openAPIV3Schema"), name_of(crd));
    }
  }
}

/// `kubectl explain` shows what the field list says; a built-in type that a field names has no
/// prose of ours.
void expect_described(const json::TypeInfo& type, const std::string& path) {
  if (type.element != nullptr) {
    expect_described(type.element(), path);
  }
  for (const json::FieldInfo& field : type.fields) {
    const std::string name = path + "." + std::string(field.name);
    EXPECT_FALSE(field.rules.help.empty()) << name << " has no description";
    if (field.rules.shape.empty()) {
      expect_described(field.type(), name);
    }
  }
}

TEST(Crds, DescribeEveryFieldOfOurs) {
  for (const KindDoor& kind : our_kinds()) {
    const std::string name(kind.resource->kind);
    EXPECT_FALSE(kind.resource->help.empty()) << name << " does not say what it is for";
    for (const json::FieldInfo& field : kind.type().fields) {
      if (field.name != "metadata") {
        expect_described(field.type(), name + "." + std::string(field.name));
      }
    }
  }
}

}  // namespace
}  // namespace kthena::api
