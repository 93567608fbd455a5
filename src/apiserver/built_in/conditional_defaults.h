// Defaults that depend on other fields.
#pragma once

#include <span>
#include <string_view>
#include <utility>

#include "json/value.h"

namespace kthena::apiserver {

/// Completes an object of one type.
using ConditionalDefaults = void (*)(json::Value& object);

/// By the names of the types. They run before the unconditional ones of the same object and before
/// those of what is in it.
std::span<const std::pair<std::string_view, ConditionalDefaults>> conditional_defaults();

/// "Always" for images without a tag and digest or with the tag "latest", else "IfNotPresent".
std::string_view default_pull_policy(std::string_view image);

}  // namespace kthena::apiserver
