// How JSON becomes a protobuf message: a message is a list of rows, each of which says under which
// number and in which form a member of the object is written.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "json/value.h"

namespace kthena::apiserver::gnostic {

/// Writes the content of one message.
using Encode = std::string (*)(const json::Value&);

enum class Form : std::uint8_t {
  Text,
  Texts,  ///< a list of them
  Flag,
  Whole,  ///< int64
  Real,   ///< double
  Message,
  Messages,
  /// An object with names of any sort: a message with a repeated field of names and values.
  Named,
  Yaml,   ///< any value, as YAML in a message
  Yamls,  ///< a list of them
};

struct Row {
  std::string_view name;  ///< of the object's member
  std::uint32_t number;
  Form form = Form::Text;
  Encode encode = nullptr;  ///< of a Message, Messages, and the values of Named
  std::uint32_t inner = 1;  ///< of Named: the number of the repeated field
};

// Parts of a message. Like all of proto3, zero values are not written, but messages are.
void append_text(std::string& out, std::uint32_t number, std::string_view text);
void append_flag(std::string& out, std::uint32_t number, bool value);
void append_real(std::string& out, std::uint32_t number, double value);
void append_message(std::string& out, std::uint32_t number, std::string_view bytes);

/// Members of the wrong type are left out, as are those that no row names, but for extensions.
/// @param extensions  the number under which members "x-…" are written; 0 if they are not
std::string encode(const json::Value& value, std::span<const Row> rows,
                   std::uint32_t extensions = 0);

/// The messages of the two versions.
std::string encode_v2_document(const json::Value& document);
std::string encode_v3_document(const json::Value& document);

}  // namespace kthena::apiserver::gnostic
