#include "apiserver/protobuf/decode.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "apiserver/built_in/structs.h"
#include "apiserver/protobuf/messages.h"
#include "apiserver/protobuf/scalars.h"
#include "apiserver/protobuf/wire.h"
#include "base/error.h"
#include "base/result.h"
#include "json/base64.h"
#include "json/parse.h"
#include "json/value.h"
#include "kube/shapes/shape.h"

namespace kthena::apiserver {

namespace {

/// How a value is written, but for maps, which are lists of messages.
WireType wire_type_of(const HeldType& type) {
  switch (type.as) {
    case HeldAs::Bool:
    case HeldAs::Int32:
    case HeldAs::Int64:
      return WireType::Varint;
    case HeldAs::Float64:
      return WireType::Fixed64;
    default:
      return WireType::Length;
  }
}

}  // namespace

Result<json::Value> MessageDecoder::read(const Message& message, std::string_view bytes) {
  const Piece whole{.field = nullptr, .scalar = 0, .bytes = bytes};
  return read_struct(message, {&whole, 1});
}

std::unexpected<Error> MessageDecoder::wrong(std::string_view what) const {
  if (path_.empty()) {
    return fail(ErrorCode::InvalidArgument, std::string(what));
  }
  return fail(ErrorCode::InvalidArgument, fmt::format("{}: {}", fmt::join(path_, "."), what));
}

template <class T>
Result<T> MessageDecoder::here(Result<T> result) const {
  if (!result) {
    return wrong(result.error().message());
  }
  return result;
}

Result<void> MessageDecoder::count() {
  if (++values_ > kMaxValues) {
    return fail(ErrorCode::TooLarge,
                fmt::format("the object has more than {} fields and items", kMaxValues));
  }
  return {};
}

const WireField* MessageDecoder::Parts::find(std::size_t number) const {
  return by_number[number].number == 0 ? nullptr : &by_number[number];
}

std::string_view MessageDecoder::Parts::bytes(std::size_t number) const {
  return by_number[number].bytes;
}

std::uint64_t MessageDecoder::Parts::scalar(std::size_t number) const {
  return by_number[number].scalar;
}

Result<MessageDecoder::Parts> MessageDecoder::parts_of(Pieces pieces,
                                                       std::span<const WireType> types) {
  Parts parts;
  parts.by_number.resize(types.size() + 1);
  for (const Piece& piece : pieces) {
    WireReader reader(piece.bytes);
    while (const auto wire = TRY(here(reader.next()))) {
      if (wire->number > types.size()) {
        continue;
      }
      if (wire->type != types[wire->number - 1]) {
        return wrong(fmt::format("proto: wrong wireType = {}", static_cast<unsigned>(wire->type)));
      }
      parts.by_number[wire->number] = *wire;
    }
  }
  return parts;
}

Result<void> MessageDecoder::add(const Message& message, const MessageField& field,
                                 const WireField& wire, std::vector<Piece>& pieces) {
  const StructField& target = message.type->fields[field.position];
  const bool is_list = target.type.as == HeldAs::List;
  const WireType expected = wire_type_of(is_list ? *target.type.of : target.type);
  if (wire.type == expected) {
    TRY(count());
    pieces.push_back(
        {.field = &field, .order = pieces.size(), .scalar = wire.scalar, .bytes = wire.bytes});
    return {};
  }
  if (!is_list || expected != WireType::Varint || wire.type != WireType::Length) {
    return wrong(fmt::format("proto: wrong wireType = {} for field {}",
                             static_cast<unsigned>(wire.type), target.name));
  }
  WireReader packed(wire.bytes);
  while (!packed.at_end()) {
    TRY(count());
    pieces.push_back({.field = &field,
                      .order = pieces.size(),
                      .scalar = TRY(here(packed.next_varint())),
                      .bytes = {}});
  }
  return {};
}

Result<void> MessageDecoder::collect(const Message& message, std::string_view bytes,
                                     std::vector<Piece>& pieces) {
  WireReader reader(bytes);
  while (const auto wire = TRY(here(reader.next()))) {
    const MessageField* field = message.find(wire->number);
    if (field == nullptr) {
      continue;
    }
    if (field->embedded == nullptr) {
      TRY(add(message, *field, *wire, pieces));
    } else if (wire->type == WireType::Length) {
      TRY(collect(*field->embedded, wire->bytes, pieces));
    } else {
      return wrong(fmt::format("proto: wrong wireType = {}", static_cast<unsigned>(wire->type)));
    }
  }
  return {};
}

Result<json::Value> MessageDecoder::read_struct(const Message& message, Pieces pieces) {
  if (++depth_ > kMaxDepth) {
    return wrong(fmt::format("more than {} levels of objects", kMaxDepth));
  }
  std::vector<Piece> found;
  for (const Piece& piece : pieces) {
    TRY(collect(message, piece.bytes, found));
  }
  const auto position = [](const Piece& piece) { return piece.field->position; };
  if (!std::ranges::is_sorted(found, {}, position)) {
    std::ranges::sort(found, {},
                      [&](const Piece& piece) { return std::pair(position(piece), piece.order); });
  }
  json::Object object;
  for (Pieces rest(found); !rest.empty();) {
    const auto end = std::ranges::upper_bound(rest, position(rest.front()), {}, position);
    const auto size = static_cast<std::size_t>(std::distance(rest.begin(), end));
    const StructField& field = message.type->fields[position(rest.front())];
    path_.push_back(field.name);
    object.append_new(std::string(field.name), TRY(read_field(field.type, rest.first(size))));
    path_.pop_back();
    rest = rest.subspan(size);
  }
  --depth_;
  return object;
}

Result<json::Value> MessageDecoder::read_field(const HeldType& type, Pieces pieces) {
  if (type.as == HeldAs::Map) {
    return read_map(type, pieces);
  }
  if (type.as != HeldAs::List) {
    return read_one(type, pieces);
  }
  json::Array items;
  items.reserve(pieces.size());
  for (const Piece& piece : pieces) {
    items.push_back(TRY(read_one(*type.of, {&piece, 1})));
  }
  return items;
}

/// @param pieces  not empty
Result<json::Value> MessageDecoder::read_one(const HeldType& type, Pieces pieces) {
  const Piece& last = pieces.back();
  switch (type.as) {
    case HeldAs::Bool:
      return last.scalar != 0;
    case HeldAs::Int32:
      return static_cast<std::int32_t>(last.scalar);
    case HeldAs::Int64:
      return static_cast<std::int64_t>(last.scalar);
    case HeldAs::Float64:
      return std::bit_cast<double>(last.scalar);
    case HeldAs::String:
      return shown_text(last.bytes);
    case HeldAs::Bytes:
      return json::encode_base64(last.bytes);
    case HeldAs::Time:
    case HeldAs::MicroTime:
      return read_time(type, pieces);
    case HeldAs::Quantity:
      return read_quantity(pieces);
    case HeldAs::IntOrString:
      return read_int_or_string(pieces);
    case HeldAs::Any:
      return last.field->any_form == AnyForm::JsonText ? read_json_text(pieces)
                                                       : read_schema_or(pieces);
    case HeldAs::Struct:
      return read_struct(*last.field->message, pieces);
    case HeldAs::List:
      return read_wrapped_list(type, pieces);
    case HeldAs::Map:
    case HeldAs::Duration:  // no built-in kind has one
      break;
  }
  return wrong("this type is not read from protobuf");
}

/// Entries are messages of a key and a value. Of equal keys the last one counts.
Result<json::Value> MessageDecoder::read_map(const HeldType& type, Pieces pieces) {
  const std::array types{WireType::Length, wire_type_of(*type.of)};
  struct Entry {
    std::string key;
    std::size_t order;
    json::Value value;
  };
  std::vector<Entry> entries;
  entries.reserve(pieces.size());
  for (const Piece& piece : pieces) {
    const Parts parts = TRY(parts_of({&piece, 1}, types));
    const Piece value{.field = piece.field, .scalar = parts.scalar(2), .bytes = parts.bytes(2)};
    entries.push_back({.key = shown_text(parts.bytes(1)),
                       .order = entries.size(),
                       .value = TRY(read_one(*type.of, {&value, 1}))});
  }
  std::ranges::sort(entries, {}, [](const Entry& entry) {
    return std::pair<std::string_view, std::size_t>(entry.key, entry.order);
  });
  json::Object map;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    if (i + 1 == entries.size() || entries[i + 1].key != entries[i].key) {
      map.append_new(std::move(entries[i].key), std::move(entries[i].value));
    }
  }
  return map;
}

/// A list that is the value of a map: a message whose only field repeats. All of them are of texts.
Result<json::Value> MessageDecoder::read_wrapped_list(const HeldType& type, Pieces pieces) {
  json::Array items;
  for (const Piece& piece : pieces) {
    WireReader reader(piece.bytes);
    while (const auto wire = TRY(here(reader.next()))) {
      if (wire->number != 1) {
        continue;
      }
      if (wire->type != WireType::Length || type.of->as != HeldAs::String) {
        return wrong(fmt::format("proto: wrong wireType = {}", static_cast<unsigned>(wire->type)));
      }
      TRY(count());
      items.emplace_back(shown_text(wire->bytes));
    }
  }
  return items;
}

Result<json::Value> MessageDecoder::read_time(const HeldType& type, Pieces pieces) {
  constexpr std::array kTypes{WireType::Varint, WireType::Varint};
  if (pieces.back().bytes.empty()) {
    return json::Value{};
  }
  const Parts parts = TRY(parts_of(pieces.last(1), kTypes));
  const auto text = time_text(static_cast<std::int64_t>(parts.scalar(1)),
                              static_cast<std::int32_t>(parts.scalar(2)),
                              type.as == HeldAs::MicroTime ? Digits::Micro : Digits::None);
  if (!text) {
    return wrong("the time is not in the years 1 to 9999");
  }
  return text->empty() ? json::Value{} : json::Value(*text);
}

Result<json::Value> MessageDecoder::read_quantity(Pieces pieces) {
  constexpr std::array kTypes{WireType::Length};
  const Parts parts = TRY(parts_of(pieces, kTypes));
  return parts.find(1) == nullptr ? std::string("0") : shown_text(parts.bytes(1));
}

Result<json::Value> MessageDecoder::read_int_or_string(Pieces pieces) {
  constexpr std::array kTypes{WireType::Varint, WireType::Varint, WireType::Length};
  const Parts parts = TRY(parts_of(pieces, kTypes));
  switch (parts.scalar(1)) {
    case 0:
      return static_cast<std::int32_t>(parts.scalar(2));
    case 1:
      return shown_text(parts.bytes(3));
    default:
      return wrong("impossible IntOrString.Type");
  }
}

Result<json::Value> MessageDecoder::read_json_text(Pieces pieces) {
  constexpr std::array kTypes{WireType::Length};
  const Parts parts = TRY(parts_of(pieces, kTypes));
  if (parts.bytes(1).empty()) {
    return json::Value{};
  }
  auto value = json::parse(
      parts.bytes(1), {.max_depth = kMaxDepth, .duplicate_keys = json::DuplicateKeys::LastWins});
  if (!value) {
    return wrong(fmt::format("no JSON: {}", value.error().message()));
  }
  return *std::move(value);
}

Result<json::Value> MessageDecoder::read_schema(Pieces pieces) {
  static const kube::shapes::Type& shape = *kube::shapes::find_type("JSONSchemaProps");
  json::Value schema = TRY(read_struct(message_of(shape.name), pieces));
  as_printed(shape, schema);  // the table of structs does not know what this value is
  return schema;
}

/// A schema, or what it may be instead: {schema = 1, other schemas = 2}, {allows = 1, schema = 2}
/// or {schema = 1, texts = 2}.
Result<json::Value> MessageDecoder::read_schema_or(Pieces pieces) {
  const AnyForm form = pieces.back().field->any_form;
  const std::uint32_t schema_number = form == AnyForm::SchemaOrBool ? 2 : 1;
  std::vector<Piece> schemas;
  std::vector<Piece> others;
  for (const Piece& piece : pieces) {
    WireReader reader(piece.bytes);
    while (const auto wire = TRY(here(reader.next()))) {
      if (wire->number > 2) {
        continue;
      }
      const bool is_schema = wire->number == schema_number;
      const bool is_scalar = form == AnyForm::SchemaOrBool && !is_schema;
      if (wire->type != (is_scalar ? WireType::Varint : WireType::Length)) {
        return wrong(fmt::format("proto: wrong wireType = {}", static_cast<unsigned>(wire->type)));
      }
      TRY(count());
      (is_schema ? schemas : others)
          .push_back({.field = piece.field, .scalar = wire->scalar, .bytes = wire->bytes});
    }
  }
  if (!others.empty() && form != AnyForm::SchemaOrBool) {
    json::Array items;
    for (const Piece& item : others) {
      items.push_back(form == AnyForm::SchemaOrArray ? TRY(read_schema({&item, 1}))
                                                     : json::Value(shown_text(item.bytes)));
    }
    return items;
  }
  if (!schemas.empty()) {
    return read_schema(schemas);
  }
  if (form == AnyForm::SchemaOrBool) {
    return !others.empty() && others.back().scalar != 0;
  }
  return json::Value{};
}

}  // namespace kthena::apiserver
