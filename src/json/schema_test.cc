#include "json/schema.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "json/fields.h"
#include "json/parse.h"
#include "json/path.h"
#include "json/print.h"
#include "json/type.h"
#include "json/value.h"

namespace kthena::json {
namespace {

enum class Color : std::uint8_t { Red, Green };
constexpr auto enum_names(Color) {
  return std::array{EnumName{Color::Red, "Red"}, EnumName{Color::Green, "Green"}};
}

struct Port {
  static constexpr ScalarSchema kSchema{.int_or_string = true, .pattern = "^[0-9a-z]+$"};
  std::string text;
  static Result<Port> from_json(const Value& value) { return Port{print(value)}; }
  Value to_json() const { return text; }
  friend bool operator==(const Port&, const Port&) = default;
};

struct Part {
  std::string name;
  std::optional<std::int32_t> size;

  static constexpr auto fields() {
    using namespace field;
    return std::tuple{
        Field{"name", &Part::name, "Its name.", required, min_length(1), max_length(9)},
        Field{"size", &Part::size, "Its size.", default_integer(3), minimum(1), maximum(9)}};
  }
};

struct Whole {
  bool on = false;
  std::int64_t count = 0;
  std::uint32_t weight = 0;
  std::uint16_t port = 0;
  Color color = Color::Green;
  Port target;
  std::vector<Part> parts;
  std::map<std::string, std::string, std::less<>> labels;
  Value config;
  Value pod;
  std::vector<Value> volumes;
  std::string fixed;
  std::string named;
  std::string gone;

  static constexpr auto fields() {
    using namespace field;
    using W = Whole;
    return std::tuple{Field{"on", &W::on, "On or off."},
                      Field{"count", &W::count, "How many.", required},
                      Field{"weight", &W::weight, "A share.", maximum(100)},
                      Field{"port", &W::port, "A port."},
                      Field{"color", &W::color, "Its color.", defaulted},
                      Field{"target", &W::target, "A number or a name."},
                      Field{"parts", &W::parts, "Its parts.", map_list("name"), min_items(1)},
                      Field{"labels", &W::labels, "Its labels.", max_properties(4), atomic_map},
                      Field{"config", &W::config, "Anything."},
                      Field{"pod", &W::pod, "A pod.", shape("Pod")},
                      Field{"volumes", &W::volumes, "Volumes.", shape("Volume"), atomic_list},
                      Field{"fixed", &W::fixed, "Fixed.", immutable("fixed is immutable"),
                            cel("self != 'x'", "x is taken")},
                      Field{"named", &W::named, "Named.", required, old_name("title")},
                      Field{"gone", &W::gone, "Of old.", deprecated("use named")}};
  }
  static constexpr auto object_rules() {
    return std::tuple{ObjectRule<Whole>{"self.count > 0 || self.on", "must count or be on",
                                        [](const Whole& w) { return w.count > 0 || w.on; }}};
  }
};

Value shape_schema(std::string_view name) {
  return name == "Pod" || name == "Volume" ? Value(Object{{"type", "object"}, {"title", name}})
                                           : Value();
}

/// The schema of a field of Whole, as canonical JSON.
std::string schema_at(std::string_view path) {
  const Value schema = schema_of<Whole>({.shape = &shape_schema});
  const Value* found = find_path(schema, path);
  return found == nullptr ? "nothing" : print_canonical(*found);
}

TEST(Schema, HasTypesFormatsAndBounds) {
  EXPECT_EQ(schema_at("properties.on"), R"({"description":"On or off.","type":"boolean"})");
  EXPECT_EQ(schema_at("properties.count"),
            R"({"description":"How many.","format":"int64","type":"integer"})");
  EXPECT_EQ(schema_at("properties.weight"),
            R"({"description":"A share.","format":"int32","maximum":100,"minimum":0,)"
            R"("type":"integer"})");
  EXPECT_EQ(schema_at("properties.port"),
            R"({"description":"A port.","format":"int32","maximum":65535,"minimum":0,)"
            R"("type":"integer"})");
  EXPECT_EQ(schema_at("properties.color"),
            R"({"default":"Green","description":"Its color.","enum":["Red","Green"],)"
            R"("type":"string"})");
  EXPECT_EQ(schema_at("properties.target"),
            R"({"anyOf":[{"type":"integer"},{"type":"string"}],)"
            R"("description":"A number or a name.","pattern":"^[0-9a-z]+$",)"
            R"("x-kubernetes-int-or-string":true})");
}

TEST(Schema, DescribesListsAndMaps) {
  EXPECT_EQ(schema_at("properties.parts"),
            R"({"description":"Its parts.","items":{"properties":{)"
            R"("name":{"description":"Its name.","maxLength":9,"minLength":1,"type":"string"},)"
            R"("size":{"default":3,"description":"Its size.","format":"int32","maximum":9,)"
            R"("minimum":1,"type":"integer"}},"required":["name"],"type":"object"},)"
            R"("minItems":1,"type":"array","x-kubernetes-list-map-keys":["name"],)"
            R"("x-kubernetes-list-type":"map"})");
  EXPECT_EQ(schema_at("properties.labels"),
            R"({"additionalProperties":{"type":"string"},"description":"Its labels.",)"
            R"("maxProperties":4,"type":"object","x-kubernetes-map-type":"atomic"})");
}

TEST(Schema, TakesTheShapesOfBuiltInTypesFromOutside) {
  EXPECT_EQ(schema_at("properties.config"),
            R"({"description":"Anything.","x-kubernetes-preserve-unknown-fields":true})");
  EXPECT_EQ(schema_at("properties.pod"),
            R"({"description":"A pod.","title":"Pod","type":"object"})");
  EXPECT_EQ(schema_at("properties.volumes"),
            R"({"description":"Volumes.","items":{"title":"Volume","type":"object"},)"
            R"("type":"array","x-kubernetes-list-type":"atomic"})");
}

TEST(Schema, KeepsWhatAFieldIsGivenWhenItsShapeIsNotKnown) {
  const Value schema = schema_of<Whole>();
  EXPECT_EQ(print_canonical(*find_path(schema, "properties.pod")),
            R"({"description":"A pod.","x-kubernetes-preserve-unknown-fields":true})");
}

TEST(Schema, HasTheRulesOfFieldsAndObjects) {
  EXPECT_EQ(schema_at("properties.fixed.x-kubernetes-validations"),
            R"([{"message":"fixed is immutable","rule":"self == oldSelf"},)"
            R"({"message":"x is taken","rule":"self != 'x'"}])");
  EXPECT_EQ(schema_at("x-kubernetes-validations[1]"),
            R"({"message":"must count or be on","rule":"self.count > 0 || self.on"})");
}

TEST(Schema, WantsOneOfTheNamesOfARequiredField) {
  EXPECT_EQ(schema_at("properties.title"),
            R"({"description":"An earlier name of named.","type":"string"})");
  EXPECT_EQ(schema_at("required"), R"(["count"])");
  EXPECT_EQ(schema_at("x-kubernetes-validations[0]"),
            R"J({"fieldPath":".named","message":"named is required",)J"
            R"J("reason":"FieldValueRequired","rule":"has(self.named) || has(self.title)"})J");
}

TEST(Schema, SaysWhatIsDeprecated) {
  EXPECT_EQ(schema_at("properties.gone.description"), R"("Of old. Deprecated: use named")");
}

}  // namespace
}  // namespace kthena::json
