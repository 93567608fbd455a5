#include "apiserver/custom/custom_kinds.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "api/crds.h"
#include "apiserver/apply/schema.h"
#include "apiserver/apply/server_side_apply.h"
#include "apiserver/built_in/access.h"
#include "apiserver/custom/custom_schema.h"
#include "apiserver/custom/definition.h"
#include "apiserver/kinds/kind.h"
#include "base/clock.h"
#include "base/result.h"
#include "json/value.h"
#include "kube/meta/resource.h"

namespace kthena::apiserver {

namespace {

/// "v11beta2" taken apart. Stability: 2 for a release, 1 beta, 0 alpha.
struct KubeVersion {
  int stability = 0;
  int major = 0;
  int minor = 0;
};

/// Takes a number without leading zeros off the front.
std::optional<int> take_number(std::string_view& text) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || number < 0 || text.starts_with('0') || text.starts_with('-')) {
    return std::nullopt;
  }
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return number;
}

std::optional<KubeVersion> parse_version(std::string_view text) {
  if (!text.starts_with('v')) {
    return std::nullopt;
  }
  text.remove_prefix(1);
  const auto major = take_number(text);
  if (!major) {
    return std::nullopt;
  }
  if (text.empty()) {
    return KubeVersion{.stability = 2, .major = *major};
  }
  const bool is_beta = text.starts_with("beta");
  if (!is_beta && !text.starts_with("alpha")) {
    return std::nullopt;
  }
  text.remove_prefix(is_beta ? 4 : 5);
  const auto minor = take_number(text);
  if (!minor || !text.empty()) {
    return std::nullopt;
  }
  return KubeVersion{.stability = is_beta ? 1 : 0, .major = *major, .minor = *minor};
}

std::vector<std::string> texts_of(const json::Value* list) {
  std::vector<std::string> texts;
  for (const json::Value& item : items_of(list)) {
    texts.emplace_back(text_of(&item));
  }
  return texts;
}

std::vector<CustomColumn> columns_of(const json::Value* columns) {
  std::vector<CustomColumn> out;
  for (const json::Value& column : items_of(columns)) {
    out.push_back(
        {.name = std::string(text_at(column, {"name"})),
         .type = std::string(text_at(column, {"type"})),
         .format = std::string(text_at(column, {"format"})),
         .description = std::string(text_at(column, {"description"})),
         .priority = static_cast<std::int32_t>(number_of(at(&column, "priority")).value_or(0)),
         .json_path = std::string(text_at(column, {"jsonPath"}))});
  }
  if (out.empty()) {
    out.push_back({.name = "Age",
                   .type = "date",
                   .format = {},
                   .description = "When the object was created.",
                   .json_path = ".metadata.creationTimestamp"});
  }
  return out;
}

std::optional<CustomScale> scale_paths(const json::Value* subresources) {
  const json::Value* scale = at(subresources, "scale");
  if (scale == nullptr) {
    return std::nullopt;
  }
  return CustomScale{.spec_replicas_path = std::string(text_of(at(scale, "specReplicasPath"))),
                     .status_replicas_path = std::string(text_of(at(scale, "statusReplicasPath"))),
                     .label_selector_path = std::string(text_of(at(scale, "labelSelectorPath")))};
}

Result<KindPtr> kind_of(const json::Value& crd, const DefinitionVersion& version,
                        const std::vector<std::string>& api_versions) {
  const json::Value* names = at(crd, {"status", "acceptedNames"});
  auto kind = std::make_shared<Kind>();
  kind->group = text_at(crd, {"spec", "group"});
  kind->version = text_at(*version.value, {"name"});
  kind->kind = text_of(at(names, "kind"));
  kind->list_kind = text_of(at(names, "listKind"));
  kind->plural = text_of(at(names, "plural"));
  kind->singular = text_of(at(names, "singular"));
  kind->short_names = texts_of(at(names, "shortNames"));
  kind->categories = texts_of(at(names, "categories"));
  kind->scope =
      text_at(crd, {"spec", "scope"}) == "Cluster" ? kube::Scope::Cluster : kube::Scope::Namespaced;
  kind->origin = Origin::Custom;
  kind->has_status = at(version.whole.subresources, "status") != nullptr;
  kind->custom_scale = scale_paths(version.whole.subresources);
  kind->has_scale = kind->custom_scale.has_value();
  kind->columns = columns_of(version.whole.columns);
  kind->api_versions = api_versions;
  kind->api_version = fmt::format("{}/{}", kind->group, kind->version);
  kind->resource = fmt::format("{}/{}", kind->group, kind->plural);
  const UnknownFields unknown = is_true(at(crd, {"spec", "preserveUnknownFields"}))
                                    ? UnknownFields::Kept
                                    : UnknownFields::AsStated;
  const json::Value* openapi = openapi_of(version.whole.schema);
  static const json::Value kAnything(
      json::Object{{"type", "object"}, {"x-kubernetes-preserve-unknown-fields", true}});
  const json::Value& schema = openapi == nullptr ? kAnything : *openapi;
  kind->custom_schema =
      TRY(CustomSchema::create(schema, {.unknown = unknown, .scale = kind->custom_scale}));
  kind->schema = TRY(custom_schema(schema, unknown));
  return kind;
}

}  // namespace

int compare_versions(std::string_view a, std::string_view b) {
  const auto x = parse_version(a);
  const auto y = parse_version(b);
  if (!x || !y) {
    return x ? 1 : y ? -1 : b.compare(a);
  }
  return x->stability != y->stability ? x->stability - y->stability
         : x->major != y->major       ? x->major - y->major
                                      : x->minor - y->minor;
}

void default_definition(json::Value& crd) {
  json::Value& spec = object_at(crd, "spec");
  json::Value& names = object_at(spec, "names");
  const std::string kind(text_at(names, {"kind"}));
  if (text_at(names, {"singular"}).empty() && !kind.empty()) {
    std::string singular = kind;
    for (char& c : singular) {
      c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
    names.set("singular", std::move(singular));
  }
  if (text_at(names, {"listKind"}).empty() && !kind.empty()) {
    names.set("listKind", kind + "List");
  }
  if (at(&spec, "conversion") == nullptr) {
    spec.set("conversion", json::Object{{"strategy", "None"}});
  }
}

void prepare_definition(json::Value& crd, const json::Value* before) {
  json::Value status = json::Object{{"conditions", nullptr},
                                    {"acceptedNames", json::Object{{"plural", ""}, {"kind", ""}}},
                                    {"storedVersions", nullptr}};
  if (before != nullptr) {
    const json::Value* old = at(*before, {"status"});
    for (const std::string_view name : {"conditions", "acceptedNames", "storedVersions"}) {
      if (const json::Value* part = at(old, name)) {
        status.set(name, *part);
      }
    }
  }
  for (const json::Value& version : items_of(at(crd, {"spec", "versions"}))) {
    if (!is_true(at(&version, "storage"))) {
      continue;
    }
    json::Value& stored = *status.find("storedVersions");
    const json::Value name(text_at(version, {"name"}));
    const json::Array& known = items_of(&stored);
    if (std::ranges::find(known, name) == known.end()) {
      stored.push_back(name);
    }
    break;
  }
  crd.set("status", std::move(status));
}

Result<std::vector<KindPtr>> kinds_of(const json::Value& crd) {
  if (!is_established(crd)) {
    return std::vector<KindPtr>{};
  }
  const DefinitionView view(crd);
  std::vector<const DefinitionVersion*> served;
  for (const DefinitionVersion& version : view.versions) {
    if (is_true(at(version.value, "served"))) {
      served.push_back(&version);
    }
  }
  std::ranges::sort(served, [](const DefinitionVersion* a, const DefinitionVersion* b) {
    return compare_versions(text_at(*a->value, {"name"}), text_at(*b->value, {"name"})) > 0;
  });
  std::vector<std::string> api_versions;
  api_versions.reserve(served.size());
  for (const DefinitionVersion* version : served) {
    api_versions.push_back(fmt::format("{}/{}", view.group, text_at(*version->value, {"name"})));
  }
  std::vector<KindPtr> kinds;
  kinds.reserve(served.size());
  for (const DefinitionVersion* version : served) {
    kinds.push_back(TRY(kind_of(crd, *version, api_versions)));
  }
  return kinds;
}

std::optional<std::string> deprecation_warning(const json::Value& crd, std::string_view version) {
  const std::string_view group = text_at(crd, {"spec", "group"});
  const std::string_view kind = text_at(crd, {"spec", "names", "kind"});
  const json::Array& versions = items_of(at(crd, {"spec", "versions"}));
  const auto found = std::ranges::find_if(
      versions, [&](const json::Value& each) { return text_at(each, {"name"}) == version; });
  if (found == versions.end() || !is_true(at(&*found, "deprecated"))) {
    return std::nullopt;
  }
  if (const json::Value* warning = at(&*found, "deprecationWarning")) {
    return std::string(text_of(warning));
  }
  std::string_view best;
  for (const json::Value& each : versions) {
    const std::string_view name = text_at(each, {"name"});
    if (is_true(at(&each, "served")) && !is_true(at(&each, "deprecated")) &&
        compare_versions(version, name) < 0 && (best.empty() || compare_versions(best, name) < 0)) {
      best = name;
    }
  }
  std::string text = fmt::format("{}/{} {} is deprecated", group, version, kind);
  if (!best.empty()) {
    text += fmt::format("; use {}/{} {}", group, best, kind);
  }
  return text;
}

std::vector<json::Value> our_definitions(WallTime now) {
  std::vector<json::Value> definitions = api::custom_resource_definitions();
  for (json::Value& definition : definitions) {
    default_definition(definition);
    prepare_definition(definition, nullptr);
    establish(definition, {}, now);
  }
  return definitions;
}

}  // namespace kthena::apiserver
