// Short words for writes in tests.
#pragma once

#include <string>
#include <utility>

#include "apiserver/storage/object_store.h"

namespace kthena::apiserver::testing {

inline ObjectPath pod(std::string name, std::string namespace_name = "default") {
  return {.resource = "pods", .namespace_name = std::move(namespace_name), .name = std::move(name)};
}

/// Puts `text` followed by the version: "a@7".
inline Decide put(std::string text, Durability durability = Durability::Power) {
  return [text = std::move(text), durability](Version version, const ObjectPtr&) -> Result<Edit> {
    return Edit{.action = Edit::Action::Put,
                .text = text + "@" + std::to_string(version),
                .uid = "uid-" + std::to_string(version),
                .durability = durability};
  };
}

inline Decide remove(Durability durability = Durability::Power) {
  return [durability](Version version, const ObjectPtr&) -> Result<Edit> {
    return Edit{.action = Edit::Action::Remove,
                .text = "gone@" + std::to_string(version),
                .durability = durability};
  };
}

}  // namespace kthena::apiserver::testing
