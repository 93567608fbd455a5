// An object's metadata as a JSON value.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "json/value.h"

namespace kthena::apiserver {

/// `metadata`, made if the object has none.
json::Value& metadata_of(json::Value& object);
/// A text of the metadata; empty if it is absent or no text.
std::string_view metadata_text_of(const json::Value& object, std::string_view field);
/// A member of the metadata; null if it is absent.
const json::Value* metadata_field(const json::Value& object, std::string_view field);

/// Sets a member of the metadata, or takes it away where `value` is null.
void set_metadata(json::Value& object, std::string_view field, json::Value value);

/// Makes a member of the metadata what it is in `from`.
void carry_metadata(const json::Value& from, json::Value& to, std::string_view field);

inline bool is_being_deleted(const json::Value& object) {
  return !metadata_text_of(object, "deletionTimestamp").empty();
}
bool has_finalizers(const json::Value& object);
void remove_finalizer(json::Value& object, std::string_view finalizer);
std::int64_t generation_of(const json::Value& object);
/// 0 if it is absent.
std::int64_t deletion_grace_of(const json::Value& object);

}  // namespace kthena::apiserver
