// A struct read straight from text is the one that comes out of its values.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "json/codec.h"
#include "json/parse.h"
#include "json/read.h"
#include "kube/client/kubeconfig.h"
#include "kube/meta/list.h"
#include "kube/meta/status.h"
#include "kube/types/endpoint_slice.h"
#include "kube/types/pod.h"

namespace kthena {
namespace {

template <class T>
void check(std::string_view text, const Result<json::Value>& parsed) {
  const auto read = json::read_object<T>(text);
  if (!parsed) {
    return;  // what is walked over may be wrong where nobody looks
  }
  const auto decoded = json::decode<T>(*parsed, json::DecodeOptions::trusted());
  CHECK_EQ(read.has_value(), decoded.ok());
  CHECK(!read || *read == decoded.value);
}

}  // namespace
}  // namespace kthena

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto parsed = kthena::json::parse(text);
  kthena::check<kthena::kube::Pod>(text, parsed);
  kthena::check<kthena::kube::EndpointSlice>(text, parsed);
  kthena::check<kthena::kube::Status>(text, parsed);
  kthena::check<kthena::kube::PartialObject>(text, parsed);
  kthena::check<kthena::kube::Kubeconfig>(text, parsed);
  return 0;
}
