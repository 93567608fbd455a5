#include "json/read.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "base/result.h"
#include "json/codec.h"
#include "json/fields.h"
#include "json/parse.h"
#include "json/problem.h"
#include "json/tokens.h"
#include "json/type.h"
#include "json/unescape.h"
#include "json/value.h"

namespace kthena::json::detail {
namespace {

std::optional<std::int64_t> to_integer(std::string_view literal) {
  std::int64_t value = 0;
  const char* const end = literal.data() + literal.size();
  const auto read = std::from_chars(literal.data(), end, value);
  if (read.ec != std::errc{} || read.ptr != end) {
    return std::nullopt;
  }
  return value;
}

bool is_old_name(const TypeInfo& type, std::string_view name) {
  return !name.empty() && std::ranges::any_of(type.fields, [name](const FieldInfo& field) {
    return std::ranges::find(field.rules.old_names, name) != field.rules.old_names.end();
  });
}

/// Each function goes past a value, stores it, and says whether it was as expected. What decode()
/// would report, and what only it knows how to read (old names, 1.0 for 1), is not.
class Reader {
 public:
  explicit Reader(std::string_view text) noexcept : text_(text), walker_(text) {}

  bool read_document(const TypeInfo& type, void* out) {
    return read(type, out) && walker_.at_end();
  }

 private:
  bool read(const TypeInfo& type, void* out);
  bool read_bool(void* out);
  bool read_integer(const TypeInfo& type, void* out);
  bool read_number(void* out);
  bool read_string(std::string& out);
  bool read_enum(const TypeInfo& type, void* out);
  bool read_scalar(const TypeInfo& type, void* out);
  bool read_any(void* out);
  bool read_optional(const TypeInfo& type, void* out);
  bool read_list(const TypeInfo& type, void* out);
  bool read_map(const TypeInfo& type, void* out);
  bool read_object(const TypeInfo& type, void* out);
  bool read_other(const TypeInfo& type, std::string_view name);

  /// Goes past a value of whatever kind and gives its text.
  bool take_value(std::string_view& raw) noexcept {
    const std::size_t begin = walker_.offset();
    if (!walker_.skip_value()) {
      return false;
    }
    raw = text_.substr(begin, walker_.end_of_previous() - begin);
    return true;
  }

  std::string_view text_;
  TokenWalker walker_;
  std::string scratch_;  // of enums and scalars
};

bool Reader::read_bool(void* out) {
  if (walker_.value_type() != Type::Bool) {
    return false;
  }
  *static_cast<bool*>(out) = walker_.peek() == 't';
  return walker_.skip_value();
}

bool Reader::read_integer(const TypeInfo& type, void* out) {
  std::string_view raw;
  if (walker_.value_type() != Type::Number || !take_value(raw)) {
    return false;
  }
  const auto integer = to_integer(raw);
  const int bits = 8 * type.size - (type.is_signed ? 1 : 0);
  const std::int64_t highest =
      bits >= 63 ? std::numeric_limits<std::int64_t>::max() : (std::int64_t{1} << bits) - 1;
  const std::int64_t lowest = type.is_signed ? -highest - 1 : 0;
  if (!integer || *integer < lowest || *integer > highest) {
    return false;
  }
  store_integer(type, out, *integer);
  return true;
}

bool Reader::read_number(void* out) {
  std::string_view raw;
  if (walker_.value_type() != Type::Number || !take_value(raw)) {
    return false;
  }
  const auto value = Value::from_number_literal(raw);
  if (!value) {
    return false;
  }
  *static_cast<double*>(out) = value->as_double();
  return true;
}

bool Reader::read_string(std::string& out) {
  TokenWalker::String string;
  if (!walker_.take_string(string)) {
    return false;
  }
  if (string.raw.find('\\') == std::string_view::npos) [[likely]] {
    out.assign(string.raw);
    return true;
  }
  out.clear();
  return !unescape(string.raw, out);
}

bool Reader::read_enum(const TypeInfo& type, void* out) {
  if (!read_string(scratch_)) {
    return false;
  }
  for (const EnumEntry& entry : type.enum_entries) {
    if (entry.text == scratch_) {
      store_integer(type, out, entry.value);
      return true;
    }
  }
  return false;
}

bool Reader::read_scalar(const TypeInfo& type, void* out) {
  if (walker_.peek() == '"') {
    std::string text;
    return read_string(text) && type.scalar.read(Value(std::move(text)), out).has_value();
  }
  std::string_view raw;
  if (!type.scalar_schema->int_or_string || walker_.value_type() != Type::Number ||
      !take_value(raw)) {
    return false;
  }
  const auto integer = to_integer(raw);
  return integer && type.scalar.read(Value(*integer), out).has_value();
}

bool Reader::read_any(void* out) {
  std::string_view raw;
  if (!take_value(raw)) {
    return false;
  }
  auto value = parse(raw);
  if (!value) {
    return false;
  }
  *static_cast<Value*>(out) = *std::move(value);
  return true;
}

bool Reader::read_optional(const TypeInfo& type, void* out) {
  if (walker_.peek() == 'n') {
    type.optional.reset(out);
    return walker_.skip_value();
  }
  return read(type.element(), type.optional.emplace(out));
}

bool Reader::read_list(const TypeInfo& type, void* out) {
  if (walker_.peek() != '[') {
    return false;
  }
  type.list.clear(out);
  const TypeInfo& element = type.element();
  return walker_.for_each_element([&] { return read(element, type.list.append(out)); });
}

bool Reader::read_map(const TypeInfo& type, void* out) {
  if (walker_.peek() != '{') {
    return false;
  }
  type.map.clear(out);
  const TypeInfo& element = type.element();
  std::size_t size = 0;
  std::string unescaped;
  return walker_.for_each_member([&](std::string_view name) {
    if (name.find('\\') != std::string_view::npos) {
      unescaped.clear();
      if (unescape(name, unescaped)) {
        return false;
      }
      name = unescaped;
    }
    void* const place = type.map.insert(out, name);
    return type.map.size(out) == ++size && read(element, place);
  });
}

bool Reader::read_other(const TypeInfo& type, std::string_view name) {
  if (name.find('\\') != std::string_view::npos ||
      (type.has_old_names && is_old_name(type, name))) {
    return false;
  }
  for (const Constant& constant : type.constants) {
    if (constant.name == name) {
      return read_string(scratch_) && scratch_ == constant.text;
    }
  }
  return walker_.skip_value();
}

bool Reader::read_object(const TypeInfo& type, void* out) {
  if (walker_.peek() != '{') {
    return false;
  }
  std::uint64_t named = 0;
  std::uint64_t seen = 0;
  const bool in_order = walker_.for_each_member([&](std::string_view name) {
    const FieldInfo* field = type.find_field(name);
    if (field == nullptr) {
      return read_other(type, name);
    }
    const std::uint64_t bit = std::uint64_t{1} << (field - type.fields.data());
    if ((named & bit) != 0) {
      return false;
    }
    named |= bit;
    if (walker_.peek() == 'n') {  // null is absent
      return walker_.skip_value();
    }
    seen |= bit;
    return read(field->type(), static_cast<std::byte*>(out) + field->offset);
  });
  if (!in_order) {
    return false;
  }
  for (std::uint64_t absent = type.not_just_absent & ~seen; absent != 0; absent &= absent - 1) {
    const FieldInfo& field = type.fields[static_cast<std::size_t>(std::countr_zero(absent))];
    if (!field.default_value) {
      return false;  // it is required
    }
    const TypeInfo& field_type = field.type();
    if (field_type.kind == Kind::Optional) {
      std::vector<Problem> problems;
      decode_into(field_type, *field.default_value, static_cast<std::byte*>(out) + field.offset,
                  DecodeOptions::trusted(), problems);
    }
  }
  return true;
}

bool Reader::read(const TypeInfo& type, void* out) {
  switch (type.kind) {
    case Kind::Bool:
      return read_bool(out);
    case Kind::Integer:
      return read_integer(type, out);
    case Kind::Number:
      return read_number(out);
    case Kind::String:
      return read_string(*static_cast<std::string*>(out));
    case Kind::Enum:
      return read_enum(type, out);
    case Kind::Scalar:
      return read_scalar(type, out);
    case Kind::Any:
      return read_any(out);
    case Kind::Optional:
      return read_optional(type, out);
    case Kind::List:
      return read_list(type, out);
    case Kind::Map:
      return read_map(type, out);
    case Kind::Object:
      return read_object(type, out);
  }
  return false;
}

}  // namespace

bool read_into(const TypeInfo& type, std::string_view text, void* out) {
  return Reader(text).read_document(type, out);
}

Result<> read_slowly(const TypeInfo& type, std::string_view text, void* out) {
  std::vector<Problem> problems;
  decode_into(type, TRY(parse(text)), out, DecodeOptions::trusted(), problems);
  if (has_errors(problems)) {
    return fail(to_error(problems));
  }
  return {};
}

}  // namespace kthena::json::detail
