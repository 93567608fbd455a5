#include "kube/crd/custom_resource_definition.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "base/check.h"
#include "json/schema.h"
#include "json/value.h"
#include "kube/crd/shape_schema.h"
#include "kube/meta/resource.h"

namespace kthena::kube {

namespace {

using json::Array;
using json::Object;
using json::Value;

/// The server knows these three itself; their schemas only say so.
void set_well_known_fields(const ResourceType& resource, Value& schema) {
  Value& properties = *schema.find("properties");
  const auto described = [](std::string text) {
    return Object{{"type", "string"}, {"description", std::move(text)}};
  };
  properties.set("apiVersion", described(fmt::format("Group and version of the kind: {}.",
                                                     resource.api_version)));
  properties.set("kind", described(fmt::format("The kind of object: {}.", resource.kind)));
  properties.set("metadata", Object{{"type", "object"}});  // more is refused
}

Value columns(const ResourceType& resource) {
  Array out;
  for (const PrinterColumn& column : resource.columns) {
    Object entry{{"name", column.name}, {"type", column.type}, {"jsonPath", column.json_path}};
    if (column.priority != 0) {
      entry.set("priority", column.priority);
    }
    out.emplace_back(std::move(entry));
  }
  return out;
}

Value subresources(const ResourceType& resource) {
  Object out;
  if (resource.has_status) {
    out.set("status", Object{});
  }
  if (resource.scale) {
    Object scale{{"specReplicasPath", resource.scale->spec_replicas},
                 {"statusReplicasPath", resource.scale->status_replicas}};
    if (!resource.scale->label_selector.empty()) {
      scale.set("labelSelectorPath", resource.scale->label_selector);
    }
    out.set("scale", std::move(scale));
  }
  return out;
}

Value version_entry(const CrdVersion& version, bool stored) {
  const ResourceType& resource = *version.resource;
  Value schema = json::schema_of(version.type(), {.shape = &shape_schema});
  set_well_known_fields(resource, schema);
  if (!resource.help.empty()) {
    schema.set("description", resource.help);
  }
  Object entry{{"name", resource.version()},
               {"served", version.served},
               {"storage", stored},
               {"schema", Object{{"openAPIV3Schema", std::move(schema)}}}};
  if (!resource.columns.empty()) {
    entry.set("additionalPrinterColumns", columns(resource));
  }
  Value parts = subresources(resource);
  if (!parts.as_object().empty()) {
    entry.set("subresources", std::move(parts));
  }
  if (!resource.deprecation.empty()) {
    entry.set("deprecated", true);
    entry.set("deprecationWarning", fmt::format("{} {} is deprecated: {}", resource.api_version,
                                                resource.kind, resource.deprecation));
  }
  return entry;
}

Value texts(std::span<const std::string_view> list) { return Array(list.begin(), list.end()); }

Value names(const ResourceType& resource) {
  Object out{{"kind", resource.kind},
             {"listKind", fmt::format("{}List", resource.kind)},
             {"plural", resource.plural},
             {"singular", resource.singular}};
  if (!resource.short_names.empty()) {
    out.set("shortNames", texts(resource.short_names));
  }
  if (!resource.categories.empty()) {
    out.set("categories", texts(resource.categories));
  }
  return out;
}

void sort_members(Value& value) {
  if (value.is_array()) {
    std::ranges::for_each(value.as_array(), sort_members);
  } else if (value.is_object()) {
    std::ranges::sort(value.as_object(), {}, &json::Member::key);
    for (json::Member& member : value.as_object()) {
      sort_members(member.value);
    }
  }
}

}  // namespace

Value custom_resource_definition(std::span<const CrdVersion> versions) {
  CHECK(!versions.empty());
  const ResourceType& resource = *versions.front().resource;
  Array entries;
  for (const CrdVersion& version : versions) {
    entries.push_back(version_entry(version, &version == &versions.front()));
  }
  Value document = Object{
      {"apiVersion", "apiextensions.k8s.io/v1"},
      {"kind", "CustomResourceDefinition"},
      {"metadata", Object{{"name", fmt::format("{}.{}", resource.plural, resource.group())}}},
      {"spec", Object{{"group", resource.group()},
                      {"names", names(resource)},
                      {"scope", resource.scope == Scope::Namespaced ? "Namespaced" : "Cluster"},
                      {"versions", std::move(entries)}}}};
  sort_members(document);
  return document;
}

}  // namespace kthena::kube
