#include "api/workload/v1alpha1/autoscaling_policy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/testing/objects.h"
#include "json/codec.h"
#include "json/parse.h"

namespace kthena::api::workload {
namespace {

using namespace std::chrono_literals;
using api::testing::decode_spec;
using api::testing::errors;
using api::testing::object_of;
using api::testing::texts;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// The policy of a spec that its schema takes.
AutoscalingPolicy policy(std::string_view spec) {
  auto decoded = decode_spec<AutoscalingPolicy>(spec);
  EXPECT_THAT(texts(decoded.problems), IsEmpty()) << spec;
  return std::move(decoded.value);
}

std::vector<std::string> findings(std::string_view spec) { return errors(validate(policy(spec))); }

constexpr std::string_view kFull = R"({
  "apiVersion": "workload.serving.volcano.sh/v1alpha1", "kind": "AutoscalingPolicy",
  "metadata": {"name": "p", "namespace": "prod"},
  "spec": {
    "tolerancePercent": 0,
    "metrics": [{"name": "vllm:num_requests_waiting", "targetValue": "10"}],
    "behavior": {
      "scaleDown": {"instances": 0, "percent": 50, "period": "1m0s", "selectPolicy": "And",
                    "stabilizationWindow": "5m0s"},
      "scaleUp": {
        "stablePolicy": {"instances": 4, "percent": 100, "period": "15s", "selectPolicy": "Or",
                         "stabilizationWindow": "0s"},
        "panicPolicy": {"percent": 1000, "period": "5s", "panicThresholdPercent": 200,
                        "panicModeHold": "1m0s"}}},
    "disaggregatedTarget": {
      "targetRef": {"kind": "ModelServing", "name": "llm", "namespace": "prod"},
      "roles": {
        "prefill": {"minReplicas": 1, "maxReplicas": 4,
                    "metricSources": {"vllm:num_requests_waiting": {
                      "pod": {"name": "w", "uri": "/m", "port": 9000, "labelSelector": {
                        "matchLabels": {"a": "b"},
                        "matchExpressions": [{"key": "k", "operator": "In", "values": ["v"]}]}}}}},
        "decode": {"minReplicas": 2, "maxReplicas": 8,
                   "metrics": [{"name": "ttft", "targetValue": "500m"}],
                   "metricSources": {"ttft": {"prometheus": {
                     "serverURL": "http://prom:9090", "query": "up", "auth": {}}}}}},
      "ratioConstraint": {"numeratorRole": "prefill", "denominatorRole": "decode",
                          "minRatio": "0.25", "maxRatio": "1"}}},
  "status": {
    "observedGeneration": 3,
    "conditions": [{"type": "Ready", "status": "True", "reason": "Reconciled", "message": "",
                    "observedGeneration": 3, "lastTransitionTime": "2026-01-01T00:00:00Z"}],
    "disaggregatedStatus": {
      "roles": [{"name": "prefill", "currentReplicas": 1, "desiredReplicas": 2, "mode": "Stable",
                 "lastScaleTime": "2026-01-01T00:00:00Z"}],
      "ratioStatus": {"numeratorRole": "prefill", "denominatorRole": "decode", "currentRatio": "0.5"},
      "ratioAdjusted": false}}
})";

constexpr std::string_view kHomogeneous = R"({
  "metrics": [{"name": "load", "targetValue": 5}],
  "homogeneousTarget": {"minReplicas": 0, "maxReplicas": 10, "target": {"targetRef": {"name": "llm"},
    "metricSources": {"load": {"pod": {}}}}}})";

TEST(AutoscalingPolicy, WritesWhatItReads) {
  const json::Value full = json::parse(kFull).value();
  const auto decoded = json::decode<AutoscalingPolicy>(full);
  EXPECT_THAT(texts(decoded.problems), IsEmpty());
  EXPECT_EQ(json::encode(decoded.value), full);
  EXPECT_THAT(texts(validate(decoded.value)), IsEmpty());
}

TEST(AutoscalingPolicy, HasTheDefaultsOfItsSchema) {
  const AutoscalingPolicy p = policy(kHomogeneous);
  EXPECT_EQ(p.spec.tolerance_percent, 10);
  EXPECT_EQ(p.spec.metrics[0].target_value, kube::Quantity::from_integer(5));
  const PodMetricSource& pod = *p.spec.homogeneous_target->target.metric_sources.at("load").pod;
  EXPECT_EQ(pod.uri, "/metrics");
  EXPECT_EQ(pod.port, 8100);
  EXPECT_EQ(policy(R"({"heterogeneousTarget": {}})")
                .spec.heterogeneous_target->cost_expansion_rate_percent,
            200);
  EXPECT_THAT(validate(p), IsEmpty());
}

struct Case {
  std::string_view spec;
  std::vector<std::string> findings;
};

TEST(AutoscalingPolicy, IsHeldAgainstItsSchema) {
  const std::vector<Case> cases = {
      {R"({"tolerancePercent": 101})",
       {"spec.tolerancePercent: Invalid value: 101: spec.tolerancePercent in body should be less "
        "than or "
        "equal to 100"}},
      {R"({"metrics": [{"targetValue": 0.5, "name": ""}, {"name": "a", "targetValue": "1 "}]})",
       {"spec.metrics[0].targetValue: Invalid value: \"number\": spec.metrics[0].targetValue in "
        "body must "
        "be of type integer or string: \"number\"",
        R"(spec.metrics[0].name: Invalid value: "": spec.metrics[0].name in body should be at least 1 )"
        "chars long",
        "spec.metrics[1].targetValue: Invalid value: \"1 \": quantities must match the regular "
        "expression "
        "'^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"}},
      {R"({"behavior": {"scaleUp": {"panicPolicy": {"panicThresholdPercent": 109}}}})",
       {"spec.behavior.scaleUp.panicPolicy.panicThresholdPercent: Invalid value: 109: "
        "spec.behavior.scaleUp.panicPolicy.panicThresholdPercent in body should be greater than or "
        "equal "
        "to 110"}},
      {R"({"behavior": {"scaleDown": {"selectPolicy": "Max", "period": "1"}}})",
       {R"(spec.behavior.scaleDown.selectPolicy: Unsupported value: "Max": supported values: "Or", "And")",
        R"(spec.behavior.scaleDown.period: Invalid value: "1": invalid duration "1": a unit is missing)"}},
      {R"({"heterogeneousTarget": {"params": []}})",
       {"spec.heterogeneousTarget.params: Invalid value: 0: spec.heterogeneousTarget.params in "
        "body should "
        "have at least 1 items"}},
      {R"({"homogeneousTarget": {"target": {"metricSources": {"a": {}, "b": {"pod": {"uri": "m"}}}}}})",
       {"spec.homogeneousTarget.target.metricSources[a]: Invalid value: one metric source backend "
        "config "
        "is required",
        R"(spec.homogeneousTarget.target.metricSources[b].pod.uri: Invalid value: "m": )"
        "spec.homogeneousTarget.target.metricSources[b].pod.uri in body should match '^/'",
        "spec.homogeneousTarget.target.targetRef: Required value",
        "spec.homogeneousTarget.maxReplicas: Required value",
        "spec.homogeneousTarget.minReplicas: Required value"}},
      {R"({"disaggregatedTarget": {"targetRef": {}, "roles": {}}})",
       {"spec.disaggregatedTarget.roles: Invalid value: 0: spec.disaggregatedTarget.roles in body "
        "should "
        "have at least 1 properties"}},
      {R"({"disaggregatedTarget": {"targetRef": {}, "roles": {"a": {"minReplicas": 1, "maxReplicas": 1}},
           "ratioConstraint": {"numeratorRole": "a", "denominatorRole": "b", "minRatio": 1, "maxRatio": 1}}})",
       {"spec.disaggregatedTarget: Invalid value: roles must contain at least two entries when "
        "ratioConstraint is configured"}},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(texts(decode_spec<AutoscalingPolicy>(c.spec).problems), c.findings) << c.spec;
  }
}

TEST(AutoscalingPolicy, ReadsTheOldNameOfAMetric) {
  const auto decoded =
      decode_spec<AutoscalingPolicy>(R"({"metrics": [{"metricName": "load", "targetValue": 1}]})");
  EXPECT_EQ(decoded.value.spec.metrics.at(0).name, "load");
  EXPECT_THAT(
      texts(decoded.problems),
      ElementsAre("warning: spec.metrics[0].metricName: deprecated: the field is now called name"));
}

TEST(AutoscalingPolicy, NeedsExactlyOneTarget) {
  EXPECT_THAT(
      findings("{}"),
      ElementsAre("spec: Invalid value: 0: exactly one of homogeneousTarget, heterogeneousTarget, "
                  "or disaggregatedTarget must be set"));
  AutoscalingPolicy p = policy(kHomogeneous);
  p.spec.heterogeneous_target.emplace();
  EXPECT_THAT(texts(validate(p)), Contains(HasSubstr("spec: Invalid value: 2: exactly one of")));
}

TEST(AutoscalingPolicy, MayLeaveItsTargetToABindingOfOld) {
  EXPECT_THAT(
      texts(validate(policy(R"({"metrics": [{"name": "load", "targetValue": 5}]})"))),
      ElementsAre("warning: spec: Required value: no target is set: the policy acts only through "
                  "an AutoscalingPolicyBinding that refers to it"));
}

TEST(AutoscalingPolicy, NeedsGoodMetricsAndAGoodReference) {
  EXPECT_THAT(
      findings(
          R"({"metrics": [{"name": "a", "targetValue": "0"}, {"name": "a", "targetValue": "-0.5"}],
                   "homogeneousTarget": {"minReplicas": 0, "maxReplicas": 1, "target": {"targetRef":
                     {"kind": "Deployment"}}}})"),
      ElementsAre(
          "spec.metrics[0].targetValue: Invalid value: \"0\": metric target value must be greater "
          "than 0 and not equal to infinity",
          "spec.metrics[1].targetValue: Invalid value: \"-500m\": metric target value must be "
          "greater than 0 and not equal to infinity",
          "spec.metrics[1].name: Invalid value: \"a\": duplicate metric name a is not allowed",
          "spec.homogeneousTarget.target.targetRef.kind: Invalid value: \"Deployment\": "
          "targetRef.kind must be ModelServing, but got Deployment",
          "spec.homogeneousTarget.target.targetRef.name: Invalid value: \"\": targetRef.name must "
          "be set, but got empty"));
  EXPECT_THAT(findings(R"({"heterogeneousTarget": {"params": [{"minReplicas": 0, "maxReplicas": 1,
                             "target": {"targetRef": {"name": "x"}}}]}})"),
              ElementsAre("spec.metrics: Required value: at least one metric must be set"));
}

TEST(AutoscalingPolicy, ChecksTheRolesOfADisaggregatedTarget) {
  EXPECT_THAT(
      findings(R"({"disaggregatedTarget": {"targetRef": {"name": "x"}, "roles": {
                     "fixed": {"minReplicas": 2, "maxReplicas": 2},
                     "free": {"minReplicas": 9, "maxReplicas": 8}}}})"),
      ElementsAre(
          "spec.disaggregatedTarget.roles[free].minReplicas: Invalid value: 9: minReplicas must be "
          "<= maxReplicas",
          "spec.disaggregatedTarget.roles[free].metrics: Required value: metrics must be set on "
          "every non-fixed role when spec.metrics is empty"));
  EXPECT_THAT(
      findings(R"({"metrics": [{"name": "m", "targetValue": 1}],
                   "disaggregatedTarget": {"targetRef": {"name": "x"}, "roles": {
                     "a": {"minReplicas": 1, "maxReplicas": 8},
                     "b": {"minReplicas": 1, "maxReplicas": 8, "metricSources": {"n": {"pod": {}}}}}}})"),
      ElementsAre(
          "spec.disaggregatedTarget.roles[a].metricSources: Invalid value: 0: metricSources must "
          "be "
          "set on every non-fixed role when metrics are configured",
          "spec.disaggregatedTarget.roles[b].metricSources[n]: Invalid value: \"n\": metricSources "
          "key must match an effective metric name"));
}

/// Findings about a ratio of the roles n and d, which are of a fixed size unless their bounds say
/// otherwise.
std::vector<std::string> ratio_findings(std::string_view n, std::string_view d,
                                        std::string_view ratio) {
  std::string spec = R"({"metrics": [{"name": "m", "targetValue": 1}],
    "disaggregatedTarget": {"targetRef": {"name": "x"}, "roles": {"n": {)";
  spec.append(n).append(R"(,"metricSources":{"m":{"pod":{}}}}, "d": {)").append(d);
  spec.append(R"(,"metricSources":{"m":{"pod":{}}}}}, "ratioConstraint": {)")
      .append(ratio)
      .append("}}}");
  return findings(spec);
}

TEST(AutoscalingPolicy, ChecksThatARatioCanBeKept) {
  constexpr std::string_view kOneToFour = R"("minReplicas": 1, "maxReplicas": 4)";
  constexpr std::string_view kZeroToFour = R"("minReplicas": 0, "maxReplicas": 4)";
  constexpr std::string_view kEight = R"("minReplicas": 8, "maxReplicas": 8)";
  constexpr std::string_view kRoles = R"("numeratorRole": "n", "denominatorRole": "d", )";
  const auto between = [&](std::string_view low, std::string_view high) {
    return std::string(kRoles) + R"("minRatio": ")" + std::string(low) + R"(", "maxRatio": ")" +
           std::string(high) + "\"";
  };
  const std::string at = "spec.disaggregatedTarget.ratioConstraint";
  const std::string bounds =
      at +
      ": Invalid value: \"bounds\": ratioConstraint is not achievable within "
      "role replica bounds";
  EXPECT_THAT(ratio_findings(kOneToFour, kOneToFour, between("0.5", "2")), IsEmpty());
  EXPECT_THAT(ratio_findings(kOneToFour, kOneToFour, between("2", "0.5")),
              ElementsAre(at + ".minRatio: Invalid value: \"2\": minRatio must be <= maxRatio"));
  EXPECT_THAT(ratio_findings(kZeroToFour, kOneToFour, between("0", "1")),
              ElementsAre(at + ": Invalid value: \"scale-to-zero bounds\": ratio roles must be "
                               "scalable-to-zero together"));
  EXPECT_THAT(
      ratio_findings(kOneToFour, kOneToFour, between("-1", "1")),
      ElementsAre(at +
                  ": Invalid value: \"ratio\": minRatio must be >= 0 and maxRatio must be > 0"));
  EXPECT_THAT(ratio_findings(kEight, kOneToFour, between("0", "1.9")), ElementsAre(bounds));
  EXPECT_THAT(ratio_findings(kOneToFour, kEight, between("0.6", "1")), ElementsAre(bounds));
  EXPECT_THAT(
      ratio_findings(
          kOneToFour, kOneToFour,
          R"("numeratorRole": "n", "denominatorRole": "x", "minRatio": 0, "maxRatio": 1)"),
      ElementsAre(at +
                  ".denominatorRole: Invalid value: \"x\": denominatorRole must exist in roles"));
}

TEST(AutoscalingPolicy, BoundsItsTimes) {
  EXPECT_THAT(
      errors(validate(policy(R"({"metrics": [{"name": "load", "targetValue": 5}],
        "homogeneousTarget": {"minReplicas": 0, "maxReplicas": 10, "target": {"targetRef": {"name": "llm"}}},
        "behavior": {"scaleDown": {"period": "31m", "stabilizationWindow": "30m"},
          "scaleUp": {"stablePolicy": {"period": "30m", "stabilizationWindow": "-1s"},
                      "panicPolicy": {"period": "30m1ns", "panicModeHold": "1h"}}}})"))),
      ElementsAre(
          "spec.behavior.scaleDown.period: Invalid value: \"31m0s\": stable policy period must be "
          "between 0 and 30 minutes",
          "spec.behavior.scaleUp.stablePolicy.stabilizationWindow: Invalid value: \"-1s\": stable "
          "policy stabilization window must be between 0 and 30 minutes",
          "spec.behavior.scaleUp.panicPolicy.period: Invalid value: \"30m0.000000001s\": panic "
          "policy period must be between 0 and 30 minutes",
          "spec.behavior.scaleUp.panicPolicy.panicModeHold: Invalid value: \"1h0m0s\": panic "
          "policy "
          "panic mode hold must be between 0 and 30 minutes"));
}

TEST(AutoscalingPolicy, GetsTheDefaultsOfAdmissionForOmittedBlocks) {
  struct Given {
    std::string_view behavior;
    StablePolicy down;
    StablePolicy up;
    PanicPolicy panic;
  };
  const auto stable = [](std::int32_t instances, Duration period, Duration window) {
    return StablePolicy{.instances = instances,
                        .period = {period},
                        .stabilization_window = kube::GoDuration{window}};
  };
  const PanicPolicy off{.percent = 0, .period = {}, .panic_mode_hold = {}};
  const std::vector<Given> cases = {
      {"{}", stable(0, 1min, 5min), stable(4, 1min, 0s), off},
      {R"({"behavior": {}})", stable(0, 1min, 5min), stable(4, 1min, 0s), off},
      {R"({"behavior": {"scaleDown": {"instances": 3}}})", stable(3, 15s, 5min),
       stable(4, 1min, 0s), off},
      {R"({"behavior": {"scaleUp": {"panicPolicy": {"period": "5s"}}}})", stable(0, 1min, 5min),
       stable(4, 1min, 0s),
       PanicPolicy{.percent = 1000, .period = {5s}, .panic_mode_hold = {1min}}},
      {R"({"behavior": {"scaleUp": {"stablePolicy": {}}}})", stable(0, 1min, 5min),
       stable(1, 15s, 0s), off},
  };
  for (const Given& given : cases) {
    AutoscalingPolicy p = policy(given.behavior);
    apply_admission_defaults(p);
    EXPECT_EQ(p.spec.behavior->scale_down, given.down) << given.behavior;
    EXPECT_EQ(p.spec.behavior->scale_up->stable_policy, given.up) << given.behavior;
    EXPECT_EQ(p.spec.behavior->scale_up->panic_policy, given.panic) << given.behavior;
    AutoscalingPolicy again = p;
    apply_admission_defaults(again);
    EXPECT_EQ(again, p);
  }
}

TEST(AutoscalingPolicy, MayLeaveOutThePeriodOfItsPanic) {
  const AutoscalingPolicy p = policy(R"({"behavior": {"scaleUp": {"panicPolicy": {}}}})");
  EXPECT_EQ(p.spec.behavior->scale_up->panic_policy->period.value, 15s);
}

TEST(AutoscalingPolicy, MayShowCredentialsToPrometheus) {
  constexpr std::string_view kSource = R"({"serverURL": "https://p", "query": "up", "auth": {
    "bearerTokenSecret": {"name": "s", "key": "k"},
    "tlsConfig": {"insecureSkipVerify": true, "caSecret": {"name": "c", "key": "ca.crt"}}}})";
  const json::Value value = json::parse(kSource).value();
  const auto source = object_of<PrometheusMetricSource>(kSource);
  EXPECT_EQ(json::encode(source), value);
  EXPECT_EQ(source.auth->bearer_token_secret->key, "k");
}

TEST(AutoscalingPolicy, WarnsOfTargetsThatWouldNotScale) {
  EXPECT_THAT(
      texts(validate(policy(R"({"metrics": [{"name": "a_total", "targetValue": 5},
                                            {"name": "b", "targetValue": 5}],
        "heterogeneousTarget": {"params": [
          {"minReplicas": 2, "maxReplicas": 1, "target": {
            "targetRef": {"name": "x", "apiVersion": "apps/v1"},
            "metricSources": {"a_total": {"pod": {}},
                              "b": {"prometheus": {"serverURL": "p:9090", "query": "up"}}}}},
          {"minReplicas": 0, "maxReplicas": 1, "target": {"targetRef": {"name": "x"},
            "metricSources": {"a_total": {"pod": {"name": "c"}}}}}]}})"))),
      ElementsAre(
          "warning: spec.heterogeneousTarget.params[0].minReplicas: Invalid value: 2: minReplicas "
          "should be <= maxReplicas",
          "warning: spec.heterogeneousTarget.params[0].target.targetRef.apiVersion: Invalid value: "
          "\"apps/v1\": should be of the group workload.serving.volcano.sh",
          "warning: spec.heterogeneousTarget.params[0].target.metricSources[a_total].pod.name: "
          "Invalid value: \"a_total\": a counter only grows: its value is not what a replica has "
          "to do now",
          "warning: spec.heterogeneousTarget.params[0].target.metricSources[b].prometheus."
          "serverURL: Invalid value: \"p:9090\": should begin with http:// or https://",
          "warning: spec.heterogeneousTarget.params[1].target.metricSources[b]: Required value: "
          "without a source the metric does not count",
          "warning: spec.heterogeneousTarget.params[1].target.targetRef.name: Duplicate value: "
          "\"x\""));
}

TEST(AutoscalingPolicy, WarnsOfARatioThatNoReplicasHave) {
  const auto warned = [](std::string_view ratio) {
    std::vector<std::string> out;
    for (const json::Problem& problem :
         validate(policy(std::string(R"({"metrics": [{"name": "m", "targetValue": 1}],
               "disaggregatedTarget": {"targetRef": {"name": "x"}, "roles": {
                 "n": {"minReplicas": 1, "maxReplicas": 2, "metricSources": {"m": {"pod": {}}}},
                 "d": {"minReplicas": 1, "maxReplicas": 3, "metricSources": {"m": {"pod": {}}}}},
                 "ratioConstraint": {"numeratorRole": "n", "denominatorRole": "d", )") +
                         std::string(ratio) + "}}}"))) {
      out.push_back(problem.to_string());
    }
    return out;
  };
  EXPECT_THAT(warned(R"("minRatio": "0.4", "maxRatio": "0.45")"),
              ElementsAre("spec.disaggregatedTarget.ratioConstraint: Invalid value: \"ratio\": no "
                          "two numbers of replicas within their bounds have such a ratio"));
  EXPECT_THAT(warned(R"("minRatio": "0.6", "maxRatio": "0.7")"), IsEmpty());
}

}  // namespace
}  // namespace kthena::api::workload
