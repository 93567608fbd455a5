#include "apiserver/verbs/kind_rules.h"

#include "apiserver/built_in/decode.h"
#include "apiserver/built_in/defaults.h"
#include "apiserver/built_in/strategy.h"
#include "apiserver/built_in/structs.h"
#include "apiserver/request/refusals.h"
#include "apiserver/verbs/metadata.h"

namespace kthena::apiserver {

namespace {

Answer<void> refuse_if_any(const Kind& kind, const json::Value& object,
                           const std::vector<json::Problem>& problems) {
  if (json::has_errors(problems)) {
    return refusals::invalid(kind, metadata_text_of(object, "name"), problems);
  }
  return {};
}

}  // namespace

Answer<void> KindRules::decode(const Kind& kind, json::Value& object, FieldValidation validation,
                               Warnings& warnings) const {
  if (!kind.is_custom()) {
    return read_built_in(*kind.shape, object, validation, {}, warnings);
  }
  return {};
}

void KindRules::set_defaults(const Kind& kind, json::Value& object) const {
  if (!kind.is_custom()) {
    apply_built_in_defaults(kind, object);
  }
}

Answer<void> KindRules::prepare_create(const Kind& kind, json::Value& object) const {
  if (kind.is_custom()) {
    return {};
  }
  if (kind.resource == "services") {
    TRY(refuse_if_any(kind, object, allocate_service(object, nullptr, services_)));
  }
  apiserver::prepare_create(kind, object);
  return {};
}

Answer<void> KindRules::prepare_update(const Kind& kind, json::Value& object,
                                       const json::Value& before,
                                       std::string_view subresource) const {
  if (kind.is_custom()) {
    return {};
  }
  if (kind.resource == "services" && subresource.empty()) {
    TRY(refuse_if_any(kind, object, allocate_service(object, &before, services_)));
  }
  apiserver::prepare_update(kind, object, before, subresource);
  return {};
}

Answer<void> KindRules::admit(const Kind&, json::Value&, const json::Value*, std::string_view,
                              Warnings&) const {
  return {};
}

std::vector<json::Problem> KindRules::validate(const Kind&, const json::Value&, const json::Value*,
                                               std::string_view) const {
  return {};
}

void KindRules::complete(const Kind& kind, json::Value& object) const {
  if (!kind.is_custom()) {
    as_printed(*kind.shape, object);
  }
}

}  // namespace kthena::apiserver
