// Parts of a stored text. Each begins with the two members that say what it is, so that they can be
// left out or replaced without reading the rest.
#pragma once

#include <string>
#include <string_view>

#include "apiserver/kinds/kind.h"
#include "json/value.h"

namespace kthena::apiserver {

/// `{"kind":"Pod","apiVersion":"v1"`: how the texts of a kind begin.
std::string text_head(const Kind& kind);

/// The object as it is stored: `kind` and `apiVersion` first, whatever it says of them itself.
std::string print_stored(const Kind& kind, const json::Value& object);

/// What follows the two members: `,"metadata":…}`. CHECKs that the text was printed so.
std::string_view text_tail(std::string_view stored);

/// `metadata` as it is written.
std::string_view metadata_text(std::string_view stored);

/// Adds the object as it is served in `kind`.
void append_object(std::string& out, const Kind& kind, std::string_view stored);
/// As an item of a list: those of built-in kinds do not say what they are.
void append_item(std::string& out, const Kind& kind, std::string_view stored);
/// As PartialObjectMetadata.
void append_partial(std::string& out, std::string_view stored);

}  // namespace kthena::apiserver
