#include "json/splice.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

#include "json/parse.h"
#include "json/print.h"

namespace kthena::json {
namespace {

using testing::ElementsAre;

TEST(Splice, WithoutEditsIsTheText) {
  const Splice splice("abc");
  EXPECT_FALSE(splice.changed());
  EXPECT_THAT(splice.pieces(), ElementsAre("abc"));
  EXPECT_EQ(splice.size(), 3U);
  EXPECT_TRUE(Splice("").pieces().empty());
}

TEST(Splice, TakesEditsInAnyOrder) {
  Splice splice("0123456789");
  splice.replace(8, 2, "END");
  splice.erase(3, 2);
  splice.insert(0, "<");
  splice.insert(5, "five");
  EXPECT_THAT(splice.pieces(), ElementsAre("<", "012", "five", "567", "END"));
  EXPECT_EQ(splice.joined(), "<012five567END");
  EXPECT_EQ(splice.size(), splice.joined().size());
}

TEST(Splice, PutsInsertionsBeforeWhatIsReplacedThere) {
  Splice splice("abc");
  splice.replace(1, 1, "X");
  splice.insert(1, "1");
  splice.insert(1, "2");
  EXPECT_EQ(splice.joined(), "a12Xc");
}

TEST(Splice, PointsIntoTheOriginalText) {
  const std::string_view text = "0123456789";
  Splice splice(text);
  splice.replace(4, 1, "x");
  EXPECT_EQ(splice.pieces().front().data(), text.data());
  EXPECT_EQ(splice.pieces().back().data(), text.data() + 5);
}

TEST(Splice, KeepsItsPiecesWhenMoved) {
  Splice splice("ab");
  splice.insert(1, "x");  // short enough to live inside the string object
  const Splice moved = std::move(splice);
  EXPECT_EQ(moved.joined(), "axb");
}

TEST(SpliceDeathTest, RefusesOverlaps) {
  Splice splice("0123456789");
  splice.erase(2, 3);
  EXPECT_DEATH(splice.erase(4, 1), "CHECK|check");
  EXPECT_DEATH(splice.erase(1, 2), "CHECK|check");
  EXPECT_DEATH(splice.erase(9, 2), "CHECK|check");
}

enum FieldIndex : std::size_t { kA, kB, kC, kOptions, kFieldCount };
constexpr std::array<std::string_view, kFieldCount> kNames = {"a", "b", "c", "options"};

struct Scanned {
  explicit Scanned(std::string_view body) : text(body) {
    scan = scan_object(text, kNames, fields).value();
  }
  std::string_view text;
  std::array<RawField, kFieldCount> fields;
  ObjectScan scan;
};

std::string without(std::string_view body, std::vector<std::size_t> which) {
  const Scanned scanned(body);
  ObjectEdit edit(scanned.text, scanned.scan);
  for (const std::size_t index : which) {
    edit.remove(scanned.fields[index]);
  }
  return std::move(edit).finish().joined();
}

TEST(ObjectEdit, RemovesMembersWithTheirCommas) {
  const std::string_view body = R"({ "a" : 1, "b":2 ,"c":3 })";
  EXPECT_EQ(without(body, {kA}), R"({  "b":2 ,"c":3 })");
  EXPECT_EQ(without(body, {kB}), R"({ "a" : 1 ,"c":3 })");
  EXPECT_EQ(without(body, {kC}), R"({ "a" : 1, "b":2  })");
  EXPECT_EQ(without(body, {kB, kA}), R"({  "c":3 })");
  EXPECT_EQ(without(body, {kC, kB}), R"({ "a" : 1  })");
  EXPECT_EQ(without(body, {kA, kC}), R"({  "b":2  })");
  EXPECT_EQ(without(body, {kA, kB, kC}), "{   }");
  EXPECT_EQ(without(body, {kOptions}), body);
  for (unsigned mask = 0; mask < 8; ++mask) {
    std::vector<std::size_t> which;
    for (const std::size_t index : {kA, kB, kC}) {
      if ((mask >> index) & 1U) {
        which.push_back(index);
      }
    }
    EXPECT_EQ(parse(without(body, which)).value().as_object().size(), 3 - which.size());
  }
}

TEST(ObjectEdit, SetsMembersInTheirPlaceAndAddsNewOnesInFront) {
  const Scanned scanned(R"({"x":1.10,"a":"old","y":[]})");
  ObjectEdit edit(scanned.text, scanned.scan);
  edit.set("a", scanned.fields[kA], quote("new \"model\""));
  edit.set("b", scanned.fields[kB], "1");
  edit.set("c", scanned.fields[kC], "null");
  EXPECT_EQ(std::move(edit).finish().joined(),
            R"({"b":1,"c":null,"x":1.10,"a":"new \"model\"","y":[]})");
}

TEST(ObjectEdit, AddsToAnObjectThatIsOrBecomesEmpty) {
  const Scanned empty("{ }");
  ObjectEdit edit(empty.text, empty.scan);
  edit.set("a", empty.fields[kA], "1");
  edit.set("b", empty.fields[kB], "2");
  EXPECT_EQ(std::move(edit).finish().joined(), R"({"a":1,"b":2 })");

  const Scanned emptied(R"({"a":1,"c":3})");
  ObjectEdit again(emptied.text, emptied.scan);
  again.remove(emptied.fields[kC]);
  again.set("b", emptied.fields[kB], "2");
  again.remove(emptied.fields[kA]);
  EXPECT_EQ(std::move(again).finish().joined(), R"({"b":2})");
}

struct WithinRow {
  std::string_view body;
  std::string_view edited;
  bool changed;
};

class SetWithin : public testing::TestWithParam<WithinRow> {};

TEST_P(SetWithin, MergesAndKeepsOtherMembers) {
  const Scanned scanned(GetParam().body);
  ObjectEdit edit(scanned.text, scanned.scan);
  EXPECT_EQ(edit.set_within("options", scanned.fields[kOptions], "include_usage", "true"),
            GetParam().changed);
  const Splice splice = std::move(edit).finish();
  EXPECT_EQ(splice.joined(), GetParam().edited);
  EXPECT_EQ(splice.changed(), GetParam().changed);
}

INSTANTIATE_TEST_SUITE_P(
    Rows, SetWithin,
    testing::Values(
        WithinRow{R"({"a":1})", R"({"options":{"include_usage":true},"a":1})", true},
        WithinRow{R"({})", R"({"options":{"include_usage":true}})", true},
        WithinRow{R"({"options":null})", R"({"options":{"include_usage":true}})", true},
        WithinRow{R"({"options": {} })", R"({"options": {"include_usage":true} })", true},
        WithinRow{R"({"options":{"x":1}})", R"({"options":{"include_usage":true,"x":1}})", true},
        WithinRow{R"({"options":{"x":1,"include_usage":false}})",
                  R"({"options":{"x":1,"include_usage":true}})", true},
        WithinRow{R"({"options":{"include_usage": null}})",
                  R"({"options":{"include_usage": true}})", true},
        WithinRow{R"({"options":{"include\u005fusage":0,"x":{}}})",
                  R"({"options":{"include\u005fusage":true,"x":{}}})", true},
        WithinRow{R"({"options":{"include_usage" : true}})",
                  R"({"options":{"include_usage" : true}})", false},
        WithinRow{R"({"options":"yes"})", R"({"options":"yes"})", false},
        WithinRow{R"({"options":[]})", R"({"options":[]})", false}));

}  // namespace
}  // namespace kthena::json
