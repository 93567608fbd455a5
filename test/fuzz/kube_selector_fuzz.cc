// A selector that can be read is one that can be printed, reads back to the same text, and matches
// the same labels; server URLs and paths of requests hold what they promise.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "kube/client/config.h"
#include "kube/client/request.h"
#include "kube/meta/selector_text.h"

namespace kthena::kube {
namespace {

constexpr ResourceType kType{
    .api_version = "v1", .kind = "Pod", .plural = "pods", .singular = "pod"};

void check(std::string_view text) {
  if (const auto selector = parse_label_selector(text)) {
    CHECK(selector->check(SelectorForm::Text).has_value());
    const std::string printed = to_text(*selector);
    const auto again = parse_label_selector(printed);
    CHECK(again.has_value());
    CHECK_EQ(to_text(*again), printed);
    Labels labels = selector->match_labels;
    CHECK_EQ(selector->matches(labels), again->matches(labels));
    for (const LabelRequirement& requirement : selector->match_expressions) {
      labels[requirement.key] = requirement.values.empty() ? "" : requirement.values.back();
      CHECK_EQ(selector->matches(labels), again->matches(labels));
      if (requirement.operation == ">" || requirement.operation == "<") {
        CHECK(!selector->matches(labels));  // no integer is greater or smaller than itself
        CHECK(!selector->check().has_value());
      }
    }
  }
  if (const auto url = parse_server_url(text)) {
    CHECK(!url->host.empty() && url->port != 0 && !url->path.ends_with('/'));
    const std::string whole = (url->secure ? "https://" : "http://") + url->authority() + url->path;
    const auto again = parse_server_url(whole);
    CHECK(again && again->host == url->host && again->port == url->port &&
          again->path == url->path);
  }
  if (const auto request = requests::get(kType, {"n", std::string(text)})) {
    CHECK(request->target.starts_with("/api/v1/namespaces/n/pods/"));
    for (const char c : request->target.substr(26)) {
      CHECK(c > ' ' && c < '\x7f' && c != '/' && c != '?' && c != '#');
    }
  }
}

}  // namespace
}  // namespace kthena::kube

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  kthena::kube::check({reinterpret_cast<const char*>(data), size});
  return 0;
}
