#include "apiserver/discovery/openapi.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "apiserver/discovery/testing/custom_kinds.h"
#include "json/parse.h"
#include "json/print.h"
#include "json/value.h"

namespace kthena::apiserver {
namespace {

using json::Value;

/// A schema with what is special about schemas in definitions.
constexpr std::string_view kFooSchema = R"({
  "type": "object", "description": "A foo", "required": ["spec"], "properties": {
    "kind": {"type": "string", "description": "Which."},
    "metadata": {"type": "object"},
    "spec": {"type": "object", "required": ["size"], "properties": {
      "size": {"type": "integer", "format": "int32", "minimum": 0, "default": 3, "nullable": true},
      "mode": {"type": "string", "enum": ["A", "B"]},
      "port": {"x-kubernetes-int-or-string": true},
      "template": {"type": "object", "x-kubernetes-preserve-unknown-fields": true, "properties": {
        "obj": {"type": "object", "x-kubernetes-embedded-resource": true}}},
      "object": {"type": "object", "x-kubernetes-embedded-resource": true},
      "one": {"type": "object", "oneOf": [{"required": ["a"]}], "properties": {
        "a": {"type": "string"}}},
      "ports": {"type": "array", "x-kubernetes-list-type": "map",
        "x-kubernetes-list-map-keys": ["name"], "items": {"type": "object", "required": ["name"],
        "properties": {"name": {"type": "string", "default": "x"}}}}}}}})";

const Value& foo_schema() {
  static const Value schema = *json::parse(kFooSchema);
  return schema;
}

Value document(OpenApiVersion version) {
  const CatalogPtr catalog = testing::catalog_with_foo();
  return openapi_document(version, catalog->kinds(),
                          [](const Kind&) -> const Value* { return &foo_schema(); });
}

const Value& v2() {
  static const Value all = document(OpenApiVersion::V2);
  return all;
}
const Value& v3() {
  static const Value all = document(OpenApiVersion::V3);
  return all;
}

std::string canonical(const Value* value) {
  return value == nullptr ? "none" : json::print_canonical(*value);
}
std::string canonical(std::string_view text) { return json::print_canonical(*json::parse(text)); }

const Value* definition(const Value& all, std::string_view name) {
  const Value* list = all.find("definitions");
  return (list != nullptr ? list : all.find("components")->find("schemas"))->find(name);
}
const Value* property(const Value& all, std::string_view type, std::string_view name) {
  return definition(all, type)->find("properties")->find(name);
}
const Value* operation(const Value& all, std::string_view path, std::string_view method) {
  const Value* item = all.find("paths")->find(path);
  return item == nullptr ? nullptr : item->find(method);
}

// The texts below are what kube-apiserver 1.34.2 answers, less its prose.

TEST(OpenApi, SaysWhichKindADefinitionIs) {
  EXPECT_EQ(canonical(definition(v2(), "io.k8s.api.apps.v1.Deployment")), canonical(R"({
    "type":"object","properties":{"apiVersion":{"type":"string"},"kind":{"type":"string"},
    "metadata":{"$ref":"#/definitions/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"},
    "spec":{"$ref":"#/definitions/io.k8s.api.apps.v1.DeploymentSpec"},
    "status":{"$ref":"#/definitions/io.k8s.api.apps.v1.DeploymentStatus"}},
    "x-kubernetes-group-version-kind":[{"group":"apps","kind":"Deployment","version":"v1"}]})"));
  EXPECT_EQ(
      canonical(
          definition(v2(), "io.k8s.api.core.v1.PodList")->find("x-kubernetes-group-version-kind")),
      R"([{"group":"","kind":"PodList","version":"v1"}])");
}

TEST(OpenApi, SaysHowListsMerge) {
  EXPECT_EQ(canonical(property(v3(), "io.k8s.api.core.v1.Container", "ports")), canonical(R"({
    "type":"array","items":{"$ref":"#/components/schemas/io.k8s.api.core.v1.ContainerPort"},
    "x-kubernetes-list-map-keys":["containerPort","protocol"],"x-kubernetes-list-type":"map",
    "x-kubernetes-patch-merge-key":"containerPort","x-kubernetes-patch-strategy":"merge"})"));
  EXPECT_EQ(canonical(property(v3(), "io.k8s.api.core.v1.Container", "args")),
            canonical(R"({"type":"array","items":{"type":"string"},
                          "x-kubernetes-list-type":"atomic"})"));
}

TEST(OpenApi, PutsWordsBesideAReferenceAsEachVersionAllows) {
  EXPECT_EQ(canonical(property(v2(), "io.k8s.api.apps.v1.DeploymentSpec", "strategy")),
            canonical(R"({"$ref":"#/definitions/io.k8s.api.apps.v1.DeploymentStrategy",
                          "x-kubernetes-patch-strategy":"retainKeys"})"));
  EXPECT_EQ(canonical(property(v3(), "io.k8s.api.apps.v1.DeploymentSpec", "strategy")),
            canonical(R"({"allOf":[{"$ref":
                          "#/components/schemas/io.k8s.api.apps.v1.DeploymentStrategy"}],
                          "x-kubernetes-patch-strategy":"retainKeys"})"));
}

TEST(OpenApi, HasDefaultsOnlyInTheNewVersion) {
  const std::string_view port = "io.k8s.api.core.v1.ContainerPort";
  EXPECT_EQ(canonical(property(v3(), port, "protocol")),
            canonical(R"({"type":"string","default":"TCP","enum":["SCTP","TCP","UDP"]})"));
  EXPECT_EQ(canonical(property(v2(), port, "protocol")),
            canonical(R"({"type":"string","enum":["SCTP","TCP","UDP"]})"));
}

TEST(OpenApi, WritesTypesOfOneWord) {
  EXPECT_EQ(canonical(definition(v3(), kQuantityType)),
            R"({"oneOf":[{"type":"string"},{"type":"number"}]})");
  EXPECT_EQ(canonical(definition(v2(), kQuantityType)), R"({"type":"string"})");
  EXPECT_EQ(canonical(definition(v2(), kIntOrStringType)),
            R"({"format":"int-or-string","type":"string"})");
  EXPECT_EQ(canonical(property(v2(), "io.k8s.api.authentication.v1.UserInfo", "extra")),
            canonical(R"({"type":"object","additionalProperties":{"type":"array",
                          "items":{"type":"string"}}})"));
}

TEST(OpenApi, SaysThatPatchesTakeFieldValidation) {
  // Where kubectl looks: a patch with the names of the kind, with a parameter of that name.
  const Value* patch =
      operation(v3(), "/apis/apps/v1/namespaces/{namespace}/deployments/{name}", "patch");
  ASSERT_NE(patch, nullptr);
  EXPECT_EQ(canonical(patch->find("x-kubernetes-group-version-kind")),
            R"({"group":"apps","kind":"Deployment","version":"v1"})");
  EXPECT_EQ(canonical(&patch->find("parameters")->as_array()[2]),
            canonical(R"({"name":"fieldValidation","in":"query",
                          "schema":{"type":"string","uniqueItems":true}})"));
  EXPECT_EQ(patch->find("operationId")->as_string(), "patchAppsV1NamespacedDeployment");
}

TEST(OpenApi, WritesOperationsOfTheOldVersion) {
  EXPECT_EQ(
      canonical(operation(v2(), "/api/v1/namespaces/{namespace}/pods/{name}/eviction", "post")),
      canonical(R"({"consumes":["*/*"],"produces":["application/json","application/yaml"],
    "schemes":["https"],"tags":["core_v1"],"operationId":"createCoreV1NamespacedPodEviction",
    "parameters":[{"name":"body","in":"body","required":true,"schema":{"$ref":
    "#/definitions/io.k8s.api.policy.v1.Eviction"}},
    {"uniqueItems":true,"type":"string","name":"dryRun","in":"query"},
    {"uniqueItems":true,"type":"string","name":"fieldManager","in":"query"},
    {"uniqueItems":true,"type":"string","name":"fieldValidation","in":"query"}],
    "responses":{"200":{"description":"OK","schema":{"$ref":
    "#/definitions/io.k8s.api.policy.v1.Eviction"}},"201":{"description":"Created","schema":{"$ref":
    "#/definitions/io.k8s.api.policy.v1.Eviction"}},"202":{"description":"Accepted","schema":{"$ref":
    "#/definitions/io.k8s.api.policy.v1.Eviction"}},"401":{"description":"Unauthorized"}},
    "x-kubernetes-action":"post","x-kubernetes-group-version-kind":
    {"group":"policy","kind":"Eviction","version":"v1"}})"));
}

TEST(OpenApi, NamesOperationsAsTheRealServerDoes) {
  const struct {
    std::string_view path, method, id;
  } cases[] = {
      {"/api/v1/pods", "get", "listCoreV1PodForAllNamespaces"},
      {"/api/v1/namespaces/{namespace}/pods", "delete", "deleteCoreV1CollectionNamespacedPod"},
      {"/api/v1/namespaces/{name}/finalize", "put", "replaceCoreV1NamespaceFinalize"},
      {"/api/v1/namespaces/{namespace}/pods/{name}/exec", "post",
       "connectCoreV1PostNamespacedPodExec"},
      {"/apis/rbac.authorization.k8s.io/v1/clusterroles", "post",
       "createRbacAuthorizationV1ClusterRole"},
      {"/apis/example.com/v1/namespaces/{namespace}/foos/{name}/scale", "get",
       "readExampleComV1NamespacedFooScale"},
  };
  for (const auto& [path, method, id] : cases) {
    const Value* found = operation(v2(), path, method);
    ASSERT_NE(found, nullptr) << path;
    EXPECT_EQ(found->find("operationId")->as_string(), id);
  }
  EXPECT_EQ(operation(v2(), "/api/v1/namespaces", "delete"), nullptr);
  EXPECT_EQ(operation(v2(), "/apis/authorization.k8s.io/v1/subjectaccessreviews", "get"), nullptr);
}

TEST(OpenApi, HasSchemasOfCustomKinds) {
  EXPECT_EQ(canonical(definition(v3(), "com.example.v1.Foo")), canonical(R"({
    "type":"object","description":"A foo","required":["spec"],"properties":{
    "apiVersion":{"type":"string"},"kind":{"type":"string","description":"Which."},
    "metadata":{"$ref":"#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"},
    "spec":{"type":"object","required":["size"],"properties":{
    "size":{"type":"integer","format":"int32","minimum":0,"default":3,"nullable":true},
    "mode":{"type":"string","enum":["A","B"]},
    "port":{"anyOf":[{"type":"integer"},{"type":"string"}],"x-kubernetes-int-or-string":true},
    "template":{"type":"object","x-kubernetes-preserve-unknown-fields":true,"properties":{
    "obj":{"type":"object","x-kubernetes-embedded-resource":true,"required":["kind","apiVersion"],
    "properties":{"apiVersion":{"type":"string"},"kind":{"type":"string"},"metadata":{"$ref":
    "#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"}}}}},
    "object":{"type":"object","x-kubernetes-embedded-resource":true,
    "required":["kind","apiVersion"],"properties":{"apiVersion":{"type":"string"},
    "kind":{"type":"string"},"metadata":{"$ref":
    "#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"}}},
    "one":{"type":"object","oneOf":[{"required":["a"]}],"properties":{"a":{"type":"string"}}},
    "ports":{"type":"array","x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["name"],
    "items":{"type":"object","required":["name"],"properties":{
    "name":{"type":"string","default":"x"}}}}}}},
    "x-kubernetes-group-version-kind":[{"group":"example.com","kind":"Foo","version":"v1"}]})"));
}

TEST(OpenApi, LeavesOutOfCustomKindsWhatTheOldVersionCannotSay) {
  EXPECT_EQ(canonical(definition(v2(), "com.example.v1.Foo")), canonical(R"({
    "type":"object","description":"A foo","required":["spec"],"properties":{
    "apiVersion":{"type":"string"},"kind":{"type":"string","description":"Which."},
    "metadata":{"$ref":"#/definitions/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"},
    "spec":{"type":"object","properties":{"size":{"format":"int32","minimum":0},
    "mode":{"type":"string","enum":["A","B"]},"port":{"x-kubernetes-int-or-string":true},
    "template":{"x-kubernetes-preserve-unknown-fields":true},
    "object":{"type":"object","x-kubernetes-embedded-resource":true,
    "required":["kind","apiVersion"],"properties":{"apiVersion":{"type":"string"},
    "kind":{"type":"string"},"metadata":{"$ref":
    "#/definitions/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"}}},
    "one":{"type":"object","properties":{"a":{"type":"string"}}},
    "ports":{"type":"array","x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["name"],
    "items":{"type":"object","required":["name"],"properties":{"name":{"type":"string"}}}}}}},
    "x-kubernetes-group-version-kind":[{"group":"example.com","kind":"Foo","version":"v1"}]})"));
}

TEST(OpenApi, TakesCustomKindsWithoutASchemaForObjectsOfAnySort) {
  const KindPtr kind = testing::foo("v1", false);
  EXPECT_EQ(json::print(custom_schema(OpenApiVersion::V3, *kind, nullptr)),
            R"({"type":"object","x-kubernetes-group-version-kind":)"
            R"([{"group":"example.com","kind":"Foo","version":"v1"}]})");
  const Value open = *json::parse(
      R"({"type":"object","x-kubernetes-preserve-unknown-fields":true,"properties":{"a":{}}})");
  EXPECT_EQ(custom_schema(OpenApiVersion::V2, *kind, &open).find("properties"), nullptr);
  EXPECT_NE(custom_schema(OpenApiVersion::V3, *kind, &open).find("properties"), nullptr);
}

TEST(OpenApi, TurnsTheGroupOfCustomKindsRound) {
  Kind kind = *testing::foo("v1", false);
  kind.group = "workload.serving.volcano.sh";
  EXPECT_EQ(type_name(kind), "sh.volcano.serving.workload.v1.Foo");
  EXPECT_EQ(list_type_name(kind), "sh.volcano.serving.workload.v1.FooList");
  kind.group = "plain";
  EXPECT_EQ(type_name(kind), "plain.v1.Foo");
}

/// Calls f with the text of each reference in a value.
template <class F>
void for_each_reference(const Value& value, F f) {
  if (value.is_array()) {
    for (const Value& item : value.as_array()) {
      for_each_reference(item, f);
    }
  } else if (value.is_object()) {
    for (const auto& [name, member] : value.as_object()) {
      if (name == "$ref" && member.is_string()) {
        f(member.as_string());
      }
      for_each_reference(member, f);
    }
  }
}

TEST(OpenApi, DefinesAllThatItRefersTo) {
  const CatalogPtr catalog = testing::catalog_with_foo();
  const auto check = [](const Value& all, std::string_view prefix) {
    for_each_reference(all, [&](std::string_view reference) {
      ASSERT_TRUE(reference.starts_with(prefix)) << reference;
      EXPECT_NE(definition(all, reference.substr(prefix.size())), nullptr) << reference;
    });
  };
  check(v2(), "#/definitions/");
  for (const auto& [group, versions] : catalog->groups()) {
    for (const std::string& version : versions) {
      const auto kinds = catalog->kinds_of(group, version);
      check(openapi_document(OpenApiVersion::V3, kinds,
                             [](const Kind&) -> const Value* { return &foo_schema(); }),
            "#/components/schemas/");
    }
  }
}

}  // namespace
}  // namespace kthena::apiserver
