#include "apiserver/seeds.h"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "apiserver/access/default_roles.h"
#include "apiserver/verbs/metadata.h"
#include "async/combine.h"
#include "base/check.h"
#include "json/parse.h"
#include "kube/meta/status.h"

namespace kthena::apiserver {

namespace {

struct Seed {
  std::string_view group;
  std::string_view plural;
  std::string_view text;
};

constexpr Seed kSeeds[] = {
    {"", "namespaces", R"({"metadata":{"name":"default"}})"},
    {"", "namespaces", R"({"metadata":{"name":"kube-system"}})"},
    {"", "namespaces", R"({"metadata":{"name":"kube-public"}})"},
    {"", "namespaces", R"({"metadata":{"name":"kube-node-lease"}})"},
    {"scheduling.k8s.io", "priorityclasses",
     R"({"metadata":{"name":"system-cluster-critical"},"value":2000000000,"description":"For what a cluster cannot do without; may move to another node."})"},
    {"scheduling.k8s.io", "priorityclasses",
     R"({"metadata":{"name":"system-node-critical"},"value":2000001000,"description":"For what a node cannot do without."})"},
};

/// Nothing to do if it is there.
std::optional<async::Task<Answer<WriteReply>>> plant(Objects& objects, KindPtr kind,
                                                     json::Value body) {
  CHECK(kind != nullptr);
  WriteRequest request{.kind = std::move(kind),
                       .namespace_name = std::string(metadata_text_of(body, "namespace")),
                       .name = std::string(metadata_text_of(body, "name")),
                       .subresource = {},
                       .manager = "kthena-apiserver",
                       .options = {}};
  if (objects.store().find(Objects::path_of(request)) != nullptr) {
    return std::nullopt;
  }
  return objects.create(std::move(request), std::move(body));
}

}  // namespace

async::Task<Result<>> plant_seeds(Objects& objects, const Catalog& catalog) {
  std::vector<async::Task<Answer<WriteReply>>> plants;
  const auto add = [&](const KindPtr& kind, json::Value body) {
    if (auto task = plant(objects, kind, std::move(body))) {
      plants.push_back(*std::move(task));
    }
  };
  for (const Seed& seed : kSeeds) {
    add(catalog.find(seed.group, "v1", seed.plural), *json::parse(seed.text));
  }
  for (DefaultPolicy& policy : default_policies()) {
    add(catalog.find(kRbacGroup, "v1", to_string(policy.kind)), std::move(policy.object));
  }
  for (auto& reply : co_await async::when_all(std::move(plants))) {
    if (!reply && reply.error().reason != "AlreadyExists") {
      co_return std::unexpected(kube::to_error(reply.error()).with_context("first objects"));
    }
  }
  co_return Result<>{};
}

}  // namespace kthena::apiserver
