#include "apiserver/built_in/decode.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "json/parse.h"
#include "json/print.h"
#include "json/value.h"
#include "kube/shapes/shape.h"

namespace kthena::apiserver {
namespace {

struct Read {
  std::string object;
  std::string error;
  std::vector<std::string> warnings;
};

Read read(std::string_view api_version, std::string_view kind, std::string_view text,
          FieldValidation validation = FieldValidation::Warn) {
  const auto* type = kube::shapes::find_kind(api_version, kind);
  auto object = json::parse(text);
  Read out;
  const auto answer = read_built_in(*type, *object, validation, {}, out.warnings);
  if (answer) {
    out.object = json::print(*object);
  } else {
    EXPECT_EQ(answer.error().code, 400);
    out.error = answer.error().message;
  }
  return out;
}

std::string deployment_error(std::string_view spec) {
  return read("apps/v1", "Deployment",
              R"({"metadata":{"name":"x"},"spec":)" + std::string(spec) + "}")
      .error;
}

constexpr std::string_view kCannot =
    R"(Deployment in version "v1" cannot be handled as a Deployment: )";

TEST(Decode, SaysWhatGoSaysOfWrongTypes) {
  struct Case {
    std::string_view spec;
    std::string_view error;
  };
  // As a kube-apiserver 1.34.2 said it.
  const Case cases[] = {
      {R"({"replicas":"x"})",
       "json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type "
       "int32"},
      {R"({"replicas":1.5})",
       "json: cannot unmarshal number 1.5 into Go struct field DeploymentSpec.spec.replicas of "
       "type int32"},
      {R"({"strategy":"x"})",
       "json: cannot unmarshal string into Go struct field DeploymentSpec.spec.strategy of type "
       "v1.DeploymentStrategy"},
      {R"({"strategy":{"rollingUpdate":{"maxSurge":true}}})",
       "json: cannot unmarshal bool into Go struct field "
       "RollingUpdateDeployment.spec.strategy.rollingUpdate.maxSurge of type int32"},
      {R"({"selector":{"matchLabels":{"a":1}}})",
       "json: cannot unmarshal number into Go struct field LabelSelector.spec.selector.matchLabels "
       "of type string"},
      {R"({"selector":{"matchLabels":[1]}})",
       "json: cannot unmarshal array into Go struct field LabelSelector.spec.selector.matchLabels "
       "of type map[string]string"},
      {R"({"template":{"spec":{"containers":{"a":1}}}})",
       "json: cannot unmarshal object into Go struct field PodSpec.spec.template.spec.containers "
       "of "
       "type []v1.Container"},
      {R"({"template":{"spec":{"containers":[{"ports":[{"protocol":1}]}]}}})",
       "json: cannot unmarshal number into Go struct field "
       "ContainerPort.spec.template.spec.containers.ports.protocol of type v1.Protocol"},
      {R"({"template":{"spec":{"containers":[{"resources":{"limits":{"cpu":"x"}}}]}}})",
       "quantities must match the regular expression "
       "'^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"},
      {R"({"template":{"metadata":{"creationTimestamp":"2020"}}})",
       R"(parsing time "2020" as "2006-01-02T15:04:05Z07:00": cannot parse "" as "-")"},
      {R"({"template":{"metadata":{"creationTimestamp":5}}})",
       "json: cannot unmarshal number into Go struct field "
       "ObjectMeta.spec.template.metadata.creationTimestamp of type string"},
  };
  for (const Case& each : cases) {
    EXPECT_EQ(deployment_error(each.spec), std::string(kCannot) + std::string(each.error))
        << each.spec;
  }
}

TEST(Decode, ReadsMicroTimesWithSixDigitsOnly) {
  EXPECT_EQ(
      read("coordination.k8s.io/v1", "Lease", R"({"spec":{"renewTime":"2020-01-01T00:00:00Z"}})")
          .error,
      R"(Lease in version "v1" cannot be handled as a Lease: parsing time )"
      R"("2020-01-01T00:00:00Z" as "2006-01-02T15:04:05.000000Z07:00": cannot parse "Z" as )"
      R"(".000000")");
  EXPECT_EQ(read("coordination.k8s.io/v1", "Lease",
                 R"({"spec":{"renewTime":"2020-01-01T00:00:00.123456+01:00"}})")
                .object,
            R"({"metadata":{},"spec":{"renewTime":"2019-12-31T23:00:00.123456Z"}})");
}

TEST(Decode, NamesUnknownFieldsAndTakesThemAway) {
  const std::string_view text =
      R"({"foo":1,"metadata":{"name":"x"},"spec":{"containers":[{"Name":"c","name":"d"}],"bar":{}}})";
  const Read warned = read("v1", "Pod", text);
  EXPECT_EQ(warned.warnings, (std::vector<std::string>{R"(unknown field "foo")",
                                                       R"(unknown field "spec.containers[0].Name")",
                                                       R"(unknown field "spec.bar")"}));
  EXPECT_EQ(warned.object,
            R"({"metadata":{"name":"x"},"spec":{"containers":[{"name":"d","resources":{}}]},)"
            R"("status":{}})");
  EXPECT_EQ(
      read("v1", "Pod", text, FieldValidation::Strict).error,
      R"(Pod in version "v1" cannot be handled as a Pod: strict decoding error: unknown field )"
      R"("foo", unknown field "spec.containers[0].Name", unknown field "spec.bar")");
  EXPECT_TRUE(read("v1", "Pod", text, FieldValidation::Ignore).warnings.empty());
}

TEST(Decode, WritesValuesAsGoDoes) {
  EXPECT_EQ(
      read("v1", "Pod",
           R"({"kind":"Pod","apiVersion":"v1","metadata":{"labels":{"b":null},"name":"x",
               "creationTimestamp":"2020-01-01T02:00:00.5+02:00"},
               "spec":{"hostNetwork":false,"volumes":[],"serviceAccount":"s",
               "automountServiceAccountToken":false,
               "containers":[{"resources":{"limits":{"cpu":"1000m","memory":"1024Mi","x/y":2}},
               "command":[null],"name":"c"}]}})")
          .object,
      R"({"kind":"Pod","apiVersion":"v1","metadata":{"name":"x",)"
      R"("creationTimestamp":"2020-01-01T00:00:00Z","labels":{"b":""}},"spec":{"containers":)"
      R"([{"name":"c","command":[""],"resources":{"limits":{"cpu":"1","memory":"1Gi","x/y":"2"}}}],)"
      R"("serviceAccountName":"s","serviceAccount":"s","automountServiceAccountToken":false},)"
      R"("status":{}})");
}

TEST(Decode, MergesStringDataOfSecrets) {
  EXPECT_EQ(
      read("v1", "Secret", R"({"stringData":{"a":"x"},"data":{"a":"eQ==","b":"eg==","c":null}})")
          .object,
      R"({"metadata":{},"data":{"a":"eA==","b":"eg==","c":""}})");
  EXPECT_EQ(read("v1", "Secret", R"({"data":{"a":"x"}})").error,
            R"(Secret in version "v1" cannot be handled as a Secret: illegal base64 data at input )"
            "byte 0");
}

TEST(Decode, PrintsWhatIsAlwaysThere) {
  EXPECT_EQ(read("apps/v1", "Deployment", "{}").object,
            R"({"metadata":{},"spec":{"selector":null,"template":{"metadata":{},"spec":)"
            R"({"containers":null}},"strategy":{}},"status":{}})");
}

}  // namespace
}  // namespace kthena::apiserver
