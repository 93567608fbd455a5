#include "apiserver/discovery/subresources.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "apiserver/kinds/kind.h"

namespace kthena::apiserver {

namespace {

constexpr std::array kVerbs{Verb::Create, Verb::Delete, Verb::DeleteCollection, Verb::Get,
                            Verb::List,   Verb::Patch,  Verb::Update,           Verb::Watch};

constexpr Verbs only(std::initializer_list<Verb> wanted) {
  Verbs verbs = Verbs::all();
  for (const Verb verb : kVerbs) {
    if (std::ranges::find(wanted, verb) == wanted.end()) {
      verbs = verbs.without(verb);
    }
  }
  return verbs;
}

constexpr Verbs kChange = only({Verb::Get, Verb::Patch, Verb::Update});
constexpr Verbs kStream = only({Verb::Create, Verb::Get});

constexpr Subresource kScale{
    .name = "scale", .kind = "Scale", .group = "autoscaling", .version = "v1", .verbs = kChange};

struct Row {
  std::string_view resource;
  Subresource subresource;
};

// Beside status and scale, sorted by their names as kube-apiserver lists them.
constexpr Row kRows[] = {
    {"namespaces", {.name = "finalize", .kind = "Namespace", .verbs = only({Verb::Update})}},
    {"pods",
     {.name = "binding", .kind = "Binding", .verbs = only({Verb::Create}), .shape = "Binding"}},
    {"pods",
     {.name = "eviction",
      .kind = "Eviction",
      .group = "policy",
      .version = "v1",
      .verbs = only({Verb::Create}),
      .shape = "Eviction"}},
    {"pods", {.name = "exec", .kind = "PodExecOptions", .verbs = kStream}},
    {"pods", {.name = "log", .kind = "Pod", .verbs = only({Verb::Get})}},
    {"pods", {.name = "portforward", .kind = "PodPortForwardOptions", .verbs = kStream}},
    {"serviceaccounts",
     {.name = "token",
      .kind = "TokenRequest",
      .group = "authentication.k8s.io",
      .version = "v1",
      .verbs = only({Verb::Create}),
      .shape = "TokenRequest"}},
};

}  // namespace

std::string Subresource::api_version() const {
  return version.empty() ? std::string{} : fmt::format("{}/{}", group, version);
}

std::vector<Subresource> subresources_of(const Kind& kind) {
  std::vector<Subresource> found;
  if (kind.group.empty()) {
    for (const Row& row : kRows) {
      if (row.resource == kind.plural) {
        found.push_back(row.subresource);
      }
    }
  }
  const Subresource status{.name = "status", .kind = kind.kind, .verbs = kChange};
  if (kind.is_custom()) {
    if (kind.has_status) {
      found.push_back(status);
    }
    if (kind.has_scale) {
      found.push_back(kScale);
    }
    return found;
  }
  if (kind.has_scale) {
    found.push_back(kScale);
  }
  if (kind.has_status) {
    found.push_back(status);
  }
  std::ranges::sort(found, {}, &Subresource::name);
  return found;
}

}  // namespace kthena::apiserver
