#include "apiserver/discovery/openapi.h"

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "apiserver/discovery/openapi_paths.h"
#include "apiserver/discovery/openapi_schemas.h"
#include "apiserver/discovery/subresources.h"
#include "apiserver/kinds/kind.h"
#include "base/check.h"
#include "json/value.h"
#include "kube/shapes/shape.h"

namespace kthena::apiserver {

namespace {

using json::Array;
using json::Object;
using json::Value;
using kube::shapes::Field;
using kube::shapes::Type;

/// The types of a document, sorted by their names.
class Definitions {
 public:
  Definitions(OpenApiVersion version, const SchemaOfCustom& schema_of)
      : version_(version), schema_of_(schema_of) {
    // Every kind's paths have to do with these.
    for (const std::string_view name : {"DeleteOptions", "ListMeta", "ObjectMeta", "Status"}) {
      add(name);
    }
    add_special(kPatchType);
  }

  void add(const Kind& kind) {
    if (kind.is_custom()) {
      types_.emplace(type_name(kind), custom_schema(version_, kind, schema_of_(kind)));
    } else {
      add(*kind.shape);
    }
    if (kind.verbs.has(Verb::List)) {
      types_.emplace(list_type_name(kind), list_schema(version_, kind));
    }
    for (const Subresource& subresource : subresources_of(kind)) {
      if (subresource.kind == "Scale") {
        add("Scale");
      } else if (!subresource.shape.empty()) {
        add(subresource.shape);
      }
    }
  }

  Object take() && {
    Object all;
    for (auto& [name, schema] : types_) {
      all.append_new(name, std::move(schema));
    }
    return all;
  }

 private:
  void add(std::string_view name) {
    const Type* type = kube::shapes::find_type(name);
    CHECK(type != nullptr);  // the table has all that we name
    add(*type);
  }

  /// With all types that it refers to.
  void add(const Type& type) {
    const auto [place, is_new] = types_.try_emplace(std::string(type.full_name));
    if (!is_new) {
      return;
    }
    place->second = type_schema(version_, type);
    for (const Field& field : type.fields) {
      if (field.object != nullptr) {
        add(*field.object);
      } else if (field.kind == kube::shapes::ValueKind::Quantity) {
        add_special(kQuantityType);
      } else if (field.kind == kube::shapes::ValueKind::IntOrString) {
        add_special(kIntOrStringType);
      }
    }
  }

  void add_special(std::string_view name) {
    types_.try_emplace(std::string(name), special_schema(version_, name));
  }

  OpenApiVersion version_;
  const SchemaOfCustom& schema_of_;
  std::map<std::string, Value> types_;
};

Value bearer_token() {
  return Object{{"type", "apiKey"},
                {"description", "Bearer Token authentication"},
                {"name", "authorization"},
                {"in", "header"}};
}

}  // namespace

Value openapi_document(OpenApiVersion version, std::span<const KindPtr> kinds,
                       const SchemaOfCustom& schema_of) {
  Definitions definitions(version, schema_of);
  std::map<std::string, Value> by_path;
  for (const KindPtr& kind : kinds) {
    definitions.add(*kind);
    add_paths(version, *kind, by_path);
  }
  Object paths;
  for (auto& [path, item] : by_path) {
    paths.append_new(path, std::move(item));
  }
  Object info{{"title", "Kubernetes"}, {"version", "1.34"}};
  if (version == OpenApiVersion::V2) {
    return Object{{"swagger", "2.0"},
                  {"info", std::move(info)},
                  {"paths", std::move(paths)},
                  {"definitions", std::move(definitions).take()},
                  {"securityDefinitions", Object{{"BearerToken", bearer_token()}}},
                  {"security", Array{Object{{"BearerToken", Array{}}}}}};
  }
  return Object{
      {"openapi", "3.0.0"},
      {"info", std::move(info)},
      {"paths", std::move(paths)},
      {"components", Object{{"schemas", std::move(definitions).take()},
                            {"securitySchemes", Object{{"BearerToken", bearer_token()}}}}}};
}

}  // namespace kthena::apiserver
