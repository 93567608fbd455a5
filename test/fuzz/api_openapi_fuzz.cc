// The schema of a custom resource: both OpenAPI documents say what it is, and the protobuf of each
// is as well-formed as it is long.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "apiserver/discovery/gnostic.h"
#include "apiserver/discovery/openapi_schemas.h"
#include "base/check.h"
#include "json/parse.h"
#include "json/value.h"

namespace {

using namespace kthena;
using namespace kthena::apiserver;

/// Whether the bytes are a sequence of fields; fields that are messages are not looked into.
bool is_message(std::string_view bytes) {
  const auto varint = [&bytes]() -> std::uint64_t {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64 && !bytes.empty(); shift += 7) {
      const auto byte = static_cast<std::uint8_t>(bytes.front());
      bytes.remove_prefix(1);
      value |= static_cast<std::uint64_t>(byte & 0x7fU) << shift;
      if (byte < 0x80) {
        return value;
      }
    }
    return ~std::uint64_t{0};
  };
  while (!bytes.empty()) {
    const std::uint64_t wire_type = varint() & 7U;
    if (wire_type == 0) {
      varint();
      continue;
    }
    const std::uint64_t size = wire_type == 1 ? 8 : wire_type == 2 ? varint() : ~std::uint64_t{0};
    if (size > bytes.size()) {
      return false;
    }
    bytes.remove_prefix(size);
  }
  return true;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto schema = json::parse({reinterpret_cast<const char*>(data), size});
  if (!schema) {
    return 0;
  }
  Kind kind{.group = "example.com", .version = "v1", .kind = "Foo", .list_kind = "FooList"};
  kind.origin = Origin::Custom;
  for (const OpenApiVersion version : {OpenApiVersion::V2, OpenApiVersion::V3}) {
    const json::Value shown = custom_schema(version, kind, &*schema);
    CHECK(shown.find("x-kubernetes-group-version-kind") != nullptr);
    json::Object definitions{{"com.example.v1.Foo", shown}};
    const json::Value document =
        version == OpenApiVersion::V2
            ? json::Object{{"definitions", std::move(definitions)}}
            : json::Object{{"components", json::Object{{"schemas", std::move(definitions)}}}};
    CHECK(is_message(gnostic_bytes(version, document)));
  }
  return 0;
}
