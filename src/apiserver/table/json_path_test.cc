#include "apiserver/table/json_path.h"

#include <gtest/gtest.h>

#include <string>

#include "json/parse.h"
#include "json/print.h"

namespace kthena::apiserver {
namespace {

constexpr std::string_view kObject = R"({
  "metadata": {"labels": {"a.b/c": "lab"}},
  "spec": {"replicas": 3, "flag": false, "ports": [{"name": "x", "port": 5}, {"name": "y", "port": 6},
    {"port": 7}], "deep": {"port": 8}},
  "status": {"conditions": [{"type": "Ready", "status": "True"}]}})";

/// All that is found, with spaces between.
std::string find(std::string_view path) {
  const auto object = json::parse(kObject);
  const auto parsed = JsonPath::parse(path);
  if (!parsed) {
    return "error: " + parsed.error().message();
  }
  std::string found;
  for (const json::Value* value : parsed->find(*object)) {
    found += (found.empty() ? "" : " ") + json::print(*value);
  }
  return found;
}

TEST(JsonPath, FollowsNames) {
  EXPECT_EQ(find(".spec.replicas"), "3");
  EXPECT_EQ(find(R"(.metadata.labels.a\.b/c)"), R"("lab")");
  EXPECT_EQ(find(".metadata.labels['a.b/c']"), R"("lab")");
  EXPECT_EQ(find(".spec.nothing.at.all"), "");
  EXPECT_EQ(find(".spec.replicas.x"), "");
}

TEST(JsonPath, TakesItemsOfLists) {
  EXPECT_EQ(find(".spec.ports[0].port"), "5");
  EXPECT_EQ(find(".spec.ports[-1].port"), "7");
  EXPECT_EQ(find(".spec.ports[*].port"), "5 6 7");
  EXPECT_EQ(find(".spec.ports[1:].port"), "6 7");
  EXPECT_EQ(find(".spec.ports[0:2].name"), R"("x" "y")");
  EXPECT_EQ(find(".spec.ports[3].port"), "");
  EXPECT_EQ(find(".spec.ports[-4].port"), "");
  EXPECT_EQ(find(".spec.replicas[0]"), "");
}

TEST(JsonPath, FindsNamesAtAnyDepth) {
  EXPECT_EQ(find("..port"), "8 5 6 7");
  EXPECT_EQ(find(".spec.deep.*"), "8");
}

TEST(JsonPath, FiltersItems) {
  EXPECT_EQ(find(R"(.status.conditions[?(@.type=="Ready")].status)"), R"("True")");
  EXPECT_EQ(find(R"(.spec.ports[?(@.name == 'y')].port)"), "6");
  EXPECT_EQ(find(R"(.spec.ports[?(@.name!="x")].port)"), "6");
  EXPECT_EQ(find(R"(.spec.ports[?(@.port>5)].port)"), "6 7");
  EXPECT_EQ(find(R"(.spec.ports[?(@.port<=6)].port)"), "5 6");
  EXPECT_EQ(find(R"(.spec.ports[?(@.name)].port)"), "5 6");
  EXPECT_EQ(find(R"(.spec.ports[?(@.port=="5")].port)"), "");
  EXPECT_EQ(find(R"(.spec.deep[?(@.port==8)])"), "");
}

TEST(JsonPath, SaysWhereAPathCannotBeRead) {
  EXPECT_EQ(find("spec"), "error: character 1: what is not part of a path");
  EXPECT_EQ(find(".spec[x]"), "error: character 7: an index is missing");
  EXPECT_EQ(find(".spec[1"), "error: character 8: ']' is missing");
  EXPECT_EQ(find(".a[?(@.b==)]"), "error: character 11: not a value");
  EXPECT_EQ(find(".a[?(@.b[?(@.c)])]"), "error: character 12: a filter within a filter");
  EXPECT_EQ(find(".a['b"), "error: character 6: a quote is not closed");
  EXPECT_EQ(find(".spec..[0]"), "error: character 8: a name is missing");
}

}  // namespace
}  // namespace kthena::apiserver
