// Maps by text that are looked up without making a string.
#pragma once

#include <functional>
#include <string>
#include <unordered_map>

#include "base/strings.h"

namespace kthena {

template <class T>
using StringMap = std::unordered_map<std::string, T, StringHash, std::equal_to<>>;

}  // namespace kthena
