// Files of objects: whatever a file says, findings stand on its lines, and objects that are taken
// have keys.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <variant>

#include "api/networking/v1alpha1/model_route.h"
#include "api/networking/v1alpha1/model_server.h"
#include "base/check.h"
#include "kube/meta/manifest.h"
#include "kube/types/pod.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace kthena;  // NOLINT: a program of one function
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto manifests =
      kube::read_manifests<api::networking::ModelRoute, api::networking::ModelServer, kube::Pod>(
          "f.yaml", text);
  CHECK_LE(manifests.problems.size(), kube::kMaxManifestProblems);
  for (const kube::ManifestProblem& problem : manifests.problems) {
    CHECK_LE(problem.line, size + 1);
    CHECK(problem.to_string().starts_with("f.yaml:"));
  }
  std::set<std::string> keys;
  for (const auto& entry : manifests.objects) {
    CHECK(entry.line >= 1 && entry.line <= size + 1);
    const auto key = std::visit(
        [](const auto& object) {
          return std::string(object.kResource.kind) + " " + object.metadata.key().to_string();
        },
        entry.object);
    CHECK(key.contains('/'));
    CHECK(keys.insert(key).second || !manifests.ok());
  }
  return 0;
}
