#include "apiserver/built_in/validate.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "apiserver/built_in/decode.h"
#include "apiserver/built_in/defaults.h"
#include "apiserver/built_in/strategy.h"
#include "apiserver/kinds/catalog.h"
#include "json/parse.h"
#include "json/value.h"

namespace kthena::apiserver {
namespace {

const Kind& kind_of(std::string_view name) {
  for (const KindPtr& kind : built_in_kinds()) {
    if (kind->kind == name) {
      return *kind;
    }
  }
  ADD_FAILURE() << name;
  std::abort();
}

json::Value object(std::string_view kind, std::string_view text) {
  json::Value value = *json::parse(text);
  EXPECT_TRUE(decode_built_in(*kind_of(kind).shape, value).has_value());
  apply_built_in_defaults(kind_of(kind), value);
  return value;
}

std::vector<std::string> texts(const std::vector<json::Problem>& problems) {
  std::vector<std::string> out;
  for (const json::Problem& problem : problems) {
    out.push_back(problem.to_string());
  }
  return out;
}

using Texts = std::vector<std::string>;

Texts create(std::string_view kind, std::string_view text) {
  json::Value value = object(kind, text);
  prepare_create(kind_of(kind), value);
  return texts(validate_built_in(kind_of(kind), value, nullptr, ""));
}

Texts update(std::string_view kind, std::string_view before_text, std::string_view text,
             std::string_view subresource = "") {
  json::Value before = object(kind, before_text);
  prepare_create(kind_of(kind), before);
  before.find("metadata")->set("resourceVersion", "1");
  json::Value value = object(kind, text);
  value.find("metadata")->set("resourceVersion", "1");
  prepare_update(kind_of(kind), value, before, subresource);
  return texts(validate_built_in(kind_of(kind), value, &before, subresource));
}

// All texts as a kube-apiserver 1.34.2 said them; built_in_kinds_test.py asks one.

TEST(Validate, TakesWhatIsGood) {
  EXPECT_EQ(create("ConfigMap", R"({"metadata":{"name":"a","namespace":"n"},"data":{"k":"v"}})"),
            Texts{});
  EXPECT_EQ(create("Pod", R"({"metadata":{"name":"a","namespace":"n"},
                              "spec":{"containers":[{"name":"c","image":"i"}]}})"),
            Texts{});
}

TEST(Validate, NamesWhatIsWrongWithMetadata) {
  EXPECT_EQ(
      create("ConfigMap", R"({"metadata":{"namespace":"n","labels":{"a":"/"},"finalizers":["abc"],
                              "ownerReferences":[{"apiVersion":"v1","kind":"K","name":"o"}]}})"),
      (Texts{"metadata.name: Required value: name or generateName is required",
             "metadata.labels: Invalid value: \"/\": a valid label must be an empty string or "
             "consist of alphanumeric characters, '-', '_' or '.', and must start and end with an "
             "alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for "
             "validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')",
             "metadata.ownerReferences.uid: Invalid value: \"\": must not be empty",
             "metadata.finalizers[0]: Invalid value: \"abc\": name is neither a standard finalizer "
             "name nor is it fully qualified"}));
  EXPECT_EQ(create("Namespace", R"({"metadata":{"name":"a.b"}})"),
            (Texts{"metadata.name: Invalid value: \"a.b\": must not contain dots"}));
}

TEST(Validate, KeepsWhatTheServerSet) {
  constexpr std::string_view kBefore = R"({"metadata":{"name":"a","namespace":"n","uid":"u"}})";
  EXPECT_EQ(update("ConfigMap", kBefore, R"({"metadata":{"name":"b","namespace":"n","uid":"v"}})"),
            (Texts{"metadata.name: Invalid value: \"b\": field is immutable",
                   "metadata.uid: Invalid value: \"v\": field is immutable"}));
}

TEST(Validate, LooksIntoContainers) {
  EXPECT_EQ(
      create("Pod", R"({"metadata":{"name":"a","namespace":"n"},"spec":{"restartPolicy":"x",
        "containers":[
          {"name":"c","ports":[{"containerPort":70000}],"volumeMounts":[{"name":"v","mountPath":"/"}],
           "resources":{"limits":{"cpu":"1"},"requests":{"cpu":"2"}}},
          {"name":"c","image":"i","livenessProbe":{}}]}})"),
      (Texts{
          "spec.containers[0].image: Required value",
          "spec.containers[0].ports[0].containerPort: Invalid value: 70000: must be between 1 and "
          "65535, inclusive",
          "spec.containers[0].volumeMounts[0].name: Not found: \"v\"",
          "spec.containers[0].resources.requests: Invalid value: \"2\": must be less than or "
          "equal to cpu limit of 1",
          "spec.containers[1].name: Duplicate value: \"c\"",
          "spec.containers[1].livenessProbe: Required value: must specify a handler type",
          "spec.restartPolicy: Unsupported value: \"x\": supported values: \"Always\", "
          "\"OnFailure\", \"Never\""}));
}

TEST(Validate, LetsPodsChangeTheirImagesOnly) {
  constexpr std::string_view kBefore = R"({"metadata":{"name":"a","namespace":"n"},
      "spec":{"containers":[{"name":"c","image":"i"}]}})";
  EXPECT_EQ(update("Pod", kBefore, R"({"metadata":{"name":"a","namespace":"n"},
      "spec":{"containers":[{"name":"c","image":"j","imagePullPolicy":"Always"}]}})"),
            Texts{});
  const Texts refused = update("Pod", kBefore, R"({"metadata":{"name":"a","namespace":"n"},
      "spec":{"nodeSelector":{"a":"b"},"containers":[{"name":"c","image":"i"}]}})");
  ASSERT_EQ(refused.size(), 1);
  EXPECT_EQ(refused[0],
            "spec: Forbidden: pod updates may not change fields other than "
            "`spec.containers[*].image`,`spec.initContainers[*].image`,"
            "`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing "
            "tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was "
            "previously negative)\n");
}

TEST(Validate, WantsSelectorsThatTakeTheTemplate) {
  EXPECT_EQ(create("Deployment", R"({"metadata":{"name":"a","namespace":"n"},"spec":{
      "replicas":-1,"selector":{"matchLabels":{"a":"b"}},
      "template":{"metadata":{"labels":{"a":"c"}},"spec":{"containers":[{"name":"c","image":"i"}]}}}})"),
            (Texts{"spec.replicas: Invalid value: -1: must be greater than or equal to 0",
                   "spec.template.metadata.labels: Invalid value: {\"a\":\"c\"}: `selector` does "
                   "not match template `labels`"}));
}

TEST(Validate, LooksIntoServices) {
  EXPECT_EQ(
      create("Service", R"({"metadata":{"name":"1","namespace":"n"},
      "spec":{"ports":[{"port":80},{"port":80,"name":"a"}]}})"),
      (Texts{"metadata.name: Invalid value: \"1\": a DNS-1035 label must consist of lower case "
             "alphanumeric characters or '-', start with an alphabetic character, and end "
             "with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for "
             "validation is '[a-z]([-a-z0-9]*[a-z0-9])?')",
             "spec.ports[0].name: Required value",
             "spec.ports[1]: Duplicate value: {\"Name\":\"\",\"Protocol\":\"TCP\","
             "\"AppProtocol\":null,\"Port\":80,\"TargetPort\":0,\"NodePort\":0}"}));
}

TEST(Validate, SealsImmutableConfigMaps) {
  constexpr std::string_view kBefore =
      R"({"metadata":{"name":"a","namespace":"n"},"immutable":true,"data":{"k":"v"}})";
  EXPECT_EQ(update("ConfigMap", kBefore, R"({"metadata":{"name":"a","namespace":"n"}})"),
            (Texts{"immutable: Forbidden: field is immutable when `immutable` is set",
                   "data: Forbidden: field is immutable when `immutable` is set"}));
}

}  // namespace
}  // namespace kthena::apiserver
