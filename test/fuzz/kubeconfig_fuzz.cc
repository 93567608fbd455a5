// A kubeconfig is taken or refused with the name of the file; merging one with itself changes
// nothing; what a context comes to has a server that can be reached.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "kube/client/config.h"
#include "kube/client/kubeconfig.h"

namespace kthena::kube {
namespace {

class NoFiles final : public FileReader {
 public:
  Result<std::string> read(const std::string& path) const override {
    CHECK(!path.empty());
    return fail(ErrorCode::NotFound, path);
  }
};

void check(std::string_view text) {
  const auto kubeconfig = parse_kubeconfig(text, "/folder/file");
  if (!kubeconfig) {
    CHECK(kubeconfig.error().message().starts_with("/folder/file:"));
    return;
  }
  Kubeconfig merged;
  merge_kubeconfig(merged, *kubeconfig);
  Kubeconfig twice = merged;
  merge_kubeconfig(twice, *kubeconfig);
  CHECK(twice == merged);
  const NoFiles files;
  for (const NamedContext& context : merged.contexts) {
    if (context.name.empty()) {
      continue;
    }
    const auto config = resolve_kubeconfig(merged, context.name, files);
    CHECK(config ? parse_server_url(config->server).has_value()
                 : config.error().message().starts_with("/folder/file: "));
  }
}

}  // namespace
}  // namespace kthena::kube

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  kthena::kube::check({reinterpret_cast<const char*>(data), size});
  return 0;
}
