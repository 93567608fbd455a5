#include "apiserver/request/negotiation.h"

#include <fmt/format.h>

#include <optional>

#include "apiserver/protobuf/read_protobuf.h"
#include "apiserver/request/refusals.h"
#include "base/strings.h"
#include "http/fields.h"
#include "json/parse.h"
#include "json/yaml.h"

namespace kthena::apiserver {

namespace {

/// What is written, and what is read of built-in kinds; of custom resources read_protobuf() says.
constexpr std::string_view kMediaTypes = "application/json, application/yaml";
constexpr std::string_view kReadMediaTypes =
    "application/json, application/yaml, application/vnd.kubernetes.protobuf";

/// Of "application/json;as=Table;v=v1;g=meta.k8s.io". Nothing if it cannot be written.
std::optional<Form> form_of(std::string_view media_range) {
  Form form;
  std::string_view as;
  std::string_view version;
  std::string_view group;
  bool first = true;
  for (const std::string_view raw : split(media_range, ';')) {
    const std::string_view part = trim(raw);
    if (first) {
      first = false;
      if (part == "application/yaml") {
        form.syntax = Syntax::Yaml;
      } else if (part != "application/json" && part != "*/*" && part != "application/*") {
        return std::nullopt;
      }
      continue;
    }
    const std::size_t equals = part.find('=');
    const std::string_view name = part.substr(0, equals);
    const std::string_view value =
        equals == std::string_view::npos ? std::string_view{} : part.substr(equals + 1);
    if (name == "as") {
      as = value;
    } else if (name == "v") {
      version = value;
    } else if (name == "g") {
      group = value;
    } else if (name == "pretty") {
      form.pretty = value == "1" || value == "true";
    } else if (name == "stream" && value != "watch") {
      return std::nullopt;
    }
  }
  if (as.empty()) {
    return form;
  }
  if (group != "meta.k8s.io" || version != "v1") {
    return std::nullopt;
  }
  if (as == "Table") {
    form.view = View::Table;
    return form;
  }
  if (as == "PartialObjectMetadata" || as == "PartialObjectMetadataList") {
    form.view = View::Partial;
    return form;
  }
  return std::nullopt;
}

}  // namespace

Answer<Form> negotiate(std::string_view accept) {
  if (trim(accept).empty()) {
    return Form{};
  }
  while (const auto range = http::next_list_element(accept)) {
    if (const auto form = form_of(*range)) {
      return *form;
    }
  }
  return refusals::not_acceptable(kMediaTypes);
}

Answer<json::Value> read_body(std::string_view content_type, std::string_view body) {
  if (content_type.empty() || http::is_media_type(content_type, "application/json")) {
    auto value = json::parse(body);
    if (!value) {
      return bad_request(
          fmt::format("the body of the request is no JSON: {}", value.error().message()));
    }
    return *std::move(value);
  }
  if (http::is_media_type(content_type, "application/yaml") ||
      http::is_media_type(content_type, "application/apply-patch+yaml")) {
    auto documents = json::parse_yaml_documents(body);
    if (!documents) {
      return bad_request(
          fmt::format("the body of the request is no YAML: {}", documents.error().message()));
    }
    if (documents->size() != 1) {
      return bad_request(
          fmt::format("the body of the request has {} YAML documents, not one", documents->size()));
    }
    return std::move(documents->front().value);
  }
  if (is_protobuf(content_type)) {
    return read_protobuf(body);
  }
  return refusals::unsupported_media_type(kReadMediaTypes);
}

}  // namespace kthena::apiserver
