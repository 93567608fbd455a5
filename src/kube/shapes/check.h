// Values of built-in types held against their shapes: a typo in a pod template is reported with its
// path and the name that was probably meant.
#pragma once

#include <cstdint>
#include <string_view>

#include "json/codec.h"
#include "json/findings.h"
#include "json/value.h"
#include "kube/shapes/shape.h"

namespace kthena::kube::shapes {

/// Whose values they are.
enum class Within : std::uint8_t {
  /// Of a custom resource, as its CRD has it: the API server refuses what is missing or of the
  /// wrong type, and a template keeps only labels and annotations of its metadata.
  CustomResource,
  /// Of a built-in kind that we read in part: only unknown fields are reported.
  BuiltInKind,
};

/// Adds what is wrong with a value to the findings: fields that are not known (as bad as the
/// options say), missing, of the wrong type, or twice in a list by the list's keys. A value that is
/// none of those this version of Kubernetes lists is a warning.
void check(const Type& type, const json::Value& value, const json::Step* at, Within within,
           const json::DecodeOptions& options, json::Findings& findings);

/// For `json::DecodeOptions::shapes`: fields that say `shape("PodTemplateSpec")` are checked as
/// those of a custom resource.
void check_named(std::string_view shape, const json::Value& value, const json::Step* at,
                 const json::DecodeOptions& options, json::Findings& findings);

}  // namespace kthena::kube::shapes
