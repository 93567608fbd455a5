#include "http/headers.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace kthena::http {
namespace {

std::vector<std::pair<std::string, std::string>> list(const Headers& headers) {
  std::vector<std::pair<std::string, std::string>> fields;
  for (const auto [name, value] : headers) {
    fields.emplace_back(name, value);
  }
  return fields;
}

using Fields = std::vector<std::pair<std::string, std::string>>;

Headers abc() {
  Headers headers;
  headers.add("A", "1");
  headers.add("b", "2");
  headers.add("a", "3");
  headers.add("C", "");
  return headers;
}

TEST(Headers, KeepOrderSpellingAndRepetition) {
  EXPECT_EQ(list(abc()), (Fields{{"A", "1"}, {"b", "2"}, {"a", "3"}, {"C", ""}}));
  EXPECT_EQ(abc().size(), 4U);
}

TEST(Headers, FindTheFirstValueWhateverTheCase) {
  const Headers headers = abc();
  EXPECT_EQ(headers.find("a"), "1");
  EXPECT_EQ(headers.find("B"), "2");
  EXPECT_EQ(headers.find("c"), "");
  EXPECT_EQ(headers.find("d"), std::nullopt);
  EXPECT_EQ(headers.count("a"), 2U);
  EXPECT_TRUE(headers.contains("C"));
}

TEST(Headers, SetReplacesAllFieldsOfTheNameInPlaceOfTheFirst) {
  Headers headers = abc();
  headers.set("a", "longer than before");
  EXPECT_EQ(list(headers), (Fields{{"A", "longer than before"}, {"b", "2"}, {"C", ""}}));
  headers.set("A", "x");
  headers.set("d", "4");
  EXPECT_EQ(list(headers), (Fields{{"A", "x"}, {"b", "2"}, {"C", ""}, {"d", "4"}}));
}

TEST(Headers, RemoveTakesAllFieldsOfTheName) {
  Headers headers = abc();
  EXPECT_EQ(headers.remove("A"), 2U);
  EXPECT_EQ(headers.remove("A"), 0U);
  EXPECT_EQ(list(headers), (Fields{{"b", "2"}, {"C", ""}}));
}

TEST(Headers, FieldsCanBeCopiedWithinOneObject) {
  Headers headers;
  headers.add("name", std::string(100, 'v'));
  for (int i = 0; i < 100; ++i) {
    headers.add(headers[0].name, headers[0].value);
  }
  headers.set("other", *headers.find("name"));
  EXPECT_EQ(headers.count("name"), 101U);
  EXPECT_EQ(headers[100].value, std::string(100, 'v'));
  EXPECT_EQ(headers.find("other"), std::string(100, 'v'));
}

TEST(Headers, CopiesDoNotDependOnTheOriginal) {
  Headers copy;
  {
    const Headers headers = abc();
    copy = headers;
  }
  EXPECT_EQ(copy.find("b"), "2");
}

TEST(Headers, FieldsTakenOutOfATextLiveAndChangeLikeOthers) {
  Headers headers = abc();
  headers.start_with("a: 1|b: 2", 2);
  headers.add_within(0, 1, 3, 1);
  headers.add_within(5, 1, 8, 1);
  headers.add("c", "3");
  headers.set("a", "longer");
  EXPECT_EQ(list(headers), (Fields{{"a", "longer"}, {"b", "2"}, {"c", "3"}}));
}

TEST(Headers, ClearLeavesNothing) {
  Headers headers = abc();
  headers.clear();
  EXPECT_TRUE(headers.empty());
  EXPECT_FALSE(headers.contains("a"));
}

TEST(EqualsIgnoreCase, FoldsLettersOnly) {
  struct Case {
    const char* a;
    const char* b;
    bool equal;
  };
  for (const auto& [a, b, equal] : std::vector<Case>{
           {"", "", true},
           {"a", "A", true},
           {"Content-Length", "content-lENGTH", true},
           {"transfer-encoding", "Transfer-Encoding", true},
           {"content-length", "content-lengtx", false},
           {"abc", "abcd", false},
           {"12345678@", "12345678`", false},
           {"@2345678", "`2345678", false},
           {"[bcdefgh", "{bcdefgh", false},
           {"a\rcdefgh", "a-cdefgh", false},
       }) {
    EXPECT_EQ(equals_ignore_case(a, b), equal) << a << " and " << b;
  }
}

}  // namespace
}  // namespace kthena::http
