#include "api/networking/v1alpha1/model_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/testing/objects.h"
#include "json/codec.h"
#include "json/parse.h"

namespace kthena::api::networking {
namespace {

using namespace std::chrono_literals;
using api::testing::decode_spec;
using api::testing::texts;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::StartsWith;

constexpr std::string_view kFull = R"({
  "apiVersion": "networking.serving.volcano.sh/v1alpha1",
  "kind": "ModelServer",
  "metadata": {"name": "chat", "namespace": "prod"},
  "spec": {
    "model": "org/model-7b",
    "inferenceEngine": "SGLang",
    "workloadSelector": {
      "matchLabels": {"app": "chat"},
      "pdGroup": {"groupKey": "group", "prefillLabels": {"role": "prefill"},
                  "decodeLabels": {"role": "decode"}}
    },
    "workloadPort": {"port": 8000, "protocol": "https"},
    "trafficPolicy": {"timeout": "1m30s", "retry": {"attempts": 2, "retryInterval": "50ms"}},
    "kvConnector": {"type": "nixl"}
  }
})";

constexpr std::string_view kLeast =
    R"({"inferenceEngine": "LlamaCpp", "workloadPort": {"port": 8080},
  "workloadSelector": {"matchLabels": {"app": "x"}}, "kvConnector": {},
  "trafficPolicy": {"retry": {}}})";

TEST(ModelServer, WritesWhatItReads) {
  const json::Value full = json::parse(kFull).value();
  const auto decoded = json::decode<ModelServer>(full);
  EXPECT_THAT(texts(decoded.problems), IsEmpty());
  EXPECT_EQ(json::encode(decoded.value), full);
  EXPECT_THAT(validate(decoded.value), IsEmpty());
  EXPECT_EQ(decoded.value.spec.inference_engine, InferenceEngine::Sglang);
  EXPECT_EQ(decoded.value.spec.traffic_policy->timeout->value, 90s);
  EXPECT_EQ(decoded.value.spec.traffic_policy->retry->retry_interval.value, 50ms);
}

TEST(ModelServer, HasTheDefaultsOfItsSchema) {
  const auto decoded = decode_spec<ModelServer>(kLeast);
  EXPECT_THAT(texts(decoded.problems), IsEmpty());
  const ModelServerSpec& spec = decoded.value.spec;
  EXPECT_EQ(spec.inference_engine, InferenceEngine::LlamaCpp);
  EXPECT_EQ(spec.workload_port.protocol, WorkloadProtocol::Http);
  EXPECT_EQ(spec.kv_connector->type, KvConnectorType::Http);
  EXPECT_EQ(spec.traffic_policy->retry->attempts, 0);
  EXPECT_EQ(spec.traffic_policy->retry->retry_interval.value, 100ms);
  EXPECT_EQ(spec.traffic_policy->timeout, std::nullopt);
}

TEST(ModelServer, IsHeldAgainstItsSchema) {
  EXPECT_THAT(
      texts(decode_spec<ModelServer>("{}").problems),
      ElementsAre("spec.inferenceEngine: Required value", "spec.workloadPort: Required value",
                  "spec.workloadSelector: Required value"));
  EXPECT_THAT(
      texts(decode_spec<ModelServer>(
                R"({"inferenceEngine": "vllm", "workloadPort": {"port": 65536, "protocol": "grpc"},
                            "workloadSelector": {"pdGroup": {}}, "kvConnector": {"type": "x"}})")
                .problems),
      ElementsAre(
          R"(spec.inferenceEngine: Unsupported value: "vllm": supported values: "vLLM", "SGLang", "LlamaCpp")",
          "spec.workloadPort.port: Invalid value: 65536: spec.workloadPort.port in body should be "
          "less "
          "than or equal to 65535",
          R"(spec.workloadPort.protocol: Unsupported value: "grpc": supported values: "http", "https")",
          "spec.workloadSelector.pdGroup.decodeLabels: Required value",
          "spec.workloadSelector.pdGroup.groupKey: Required value",
          "spec.workloadSelector.pdGroup.prefillLabels: Required value",
          R"(spec.kvConnector.type: Unsupported value: "x": supported values: "http", "lmcache", "nixl", "mooncake")"));
}

TEST(ModelServer, SurvivesADurationThatCannotBeRead) {
  json::Value spec = json::parse(kLeast).value();
  spec.set("trafficPolicy", json::parse(R"({"timeout": "ten seconds"})").value());
  json::Value server;
  server.set("spec", spec);
  const auto watched = json::decode<ModelServer>(server, json::DecodeOptions::trusted());
  EXPECT_TRUE(watched.ok());
  EXPECT_EQ(watched.value.spec.traffic_policy->timeout, std::nullopt);
  EXPECT_EQ(watched.value.spec.workload_port.port, 8080);
  EXPECT_THAT(texts(watched.problems),
              ElementsAre(StartsWith(
                  "warning: spec.trafficPolicy.timeout: Invalid value: \"ten seconds\": ")));
  EXPECT_FALSE(json::decode<ModelServer>(server).ok());
}

TEST(ModelServer, IsValidatedInTheWordsOfTheReference) {
  EXPECT_THAT(
      texts(validate(ModelServer{})),
      ElementsAre("spec.workloadSelector: Required value: workloadSelector must be specified"));
  ModelServer server;
  server.spec.workload_port.port = 80;
  server.spec.workload_selector.pd_group.emplace();
  EXPECT_THAT(
      texts(validate(server)),
      ElementsAre(
          "spec.workloadSelector.matchLabels: Required value: labels must contain at least one "
          "label",
          "spec.workloadSelector.pdGroup.groupKey: Required value: groupKey must be specified",
          "spec.workloadSelector.pdGroup.prefillLabels: Required value: labels must contain at "
          "least one "
          "label",
          "spec.workloadSelector.pdGroup.decodeLabels: Required value: labels must contain at "
          "least one "
          "label"));
  server.spec.workload_selector = {.match_labels = {{"app", "a b"}, {"tier", "x"}}};
  EXPECT_THAT(
      texts(validate(server)),
      ElementsAre(
          R"(spec.workloadSelector.matchLabels: Invalid value: {"app":"a b","tier":"x"}: invalid )"
          R"(selector: values[0][app]: Invalid value: "a b": a valid label must be an empty )"
          "string or consist of alphanumeric characters, '-', '_' or '.', and must start and end "
          "with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex "
          "used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"));
}

TEST(ModelServer, WarnsOfWhatTheReferenceTakes) {
  ModelServer server;
  server.spec.workload_selector = {
      .match_labels = {{"app", "x"}},
      .pd_group =
          PdGroup{.group_key = "g", .prefill_labels = {{"a", "b"}}, .decode_labels = {{"a", "b"}}}};
  server.spec.traffic_policy = TrafficPolicy{
      .timeout = kube::GoDuration{-1s}, .retry = Retry{.attempts = -1, .retry_interval = {-1ms}}};
  const auto problems = validate(server);
  EXPECT_FALSE(json::has_errors(problems));
  EXPECT_THAT(
      texts(problems),
      ElementsAre(
          R"(warning: spec.workloadSelector.pdGroup.decodeLabels: Invalid value: {"a":"b"}: should differ )"
          "from prefillLabels: a pod that matches both only decodes",
          R"(warning: spec.trafficPolicy.timeout: Invalid value: "-1s": should not be negative)",
          R"(warning: spec.trafficPolicy.retry.retryInterval: Invalid value: "-1ms": should not be negative)",
          "warning: spec.trafficPolicy.retry.attempts: Invalid value: -1: should not be negative"));
}

}  // namespace
}  // namespace kthena::api::networking
