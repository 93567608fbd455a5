#include "kube/meta/manifest.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kthena::kube {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

struct WidgetSpec {
  std::int32_t size = 0;
  std::optional<std::int32_t> depth;
  std::vector<std::string> tags;
  static constexpr auto fields() {
    using namespace json::field;
    return std::tuple{json::Field{"size", &WidgetSpec::size, required, minimum(1)},
                      json::Field{"depth", &WidgetSpec::depth, default_integer(7)},
                      json::Field{"tags", &WidgetSpec::tags, max_items(2)}};
  }
};

struct Widget {
  ObjectMeta metadata;
  WidgetSpec spec;
  static constexpr ResourceType kResource{
      .api_version = "test.io/v1", .kind = "Widget", .plural = "widgets", .singular = "widget"};
  static constexpr auto fields() {
    return std::tuple{json::Constant{"apiVersion", kResource.api_version},
                      json::Constant{"kind", kResource.kind},
                      json::Field{"metadata", &Widget::metadata},
                      json::Field{"spec", &Widget::spec, json::field::required}};
  }
};

/// Found by read_manifests() beside its kind. Sees what was written, before defaults.
std::vector<json::Problem> validate(const Widget& widget) {
  if (widget.spec.depth == widget.spec.size) {
    return {json::invalid_value(json::FieldPath("spec.depth"), "", "must differ from size")};
  }
  return {};
}

struct Room {
  ObjectMeta metadata;
  static constexpr ResourceType kResource{.api_version = "v1",
                                          .kind = "Room",
                                          .plural = "rooms",
                                          .singular = "room",
                                          .scope = Scope::Cluster};
  static constexpr auto fields() {
    return std::tuple{json::Constant{"apiVersion", "v1"}, json::Constant{"kind", "Room"},
                      json::Field{"metadata", &Room::metadata}};
  }
};

/// A kind with a pod template in it, and a built-in kind that is read in part.
struct Crew {
  ObjectMeta metadata;
  json::Value pod;
  static constexpr ResourceType kResource{
      .api_version = "test.io/v1", .kind = "Crew", .plural = "crews", .singular = "crew"};
  static constexpr auto fields() {
    return std::tuple{json::Constant{"apiVersion", kResource.api_version},
                      json::Constant{"kind", kResource.kind},
                      json::Field{"metadata", &Crew::metadata},
                      json::Field{"pod", &Crew::pod, json::field::shape("PodTemplateSpec")}};
  }
};

struct Node {
  ObjectMeta metadata;
  static constexpr ResourceType kResource{.api_version = "v1",
                                          .kind = "Node",
                                          .plural = "nodes",
                                          .singular = "node",
                                          .scope = Scope::Cluster};
  static constexpr bool kPartial = true;
  static constexpr auto fields() {
    return std::tuple{json::Constant{"apiVersion", "v1"}, json::Constant{"kind", "Node"},
                      json::Field{"metadata", &Node::metadata}};
  }
};

Manifests<Widget, Room> read(std::string_view text) {
  return read_manifests<Widget, Room>("w.yaml", text);
}

std::vector<std::string> problems_of(std::string_view text) {
  std::vector<std::string> out;
  for (const ManifestProblem& problem : read(text).problems) {
    out.push_back((problem.is_error() ? "" : "warning: ") + problem.to_string());
  }
  return out;
}

TEST(Manifest, ReadsSeveralDocumentsIntoTheirKinds) {
  const auto manifests = read(R"(# two objects
apiVersion: test.io/v1
kind: Widget
metadata: {name: a, namespace: shop}
spec: {size: 3}
---
---
apiVersion: v1
kind: Room
metadata: {name: hall}
)");
  EXPECT_THAT(manifests.problems, IsEmpty());
  ASSERT_THAT(manifests.objects, SizeIs(2));
  const auto& widget = std::get<Widget>(manifests.objects[0].object);
  EXPECT_EQ(widget.metadata.key().to_string(), "shop/a");
  EXPECT_EQ(widget.spec.size, 3);
  EXPECT_EQ(widget.spec.depth, 7);
  EXPECT_EQ(manifests.objects[0].line, 2U);
  const auto& room = std::get<Room>(manifests.objects[1].object);
  EXPECT_EQ(room.metadata.key().to_string(), "hall");
  EXPECT_EQ(manifests.objects[1].line, 8U);
}

TEST(Manifest, PutsObjectsWithoutANamespaceIntoDefault) {
  const auto manifests =
      read("{apiVersion: test.io/v1, kind: Widget, metadata: {name: a}, spec: {size: 1}}");
  ASSERT_TRUE(manifests.ok());
  EXPECT_EQ(std::get<Widget>(manifests.objects.at(0).object).metadata.namespace_name, "default");
}

TEST(Manifest, ReadsLists) {
  constexpr std::string_view kItems = R"(items:
- apiVersion: test.io/v1
  kind: Widget
  metadata: {name: a}
  spec: {size: 1}
- apiVersion: v1
  kind: Room
  metadata: {name: b}
)";
  const auto manifests = read("apiVersion: v1\nkind: List\n" + std::string(kItems));
  EXPECT_TRUE(manifests.ok());
  EXPECT_THAT(manifests.objects, SizeIs(2));
  EXPECT_EQ(manifests.objects[1].line, 8U);

  const auto typed = read(R"(
apiVersion: test.io/v1
kind: WidgetList
items:
- metadata: {name: a}
  spec: {size: 1}
- metadata: {name: b}
  spec: {size: 0}
)");
  EXPECT_THAT(typed.objects, SizeIs(1));
  ASSERT_THAT(typed.problems, SizeIs(1));
  EXPECT_EQ(typed.problems[0].to_string(),
            "w.yaml:8: spec.size: Invalid value: 0: spec.size in body should be greater than or "
            "equal to 1");
}

TEST(Manifest, SaysOnWhichLineWhatIsWrong) {
  EXPECT_THAT(
      problems_of(R"(apiVersion: test.io/v1
kind: Widget
metadata:
  name: a
spec:
  size: "3"
  tags:
  - x
  - 1
  colour: red
)"),
      ElementsAre("w.yaml:6: spec.size: Invalid value: \"string\": spec.size in body must be of "
                  "type integer: \"string\"",
                  "w.yaml:9: spec.tags[1]: Invalid value: \"integer\": spec.tags[1] in body must "
                  "be of type string: \"integer\"",
                  "warning: w.yaml:10: unknown field \"spec.colour\""));
  EXPECT_THAT(
      problems_of("apiVersion: test.io/v1\nkind: Widget\nmetadata: {}\nspec:\n  tags: []\n"),
      ElementsAre("w.yaml:4: spec.size: Required value",
                  "w.yaml:3: metadata.name: Required value: name is required"));
  EXPECT_THAT(problems_of(R"(
apiVersion: test.io/v1
kind: Widget
metadata: {name: a}
spec:
  size: 2
  depth: 2
)"),
              ElementsAre("w.yaml:7: spec.depth: Invalid value: : must differ from size"));
}

TEST(Manifest, SaysWhereTheYamlIsBroken) {
  const auto manifests = read("a: 1\nb: [\n");
  EXPECT_FALSE(manifests.ok());
  ASSERT_THAT(manifests.problems, SizeIs(1));
  EXPECT_GT(manifests.problems[0].line, 0U);
  EXPECT_THAT(manifests.problems[0].to_string(), testing::MatchesRegex("w.yaml:[0-9]+: .*"));
  EXPECT_THAT(problems_of("a: 1\nb: 2\na: 3\n"), ElementsAre(testing::StartsWith("w.yaml:3: ")));
}

TEST(Manifest, RefusesDocumentsThatAreNoObjects) {
  EXPECT_THAT(
      problems_of("- a\n"),
      ElementsAre("w.yaml:1: must be an object with apiVersion and kind, but is of type array"));
  EXPECT_THAT(problems_of("kind: Widget\n"), ElementsAre("w.yaml:1: apiVersion: Required value"));
  EXPECT_THAT(problems_of("apiVersion: v1\nkind: 3\n"),
              ElementsAre("w.yaml:2: kind: Invalid value: \"number\": must be a text"));
}

TEST(Manifest, WarnsOfKindsThatAreNotReadAndRefusesOtherVersions) {
  EXPECT_THAT(problems_of("apiVersion: v1\nkind: Service\n"),
              ElementsAre("warning: w.yaml:2: Service of v1 is not read here"));
  EXPECT_THAT(
      problems_of("apiVersion: test.io/v2\nkind: Widget\n"),
      ElementsAre("w.yaml:1: apiVersion: Unsupported value: \"test.io/v2\": supported values: "
                  "\"test.io/v1\""));
}

TEST(Manifest, RefusesNamesKubernetesWouldRefuse) {
  EXPECT_THAT(
      problems_of(R"(
apiVersion: test.io/v1
kind: Widget
metadata:
  name: A
  namespace: b.c
  labels: {"x": "y z"}
spec: {size: 1}
)"),
      ElementsAre(
          testing::StartsWith("w.yaml:5: metadata.name: Invalid value: \"A\": a lowercase"),
          "w.yaml:6: metadata.namespace: Invalid value: \"b.c\": must not contain dots",
          testing::StartsWith("w.yaml:7: metadata.labels: Invalid value: \"y z\": a valid")));
}

TEST(Manifest, RefusesAnObjectThatIsThereTwice) {
  EXPECT_THAT(
      problems_of(R"(apiVersion: test.io/v1
kind: Widget
metadata: {name: a}
spec: {size: 1}
---
apiVersion: test.io/v1
kind: Widget
metadata: {name: a, namespace: default}
spec: {size: 2}
)"),
      ElementsAre(
          "w.yaml:8: metadata.name: Duplicate value: \"default/a\": the first is on line 1"));
}

TEST(Manifest, DoesNotTakeObjectsWithoutANameForTheSame) {
  const std::string nameless = "apiVersion: v1\nkind: Room\nmetadata: {}\n---\n";
  EXPECT_THAT(problems_of(nameless + nameless),
              ElementsAre("w.yaml:3: metadata.name: Required value: name is required",
                          "w.yaml:7: metadata.name: Required value: name is required"));
}

TEST(Manifest, SaysWhyTheKindIsNotFound) {
  EXPECT_THAT(problems_of("kind: Room\nApiversion: v1\n"),
              ElementsAre("w.yaml:2: apiVersion: Required value: \"Apiversion\" is another name: "
                          "upper and lower case differ"));
  EXPECT_THAT(problems_of("kind: Room\napiVersion: 1\n"),
              ElementsAre("w.yaml:2: apiVersion: Invalid value: \"number\": must be a text"));
  EXPECT_THAT(problems_of("kind: Room\napiVersion: \"\"\n"),
              ElementsAre("w.yaml:2: apiVersion: Required value"));
}

TEST(Manifest, TakesNoHarmFromManyProblemsAndDeepLists) {
  std::string many;
  for (int i = 0; i < 1000; ++i) {
    many += "---\nkind: x\n";
  }
  EXPECT_THAT(problems_of(many), SizeIs(kMaxManifestProblems));
  EXPECT_THAT(problems_of(many).back(),
              HasSubstr(": there is more: only the first 255 findings of a file are told"));
  std::string warnings_first;
  for (int i = 0; i < 300; ++i) {
    warnings_first += "---\napiVersion: v1\nkind: Service\n";
  }
  EXPECT_FALSE(read(warnings_first + "---\nkind: x\n").ok());
  std::string deep;
  for (int i = 0; i < 50; ++i) {
    deep += R"({"apiVersion":"v1","kind":"List","items":[)";
  }
  for (int i = 0; i < 50; ++i) {
    deep += "]}";
  }
  EXPECT_FALSE(read(deep).ok());
}

TEST(Manifest, WarnsOfTyposInBuiltInTypes) {
  const auto manifests = read_manifests<Crew, Node>("c.yaml", R"(apiVersion: test.io/v1
kind: Crew
metadata: {name: a}
pod:
  spec:
    containers:
    - name: engine
      imagee: engine:1
---
apiVersion: v1
kind: Node
metadata: {name: n1, lables: {}}
spec:
  taint: []
)");
  std::vector<std::string> problems;
  for (const ManifestProblem& problem : manifests.problems) {
    problems.push_back(problem.to_string());
  }
  EXPECT_TRUE(manifests.ok());
  EXPECT_THAT(
      problems,
      ElementsAre(
          R"(c.yaml:8: unknown field "pod.spec.containers[0].imagee"; did you mean "image"?)",
          R"(c.yaml:12: unknown field "metadata.lables"; did you mean "labels"?)",
          R"(c.yaml:14: unknown field "spec.taint"; did you mean "taints"?)"));
}

}  // namespace
}  // namespace kthena::kube
