#include "apiserver/apply/server_side_apply.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "apiserver/apply/field_set.h"
#include "apiserver/apply/managers.h"
#include "apiserver/apply/schema.h"
#include "base/rfc3339.h"
#include "json/parse.h"
#include "json/path.h"
#include "json/print.h"
#include "json/value.h"
#include "kube/shapes/shape.h"

namespace kthena::apiserver {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

json::Value read(std::string_view text) { return json::parse(text).value(); }

/// An object on a server that has nothing but it.
class Object {
 public:
  Object(std::string_view api_version, std::string_view kind)
      : target_{.api_version = api_version,
                .kind = kind,
                .schema = &built_in_schema(*kube::shapes::find_kind(api_version, kind)),
                .resets = &reset_fields(kind, "")} {}
  Object(std::string_view schema, std::string_view api_version, std::string_view kind)
      : custom_(custom_schema(read(schema), UnknownFields::AsStated).value()),
        target_{.api_version = api_version,
                .kind = kind,
                .origin = Origin::Custom,
                .schema = custom_.get(),
                .resets = &reset_fields(kind, "")} {}

  /// The answer's text: empty if it is done.
  std::string apply(std::string_view manager, std::string_view fields, Force force = Force::No) {
    json::Value wanted = read(fields);
    wanted.set("apiVersion", target_.api_version);
    wanted.set("kind", target_.kind);
    return apply_whole(manager, wanted, force);
  }
  std::string apply_whole(std::string_view manager, const json::Value& wanted,
                          Force force = Force::No) {
    auto applied = apply_object(target_, writer(manager), live(), wanted, force);
    if (!applied) {
      failure_ = applied.error();
      return std::to_string(applied.error().code) + " " + applied.error().message;
    }
    changed_ = applied->changed;
    object_ = std::move(applied->object);
    object_->find("metadata")->set("uid", "u");
    return "";
  }
  void update(std::string_view manager, std::string_view fields) {
    json::Value after = read(fields);
    after.set("apiVersion", target_.api_version);
    after.set("kind", target_.kind);
    object_ = track_update(target_, writer(manager), live(), std::move(after));
  }
  void at(std::string_view time) { now_ = parse_rfc3339(time).value(); }
  void use(std::string_view subresource) {
    target_.subresource = subresource;
    target_.resets = &reset_fields(target_.kind, subresource);
  }

  std::string part(std::string_view path) const {
    const json::Value* found = json::find_path(*object_, path);
    return found == nullptr ? "" : json::print(*found);
  }
  /// "manager Operation: fields" of each entry.
  std::vector<std::string> owners() const {
    std::vector<std::string> out;
    const json::Value* entries = json::find_path(*object_, "metadata.managedFields");
    for (const json::Value& entry : entries == nullptr ? json::Array() : entries->as_array()) {
      const json::Value* time = entry.find("time");
      out.push_back(entry.find("manager")->as_string() + " " +
                    entry.find("operation")->as_string() +
                    (time == nullptr ? "" : " " + time->as_string().substr(17, 2)) + ": " +
                    json::print(*entry.find("fieldsV1")));
    }
    return out;
  }
  const kube::Status& failure() const { return failure_; }
  bool changed() const { return changed_; }
  json::Value& value() { return *object_; }

 private:
  const json::Value* live() const { return object_ ? &*object_ : nullptr; }
  Writer writer(std::string_view manager) const { return {.manager = manager, .now = now_}; }

  std::shared_ptr<const Schema> custom_;
  Target target_;
  std::optional<json::Value> object_;
  WallTime now_ = parse_rfc3339("2026-01-01T00:00:01Z").value();
  kube::Status failure_;
  bool changed_ = false;
};

TEST(Apply, CreatesAnObjectAndOwnsItsFields) {
  Object object("v1", "ConfigMap");
  EXPECT_EQ(object.apply("a", R"({"metadata":{"name":"m"},"data":{"x":"1"}})"), "");
  EXPECT_EQ(object.part("data"), R"({"x":"1"})");
  EXPECT_THAT(object.owners(), ElementsAre(R"(a Apply 01: {"f:data":{"f:x":{}}})"));
}

TEST(Apply, RemovesWhatIsNoLongerApplied) {
  Object object("v1", "ConfigMap");
  object.apply("a", R"({"metadata":{"name":"m"},"data":{"x":"1","y":"2"}})");
  EXPECT_EQ(object.apply("a", R"({"metadata":{"name":"m"},"data":{"y":"2"}})"), "");
  EXPECT_EQ(object.part("data"), R"({"y":"2"})");
}

TEST(Apply, KeepsWhatAnotherOwnsToo) {
  Object object("v1", "ConfigMap");
  object.apply("a", R"({"metadata":{"name":"m"},"data":{"x":"1"}})");
  EXPECT_EQ(object.apply("b", R"({"metadata":{"name":"m"},"data":{"x":"1"}})"), "");
  EXPECT_EQ(object.apply("a", R"({"metadata":{"name":"m"}})"), "");
  EXPECT_EQ(object.part("data"), R"({"x":"1"})");
  EXPECT_THAT(object.owners(), ElementsAre(R"(b Apply: {"f:data":{"f:x":{}}})"));
}

TEST(Apply, RefusesToTakeAField) {
  Object object("apps/v1", "Deployment");
  object.update("kubectl-create", R"({"metadata":{"name":"d"},"spec":{"replicas":1}})");
  EXPECT_EQ(object.apply("b", R"({"metadata":{"name":"d"},"spec":{"replicas":2}})"),
            "409 Apply failed with 1 conflict: conflict with \"kubectl-create\" using apps/v1: "
            ".spec.replicas");
  ASSERT_EQ(object.failure().details->causes.size(), 1);
  EXPECT_EQ(object.failure().reason, "Conflict");
  EXPECT_EQ(object.failure().details->causes[0],
            (kube::StatusCause{.reason = "FieldManagerConflict",
                               .message = "conflict with \"kubectl-create\" using apps/v1",
                               .field = ".spec.replicas"}));
}

TEST(Apply, NamesAllConflictsByManager) {
  Object object("v1", "ConfigMap");
  object.apply("b", R"({"metadata":{"name":"m","labels":{"l":"1"}},"data":{"x":"1"}})");
  object.apply("a", R"({"metadata":{"name":"m"},"data":{"y":"1"}})");
  EXPECT_EQ(
      object.apply("c", R"({"metadata":{"name":"m","labels":{"l":"2"}},"data":{"x":"2","y":"2"}})"),
      "409 Apply failed with 3 conflicts: conflicts with \"a\":\n- .data.y\n"
      "conflicts with \"b\":\n- .data.x\n- .metadata.labels.l");
}

TEST(Apply, TakesFieldsByForce) {
  Object object("v1", "ConfigMap");
  object.apply("a", R"({"metadata":{"name":"m"},"data":{"x":"1","y":"1"}})");
  EXPECT_EQ(object.apply("b", R"({"metadata":{"name":"m"},"data":{"x":"2"}})", Force::Yes), "");
  EXPECT_EQ(object.part("data"), R"({"x":"2","y":"1"})");
  EXPECT_THAT(object.owners(), ElementsAre(R"(a Apply 01: {"f:data":{"f:y":{}}})",
                                           R"(b Apply 01: {"f:data":{"f:x":{}}})"));
}

TEST(Apply, KeepsTheTimeOfAnApplyThatChangesNothing) {
  Object object("v1", "ConfigMap");
  object.apply("a", R"({"metadata":{"name":"m"},"data":{"x":"1"}})");
  object.at("2026-01-01T00:00:59Z");
  object.apply("a", R"({"metadata":{"name":"m"},"data":{"x":"1"}})");
  EXPECT_FALSE(object.changed());
  EXPECT_THAT(object.owners(), ElementsAre(R"(a Apply 01: {"f:data":{"f:x":{}}})"));
}

TEST(Apply, MergesListsByKeyAndLeavesOthersItemsAlone) {
  Object object("apps/v1", "Deployment");
  object.apply("a", R"({"metadata":{"name":"d"},"spec":{"template":{"spec":{"containers":[
      {"name":"c","image":"1","ports":[{"containerPort":80}]},{"name":"d","image":"1"}]}}}})");
  object.apply("b", R"({"metadata":{"name":"d"},"spec":{"template":{"spec":{"containers":[
      {"name":"e","image":"1"},{"name":"c","env":[{"name":"E","value":"1"}]}]}}}})");
  EXPECT_EQ(object.part("spec.template.spec.containers"),
            R"([{"name":"e","image":"1","resources":{}},{"name":"c","image":"1",)"
            R"("ports":[{"containerPort":80}],"resources":{},"env":[{"name":"E","value":"1"}]},)"
            R"({"name":"d","image":"1","resources":{}}])");
  object.apply("a", R"({"metadata":{"name":"d"},"spec":{"template":{"spec":{"containers":[
      {"name":"c","image":"1"}]}}}})");
  EXPECT_EQ(object.part("spec.template.spec.containers"),
            R"([{"name":"e","image":"1","resources":{}},{"name":"c","image":"1",)"
            R"("resources":{},"env":[{"name":"E","value":"1"}]}])");
}

TEST(Apply, SaysWhyAValueDoesNotFit) {
  Object object("v1", "ConfigMap");
  EXPECT_EQ(object.apply("a", R"({"metadata":{"name":"m","namespace":"n"},"data":{"x":1}})"),
            "500 failed to create typed patch object (n/m; /v1, Kind=ConfigMap): .data.x: expected "
            "string, got &value.valueUnstructured{Value:1}");
  EXPECT_EQ(object.apply("a", R"({"metadata":{"name":"m"},"bogus":1})"),
            "500 failed to create typed patch object (/m; /v1, Kind=ConfigMap): .bogus: field not "
            "declared in schema");
  EXPECT_EQ(object.apply("a", R"({"metadata":{"name":"m","ownerReferences":[{"name":"x"},3]}})"),
            "500 failed to create typed patch object (/m; /v1, Kind=ConfigMap): "
            ".metadata.ownerReferences: element 1: associative list with keys may not have non-map "
            "elements");
  EXPECT_EQ(object.apply("a", R"({"metadata":{"name":"m","finalizers":["a","a"]}})"),
            "500 failed to create typed patch object (/m; /v1, Kind=ConfigMap): "
            ".metadata.finalizers: duplicate entries for key [=\"a\"]");
}

TEST(Apply, RefusesOtherKindsAndGivenManagers) {
  Object object("apps/v1", "Deployment");
  EXPECT_EQ(object.apply_whole("a", read(R"({"apiVersion":"v1","kind":"Pod"})")),
            "400 invalid object type: /v1, Kind=Pod");
  EXPECT_EQ(object.apply("a", R"({"metadata":{"name":"d","managedFields":[]}})"),
            "400 metadata.managedFields must be nil");
}

TEST(Apply, GivesFieldsOfUntrackedObjectsToBeforeFirstApply) {
  Object object("v1", "ConfigMap");
  object.apply("a", R"({"metadata":{"name":"m"},"data":{"x":"1"}})");
  object.value().find("metadata")->erase("managedFields");
  object.apply("b", R"({"metadata":{"name":"m"},"data":{"y":"1"}})");
  EXPECT_THAT(object.owners(),
              ElementsAre(R"(b Apply 01: {"f:data":{"f:y":{}}})",
                          R"(before-first-apply Update 01: {"f:data":{".":{},"f:x":{}}})"));
}

TEST(Apply, LetsKubectlTakeWhatItsOlderSelfApplied) {
  constexpr std::string_view kLast =
      R"({"metadata":{"name":"m","annotations":{"kubectl.kubernetes.io/last-applied-configuration":)"
      R"("{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"m\"},\"data\":{\"x\":\"1\"}}"}},)"
      R"("data":{"x":"1","y":"1"}})";
  Object object("v1", "ConfigMap");
  object.update("kubectl-client-side-apply", kLast);
  EXPECT_EQ(object.apply("other", R"({"metadata":{"name":"m"},"data":{"x":"2"}})").substr(0, 3),
            "409");
  EXPECT_EQ(object.apply("kubectl", R"({"metadata":{"name":"m"},"data":{"y":"2"}})").substr(0, 3),
            "409");
  EXPECT_EQ(object.apply("kubectl", R"({"metadata":{"name":"m"},"data":{"x":"<"}})"), "");
  EXPECT_EQ(object.value().find("metadata")->find("annotations")->as_object().begin()->value,
            json::Value(R"({"apiVersion":"v1","data":{"x":"\u003c"},"kind":"ConfigMap",)"
                        R"("metadata":{"name":"m"}})"
                        "\n"));
}

constexpr std::string_view kCustom = R"({"type":"object","properties":{
  "spec":{"type":"object","properties":{
    "names":{"type":"array","items":{"type":"string"},"x-kubernetes-list-type":"set"},
    "rules":{"type":"array","items":{"type":"object","properties":{"name":{"type":"string"},"port":{"type":"integer","default":80},"value":{"x-kubernetes-int-or-string":true}}},
      "x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["name","port"]},
    "plain":{"type":"array","items":{"type":"integer"}},
    "whole":{"type":"object","properties":{"a":{"type":"string"}},"x-kubernetes-map-type":"atomic"},
    "free":{"type":"object","x-kubernetes-preserve-unknown-fields":true},
    "pod":{"type":"object","x-kubernetes-embedded-resource":true,"x-kubernetes-preserve-unknown-fields":true}}},
  "status":{"type":"object","properties":{"phase":{"type":"string"}}}}})";

TEST(ApplyOfCustomResources, FollowsTheirSchema) {
  Object object(kCustom, "x.io/v1", "Thing");
  EXPECT_EQ(
      object.apply("a", R"({"metadata":{"name":"t","labels":{"l":"1"}},"spec":{"names":["p","q"],
      "rules":[{"name":"r","value":"x"}],"plain":[1],"whole":{"a":"1"},"free":{"k":{"l":[1]}},
      "pod":{"kind":"Pod","metadata":{"name":"n"}}},"status":{"phase":"x"}})"),
      "");
  EXPECT_THAT(
      object.owners(),
      ElementsAre(
          R"(a Apply 01: {"f:metadata":{"f:labels":{"f:l":{}}},"f:spec":{"f:free":{"f:k":{".":{},"f:l":{}}},)"
          R"("f:names":{"v:\"p\"":{},"v:\"q\"":{}},"f:plain":{},"f:pod":{"f:kind":{},"f:metadata":{"f:name":{}}},)"
          R"("f:rules":{"k:{\"name\":\"r\",\"port\":80}":{".":{},"f:name":{},"f:value":{}}},"f:whole":{}}})"));
  EXPECT_EQ(
      object.apply(
          "b",
          R"({"metadata":{"name":"t"},"spec":{"names":["s"],"rules":[{"name":"r","port":81}]}})"),
      "");
  EXPECT_EQ(object.part("spec.names"), R"(["p","q","s"])");
  EXPECT_EQ(object.part("spec.rules"), R"([{"name":"r","value":"x"},{"name":"r","port":81}])");
  EXPECT_EQ(object.apply("b", R"({"metadata":{"name":"t"},"spec":{"whole":{"a":"2"}}})"),
            "409 Apply failed with 1 conflict: conflict with \"a\": .spec.whole");
  EXPECT_EQ(object.apply("b", R"({"metadata":{"name":"t"},"spec":{"bogus":1}})"),
            "500 failed to create typed patch object (/t; x.io/v1, Kind=Thing): .spec.bogus: field "
            "not declared in schema");
}

TEST(ApplyOfASchemaThatBecameAtomic, OwnsTheWhole) {
  Object object(kCustom, "x.io/v1", "Thing");
  object.update("u", R"({"metadata":{"name":"t","uid":"u"},"spec":{"whole":{"a":"1"}}})");
  object.value()
      .find("metadata")
      ->set(
          "managedFields",
          read(
              R"([{"manager":"a","operation":"Apply","apiVersion":"x.io/v1","fieldsType":"FieldsV1",
                "fieldsV1":{"f:spec":{"f:whole":{"f:a":{}}}}}])"));
  object.apply("b", R"({"metadata":{"name":"t"},"spec":{"plain":[1]}})");
  EXPECT_THAT(object.owners(), ElementsAre(R"(a Apply: {"f:spec":{"f:whole":{}}})",
                                           R"(b Apply 01: {"f:spec":{"f:plain":{}}})"));
}

TEST(Update, TracksWhatChanges) {
  Object object("v1", "ConfigMap");
  object.update("a", R"({"metadata":{"name":"m"},"data":{"x":"1","y":"1"}})");
  EXPECT_THAT(object.owners(),
              ElementsAre(R"(a Update 01: {"f:data":{".":{},"f:x":{},"f:y":{}}})"));
  object.at("2026-01-01T00:00:02Z");
  object.update("b", R"({"metadata":{"name":"m","uid":"u"},"data":{"x":"2"}})");
  EXPECT_THAT(object.owners(), ElementsAre(R"(a Update 01: {"f:data":{}})",
                                           R"(b Update 02: {"f:data":{"f:x":{}}})"));
}

TEST(Update, DoesNotOwnObjectsThatAreAlwaysThere) {
  Object object("apps/v1", "Deployment");
  json::Value after = read(R"({"metadata":{"name":"d"},"spec":{"selector":{"matchLabels":{"a":"b"}},
      "template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c"}]}}}})");
  as_stored(built_in_schema(*kube::shapes::find_type("Deployment")), after);
  object.update("a", json::print(after));
  EXPECT_THAT(
      object.owners(),
      ElementsAre(
          R"(a Update 01: {"f:spec":{"f:selector":{},"f:template":{"f:metadata":{"f:labels":{".":{},"f:a":{}}},)"
          R"("f:spec":{"f:containers":{"k:{\"name\":\"c\"}":{".":{},"f:name":{},"f:resources":{}}}}}}})"));
}

TEST(Update, ResetsManagersOnRequest) {
  Object object("v1", "ConfigMap");
  object.update("a", R"({"metadata":{"name":"m","uid":"u"},"data":{"x":"1"}})");
  object.update("b",
                R"({"metadata":{"name":"m","uid":"u","managedFields":[{}]},"data":{"x":"2"}})");
  EXPECT_THAT(object.owners(), IsEmpty());
  object.update("b", R"({"metadata":{"name":"m","uid":"u"},"data":{"x":"3"}})");
  EXPECT_THAT(object.owners(), IsEmpty());
}

TEST(Update, KeepsLiveManagersWhereTheGivenOnesAreWrong) {
  Object object("v1", "ConfigMap");
  object.update("a", R"({"metadata":{"name":"m","uid":"u"},"data":{"x":"1"}})");
  object.update(
      "b",
      R"({"metadata":{"name":"m","uid":"u","managedFields":[{"operation":"?"}]},"data":{"x":"1"}})");
  EXPECT_THAT(object.owners(), ElementsAre(R"(a Update 01: {"f:data":{".":{},"f:x":{}}})"));
}

TEST(Update, OfAStatusOwnsTheStatusOnly) {
  Object object("apps/v1", "Deployment");
  object.update(
      "a", R"({"metadata":{"name":"d","uid":"u"},"spec":{"replicas":1},"status":{"replicas":1}})");
  object.use("status");
  object.update(
      "b", R"({"metadata":{"name":"d","uid":"u"},"spec":{"replicas":1},"status":{"replicas":2}})");
  EXPECT_THAT(object.owners(), ElementsAre(R"(a Update 01: {"f:spec":{"f:replicas":{}}})",
                                           R"(b Update 01: {"f:status":{"f:replicas":{}}})"));
}

TEST(Update, JoinsTheOldestOfElevenUpdaters) {
  Object object("v1", "ConfigMap");
  std::string data;
  for (int i = 0; i < 13; ++i) {
    data += std::string(i == 0 ? "" : ",") + "\"k" + std::to_string(i) + "\":\"1\"";
    object.at("2026-01-01T00:00:" + std::to_string(10 + i) + "Z");
    object.update("m" + std::to_string(i),
                  R"({"metadata":{"name":"m","uid":"u"},"data":{)" + data + "}}");
  }
  const auto owners = object.owners();
  ASSERT_EQ(owners.size(), 10);
  EXPECT_EQ(
      owners[0],
      R"(ancient-changes Update 13: {"f:data":{".":{},"f:k0":{},"f:k1":{},"f:k2":{},"f:k3":{}}})");
  EXPECT_EQ(owners[1], R"(m4 Update 14: {"f:data":{"f:k4":{}}})");
}

TEST(Update, ForgetsVersionsThatAreNotServed) {
  Object object("v1", "ConfigMap");
  object.update(
      "a",
      R"({"metadata":{"name":"m","uid":"u","managedFields":[{"manager":"old","operation":"Update",
      "apiVersion":"v0","fieldsType":"FieldsV1","fieldsV1":{"f:data":{"f:x":{}}}}]},"data":{"x":"1"}})");
  EXPECT_THAT(object.owners(), ElementsAre(R"(a Update 01: {"f:data":{".":{},"f:x":{}}})"));
}

TEST(KeepTimes, PutsThemBackIfNothingElseDiffers) {
  const json::Value before =
      read(R"({"metadata":{"managedFields":[{"manager":"a","time":"1"}]},"x":1})");
  json::Value after = read(R"({"metadata":{"managedFields":[{"manager":"a","time":"2"}]},"x":1})");
  keep_times(before, after);
  EXPECT_EQ(after, before);
  json::Value other = read(R"({"metadata":{"managedFields":[{"manager":"a","time":"2"}]},"x":2})");
  const json::Value expected = other;
  keep_times(before, other);
  EXPECT_EQ(other, expected);
}

TEST(AsStored, PrintsWhatTheServerPrints) {
  json::Value pod = read(R"({"metadata":{"labels":{},"annotations":null},"spec":{"volumes":[
      {"name":"v","emptyDir":{}}],"containers":[{"name":"c","env":[],"command":null}]}})");
  as_stored(built_in_schema(*kube::shapes::find_type("Pod")), pod);
  EXPECT_EQ(json::print(pod), R"({"metadata":{},"spec":{"volumes":[{"name":"v","emptyDir":{}}],)"
                              R"("containers":[{"name":"c","resources":{}}]},"status":{}})");
}

TEST(ManagerName, ComesFromTheQueryOrTheUserAgent) {
  EXPECT_EQ(manager_name("me", "kubectl/v1.34"), "me");
  EXPECT_EQ(manager_name("", "kubectl/v1.34 (linux)"), "kubectl");
  EXPECT_EQ(manager_name("", "a\tb"), "ab");
  EXPECT_EQ(manager_name("", std::string(300, 'x')).size(), 128);
  EXPECT_EQ(manager_name("", ""), "");
}

}  // namespace
}  // namespace kthena::apiserver
