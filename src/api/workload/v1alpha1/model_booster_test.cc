#include "api/workload/v1alpha1/model_booster.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "api/testing/objects.h"
#include "json/codec.h"
#include "json/parse.h"

namespace kthena::api::workload {
namespace {

using api::testing::object_of;
using api::testing::texts;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// Every field once but the old ones.
constexpr std::string_view kFull = R"({
  "apiVersion": "workload.serving.volcano.sh/v1alpha1", "kind": "ModelBooster",
  "metadata": {"name": "chat", "namespace": "team-a"},
  "spec": {
    "name": "qwen-chat", "owner": "us",
    "modelMatch": {"body": {"model": "m"}, "headers": {"x": {"exact": "y"}}, "uri": {"prefix": "/"}},
    "backend": {
      "name": "be", "type": "vLLM", "modelURI": "hf://Qwen/Qwen2.5-0.5B-Instruct",
      "cacheURI": "hostpath:///mnt/cache", "replicas": 0, "schedulerName": "volcano",
      "runtimeClassName": "nvidia",
      "env": [{"name": "RUNTIME_PORT", "value": "8900"},
              {"name": "KEY", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}}],
      "envFrom": [{"secretRef": {"name": "all"}}],
      "workers": [{"type": "server", "image": "img:1", "replicas": 0, "pods": 3,
                   "resources": {"limits": {"nvidia.com/gpu": 4}}, "affinity": {"podAffinity": {}},
                   "tolerations": [{"key": "a", "operator": "Exists"}],
                   "config": {"max-model-len": 2048, "enable-prefix-caching": "", "port": 9000}}]}},
  "status": {"observedGeneration": 2, "conditions": [
    {"type": "Active", "status": "True", "reason": "R", "message": "",
     "lastTransitionTime": "2026-01-01T00:00:00Z"}]}
})";

/// A booster of which nothing is said.
ModelBooster sound() {
  return object_of<ModelBooster>(R"({
    "metadata": {"name": "chat"},
    "spec": {"backend": {"name": "be", "type": "vLLM", "modelURI": "hf://a/b",
      "cacheURI": "pvc://models", "replicas": 1,
      "workers": [{"image": "img:1"}]}}})");
}
ModelBooster disaggregated() {
  ModelBooster booster = sound();
  booster.spec.backend.type = BackendType::VllmDisaggregated;
  booster.spec.backend.workers = {{.type = WorkerType::Prefill, .image = "i", .replicas = 1},
                                  {.type = WorkerType::Decode, .image = "i", .replicas = 1}};
  return booster;
}

std::vector<std::string> found(const std::function<void(ModelBooster&)>& change,
                               ModelBooster booster = sound()) {
  change(booster);
  return texts(validate(booster));
}

TEST(ModelBooster, WritesWhatItReads) {
  const json::Value full = json::parse(kFull).value();
  const auto decoded = json::decode<ModelBooster>(full);
  EXPECT_THAT(texts(decoded.problems), IsEmpty());
  EXPECT_EQ(json::encode(decoded.value), full);
  EXPECT_THAT(texts(validate(decoded.value)), IsEmpty());
}

TEST(ModelBooster, HasTheDefaultsOfItsSchema) {
  const ModelWorker worker = sound().spec.backend.workers[0];
  EXPECT_EQ(worker.type, WorkerType::Server);
  EXPECT_EQ(worker.replicas, 1);
  EXPECT_EQ(worker.pods, 0);
}

TEST(ModelBooster, IsHeldAgainstItsSchema) {
  const auto schema = [](std::string_view spec) {
    json::Value value;
    value.set("spec", json::parse(spec).value());
    return texts(json::decode<ModelBooster>(value).problems);
  };
  EXPECT_THAT(schema("{}"), ElementsAre("spec.backend: Required value"));
  EXPECT_THAT(
      schema(R"({"name": "Big", "backend": {"name": "-", "type": "SGLang", "modelURI": "http://x",
                 "cacheURI": "nfs://x", "replicas": 1000001, "workers": [],
                 "env": [{"name": "A"}, {"name": "A"}]}})"),
      ElementsAre(
          HasSubstr("spec.name in body should match '^[a-z0-9]([-a-z0-9]*[a-z0-9])?$'"),
          HasSubstr("spec.backend.name in body should match '^[a-z0-9]([-a-z0-9]*[a-z0-9])?$'"),
          "spec.backend.type: Unsupported value: \"SGLang\": supported values: \"vLLM\", "
          "\"vLLMDisaggregated\"",
          HasSubstr("spec.backend.modelURI in body should match '^(hf://|s3://|obs://|pvc://|ms://"
                    ").+'"),
          HasSubstr("spec.backend.cacheURI in body should match '^(hostpath://|pvc://).+'"),
          "spec.backend.replicas: Invalid value: 1000001: spec.backend.replicas in body should be "
          "less than or equal to 1000000",
          HasSubstr("spec.backend.workers in body should have at least 1 items"),
          R"(spec.backend.env[1]: Duplicate value: {"name":"A"})"));
}

TEST(ModelBooster, TakesSoundOnes) {
  EXPECT_THAT(texts(validate(sound())), IsEmpty());
  EXPECT_THAT(texts(validate(disaggregated())), IsEmpty());
}

TEST(ModelBooster, BoundsItsReplicas) {
  EXPECT_THAT(found([](ModelBooster& b) { b.spec.backend.replicas = 1'000'001; }),
              ElementsAre("spec.backend.replicas: Invalid value: 1000001: replicas (1000001) "
                          "cannot exceed 1000000"));
  EXPECT_THAT(found([](ModelBooster& b) { b.spec.backend.replicas.reset(); }),
              ElementsAre("spec.backend.replicas: Required value"));
}

TEST(ModelBooster, WantsImagesWithoutWhiteSpace) {
  const auto with_image = [](std::string image) {
    return found([&](ModelBooster& b) { b.spec.backend.workers[0].image = std::move(image); });
  };
  for (const char* image : {"nginx", "nginx:latest", "docker.io/library/nginx:1.19"}) {
    EXPECT_THAT(with_image(image), IsEmpty()) << image;
  }
  for (const char* image : {"a b", "a\tb", "a\n", "a\u00a0b", "\u3000a"}) {
    EXPECT_THAT(with_image(image),
                ElementsAre("spec.backend.workers[0].image: Invalid value: " + json::quoted(image) +
                            ": invalid container image reference: image cannot contain whitespace"))
        << image;
  }
  for (const char* image : {" ", " \t\n", "\u00a0"}) {
    EXPECT_THAT(with_image(image),
                ElementsAre("spec.backend.workers[0].image: Invalid value: " + json::quoted(image) +
                            ": invalid container image reference: image cannot be empty or "
                            "whitespace only"));
  }
  EXPECT_THAT(with_image(""), ElementsAre("warning: spec.backend.workers[0].image: Required value: "
                                          "without an image no pod can start"));
}

TEST(ModelBooster, WantsOneServerInVllm) {
  EXPECT_THAT(found([](ModelBooster& b) { b.spec.backend.workers.push_back({.image = "i"}); }),
              ElementsAre("spec.backend.workers: Invalid value: 2: there must be exactly one "
                          "worker when the backend type is vLLM"));
  EXPECT_THAT(
      found([](ModelBooster& b) { b.spec.backend.workers[0].type = WorkerType::Coordinator; }),
      ElementsAre("spec.backend.workers[0].type: Invalid value: \"coordinator\": the worker type "
                  "must be 'server' when the backend type is vLLM"));
}

TEST(ModelBooster, WantsPrefillAndDecodeWhereTheyAreSeparate) {
  EXPECT_THAT(found([](ModelBooster& b) { b.spec.backend.workers[1].type = WorkerType::Server; },
                    disaggregated()),
              ElementsAre("spec.backend.workers[1].type: Invalid value: \"server\": all workers "
                          "must be type 'prefill' or 'decode' when the backend type is "
                          "vLLMDisaggregated",
                          "warning: spec.backend.workers: Required value: decode worker not found "
                          "in backend"));
}

TEST(ModelBooster, SaysWhichWorkerHasTheWrongPort) {
  EXPECT_THAT(found(
                  [](ModelBooster& b) {
                    b.spec.backend.workers[0].config = json::parse(R"({"port": null})").value();
                  },
                  disaggregated()),
              ElementsAre("spec.backend.workers[0].config.port: Invalid value: \"<nil>\": invalid "
                          "port \"<nil>\" for worker prefill"));
  EXPECT_THAT(found(
                  [](ModelBooster& b) {
                    b.spec.backend.workers[0].config = json::parse(R"({"port": 9000})").value();
                  },
                  disaggregated()),
              ElementsAre("spec.backend.workers[1].config.port: Invalid value: \"8000\": workers "
                          "use different engine ports: 9000 and 8000"));
}

TEST(ModelBooster, SaysWhatIsWrongWithTheConnector) {
  EXPECT_THAT(found(
                  [](ModelBooster& b) {
                    b.spec.backend.workers[0].config =
                        json::parse(R"({"kv-transfer-config": "{}"})").value();
                  },
                  disaggregated()),
              ElementsAre("spec.backend.workers: Invalid value: 2: invalid kv connector "
                          "configuration: worker prefill: kv_connector is missing"));
}

std::vector<std::string> found_in_volume(std::string model, std::string cache) {
  return found([&](ModelBooster& b) {
    b.spec.backend.model_uri = std::move(model);
    b.spec.backend.cache_uri = std::move(cache);
  });
}

TEST(ModelBooster, TakesAModelInTheVolumeOfItsCache) {
  const std::vector<std::pair<std::string, std::string>> good = {
      {"pvc://foo/bar", "pvc://foo"},     {"pvc:///foo/bar", "pvc://foo"},
      {"pvc://foo", "pvc://foo"},         {"pvc:///foo//bar///", "pvc:///foo///"},
      {"hf://a/b", "hostpath:///cache"},  {"s3://a/b", "pvc://c"},
      {"obs://a/b", "hostpath://cache"},  {"ms://a/b", "pvc:///c"},
      {"pvc://foo/a..b/c", "pvc://foo/"},
  };
  for (const auto& [model, cache] : good) {
    EXPECT_THAT(found_in_volume(model, cache), IsEmpty()) << model << " " << cache;
  }
}

TEST(ModelBooster, RefusesAModelThatItsCacheDoesNotReach) {
  const std::string model = "spec.backend.modelURI: Invalid value: ";
  const std::string cache = "spec.backend.cacheURI: Invalid value: ";
  EXPECT_THAT(found_in_volume("pvc://foo/bar", "hostpath:///x"),
              ElementsAre(cache + "\"hostpath:///x\": when modelURI uses pvc://, cacheURI must "
                                  "also use pvc://, since the model is read through the cache's "
                                  "mount"));
  EXPECT_THAT(found_in_volume("pvc://foo/bar", ""),
              Contains(HasSubstr("when modelURI uses pvc://, cacheURI must also use pvc://")));
  for (const char* uri : {"pvc://foo/../bar", "pvc://../foo", "pvc:///../foo", "pvc://foo/.."}) {
    EXPECT_THAT(found_in_volume(uri, "pvc://foo"),
                ElementsAre(model + json::quoted(uri) +
                            ": pvc:// modelURI must not contain '..' path segments"));
  }
  for (const char* uri : {"pvc://foo/bar", "pvc:////"}) {
    EXPECT_THAT(found_in_volume("pvc://foo/bar", uri),
                Contains(cache + json::quoted(uri) +
                         ": pvc:// cacheURI must contain a single PVC claim name with no path "
                         "separator; claim names cannot contain '/'"));
  }
  EXPECT_THAT(found_in_volume("pvc://foobar", "pvc://foo"),
              ElementsAre(model + "\"pvc://foobar\": PVC source path \"/foobar\" is not reachable "
                                  "via cacheURI mount \"/foo\"; it must be that path or lie below "
                                  "it"));
  EXPECT_THAT(found_in_volume("pvc://bar/m", "pvc://foo"),
              Contains(HasSubstr("PVC source path \"/bar/m\" is not reachable via cacheURI mount "
                                 "\"/foo\"")));
}

TEST(ModelBooster, WarnsOfWhatWouldFailLater) {
  EXPECT_THAT(found([](ModelBooster& b) {
                b.metadata.name = std::string(50, 'a');
                b.spec.backend.name = std::string(52, 'b');
              }),
              ElementsAre(HasSubstr("warning: metadata.name: Invalid value: "),
                          HasSubstr("-model-downloader\" of a container made of it would be "
                                    "invalid: must be no more than 63 characters"),
                          HasSubstr("warning: spec.backend.name: Invalid value: ")));
  EXPECT_THAT(found([](ModelBooster& b) { b.spec.backend.cache_uri.clear(); }),
              ElementsAre("warning: spec.backend.cacheURI: Required value: without it each pod "
                          "downloads the weights anew"));
  EXPECT_THAT(found_in_volume("hf://a/b", "pvc://a/b"),
              ElementsAre("warning: spec.backend.cacheURI: Invalid value: \"pvc://a/b\": claim "
                          "names cannot contain '/'"));
  EXPECT_THAT(found_in_volume("hf://a/b", "pvc:///"),
              ElementsAre("warning: spec.backend.cacheURI: Invalid value: \"pvc:///\": must "
                          "include a claim"));
  EXPECT_THAT(found_in_volume("hf://a/b", "hostpath:///"),
              ElementsAre("warning: spec.backend.cacheURI: Invalid value: \"hostpath:///\": must "
                          "include a path"));
  const auto with_runtime_port = [](std::string port) {
    return found(
        [&](ModelBooster& b) { b.spec.backend.env = {{.name = "RUNTIME_PORT", .value = port}}; });
  };
  EXPECT_THAT(with_runtime_port("8900"), IsEmpty());
  EXPECT_THAT(with_runtime_port("65536"),
              ElementsAre("warning: spec.backend.env[0].value: Invalid value: \"65536\": should be "
                          "a port; 8100 is used"));
  EXPECT_THAT(with_runtime_port("8000"),
              ElementsAre("warning: spec.backend.env[0].value: Invalid value: \"8000\": is the "
                          "port of the engine"));
  EXPECT_THAT(found([](ModelBooster& b) {
                b.spec.model_match =
                    networking::ModelMatch{.uri = networking::StringMatch{.regex = "["}};
              }),
              ElementsAre("warning: spec.modelMatch.uri.regex: Invalid value: \"[\": error parsing "
                          "regexp: missing closing ]: `[`"));
}

json::Decoded<ModelBooster> old_one(std::string_view backend, std::string_view policy) {
  return json::decode<ModelBooster>(
      json::parse(R"({"metadata": {"name": "b"}, "spec": {"backend": {"name": "k", "type": "vLLM",
        "modelURI": "hf://a/b", "cacheURI": "pvc://c", "workers": [{"image": "i"}])" +
                  std::string(backend) + "}" + std::string(policy) + "}}")
          .value());
}

TEST(ModelBooster, ReadsTheReplicasOfOldManifests) {
  auto decoded = old_one(R"(, "minReplicas": 2, "maxReplicas": 2)", "");
  EXPECT_THAT(texts(decoded.problems),
              ElementsAre("warning: spec.backend.minReplicas: deprecated: use replicas",
                          "warning: spec.backend.maxReplicas: deprecated: use an "
                          "AutoscalingPolicy"));
  apply_admission_defaults(decoded.value);
  EXPECT_EQ(decoded.value.spec.backend.replicas, 2);
  EXPECT_THAT(texts(validate(decoded.value)), IsEmpty());
  EXPECT_EQ(old_autoscaling(decoded.value), std::nullopt);
  decoded.value.spec.backend.replicas = 7;
  apply_admission_defaults(decoded.value);
  EXPECT_EQ(decoded.value.spec.backend.replicas, 7);
}

TEST(ModelBooster, HoldsOldManifestsToTheirOldRules) {
  const auto bounded = [](std::int32_t least, std::int32_t most) {
    return found([&](ModelBooster& b) {
      b.spec.backend.min_replicas = least;
      b.spec.backend.max_replicas = most;
    });
  };
  const std::string equal =
      "minReplicas and maxReplicas must be equal and > 0 when no autoscaling is set";
  EXPECT_THAT(bounded(1, 2), ElementsAre("spec.backend.minReplicas: Invalid value: 1: " + equal));
  EXPECT_THAT(bounded(0, 0), ElementsAre("spec.backend.minReplicas: Invalid value: 0: " + equal));
  EXPECT_THAT(bounded(3, 2), ElementsAre("spec.backend.minReplicas: Invalid value: 3: minReplicas "
                                         "(3) cannot be greater than maxReplicas (2)",
                                         "spec.backend.minReplicas: Invalid value: 3: " + equal));
  EXPECT_THAT(bounded(1'000'001, 1'000'001),
              ElementsAre("spec.backend.maxReplicas: Invalid value: 1000001: maxReplicas (1000001) "
                          "cannot exceed 1000000"));
}

TEST(ModelBooster, MakesAPolicyOfItsOldAutoscaling) {
  auto decoded = old_one(R"(, "minReplicas": 0, "maxReplicas": 4)",
                         R"(, "autoscalingPolicy": {"metrics": [
                           {"metricName": "load", "targetValue": 10}], "tolerancePercent": 5})");
  apply_admission_defaults(decoded.value);
  EXPECT_THAT(texts(validate(decoded.value)), IsEmpty());
  const AutoscalingPolicySpec spec = old_autoscaling(decoded.value).value();
  EXPECT_EQ(json::encode(spec), json::parse(R"({
    "tolerancePercent": 5, "metrics": [{"name": "load", "targetValue": "10"}],
    "homogeneousTarget": {"minReplicas": 0, "maxReplicas": 4, "target": {
      "targetRef": {"kind": "ModelServing", "name": "b-k"},
      "metricSources": {"load": {"pod": {"name": "load", "port": 8100, "uri": "/metrics",
        "labelSelector": {"matchLabels": {"modelserving.volcano.sh/role": "leader"}}}}}}}})")
                                    .value());
  decoded.value.spec.autoscaling_policy->metrics.push_back({.name = "load"});
  EXPECT_THAT(texts(validate(decoded.value)),
              ElementsAre("spec.autoscalingPolicy.metrics[1].targetValue: Invalid value: \"0\": "
                          "metric target value must be greater than 0 and not equal to infinity",
                          "spec.autoscalingPolicy.metrics[1].name: Invalid value: \"load\": "
                          "duplicate metric name load is not allowed"));
}

}  // namespace
}  // namespace kthena::api::workload
