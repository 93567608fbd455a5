#include "apiserver/discovery/gnostic.h"

#include <bit>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "apiserver/discovery/gnostic_encode.h"
#include "apiserver/discovery/openapi_schemas.h"
#include "json/value.h"
#include "json/yaml.h"

namespace kthena::apiserver {

namespace gnostic {

namespace {

using json::Value;

// Wire types. Source: protobuf, Encoding.
constexpr std::uint32_t kVarint = 0;
constexpr std::uint32_t kFixed64 = 1;
constexpr std::uint32_t kBytes = 2;

void append_varint(std::string& out, std::uint64_t value) {
  while (value >= 0x80) {
    out += static_cast<char>(value | 0x80);
    value >>= 7;
  }
  out += static_cast<char>(value);
}

void append_tag(std::string& out, std::uint32_t number, std::uint32_t wire_type) {
  append_varint(out, number << 3U | wire_type);
}

void append_whole(std::string& out, std::uint32_t number, std::int64_t value) {
  if (value != 0) {
    append_tag(out, number, kVarint);
    append_varint(out, static_cast<std::uint64_t>(value));
  }
}

/// NamedX of a map.
void append_named(std::string& out, std::uint32_t number, std::string_view name,
                  std::string_view bytes) {
  std::string entry;
  append_text(entry, 1, name);
  append_message(entry, 2, bytes);
  append_message(out, number, entry);
}

std::string yaml_message(const Value& value) {
  std::string message;
  append_text(message, 2, json::print_yaml(value));
  return message;
}

void append_list(std::string& out, const Row& row, const Value& value) {
  if (!value.is_array()) {
    return;
  }
  for (const Value& item : value.as_array()) {
    if (row.form == Form::Texts) {
      if (item.is_string()) {
        append_message(out, row.number, item.as_string());  // an empty one counts too
      }
    } else {
      append_message(out, row.number,
                     row.form == Form::Yamls ? yaml_message(item) : row.encode(item));
    }
  }
}

void append_names(std::string& out, const Row& row, const Value& value) {
  if (!value.is_object()) {
    return;
  }
  std::string names;
  for (const auto& [name, item] : value.as_object()) {
    append_named(names, row.inner, name, row.encode(item));
  }
  append_message(out, row.number, names);
}

void append_member(std::string& out, const Row& row, const Value& value) {
  switch (row.form) {
    case Form::Text:
      if (value.is_string()) {
        append_text(out, row.number, value.as_string());
      }
      break;
    case Form::Flag:
      append_flag(out, row.number, value.is_bool() && value.as_bool());
      break;
    case Form::Whole:
      append_whole(out, row.number, value.is_number() ? value.to_int64().value_or(0) : 0);
      break;
    case Form::Real:
      append_real(out, row.number, value.is_number() ? value.as_double() : 0);
      break;
    case Form::Message:
      append_message(out, row.number, row.encode(value));
      break;
    case Form::Yaml:
      append_message(out, row.number, yaml_message(value));
      break;
    case Form::Named:
      append_names(out, row, value);
      break;
    case Form::Texts:
    case Form::Messages:
    case Form::Yamls:
      append_list(out, row, value);
      break;
  }
}

}  // namespace

void append_text(std::string& out, std::uint32_t number, std::string_view text) {
  if (!text.empty()) {
    append_message(out, number, text);
  }
}

void append_flag(std::string& out, std::uint32_t number, bool value) {
  if (value) {
    append_tag(out, number, kVarint);
    append_varint(out, 1);
  }
}

void append_real(std::string& out, std::uint32_t number, double value) {
  if (value == 0) {
    return;
  }
  append_tag(out, number, kFixed64);
  const auto bits = std::bit_cast<std::uint64_t>(value);
  for (unsigned shift = 0; shift < 64; shift += 8) {
    out += static_cast<char>(bits >> shift);
  }
}

void append_message(std::string& out, std::uint32_t number, std::string_view bytes) {
  append_tag(out, number, kBytes);
  append_varint(out, bytes.size());
  out += bytes;
}

std::string encode(const Value& value, std::span<const Row> rows, std::uint32_t extensions) {
  std::string message;
  if (!value.is_object()) {
    return message;
  }
  // In the order of the rows, so that messages are the same whatever the order of members.
  for (const Row& row : rows) {
    if (const Value* member = value.find(row.name)) {
      append_member(message, row, *member);
    }
  }
  if (extensions != 0) {
    for (const auto& [name, member] : value.as_object()) {
      if (name.starts_with("x-")) {
        append_named(message, extensions, name, yaml_message(member));
      }
    }
  }
  return message;
}

}  // namespace gnostic

std::string gnostic_bytes(OpenApiVersion version, const json::Value& document) {
  return version == OpenApiVersion::V2 ? gnostic::encode_v2_document(document)
                                       : gnostic::encode_v3_document(document);
}

}  // namespace kthena::apiserver
