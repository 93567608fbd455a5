#include "kube/meta/admission.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <optional>

#include "json/fields.h"
#include "json/parse.h"

namespace kthena::kube {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

struct SetSpec {
  std::optional<std::int32_t> replicas;
  std::string image;
  std::string owner;
  std::optional<GoDuration> wait;

  static constexpr auto fields() {
    using namespace json::field;
    return std::tuple{
        json::Field{"replicas", &SetSpec::replicas, default_integer(1)},
        json::Field{"image", &SetSpec::image, max_length(9), immutable("image is immutable")},
        json::Field{"owner", &SetSpec::owner}, json::Field{"wait", &SetSpec::wait}};
  }
};

/// A kind that has all a kind may have.
struct Set {
  ObjectMeta metadata;
  SetSpec spec;

  static constexpr ResourceType kResource{.api_version = "v1",
                                          .kind = "Set",
                                          .plural = "sets",
                                          .singular = "set",
                                          .scale = ScalePaths{.spec_replicas = ".spec.replicas"}};
  static constexpr auto fields() {
    return std::tuple{json::Constant{"apiVersion", "v1"}, json::Constant{"kind", "Set"},
                      json::Field{"metadata", &Set::metadata}, json::Field{"spec", &Set::spec}};
  }
};

json::Problem note(std::string text) {
  return json::as_warning(json::invalid_value(json::FieldPath("spec"), text, {}));
}
std::vector<json::Problem> check_as_written(const Set& set) {
  return {note(set.spec.replicas ? "written" : "left out")};
}
void apply_admission_defaults(Set& set) {
  if (set.spec.owner.empty()) {
    set.spec.owner = "us";
  }
}
std::vector<json::Problem> validate(const Set& set) {
  if (set.spec.image.contains(' ')) {
    return {json::invalid_value(json::FieldPath("spec.image"), json::quoted(set.spec.image), "x")};
  }
  return {note("validated " + set.spec.owner)};
}
std::vector<json::Problem> validate_update(const Set& before, const Set& after) {
  return {note(before.spec.owner + " to " + after.spec.owner)};
}

std::vector<std::string> texts(const std::vector<json::Problem>& problems) {
  std::vector<std::string> out;
  for (const json::Problem& problem : problems) {
    out.push_back(problem.to_string());
  }
  return out;
}

json::Value set_of(std::string_view spec) {
  json::Value value = json::parse(R"({"metadata": {"name": "a"}})").value();
  value.set("spec", json::parse(spec).value());
  return value;
}

TEST(Admission, TakesAnObjectTheWholeWay) {
  const auto admitted = admit<Set>(set_of("{}"), AdmissionStage::Whole);
  EXPECT_TRUE(admitted.ok());
  EXPECT_EQ(admitted.object.spec.replicas, 1);
  EXPECT_EQ(admitted.object.spec.owner, "us");
  EXPECT_EQ(admitted.object.metadata.namespace_name, "default");
  EXPECT_THAT(texts(admitted.problems),
              ElementsAre("spec: Invalid value: left out", "spec: Invalid value: validated us"));
}

TEST(Admission, LeavesTheSchemaToTheServerThatAsksAWebhook) {
  const auto admitted =
      admit<Set>(set_of(R"({"image": "a long one", "replicas": -1})"), AdmissionStage::Webhook);
  EXPECT_THAT(texts(admitted.problems),
              ElementsAre("spec.image: Invalid value: \"a long one\": x"));
  EXPECT_EQ(admitted.object.spec.owner, "");
}

TEST(Admission, AsksNoRulesOfWhatItCannotRead) {
  for (const auto stage : {AdmissionStage::Whole, AdmissionStage::Webhook}) {
    const auto admitted = admit<Set>(set_of(R"({"image": 1})"), stage);
    EXPECT_FALSE(admitted.readable);
    EXPECT_THAT(texts(admitted.problems),
                ElementsAre("spec.image: Invalid value: \"integer\": spec.image in body must be of "
                            "type string: \"integer\""));
  }
}

TEST(Admission, OfAWebhookMergesWhatSchemaAndRulesSay) {
  const auto said = [](std::string_view path, json::Problem::Kind kind) {
    return json::Problem{.kind = kind, .path = std::string(path), .message = "schema"};
  };
  const auto rule = [](const char* path) {
    return json::invalid_value(json::FieldPath(path), "x", {});
  };
  using enum json::Problem::Kind;
  const auto merged = detail::merge_findings(
      {said("spec.type", NotSupported), said("spec.auth.scheme", NotSupported),
       said("spec.auth.key", Required), said("spec.port", Required), said("spec.po", Required)},
      {rule("spec.url"), rule("spec.auth.name"), rule("spec.auth.key"), rule("spec.port.a")});
  EXPECT_THAT(texts(merged),
              ElementsAre("spec.type: schema", "spec.po: schema", "spec.url: Invalid value: x",
                          "spec.auth.scheme: schema", "spec.auth.name: Invalid value: x",
                          "spec.auth.key: Invalid value: x", "spec.port.a: Invalid value: x"));
  EXPECT_TRUE(detail::may_ask_rules({said("a", Required), said("b", NotSupported)}));
  EXPECT_FALSE(detail::may_ask_rules({said("a", Required), said("b", WrongType)}));
}

TEST(Admission, RefusesWhatIsNoDurationAtBothStages) {
  for (const auto stage : {AdmissionStage::Whole, AdmissionStage::Webhook}) {
    EXPECT_THAT(texts(admit<Set>(set_of(R"({"wait": "soon"})"), stage).problems),
                ElementsAre(testing::StartsWith("spec.wait: Invalid value: \"soon\": ")));
    EXPECT_FALSE(admit<Set>(set_of(R"({"wait": "soon"})"), stage).ok());
  }
}

TEST(Admission, SaysWhatTheServerSaysOfReplicasBelowZero) {
  EXPECT_THAT(texts(admit<Set>(set_of(R"({"replicas": -1})"), AdmissionStage::Whole).problems),
              testing::Contains("spec.replicas: Invalid value: -1: should be a non-negative "
                                "integer"));
}

TEST(Admission, TakesANameThatTheServerWillMake) {
  const json::Value value = json::parse(R"({"metadata": {"generateName": "a-"}})").value();
  EXPECT_TRUE(admit<Set>(value, AdmissionStage::Whole).ok());
  EXPECT_THAT(texts(admit<Set>(json::parse("{}").value(), AdmissionStage::Whole).problems),
              testing::Contains("metadata.name: Required value: name is required"));
}

TEST(Admission, HoldsAChangeAgainstWhatWasThere) {
  const json::Value before = set_of(R"({"image": "a", "owner": "you"})");
  const json::Value after = set_of(R"({"image": "b"})");
  EXPECT_THAT(texts(admit_update<Set>(before, after, AdmissionStage::Whole).problems),
              ElementsAre("spec.image: Invalid value: \"b\": image is immutable",
                          "spec: Invalid value: you to us"));
  EXPECT_THAT(texts(admit_update<Set>(before, after, AdmissionStage::Webhook).problems),
              ElementsAre("spec: Invalid value: you to "));
}

TEST(Admission, RefusesWithALineForEachError) {
  const std::vector<json::Problem> problems = {
      json::required_value(json::FieldPath("spec.a"), ""), note("x"),
      json::invalid_value(json::FieldPath("spec.b"), "-1", "too small")};
  EXPECT_EQ(denial_text(problems),
            "validation failed:\n  - spec.a: Required value\n  - spec.b: Invalid value: -1: too "
            "small");
  EXPECT_THAT(warning_texts(problems), ElementsAre("spec: Invalid value: x"));
}

}  // namespace
}  // namespace kthena::kube
