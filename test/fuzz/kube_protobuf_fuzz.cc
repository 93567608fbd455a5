// Bodies in Kubernetes' protobuf: what is read is bounded, prints as JSON without repeated keys,
// and stands in the form in which objects are printed.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "apiserver/built_in/structs.h"
#include "apiserver/protobuf/read_protobuf.h"
#include "base/check.h"
#include "json/parse.h"
#include "json/print.h"
#include "json/value.h"
#include "kube/shapes/shape.h"

namespace apiserver = kthena::apiserver;
namespace json = kthena::json;
namespace shapes = kthena::kube::shapes;

namespace {

/// An item of two bytes may print as a struct with the fields that are always there.
constexpr std::size_t kMaxGrowth = 400;

void check(std::string_view body) {
  const auto object = apiserver::read_protobuf(body);
  if (!object) {
    const int code = object.error().code;
    CHECK(code == 400 || code == 413 || code == 415);
    CHECK(object.error().message.size() < 4096 + 3 * body.size());
    return;
  }
  const json::Value* kind = object->find("kind");
  const json::Value* api_version = object->find("apiVersion");
  CHECK(kind != nullptr && kind->is_string() && api_version != nullptr && api_version->is_string());
  const std::string text = json::print(*object);
  CHECK(text.size() <= 4096 + kMaxGrowth * body.size());
  const auto again = json::parse(text, {.max_depth = 1000, .max_bytes = 256UL << 20});
  CHECK(again.has_value());
  CHECK(*again == *object);

  const std::string& name = kind->as_string();
  json::Value printed = *object;
  apiserver::as_printed(name == "DeleteOptions"
                            ? *shapes::find_type(name)
                            : *shapes::find_kind(api_version->as_string(), name),
                        printed);
  CHECK_EQ(json::print(printed), text);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  check(input);
  // Most bytes are no envelope: the same as the object of each of two kinds with deep messages.
  const auto wrapped = [&](std::string_view type_meta) {
    std::string body("k8s\0\x0a", 5);
    body += static_cast<char>(type_meta.size());
    body += type_meta;
    body += '\x12';
    for (std::size_t rest = input.size();; rest >>= 7U) {
      body += static_cast<char>(rest < 0x80 ? rest : (rest & 0x7fU) | 0x80U);
      if (rest < 0x80) {
        break;
      }
    }
    return body.append(input);
  };
  check(wrapped("\x0a\x02v1\x12\x03Pod"));
  check(
      wrapped("\x0a\x17"
              "apiextensions.k8s.io/v1\x12\x18"
              "CustomResourceDefinition"));
  return 0;
}
