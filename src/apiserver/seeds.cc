#include "apiserver/seeds.h"

#include <string>
#include <string_view>
#include <utility>

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

}  // namespace

async::Task<Result<>> plant_seeds(Objects& objects, const Catalog& catalog) {
  for (const Seed& seed : kSeeds) {
    json::Value body = *json::parse(seed.text);
    WriteRequest request{.kind = catalog.find(seed.group, "v1", seed.plural),
                         .namespace_name = {},
                         .name = body.find("metadata")->find("name")->as_string(),
                         .subresource = {},
                         .manager = "kthena-apiserver",
                         .options = {}};
    CHECK(request.kind != nullptr);
    if (objects.store().find(Objects::path_of(request)) != nullptr) {
      continue;
    }
    const auto reply = co_await objects.create(std::move(request), std::move(body));
    if (!reply) {
      co_return std::unexpected(kube::to_error(reply.error()).with_context("first objects"));
    }
  }
  co_return Result<>{};
}

}  // namespace kthena::apiserver
