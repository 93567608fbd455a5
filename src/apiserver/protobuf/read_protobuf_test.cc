#include "apiserver/protobuf/read_protobuf.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "apiserver/protobuf/decode.h"
#include "apiserver/protobuf/real_bodies.h"
#include "apiserver/protobuf/scalars.h"
#include "json/base64.h"
#include "json/parse.h"
#include "json/print.h"
#include "json/value.h"

namespace kthena::apiserver {
namespace {

using namespace std::string_view_literals;

std::string varint(std::uint64_t value) {
  std::string out;
  for (; value >= 0x80; value >>= 7U) {
    out += static_cast<char>((value & 0x7fU) | 0x80U);
  }
  return out += static_cast<char>(value);
}

std::string number(std::uint32_t field, std::int64_t value) {
  return varint(field << 3U) + varint(static_cast<std::uint64_t>(value));
}

std::string bytes(std::uint32_t field, std::string_view content) {
  return varint(field << 3U | 2U) + varint(content.size()) + std::string(content);
}

std::string envelope(std::string_view api_version, std::string_view kind, std::string_view object) {
  return std::string("k8s\0"sv) + bytes(1, bytes(1, api_version) + bytes(2, kind)) +
         bytes(2, object) + bytes(3, "") + bytes(4, "");
}

/// The object as text, or "CODE message".
std::string read(std::string_view body) {
  const auto object = read_protobuf(body);
  return object ? json::print(*object)
                : std::to_string(object.error().code) + " " + object.error().message;
}

std::string read_config_map(std::string_view object) {
  return read(envelope("v1", "ConfigMap", object));
}

std::string read_deployment(std::string_view object) {
  return read(envelope("apps/v1", "Deployment", object));
}

TEST(ReadProtobuf, GivesWhatGoPrintsOfTheSameObject) {
  for (const RealBody& body : kRealBodies) {
    const auto expected = json::parse(body.json);
    ASSERT_TRUE(expected.has_value());
    EXPECT_EQ(read(*json::decode_base64(body.base64)), json::print(*expected)) << body.kind;
  }
}

TEST(ReadProtobuf, RefusesEveryBodyThatIsCutShort) {
  for (const RealBody& body : kRealBodies) {
    const std::string whole = *json::decode_base64(body.base64);
    const std::size_t type_meta_end = 6 + static_cast<std::size_t>(whole[5]);
    const std::size_t tail = bytes(3, "").size() + bytes(4, "").size();
    for (std::size_t size = 0; size + tail < whole.size(); ++size) {
      const auto object = read_protobuf(std::string_view(whole).substr(0, size));
      // After the type, nothing is the object without fields.
      ASSERT_EQ(object.has_value(), size == type_meta_end) << body.kind << ", " << size << " bytes";
      ASSERT_TRUE(object || object.error().code == 400);
    }
  }
}

TEST(ReadProtobuf, SaysWhatIsNoEnvelope) {
  EXPECT_EQ(
      read(R"({"kind":"Pod"})"),
      "400 the body of the request is no protobuf: it does not begin with k8s and a zero byte");
  EXPECT_EQ(read("k8s\0\x08\x01"sv),
            "400 the body of the request is no protobuf: proto: wrong wireType = 0 for field 1");
  EXPECT_EQ(read("k8s\0\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"sv),
            "400 the body of the request is no protobuf: proto: negative length found during "
            "unmarshaling");
  EXPECT_EQ(read(envelope("v1", "", "")),
            "400 Object 'Kind' is missing in the protobuf of the request");
  EXPECT_EQ(read(envelope("", "Pod", "")),
            "400 Object 'apiVersion' is missing in the protobuf of the request");
}

TEST(ReadProtobuf, RefusesKindsThatHaveNoMessage) {
  EXPECT_EQ(read(envelope("example.com/v1", "Pod", "")),
            "415 the body of the request was in an unknown format - accepted media types include: "
            "application/json, application/yaml");
}

TEST(ReadProtobuf, NamesTheFieldThatIsWrong) {
  EXPECT_EQ(
      read_deployment(bytes(2, bytes(1, "x"))),
      "400 Deployment in version \"v1\" cannot be handled as a Deployment: spec: proto: wrong "
      "wireType = 2 for field replicas");
  EXPECT_EQ(read_deployment(bytes(2, bytes(3, bytes(1, "\x0a\x05x")))),
            "400 Deployment in version \"v1\" cannot be handled as a Deployment: "
            "spec.template.metadata: unexpected EOF");
  EXPECT_EQ(
      read_config_map("\x07"),
      "400 ConfigMap in version \"v1\" cannot be handled as a ConfigMap: proto: illegal tag 0 "
      "(wire type 7)");
  EXPECT_EQ(read_config_map("\x0c"),
            "400 ConfigMap in version \"v1\" cannot be handled as a ConfigMap: proto: wiretype end "
            "group for non-group");
  EXPECT_EQ(read_config_map(std::string(11, '\xff')),
            "400 ConfigMap in version \"v1\" cannot be handled as a ConfigMap: proto: integer "
            "overflow");
  EXPECT_EQ(read(envelope("apps/v1", "ControllerRevision", bytes(2, bytes(1, "{")))),
            "400 ControllerRevision in version \"v1\" cannot be handled as a ControllerRevision: "
            "data: no JSON: line 1:2: unexpected EOF, expected a name in quotes");
}

TEST(ReadProtobuf, SkipsFieldsThatAreNotKnownWithTheirGroups) {
  const std::string group = varint(99 << 3U | 3U) + number(1, 7) + bytes(2, "x") +
                            varint(98 << 3U | 3U) + varint(98 << 3U | 4U) + varint(99 << 3U | 4U);
  const std::string fixed = varint(97 << 3U | 1U) + "12345678" + varint(96 << 3U | 5U) + "1234";
  EXPECT_EQ(read_config_map(group + fixed + number(95, -1) + bytes(94, "y")),
            R"({"kind":"ConfigMap","apiVersion":"v1","metadata":{}})");
}

TEST(ReadProtobuf, TakesTheLastOfScalarsAndJoinsMessages) {
  EXPECT_EQ(
      read_deployment(bytes(1, bytes(1, "a")) + bytes(2, number(1, 5)) +
                      bytes(1, bytes(3, "ns") + bytes(1, "b")) + bytes(2, number(1, 0))),
      R"({"kind":"Deployment","apiVersion":"apps/v1","metadata":{"name":"b","namespace":"ns"},)"
      R"("spec":{"replicas":0,"selector":null,"template":{"metadata":{},"spec":{"containers":null}},)"
      R"("strategy":{}},"status":{}})");
}

TEST(ReadProtobuf, SortsMapsAndTakesTheLastOfEqualKeys) {
  const auto entry = [](std::string_view key, std::string_view value) {
    return bytes(2, bytes(1, key) + bytes(2, value));
  };
  EXPECT_EQ(read_config_map(entry("b", "1") + entry("a", "2") + entry("b", "3") + bytes(2, "") +
                            entry("a\xff", "4")),
            R"({"kind":"ConfigMap","apiVersion":"v1","metadata":{},"data":{"":"","a":"2",)"
            "\"a\xef\xbf\xbd\":\"4\",\"b\":\"3\"}}");
}

TEST(ReadProtobuf, ReadsPackedLists) {
  const std::string groups = bytes(4, varint(1) + varint(300)) + number(4, 2);
  const std::string pod = read(envelope("v1", "Pod", bytes(2, bytes(14, groups))));
  EXPECT_TRUE(pod.contains(R"("supplementalGroups":[1,300,2])")) << pod;
}

TEST(ReadProtobuf, BoundsTheDepthOfObjects) {
  const auto definition = [](int levels) {
    std::string schema;
    for (int i = 0; i < levels; ++i) {
      schema = bytes(28, schema);  // not
    }
    // spec.versions[0].schema.openAPIV3Schema
    return read(envelope("apiextensions.k8s.io/v1", "CustomResourceDefinition",
                         bytes(2, bytes(7, bytes(4, bytes(1, schema))))));
  };
  EXPECT_TRUE(definition(95).starts_with("{"));
  EXPECT_TRUE(definition(96).ends_with(": more than 100 levels of objects"));
  EXPECT_TRUE(definition(2'000).starts_with("400 "));
}

TEST(ReadProtobuf, BoundsTheNumberOfValues) {
  const auto finalizers = [](std::size_t count) {
    std::string metadata;
    for (std::size_t i = 0; i < count; ++i) {
      metadata += bytes(14, "");
    }
    return read_config_map(bytes(1, metadata));
  };
  EXPECT_TRUE(finalizers(MessageDecoder::kMaxValues - 1).starts_with("{"));
  EXPECT_EQ(finalizers(MessageDecoder::kMaxValues),
            "413 Request entity is too large: the object has more than 200000 fields and items");
}

TEST(ProtobufScalars, TimesArePrintedInUtcFromTheYear1To9999) {
  constexpr std::int64_t kYear1 = -62'135'596'800;
  constexpr std::int64_t kYear10000 = 253'402'300'800;
  EXPECT_EQ(time_text(0, 999'999'999, Digits::None), "1970-01-01T00:00:00Z");
  EXPECT_EQ(time_text(-1, 0, Digits::None), "1969-12-31T23:59:59Z");
  EXPECT_EQ(time_text(0, -1000, Digits::Micro), "1969-12-31T23:59:59.999999Z");
  EXPECT_EQ(time_text(0, 1'000'002'999, Digits::Micro), "1970-01-01T00:00:01.000002Z");
  EXPECT_EQ(time_text(kYear1, 0, Digits::Micro), "");
  EXPECT_EQ(time_text(kYear1 + 1, 0, Digits::None), "0001-01-01T00:00:01Z");
  EXPECT_EQ(time_text(kYear1 - 1, 0, Digits::None), std::nullopt);
  EXPECT_EQ(time_text(kYear1, -1000, Digits::Micro), std::nullopt);
  EXPECT_EQ(time_text(kYear10000 - 1, 0, Digits::None), "9999-12-31T23:59:59Z");
  EXPECT_EQ(time_text(kYear10000, 0, Digits::None), std::nullopt);
  EXPECT_EQ(time_text(kYear10000 - 1, 1'000'000'000, Digits::Micro), std::nullopt);
}

TEST(ReadProtobuf, KnowsItsContentType) {
  EXPECT_TRUE(is_protobuf("application/vnd.kubernetes.protobuf"));
  EXPECT_TRUE(is_protobuf("application/vnd.kubernetes.protobuf; charset=utf-8"));
  EXPECT_FALSE(is_protobuf("application/json"));
}

}  // namespace
}  // namespace kthena::apiserver
