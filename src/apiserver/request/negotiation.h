// In which form the client wants an answer, and in which one it sends a body.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "apiserver/patch/failure.h"
#include "json/value.h"

namespace kthena::apiserver {

/// What is shown of objects.
enum class View : std::uint8_t {
  Object,
  Table,    ///< meta.k8s.io/v1 Table: what kubectl prints
  Partial,  ///< PartialObjectMetadata, PartialObjectMetadataList
};

enum class Syntax : std::uint8_t { Json, Yaml };

struct Form {
  View view = View::Object;
  Syntax syntax = Syntax::Json;
  bool pretty = false;

  std::string_view content_type() const {
    return syntax == Syntax::Yaml ? "application/yaml" : "application/json";
  }
};

/// The first of the media types of an Accept field that this server can write; JSON for an empty
/// one. Errors: 406.
Answer<Form> negotiate(std::string_view accept);

/// Reads a body that is JSON, YAML or, of built-in kinds, protobuf, by its Content-Type; an empty
/// one counts as JSON. Repeated keys are an error, as they are to kube-apiserver under strict
/// validation. Errors: 415; 400 with what is wrong; 413.
Answer<json::Value> read_body(std::string_view content_type, std::string_view body);

}  // namespace kthena::apiserver
