#include "apiserver/verbs/metadata.h"

#include <utility>
#include <vector>

namespace kthena::apiserver {

namespace {

std::int64_t number_of(const json::Value& object, std::string_view field) {
  const json::Value* value = metadata_field(object, field);
  return value != nullptr && value->is_number() ? value->to_int64().value_or(0) : 0;
}

}  // namespace

json::Value& metadata_of(json::Value& object) {
  json::Value* metadata = object.find("metadata");
  if (metadata == nullptr || !metadata->is_object()) {
    return object.set("metadata", json::Object());
  }
  return *metadata;
}

const json::Value* metadata_field(const json::Value& object, std::string_view field) {
  const json::Value* metadata = object.find("metadata");
  return metadata != nullptr ? metadata->find(field) : nullptr;
}

std::string_view metadata_text_of(const json::Value& object, std::string_view field) {
  const json::Value* value = metadata_field(object, field);
  return value != nullptr && value->is_string() ? std::string_view(value->as_string())
                                                : std::string_view{};
}

void set_metadata(json::Value& object, std::string_view field, json::Value value) {
  if (value.is_null()) {
    metadata_of(object).erase(field);
  } else {
    metadata_of(object).set(field, std::move(value));
  }
}

void carry_metadata(const json::Value& from, json::Value& to, std::string_view field) {
  const json::Value* value = metadata_field(from, field);
  set_metadata(to, field, value != nullptr ? *value : json::Value());
}

bool has_finalizers(const json::Value& object) {
  const json::Value* finalizers = metadata_field(object, "finalizers");
  return finalizers != nullptr && finalizers->is_array() && !finalizers->as_array().empty();
}

void remove_finalizer(json::Value& object, std::string_view finalizer) {
  json::Value* finalizers = metadata_of(object).find("finalizers");
  if (finalizers == nullptr || !finalizers->is_array()) {
    return;
  }
  std::erase(finalizers->as_array(), json::Value(finalizer));
  if (finalizers->as_array().empty()) {
    metadata_of(object).erase("finalizers");
  }
}

std::int64_t generation_of(const json::Value& object) { return number_of(object, "generation"); }

std::int64_t deletion_grace_of(const json::Value& object) {
  return number_of(object, "deletionGracePeriodSeconds");
}

}  // namespace kthena::apiserver
