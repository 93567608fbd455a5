// Objects and snapshots from YAML, as short as a test wants them.
#pragma once

#include <string>
#include <string_view>
#include <type_traits>
#include <variant>

#include "base/check.h"
#include "kube/meta/manifest.h"
#include "router/datastore/objects.h"

namespace kthena::router::testing {

/// Aborts on text that has an error.
inline Objects read_objects(std::string_view yaml) {
  auto manifests = kube::read_manifests<api::networking::ModelRoute, api::networking::ModelServer,
                                        kube::Pod, kube::EndpointSlice>("test.yaml", yaml);
  for (const auto& problem : manifests.problems) {
    CHECK_EQ(problem.is_error() ? problem.to_string() : "", "");
  }
  Objects objects;
  for (auto& entry : manifests.objects) {
    std::visit(
        [&objects](auto&& object) {
          using Kind = std::remove_cvref_t<decltype(object)>;
          if constexpr (std::is_same_v<Kind, api::networking::ModelRoute>) {
            objects.routes.push_back(std::move(object));
          } else if constexpr (std::is_same_v<Kind, api::networking::ModelServer>) {
            objects.servers.push_back(std::move(object));
          } else if constexpr (std::is_same_v<Kind, kube::Pod>) {
            objects.pods.push_back(std::move(object));
          } else {
            objects.slices.push_back(std::move(object));
          }
        },
        std::move(entry.object));
  }
  return objects;
}

/// One document of a ModelRoute. `metadata` and `spec` are the insides of flow mappings.
inline std::string route_yaml(std::string_view metadata, std::string_view spec) {
  return "---\napiVersion: networking.serving.volcano.sh/v1alpha1\nkind: ModelRoute\nmetadata: {" +
         std::string(metadata) + "}\nspec: {" + std::string(spec) + "}\n";
}
/// A ModelServer of port 8000 that selects `app: <app>`.
inline std::string server_yaml(std::string_view metadata, std::string_view app,
                               std::string_view more = "") {
  return "---\napiVersion: networking.serving.volcano.sh/v1alpha1\nkind: ModelServer\nmetadata: {" +
         std::string(metadata) +
         "}\nspec: {inferenceEngine: vLLM, workloadSelector: {matchLabels: " + "{app: " +
         std::string(app) + "}}, workloadPort: {port: 8000}" + std::string(more) + "}\n";
}
inline std::string pod_yaml(std::string_view name, std::string_view app, std::string_view ip,
                            std::string_view more_status = "") {
  return "---\napiVersion: v1\nkind: Pod\nmetadata: {name: " + std::string(name) +
         ", labels: {app: " + std::string(app) + "}}\nstatus: {podIP: " + std::string(ip) +
         std::string(more_status) + "}\n";
}

}  // namespace kthena::router::testing
