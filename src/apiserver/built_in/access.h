// Short ways into JSON values that were decoded: members are of their types, or absent.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string_view>

#include "json/value.h"

namespace kthena::apiserver {

/// The member at the end of the path; null if there is none, or if it is null.
const json::Value* at(const json::Value& value, std::initializer_list<std::string_view> path);
json::Value* at(json::Value& value, std::initializer_list<std::string_view> path);
const json::Value* at(const json::Value* value, std::string_view name);

/// Each takes null and what is of another type for absent.
std::string_view text_of(const json::Value* value);
std::string_view text_at(const json::Value& value, std::initializer_list<std::string_view> path);
std::optional<std::int64_t> number_of(const json::Value* value);
bool is_true(const json::Value* value);
const json::Array& items_of(const json::Value* value);
const json::Object& members_of(const json::Value* value);
bool is_nothing(const json::Value* value);  ///< absent, null, "", [], {}

/// The object that is a member, made if there is none.
json::Value& object_at(json::Value& value, std::string_view name);

/// Whether both are the same, absent and null being nothing; {} and [] are not.
bool same(const json::Value* a, const json::Value* b);

}  // namespace kthena::apiserver
