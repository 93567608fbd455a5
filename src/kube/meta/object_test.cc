#include "kube/meta/object.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

#include "json/codec.h"
#include "json/parse.h"
#include "json/print.h"
#include "kube/meta/condition.h"
#include "kube/meta/selector.h"

namespace kthena::kube {
namespace {

using namespace std::chrono_literals;
using testing::IsEmpty;

json::Value value_of(std::string_view text) { return json::parse(text).value(); }

TEST(ObjectMeta, ReadsAndWritesWhatAServerSends) {
  constexpr std::string_view kText = R"({
    "name": "web", "namespace": "prod", "uid": "u-1", "resourceVersion": "42", "generation": 3,
    "creationTimestamp": "2026-01-02T03:04:05Z", "deletionTimestamp": "2026-01-02T03:05:05Z",
    "deletionGracePeriodSeconds": 30, "labels": {"app": "web"}, "annotations": {"a/b": "c"},
    "ownerReferences": [{"apiVersion": "v1", "kind": "Pod", "name": "o", "uid": "u-0",
                         "controller": true, "blockOwnerDeletion": false}],
    "finalizers": ["x/y"]})";
  json::Value sent = value_of(kText);
  sent.set("managedFields", value_of(R"([{"manager": "kubectl"}])"));
  const auto decoded = json::decode<ObjectMeta>(sent);
  EXPECT_THAT(decoded.problems, IsEmpty());
  EXPECT_EQ(decoded.value.key().to_string(), "prod/web");
  EXPECT_TRUE(decoded.value.is_being_deleted());
  EXPECT_EQ(json::encode(decoded.value), value_of(kText));
}

TEST(ObjectKey, IsTheNameAloneWithoutANamespace) {
  EXPECT_EQ((ObjectKey{.namespace_name = "", .name = "node"}).to_string(), "node");
}

TEST(Time, KeepsNanosecondsAndReadsOffsets) {
  const auto read = [](std::string_view text) { return json::decode<Time>(json::Value(text)); };
  EXPECT_EQ(json::encode(read("2026-01-02T03:04:05.000000007+01:30").value),
            json::Value("2026-01-02T01:34:05.000000007Z"));
  EXPECT_EQ(json::encode(Time::whole_seconds(WallTime{1500ms})),
            json::Value("1970-01-01T00:00:01Z"));
  EXPECT_EQ(json::encode(Time::whole_seconds(WallTime{-1ms})), json::Value("1969-12-31T23:59:59Z"));
  EXPECT_FALSE(read("yesterday").ok());
}

struct Timeouts {
  std::optional<GoDuration> timeout;
  IntOrString port;
  static constexpr auto fields() {
    return std::tuple{json::Field{"timeout", &Timeouts::timeout},
                      json::Field{"port", &Timeouts::port}};
  }
};

TEST(GoDuration, DoesNotSpoilItsObjectWhenAServerHoldsNonsense) {
  const json::Value bad = value_of(R"({"timeout": "soon", "port": "http"})");
  const auto trusted = json::decode<Timeouts>(bad, json::DecodeOptions::trusted());
  EXPECT_TRUE(trusted.ok());
  EXPECT_EQ(trusted.value.timeout, std::nullopt);
  EXPECT_EQ(trusted.value.port, IntOrString{"http"});
  ASSERT_EQ(trusted.problems.size(), 1U);
  EXPECT_EQ(trusted.problems[0].severity, json::Severity::Warning);
  EXPECT_THAT(trusted.problems[0].to_string(),
              testing::StartsWith("timeout: Invalid value: \"soon\": "));
  EXPECT_FALSE(json::decode<Timeouts>(bad).ok());
}

TEST(GoDuration, IsWrittenInItsCanonicalForm) {
  const auto decoded = json::decode<Timeouts>(value_of(R"({"timeout": "90m", "port": 80})"));
  EXPECT_EQ(json::print(json::encode(decoded.value)), R"({"timeout":"1h30m0s","port":80})");
}

TEST(IntOrString, StandsForACountOrAShareOfATotal) {
  const auto scaled = [](IntOrString value, std::int64_t total, Rounding rounding) {
    return scaled_value(value, total, rounding).value();
  };
  EXPECT_EQ(scaled({3}, 10, Rounding::Down), 3);
  EXPECT_EQ(scaled({-1}, 10, Rounding::Up), -1);
  struct Case {
    const char* percent;
    std::int64_t total, down, up;
  };
  for (const auto& [percent, total, down, up] :
       {Case{"20%", 10, 2, 2}, Case{"50%", 9, 4, 5}, Case{"1%", 10, 0, 1}, Case{"0%", 7, 0, 0},
        Case{"100%", 3, 3, 3}, Case{"150%", 3, 4, 5}, Case{"50%", 0, 0, 0}, Case{"-50%", 3, -2, -1},
        Case{"2147483647%", 2147483647, 46116860141324206, 46116860141324207}}) {
    EXPECT_EQ(scaled({percent}, total, Rounding::Down), down) << percent;
    EXPECT_EQ(scaled({percent}, total, Rounding::Up), up) << percent;
  }
}

TEST(IntOrString, IsNoCountWhenItsTextIsNoPercentage) {
  EXPECT_EQ(scaled_value({"half"}, 10, Rounding::Down).error().message(),
            "invalid value for IntOrString: invalid type: string is not a percentage");
  for (const char* text : {"%", "5.5%", "+5%", " 5%", "99999999999%"}) {
    EXPECT_THAT(scaled_value({text}, 10, Rounding::Down).error().message(),
                testing::StartsWith("invalid value for IntOrString: invalid value \""))
        << text;
  }
}

TEST(Condition, MovesItsTimeOnlyWithItsStatus) {
  std::vector<Condition> conditions;
  const Condition ready{.type = "Ready", .status = ConditionStatus::False, .reason = "Starting"};
  EXPECT_TRUE(set_condition(conditions, ready, WallTime{10s}));
  EXPECT_FALSE(set_condition(conditions, ready, WallTime{20s}));
  Condition waiting = ready;
  waiting.reason = "Waiting";
  EXPECT_TRUE(set_condition(conditions, waiting, WallTime{30s}));
  EXPECT_EQ(find_condition(conditions, "Ready")->last_transition_time.value, WallTime{10s});
  waiting.status = ConditionStatus::True;
  EXPECT_TRUE(set_condition(conditions, waiting, WallTime{40s}));
  EXPECT_EQ(find_condition(conditions, "Ready")->last_transition_time.value, WallTime{40s});
  EXPECT_EQ(conditions.size(), 1U);
  EXPECT_EQ(find_condition(conditions, "Synced"), nullptr);
  EXPECT_THAT(json::check(conditions[0]), IsEmpty());
}

TEST(LabelSelector, MatchesWhenAllRequirementsHold) {
  const Labels labels = {{"app", "web"}, {"tier", "front"}};
  const auto matches = [&](LabelSelector selector) { return selector.matches(labels); };
  const auto expression = [](std::string key, std::string op,
                             std::vector<std::string> values = {}) {
    return LabelSelector{.match_expressions = {{std::move(key), std::move(op), std::move(values)}}};
  };
  EXPECT_TRUE(matches({}));
  EXPECT_TRUE(matches({.match_labels = {{"app", "web"}}}));
  EXPECT_FALSE(matches({.match_labels = {{"app", "web"}, {"tier", "back"}}}));
  EXPECT_FALSE(matches({.match_labels = {{"zone", ""}}}));
  EXPECT_TRUE(matches(expression("app", "In", {"db", "web"})));
  EXPECT_FALSE(matches(expression("zone", "In", {"a"})));
  EXPECT_FALSE(matches(expression("app", "NotIn", {"web"})));
  EXPECT_TRUE(matches(expression("zone", "NotIn", {"a"})));
  EXPECT_TRUE(matches(expression("app", "Exists")));
  EXPECT_FALSE(matches(expression("app", "DoesNotExist")));
  EXPECT_FALSE(matches(expression("app", "Like", {"web"})));
}

TEST(LabelSelector, SaysWhichRequirementIsNoGood) {
  const auto message = [](LabelSelector selector) {
    const auto checked = selector.check();
    return checked ? std::string("ok") : checked.error().message();
  };
  EXPECT_EQ(message({.match_labels = {{"app", "web"}}}), "ok");
  EXPECT_THAT(message({.match_labels = {{"a b", "x"}}}),
              testing::StartsWith("key: Invalid value: \"a b\": name part must consist of"));
  EXPECT_THAT(message({.match_labels = {{"app", "a b"}}}),
              testing::StartsWith("values[0][app]: Invalid value: \"a b\": a valid label must be"));
  EXPECT_THAT(message({.match_labels = {{"a b", "a b"}}}),
              testing::StartsWith("[key: Invalid value"));
  EXPECT_EQ(message({.match_expressions = {{"app", "Like", {}}}}),
            "\"Like\" is not a valid label selector operator");
  EXPECT_EQ(message({.match_expressions = {{"app", "In", {}}}}),
            "values: Invalid value: []: for 'in', 'notin' operators, values set can't be empty");
  EXPECT_EQ(
      message({.match_expressions = {{"app", "Exists", {"x"}}}}),
      "values: Invalid value: [\"x\"]: values set must be empty for exists and does not exist");
}

}  // namespace
}  // namespace kthena::kube
