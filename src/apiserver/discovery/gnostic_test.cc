#include "apiserver/discovery/gnostic.h"

#include <gtest/gtest.h>

#include <bit>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "apiserver/discovery/openapi.h"
#include "json/parse.h"

namespace kthena::apiserver {
namespace {

/// A field of a message as it was read.
struct Part {
  std::uint32_t number = 0;
  std::uint64_t scalar = 0;
  std::string_view bytes{};
};

/// Reads protobuf without knowing the message. It takes nothing from the code under test.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}

  std::vector<Part> read() {
    std::vector<Part> parts;
    while (!rest_.empty()) {
      const std::uint64_t tag = varint();
      Part part{.number = static_cast<std::uint32_t>(tag >> 3U)};
      switch (tag & 7U) {
        case 0:
          part.scalar = varint();
          break;
        case 1:
          for (unsigned i = 0; i < 8; ++i) {
            part.scalar |= static_cast<std::uint64_t>(byte()) << (8 * i);
          }
          break;
        case 2: {
          const std::uint64_t size = varint();
          if (size > rest_.size()) {
            ADD_FAILURE() << "a field beyond the end";
            return parts;
          }
          part.bytes = rest_.substr(0, size);
          rest_.remove_prefix(size);
          break;
        }
        default:
          ADD_FAILURE() << "wire type " << (tag & 7U);
          return parts;
      }
      parts.push_back(part);
    }
    return parts;
  }

 private:
  std::uint8_t byte() {
    if (rest_.empty()) {
      ADD_FAILURE() << "cut off";
      return 0;
    }
    const auto value = static_cast<std::uint8_t>(rest_.front());
    rest_.remove_prefix(1);
    return value;
  }
  std::uint64_t varint() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      const std::uint8_t next = byte();
      value |= static_cast<std::uint64_t>(next & 0x7fU) << shift;
      if (next < 0x80) {
        break;
      }
    }
    return value;
  }

  std::string_view rest_;
};

std::vector<Part> fields(std::string_view message, std::uint32_t number) {
  std::vector<Part> found;
  for (const Part& part : Reader(message).read()) {
    if (part.number == number) {
      found.push_back(part);
    }
  }
  return found;
}

/// Follows fields by their numbers; the first of each.
std::string_view at(std::string_view message, std::initializer_list<std::uint32_t> path) {
  for (const std::uint32_t number : path) {
    const auto found = fields(message, number);
    if (found.empty()) {
      ADD_FAILURE() << "no field " << number;
      return {};
    }
    message = found.front().bytes;
  }
  return message;
}

/// The value of that name among repeated fields of names and values.
std::string_view named(std::string_view message, std::uint32_t number, std::string_view name) {
  for (const Part& part : fields(message, number)) {
    if (at(part.bytes, {1}) == name) {
      return at(part.bytes, {2});
    }
  }
  ADD_FAILURE() << "no " << name;
  return {};
}

std::string bytes(OpenApiVersion version, std::string_view text) {
  return gnostic_bytes(version, *json::parse(text));
}

TEST(Gnostic, WritesSchemasOfTheOldVersion) {
  const std::string document = bytes(OpenApiVersion::V2, R"({"swagger":"2.0","definitions":{"A":{
      "type":"object","required":["a","b"],"properties":{
        "a":{"type":"string","enum":["x"],"maxLength":300},
        "b":{"type":"array","items":{"$ref":"#/definitions/A"},"x-kubernetes-list-type":"set"},
        "c":{"type":"number","minimum":-1.5,"exclusiveMinimum":true},
        "d":{"additionalProperties":false}}}}})");
  EXPECT_EQ(at(document, {1}), "2.0");
  const std::string_view schema = named(at(document, {9}), 1, "A");
  EXPECT_EQ(at(schema, {22, 1}), "object");
  const auto required = fields(schema, 19);
  ASSERT_EQ(required.size(), 2);
  EXPECT_EQ(required[1].bytes, "b");
  const std::string_view properties = at(schema, {25});
  EXPECT_EQ(at(named(properties, 1, "a"), {20, 2}), "x\n");
  EXPECT_EQ(fields(named(properties, 1, "a"), 11)[0].scalar, 300);
  const std::string_view list = named(properties, 1, "b");
  EXPECT_EQ(at(list, {23, 1, 1}), "#/definitions/A");
  EXPECT_EQ(at(named(list, 31, "x-kubernetes-list-type"), {2}), "set\n");
  const std::string_view number = named(properties, 1, "c");
  EXPECT_EQ(std::bit_cast<double>(fields(number, 9)[0].scalar), -1.5);
  EXPECT_EQ(fields(number, 10)[0].scalar, 1);
  EXPECT_EQ(fields(at(named(properties, 1, "d"), {21}), 2)[0].scalar, 0);
}

TEST(Gnostic, WritesChoicesOfTheNewVersion) {
  const std::string document = bytes(OpenApiVersion::V3, R"({"openapi":"3.0.0","components":{
      "schemas":{"A":{"type":"object","properties":{
        "ref":{"$ref":"#/components/schemas/A"},
        "all":{"allOf":[{"$ref":"#/components/schemas/A"}],"default":{}},
        "text":{"type":"string","default":"TCP"},
        "zero":{"type":"integer","default":0},
        "no":{"type":"boolean","default":false}}}}}})");
  const std::string_view properties = at(named(at(document, {5, 1}), 1, "A"), {1, 31});
  EXPECT_EQ(at(named(properties, 1, "ref"), {2, 1}), "#/components/schemas/A");
  const std::string_view all = at(named(properties, 1, "all"), {1});
  EXPECT_EQ(at(all, {26, 2, 1}), "#/components/schemas/A");
  ASSERT_EQ(fields(all, 33).size(), 1);  // a default, of which nothing can be said
  EXPECT_EQ(fields(all, 33)[0].bytes, "");
  EXPECT_EQ(at(named(properties, 1, "text"), {1, 33, 3}), "TCP");
  const auto zero = fields(at(named(properties, 1, "zero"), {1, 33}), 1);
  ASSERT_EQ(zero.size(), 1);
  EXPECT_EQ(std::bit_cast<double>(zero[0].scalar), 0);
  ASSERT_EQ(fields(at(named(properties, 1, "no"), {1, 33}), 2).size(), 1);
}

TEST(Gnostic, SaysWhereKubectlLooksForFieldValidation) {
  const std::string document =
      gnostic_bytes(OpenApiVersion::V2,
                    openapi_document(OpenApiVersion::V2, built_in_kinds(),
                                     [](const Kind&) -> const json::Value* { return nullptr; }));
  const std::string_view item =
      named(at(document, {8}), 2, "/apis/apps/v1/namespaces/{namespace}/deployments/{name}");
  const std::string_view patch = at(item, {8});
  const std::string_view names = at(named(patch, 13, "x-kubernetes-group-version-kind"), {2});
  EXPECT_EQ(names, "group: apps\nversion: v1\nkind: Deployment\n");
  bool found = false;
  for (const Part& parameter : fields(patch, 8)) {
    for (const Part& other : fields(at(parameter.bytes, {1}), 2)) {
      found = found || at(other.bytes, {3, 4}) == "fieldValidation";
    }
  }
  EXPECT_TRUE(found);
  EXPECT_EQ(at(named(at(item, {8, 9}), 1, "200"), {1, 1}), "OK");
  EXPECT_EQ(fields(item, 9).size(), 3);  // name, namespace, pretty
  EXPECT_EQ(at(document, {12, 1, 1}), "BearerToken");
  EXPECT_EQ(at(named(at(document, {13}), 1, "BearerToken"), {2, 2}), "authorization");
}

TEST(Gnostic, LeavesOutMembersOfTheWrongType) {
  const std::string document = bytes(
      OpenApiVersion::V2,
      R"({"swagger":2,"definitions":{"A":{"required":"a","maxLength":"b","properties":[1]}}})");
  EXPECT_TRUE(fields(document, 1).empty());
  EXPECT_TRUE(Reader(named(at(document, {9}), 1, "A")).read().empty());
}

}  // namespace
}  // namespace kthena::apiserver
