#include "apiserver/custom/custom_schema.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "apiserver/kinds/kind.h"
#include "json/parse.h"
#include "json/print.h"
#include "json/problem.h"
#include "json/value.h"

namespace kthena::apiserver {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

json::Value read(std::string_view text) { return json::parse(text).value(); }

std::vector<std::string> texts_of(const std::vector<json::Problem>& problems) {
  std::vector<std::string> texts;
  texts.reserve(problems.size());
  for (const json::Problem& problem : problems) {
    texts.push_back(problem.to_string());
  }
  return texts;
}

/// The schema of an object with `spec` of that schema.
class Custom {
 public:
  explicit Custom(std::string_view spec, CustomSchema::Options options = {})
      : schema_(CustomSchema::create(
                    read(R"({"type":"object","properties":{"spec":)" + std::string(spec) + "}}"),
                    std::move(options))
                    .value()) {}

  std::vector<std::string> wrong(std::string_view spec) const {
    return texts_of(schema_->validate(with(spec), nullptr));
  }
  std::vector<std::string> wrong_update(std::string_view before, std::string_view after) const {
    const json::Value old = with(before);
    return texts_of(schema_->validate(with(after), &old));
  }
  std::string defaulted(std::string_view spec) const {
    json::Value object = with(spec);
    schema_->apply_defaults(object);
    const json::Value* value = object.find("spec");
    return value == nullptr ? "" : json::print(*value);
  }
  std::string pruned(std::string_view spec, std::vector<std::string>* unknown = nullptr) const {
    json::Value object = with(spec);
    schema_->prune(object, unknown);
    return json::print(*object.find("spec"));
  }
  const CustomSchema& schema() const { return *schema_; }

 private:
  static json::Value with(std::string_view spec) {
    json::Value object =
        read(R"({"apiVersion":"example.com/v1","kind":"Thing","metadata":{"name":"a"}})");
    object.set("spec", read(spec));
    return object;
  }
  std::shared_ptr<const CustomSchema> schema_;
};

// Checks. The texts are those of kube-apiserver 1.34.2.

TEST(CustomSchemaCheck, NamesTheWantedTypeAndTheOneThatIsThere) {
  const Custom custom(
      R"({"type":"object","properties":{"n":{"type":"integer"},"s":{"type":"string"},
      "b":{"type":"boolean"},"l":{"type":"array","items":{"type":"number"}},
      "p":{"x-kubernetes-int-or-string":true}}})");
  EXPECT_THAT(custom.wrong(R"({"n":1,"s":"x","b":true,"l":[1,1.5],"p":"1"})"), IsEmpty());
  EXPECT_THAT(custom.wrong(R"({"n":2.0,"p":1})"), IsEmpty());
  EXPECT_THAT(
      custom.wrong(R"({"n":1.5,"s":1,"b":"x","l":["a"],"p":true})"),
      ElementsAre(
          R"(spec.n: Invalid value: "number": spec.n in body must be of type integer: "number")",
          R"(spec.s: Invalid value: "integer": spec.s in body must be of type string: "integer")",
          R"(spec.b: Invalid value: "string": spec.b in body must be of type boolean: "string")",
          R"(spec.l[0]: Invalid value: "string": spec.l[0] in body must be of type number: "string")",
          R"(spec.p: Invalid value: "boolean": spec.p in body must be of type integer,string: "boolean")"));
  EXPECT_THAT(
      custom.wrong("[]"),
      ElementsAre(R"(spec: Invalid value: "array": spec in body must be of type object: "array")"));
}

TEST(CustomSchemaCheck, TakesNullOnlyWhereItIsAllowed) {
  const Custom custom(R"({"type":"object","properties":{"a":{"type":"string","nullable":true},
      "b":{"type":"string"},"c":{"type":"string","nullable":true,"enum":["x"]}}})");
  EXPECT_THAT(custom.wrong(R"({"a":null})"), IsEmpty());
  EXPECT_THAT(
      custom.wrong(R"({"b":null,"c":null})"),
      ElementsAre(R"(spec.b: Invalid value: "null": spec.b in body must be of type string: "null")",
                  R"(spec.c: Unsupported value: null: supported values: "x")"));
}

TEST(CustomSchemaCheck, HoldsValuesAgainstTheirBounds) {
  const Custom custom(
      R"({"type":"object","required":["r"],"minProperties":2,"maxProperties":3,"properties":{
      "i":{"type":"integer","minimum":2,"maximum":5},"x":{"type":"number","minimum":0,"exclusiveMinimum":true,
      "maximum":1000000,"exclusiveMaximum":true,"multipleOf":0.5},"m":{"type":"integer","multipleOf":3},
      "s":{"type":"string","minLength":2,"maxLength":4,"pattern":"^[a-z]+$"},"e":{"type":"string","enum":["a","b"]},
      "l":{"type":"array","minItems":1,"maxItems":2,"items":{"type":"string"}},"r":{"type":"integer"}}})");
  EXPECT_THAT(
      custom.wrong(R"({"r":1,"i":1})"),
      ElementsAre("spec.i: Invalid value: 1: spec.i in body should be greater than or equal to 2"));
  EXPECT_THAT(
      custom.wrong(R"({"r":1,"i":6})"),
      ElementsAre("spec.i: Invalid value: 6: spec.i in body should be less than or equal to 5"));
  EXPECT_THAT(
      custom.wrong(R"({"r":1,"x":0})"),
      ElementsAre(
          "spec.x: Invalid value: 0: factor MultipleOf declared for spec.x must be positive: 0",
          "spec.x: Invalid value: 0: spec.x in body should be greater than 0"));
  EXPECT_THAT(
      custom.wrong(R"({"r":1,"x":1000000.25})"),
      ElementsAre(
          "spec.x: Invalid value: 1.00000025e+06: spec.x in body should be a multiple of 0.5",
          "spec.x: Invalid value: 1.00000025e+06: spec.x in body should be less than 1e+06"));
  EXPECT_THAT(custom.wrong(R"({"r":1,"m":4})"),
              ElementsAre("spec.m: Invalid value: 4: spec.m in body should be a multiple of 3"));
  EXPECT_THAT(
      custom.wrong(R"({"r":1,"s":"ä"})"),
      ElementsAre(R"(spec.s: Invalid value: "ä": spec.s in body should be at least 2 chars long)"));
  EXPECT_THAT(custom.wrong(R"({"r":1,"s":"abcde"})"),
              ElementsAre("spec.s: Too long: may not be more than 4 bytes"));
  EXPECT_THAT(
      custom.wrong(R"({"r":1,"s":"aB"})"),
      ElementsAre(R"(spec.s: Invalid value: "aB": spec.s in body should match '^[a-z]+$')"));
  EXPECT_THAT(custom.wrong(R"({"r":1,"e":"c"})"),
              ElementsAre(R"(spec.e: Unsupported value: "c": supported values: "a", "b")"));
  EXPECT_THAT(custom.wrong(R"({"r":1,"l":[]})"),
              ElementsAre("spec.l: Invalid value: 0: spec.l in body should have at least 1 items"));
  EXPECT_THAT(custom.wrong(R"({"r":1,"l":["a","b","c"]})"),
              ElementsAre("spec.l: Too many: 3: must have at most 2 items"));
  EXPECT_THAT(custom.wrong("{}"),
              ElementsAre("spec: Invalid value: 0: spec in body should have at least 2 properties",
                          "spec.r: Required value"));
  EXPECT_THAT(custom.wrong(R"({"r":1,"i":2,"m":3,"e":"a"})"),
              ElementsAre("spec: Too many: 4: must have at most 3 items"));
}

TEST(CustomSchemaCheck, ShowsTheAlternativeThatFitsBest) {
  const Custom any(R"({"type":"object","properties":{"a":{"type":"string"},"b":{"type":"string"}},
      "anyOf":[{"required":["a"]},{"required":["b"],"properties":{"a":{"minLength":3}}}]})");
  EXPECT_THAT(any.wrong(R"({"a":"x"})"), IsEmpty());
  EXPECT_THAT(
      any.wrong("{}"),
      ElementsAre(R"(<nil>: Invalid value: "": "spec" must validate at least one schema (anyOf))",
                  "spec.a: Required value"));
  const Custom one(R"({"type":"object","properties":{"a":{"type":"string"},"b":{"type":"string"}},
      "oneOf":[{"required":["a"]},{"required":["b"]}]})");
  EXPECT_THAT(one.wrong(R"({"a":"x"})"), IsEmpty());
  EXPECT_THAT(
      one.wrong("{}"),
      ElementsAre(
          R"(<nil>: Invalid value: "": "spec" must validate one and only one schema (oneOf). Found none valid)",
          "spec.a: Required value"));
  EXPECT_THAT(
      one.wrong(R"({"a":"x","b":"x"})"),
      ElementsAre(
          R"(<nil>: Invalid value: "": "spec" must validate one and only one schema (oneOf). Found 2 valid alternatives)"));
  const Custom all(R"({"type":"object","properties":{"a":{"type":"string"}},
      "allOf":[{"required":["a"]},{"minProperties":1}],"not":{"required":["z"]}})");
  EXPECT_THAT(
      all.wrong("{}"),
      ElementsAre(
          "spec.a: Required value",
          "spec: Invalid value: 0: spec in body should have at least 1 properties",
          R"(<nil>: Invalid value: "": "spec" must validate all the schemas (allOf). None validated)"));
  EXPECT_THAT(
      all.wrong(R"({"a":"x","z":1})"),
      ElementsAre(R"(<nil>: Invalid value: "": "spec" must not validate the schema (not))"));
}

TEST(CustomSchemaCheck, FindsItemsThatAreTwiceInAList) {
  const Custom custom(R"({"type":"object","properties":{
      "s":{"type":"array","x-kubernetes-list-type":"set","items":{"type":"string"}},
      "m":{"type":"array","x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["name","port"],
           "items":{"type":"object","properties":{"name":{"type":"string"},"port":{"type":"integer"}}}}}})");
  EXPECT_THAT(
      custom.wrong(
          R"({"s":["a","b","a","a"],"m":[{"name":"x"},{"name":"x","port":1},{"name":"x"}]})"),
      ElementsAre(R"(spec.s[2]: Duplicate value: "a")",
                  R"(spec.m[2]: Duplicate value: {"name":"x"})"));
  EXPECT_THAT(custom.wrong_update(R"({"s":["a","a"]})", R"({"s":["a","a","b","b"]})"), IsEmpty());
}

TEST(CustomSchemaCheck, DoesNotHoldUnchangedValuesAgainstAnUpdate) {
  const Custom custom(
      R"({"type":"object","properties":{"a":{"type":"string","minLength":3},"n":{"type":"integer"},
      "l":{"type":"array","items":{"type":"string","minLength":3}},
      "m":{"type":"array","x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["k"],
           "items":{"type":"object","properties":{"k":{"type":"string"},"v":{"type":"string","minLength":3}}}}}})");
  EXPECT_THAT(custom.wrong_update(R"({"a":"x"})", R"({"a":"x","n":1})"), IsEmpty());
  EXPECT_THAT(
      custom.wrong_update(R"({"a":"x"})", R"({"a":"y"})"),
      ElementsAre(R"(spec.a: Invalid value: "y": spec.a in body should be at least 3 chars long)"));
  EXPECT_THAT(custom.wrong_update(R"({"l":["x"]})", R"({"l":["x"],"n":1})"), IsEmpty());
  EXPECT_THAT(
      custom.wrong_update(R"({"l":["x"]})", R"({"l":["x","long"]})"),
      ElementsAre(
          R"(spec.l[0]: Invalid value: "x": spec.l[0] in body should be at least 3 chars long)"));
  EXPECT_THAT(
      custom.wrong_update(R"({"m":[{"k":"1","v":"x"}]})",
                          R"({"m":[{"k":"2","v":"y"},{"k":"1","v":"x"}]})"),
      ElementsAre(
          R"(spec.m[0].v: Invalid value: "y": spec.m[0].v in body should be at least 3 chars long)"));
}

TEST(CustomSchemaCheck, SaysOnceThatRulesWereNotAsked) {
  const Custom custom(
      R"({"type":"object","x-kubernetes-validations":[{"rule":"true"}],"required":["a"],
      "properties":{"a":{"type":"string","minLength":1}}})");
  EXPECT_TRUE(custom.schema().has_rules());
  EXPECT_THAT(custom.wrong("{}"),
              ElementsAre("spec.a: Required value",
                          "<nil>: Invalid value: null: some validation rules were not checked "
                          "because the object was "
                          "invalid; correct the existing errors to complete validation"));
  EXPECT_THAT(
      custom.wrong(R"({"a":""})"),
      ElementsAre(R"(spec.a: Invalid value: "": spec.a in body should be at least 1 chars long)"));
}

TEST(CustomSchemaCheck, LooksAtTheNumbersOfTheScale) {
  const Custom custom(R"({"type":"object","properties":{"replicas":{"type":"integer"}}})",
                      {.scale = CustomScale{.spec_replicas_path = ".spec.replicas",
                                            .status_replicas_path = ".status.replicas",
                                            .label_selector_path = ""}});
  EXPECT_THAT(custom.wrong(R"({"replicas":-1})"),
              ElementsAre(".spec.replicas: Invalid value: -1: should be a non-negative integer"));
  EXPECT_THAT(
      custom.wrong(R"({"replicas":2147483648})"),
      ElementsAre(
          ".spec.replicas: Invalid value: 2147483648: should be less than or equal to 2147483647"));
}

TEST(CustomSchemaCheck, OfAStatusNamesPathsFromTheStatus) {
  const auto schema =
      CustomSchema::create(read(R"({"type":"object","properties":{"spec":{"type":"object",
      "required":["a"]},"status":{"type":"object","required":["b"],"properties":{"n":{"type":"integer","minimum":0}}}}})"))
          .value();
  EXPECT_THAT(
      texts_of(schema->validate_status(read(R"({"spec":{},"status":{"n":-1}})"), read("{}"))),
      ElementsAre("status.n: Invalid value: -1: n in body should be greater than or equal to 0",
                  "status.b: Required value"));
}

// Pruning and defaults.

TEST(CustomSchemaPrune, DropsWhatTheSchemaDoesNotNameAndTellsThePaths) {
  const Custom custom(
      R"({"type":"object","properties":{"a":{"type":"object","properties":{"b":{"type":"string"}}},
      "l":{"type":"array","items":{"type":"object","properties":{"x":{"type":"integer"}}}},
      "m":{"type":"object","additionalProperties":{"type":"object","properties":{"x":{"type":"integer"}}}},
      "k":{"type":"object","x-kubernetes-preserve-unknown-fields":true,"properties":{"y":{"type":"object"}}}}})");
  std::vector<std::string> unknown;
  EXPECT_EQ(
      custom.pruned(
          R"({"a":{"b":"","c":1},"l":[{"x":1},{"y":1}],"m":{"q":{"z":1}},"k":{"any":{"w":1},"y":{"w":1}},"u":{}})",
          &unknown),
      R"({"a":{"b":""},"l":[{"x":1},{}],"m":{"q":{}},"k":{"any":{"w":1},"y":{}}})");
  EXPECT_THAT(unknown,
              ElementsAre("spec.a.c", "spec.k.y.w", "spec.l[1].y", "spec.m.q.z", "spec.u"));
}

TEST(CustomSchemaPrune, KeepsTypeAndMetadataOfTheObjectAndOfEmbeddedOnes) {
  const Custom custom(
      R"({"type":"object","properties":{"t":{"type":"object","x-kubernetes-embedded-resource":true,
      "properties":{"spec":{"type":"object"}}}}})");
  EXPECT_EQ(
      custom.pruned(
          R"({"t":{"apiVersion":"v1","kind":"Pod","metadata":{"name":"x"},"spec":{},"status":{}}})"),
      R"({"t":{"apiVersion":"v1","kind":"Pod","metadata":{"name":"x"},"spec":{}}})");
}

TEST(CustomSchemaDefaults, FillWhatIsMissingAndWhatIsNullWithoutMeaning) {
  const Custom custom(
      R"({"type":"object","default":{},"properties":{"a":{"type":"integer","default":1},
      "n":{"type":"integer","nullable":true,"default":2},"p":{"type":"string"},
      "o":{"type":"object","default":{},"properties":{"x":{"type":"string","default":"y"}}},
      "l":{"type":"array","items":{"type":"object","properties":{"x":{"type":"integer","default":3}}}},
      "m":{"type":"object","additionalProperties":{"type":"string","default":"z"}}}})");
  EXPECT_EQ(custom.defaulted("{}"), R"({"a":1,"n":2,"o":{"x":"y"}})");
  EXPECT_EQ(custom.defaulted(R"({"a":null,"n":null,"p":null,"o":{},"l":[{}],"m":{"q":null}})"),
            R"({"a":1,"n":null,"o":{"x":"y"},"l":[{"x":3}],"m":{"q":"z"}})");
  EXPECT_EQ(custom.defaulted("null"), R"({"a":1,"n":2,"o":{"x":"y"}})");
}

TEST(CustomSchema, RefusesWhatCannotBeUsed) {
  EXPECT_FALSE(CustomSchema::create(read("[]")).has_value());
  EXPECT_FALSE(CustomSchema::create(read(R"({"type":"thing"})")).has_value());
  EXPECT_FALSE(CustomSchema::create(read(R"({"type":"string","pattern":"("})")).has_value());
}

}  // namespace
}  // namespace kthena::apiserver
