// The numbers that fields of built-in kinds have in Kubernetes' protobuf. A generated table beside
// that of built_in/structs.h, which says what the fields hold.
//
// Grammar of message_table.cc, one text a type, written by tools/kube_protobuf.py:
//  - First line: the name of the type in the table of shapes, or of a struct that others embed.
//  - A line for each field: NUMBER NAME, the name being that in JSON; then "or-array", "or-bool" or
//    "or-strings" if it is a JSON schema or one of those.
//  - NUMBER >TYPE for a message whose fields JSON has in the outer object: VolumeSource in Volume.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "apiserver/built_in/structs.h"

namespace kthena::apiserver {

/// How a value of kind `HeldAs::Any` is written.
enum class AnyForm : std::uint8_t {
  JsonText,  ///< a message of one field, which is JSON
  SchemaOrArray,
  SchemaOrBool,
  SchemaOrStrings,
};

struct Message;

struct MessageField {
  std::uint32_t number = 0;
  std::size_t position = 0;           ///< in the fields of the struct
  const Message* embedded = nullptr;  ///< if set, its fields belong to the outer struct
  const Message* message = nullptr;   ///< of a struct, or of those that a list or map holds
  AnyForm any_form = AnyForm::JsonText;
};

struct Message {
  const StructType* type = nullptr;
  std::vector<MessageField> fields{};  ///< sorted by number

  /// Null if it is not known.
  const MessageField* find(std::uint32_t number) const;
};

/// By the name in the table of shapes. Thread-safe; the table is read at the first call.
const Message& message_of(std::string_view type_name);

/// The texts of message_table.cc.
std::span<const std::string_view> message_texts();

}  // namespace kthena::apiserver
