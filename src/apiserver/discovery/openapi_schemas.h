// Types as OpenAPI documents describe them: built-in ones from the table of shapes, custom ones
// from their CustomResourceDefinition. No prose but that of the definitions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "apiserver/kinds/kind.h"
#include "json/value.h"
#include "kube/shapes/shape.h"

namespace kthena::apiserver {

/// Of OpenAPI. The older knows no alternatives, no null and, as kube-apiserver writes it, no
/// defaults.
enum class OpenApiVersion : std::uint8_t { V2, V3 };

// Types that are written as one word in the table of shapes.
inline constexpr std::string_view kQuantityType = "io.k8s.apimachinery.pkg.api.resource.Quantity";
inline constexpr std::string_view kIntOrStringType =
    "io.k8s.apimachinery.pkg.util.intstr.IntOrString";
inline constexpr std::string_view kPatchType = "io.k8s.apimachinery.pkg.apis.meta.v1.Patch";
// Types that all documents have.
inline constexpr std::string_view kObjectMetaType =
    "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta";
inline constexpr std::string_view kListMetaType = "io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta";

/// {"$ref": …} of a type by its full name.
json::Value type_reference(OpenApiVersion version, std::string_view full_name);

/// A type of the table.
json::Value type_schema(OpenApiVersion version, const kube::shapes::Type& type);
/// One of the three above that are not in the table.
json::Value special_schema(OpenApiVersion version, std::string_view full_name);

/// The full name of a kind: "io.k8s.api.apps.v1.Deployment", "com.example.v1.Foo". A list's is that
/// of the kind with the list's name at the end.
std::string type_name(const Kind& kind);
std::string list_type_name(const Kind& kind);

/// [{"group": …, "kind": …, "version": …}], as definitions have it.
json::Value kind_names(std::string_view group, std::string_view version, std::string_view kind);

json::Value list_schema(OpenApiVersion version, const Kind& kind);

/// @param schema  `openAPIV3Schema` of the kind's definition; null if there is none
/// Source: kube-apiserver, apiextensions, controller/openapi/builder and v2.
json::Value custom_schema(OpenApiVersion version, const Kind& kind, const json::Value* schema);

}  // namespace kthena::apiserver
