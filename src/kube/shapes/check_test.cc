#include "kube/shapes/check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "json/codec.h"
#include "json/fields.h"
#include "json/findings.h"
#include "json/parse.h"
#include "json/problem.h"
#include "json/value.h"
#include "kube/shapes/shape.h"

namespace kthena::kube::shapes {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> texts(const std::vector<json::Problem>& problems) {
  std::vector<std::string> out;
  for (const json::Problem& problem : problems) {
    out.push_back((problem.severity == json::Severity::Warning ? "warning: " : "") +
                  problem.to_string());
  }
  return out;
}

std::vector<std::string> check_text(std::string_view type, std::string_view json,
                                    Within within = Within::CustomResource,
                                    const json::DecodeOptions& options = {}) {
  std::vector<json::Problem> problems;
  json::Findings findings(problems, options.max_problems);
  const json::Step at{.name = "at"};
  check(*find_type(type), *json::parse(json), &at, within, options, findings);
  return texts(problems);
}

std::vector<std::string> check_container(std::string_view json) {
  return check_text("Container", json);
}

TEST(ShapeCheck, TakesWhatIsRight) {
  EXPECT_THAT(check_text("PodTemplateSpec", R"({
    "metadata": {"labels": {"a/b": "c"}},
    "spec": {
      "containers": [{
        "name": "engine", "image": "e:1", "args": ["--x"],
        "env": [{"name": "A", "value": "1"},
                {"name": "B", "valueFrom": {"fieldRef": {"fieldPath": "status.podIP"}}}],
        "ports": [{"containerPort": 53}, {"containerPort": 53, "protocol": "UDP"}],
        "resources": {"limits": {"cpu": 4, "memory": "16Gi", "nvidia.com/gpu": "1"}},
        "readinessProbe": {"httpGet": {"path": "/health", "port": "http"}, "periodSeconds": 5}
      }],
      "hostAliases": [{"ip": "10.0.0.1"}, {"ip": "10.0.0.1"}],
      "tolerations": [{"operator": "Exists"}, {"operator": "Exists"}],
      "volumes": [{"name": "v", "emptyDir": {}}, {"name": "w", "ephemeral": {
        "volumeClaimTemplate": {"metadata": {"labels": {}}, "spec": {"resources": {}}}}}]
    }})"),
              IsEmpty());
}

TEST(ShapeCheck, NamesTheFieldThatWasMeant) {
  EXPECT_THAT(
      check_text("PodSpec", R"({"containers": [{"name": "a", "imagee": "b"}]})"),
      ElementsAre(R"(warning: unknown field "at.containers[0].imagee"; did you mean "image"?)"));
  EXPECT_THAT(check_container(R"({"name": "a", "xyz": {"deep": 1}})"),
              ElementsAre(R"(warning: unknown field "at.xyz")"));
}

TEST(ShapeCheck, RefusesUnknownFieldsWhereThatIsWanted) {
  EXPECT_THAT(check_text("Container", R"({"name": "a", "xyz": 1})", Within::CustomResource,
                         {.unknown = json::UnknownFields::Refuse}),
              ElementsAre(R"(unknown field "at.xyz")"));
  EXPECT_THAT(check_text("Container", R"({"name": "a", "xyz": 1})", Within::CustomResource,
                         {.unknown = json::UnknownFields::Ignore}),
              IsEmpty());
}

TEST(ShapeCheck, ReportsWrongTypes) {
  EXPECT_THAT(
      check_container(R"({"name": 1, "args": "x", "tty": "yes", "env": [1],
                          "resources": {"limits": []}, "ports": [{"containerPort": "http"}]})"),
      ElementsAre(
          R"(at.name: Invalid value: "integer": at.name in body must be of type string: "integer")",
          R"(at.args: Invalid value: "string": at.args in body must be of type array: "string")",
          R"(at.tty: Invalid value: "string": at.tty in body must be of type boolean: "string")",
          R"(at.env[0]: Invalid value: "integer": at.env[0] in body must be of type object: "integer")",
          R"(at.resources.limits: Invalid value: "array": at.resources.limits in body must be of type object: "array")",
          R"(at.ports[0].containerPort: Invalid value: "string": at.ports[0].containerPort in body must be of type integer: "string")"));
}

TEST(ShapeCheck, ReportsIntegersThatDoNotFit) {
  EXPECT_THAT(
      check_text("PodSpec", R"({"containers": [], "priority": 3000000000,
                                "terminationGracePeriodSeconds": 1.5})"),
      ElementsAre(
          R"(at.priority: Invalid value: 3000000000: at.priority in body should be between -2147483648 and 2147483647)",
          R"(at.terminationGracePeriodSeconds: Invalid value: "number": at.terminationGracePeriodSeconds in body must be of type integer: "number")"));
  EXPECT_THAT(check_text("PodSpec", R"({"containers": [], "priority": 5.0})"), IsEmpty());
}

TEST(ShapeCheck, ReportsWhatIsMissing) {
  EXPECT_THAT(check_text("PodTemplateSpec", R"({"spec": {"containers": null}})"),
              ElementsAre("at.spec.containers: Required value"));
  EXPECT_THAT(check_container(R"({"ports": [{}]})"),
              ElementsAre("at.ports[0].containerPort: Required value", "at.name: Required value"));
}

TEST(ShapeCheck, ReportsItemsThatAreThereTwice) {
  EXPECT_THAT(check_text("PodSpec", R"({"containers": [{"name": "a"}, {"name": "a"}]})"),
              ElementsAre(R"(at.containers[1]: Duplicate value: {"name":"a"})"));
  EXPECT_THAT(
      check_container(R"({"name": "a", "ports": [{"containerPort": 80},
                          {"containerPort": 80, "protocol": "TCP"}]})"),
      ElementsAre(R"(at.ports[1]: Duplicate value: {"containerPort":80,"protocol":"TCP"})"));
}

TEST(ShapeCheck, ReportsWhatIsNoQuantity) {
  EXPECT_THAT(check_text("ResourceRequirements", R"({"limits": {"memory": "16 Gi"}})").front(),
              ::testing::StartsWith(R"(at.limits[memory]: Invalid value: "16 Gi": )"
                                    "at.limits[memory] in body should match '"));
}

TEST(ShapeCheck, WarnsOfValuesThatKubernetesDoesNotList) {
  EXPECT_THAT(check_text("PodSpec", R"({"containers": [], "restartPolicy": "always"})"),
              ElementsAre(R"(warning: at.restartPolicy: Unsupported value: "always": )"
                          R"(supported values: "Always", "Never", "OnFailure")"));
  EXPECT_THAT(check_text("PodSpec", R"({"containers": [], "restartPolicy": ""})"), IsEmpty());
}

TEST(ShapeCheck, KnowsWhatTheMetadataOfATemplateKeeps) {
  EXPECT_THAT(check_text("PodTemplateSpec", R"({"metadata": {"name": "x"}})"),
              ElementsAre(R"(warning: unknown field "at.metadata.name")"));
}

TEST(ShapeCheck, ReportsOnlyUnknownFieldsOfBuiltInKinds) {
  EXPECT_THAT(
      check_text("Pod", R"({"metadata": {"name": "x"}, "spec": {"priority": "x", "nodeNam": "n"},
                            "status": {"podIp": "10.0.0.1"}})",
                 Within::BuiltInKind),
      ElementsAre(R"(warning: unknown field "at.spec.nodeNam"; did you mean "nodeName"?)",
                  R"(warning: unknown field "at.status.podIp"; did you mean "podIP"?)"));
}

TEST(ShapeCheck, CollectsNoMoreThanItMay) {
  std::string json = R"({"name": "a")";
  for (int i = 0; i < 100; ++i) {
    json += ",\"field" + std::to_string(i) + "\": 1";
  }
  EXPECT_EQ(check_container(json + "}").size(), json::DecodeOptions{}.max_problems);
}

/// A kind with a template that it does not model.
struct Role {
  json::Value pod;
  std::vector<json::Value> volumes;

  static constexpr auto fields() {
    using namespace json::field;
    return std::tuple{json::Field{"pod", &Role::pod, shape("PodTemplateSpec")},
                      json::Field{"volumes", &Role::volumes, shape("Volume")}};
  }
};

TEST(ShapeCheck, IsReachedFromTheDecoder) {
  const auto decoded = json::decode<Role>(
      *json::parse(R"({"pod": {"spec": {"containers": [{"name": "a", "imagee": "b"}]}},
                       "volumes": [{"name": "a", "emptydir": {}}]})"),
      {.shapes = &check_named});
  EXPECT_THAT(texts(decoded.problems),
              ElementsAre(R"(warning: unknown field "pod.spec.containers[0].imagee"; )"
                          R"(did you mean "image"?)",
                          R"(warning: unknown field "volumes[0].emptydir"; )"
                          R"(did you mean "emptyDir"?)"));
}

TEST(ShapeCheck, IsLeftOutWhereNothingIsChecked) {
  const auto value = *json::parse(R"({"pod": {"spc": 1}})");
  EXPECT_THAT(json::decode<Role>(value).problems, IsEmpty());
  EXPECT_THAT(json::decode<Role>(value, {.checks = false, .shapes = &check_named}).problems,
              IsEmpty());
}

}  // namespace
}  // namespace kthena::kube::shapes
