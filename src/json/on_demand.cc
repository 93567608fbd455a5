#include "json/on_demand.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>

#include "base/check.h"
#include "base/error.h"
#include "base/result.h"
#include "json/tokens.h"
#include "json/unescape.h"
#include "json/value.h"

namespace kthena::json {
namespace {

/// What the text between quotes means: itself, unless it has escapes. Errors: InvalidArgument.
Result<std::string_view> read_text(std::string_view raw, std::string& scratch) {
  if (!raw.contains('\\')) [[likely]] {
    return raw;
  }
  scratch.clear();
  if (const auto fault = unescape(raw, scratch)) {
    return fail(ErrorCode::InvalidArgument, fault->what);
  }
  return scratch;
}

/// What scan_object() was asked for.
struct Wanted {
  std::span<const std::string_view> names;
  std::span<RawField> fields;
  FieldVisitor* visitor;
};

/// Reads the members after the opening brace.
Result<> scan_members(TokenWalker& walker, ObjectScan& scan, const Wanted& wanted) {
  std::string scratch;
  std::size_t comma_before = RawField::kNone;
  while (true) {
    RawField field{.ordinal = scan.members, .comma_before = comma_before};
    field.name_begin = walker.offset();
    std::string_view raw_name;
    if (!walker.take_name(raw_name)) {
      return fail(walker.error());
    }
    const std::string_view name = TRY(read_text(raw_name, scratch));
    const auto index =
        static_cast<std::size_t>(std::ranges::find(wanted.names, name) - wanted.names.begin());
    const bool named = index != wanted.names.size();
    field.begin = walker.offset();
    const auto type = walker.value_type();
    if (!(named && wanted.visitor != nullptr ? wanted.visitor->visit(index, walker)
                                             : walker.skip_value())) {
      return fail(walker.error());
    }
    field.type = *type;
    field.end = walker.end_of_previous();
    ++scan.members;
    const bool more = walker.peek() == ',';
    field.comma_after = more ? walker.offset() : RawField::kNone;
    if (named) {
      field.occurrences = wanted.fields[index].occurrences + 1;
      wanted.fields[index] = field;
    }
    if (!more) {
      return {};
    }
    comma_before = walker.offset();
    walker.advance();
  }
}

Result<ObjectScan> scan_null(TokenWalker& walker) {
  const auto type = walker.value_type();
  if (type && *type != Type::Null) {
    return fail(ErrorCode::InvalidArgument,
                fmt::format("expected a JSON object, found {} {}",
                            *type == Type::Array ? "an" : "a", to_string(*type)));
  }
  if (!walker.skip_value()) {
    return fail(walker.error());
  }
  return ObjectScan{.is_null = true};
}

Result<ObjectScan> scan_braces(TokenWalker& walker, const Wanted& wanted) {
  ObjectScan scan{.open = walker.offset()};
  walker.advance();
  if (walker.peek() != '}') {
    TRY(scan_members(walker, scan, wanted));
  }
  scan.close = walker.offset();
  if (!walker.take('}')) {
    walker.expect("',' or '}'");
    return fail(walker.error());
  }
  return scan;
}

}  // namespace

Result<ObjectScan> scan_object(std::string_view text, std::span<const std::string_view> names,
                               std::span<RawField> fields, FieldVisitor* visitor) {
  CHECK_EQ(names.size(), fields.size());
  std::ranges::fill(fields, RawField{});
  TokenWalker walker(text);
  if (walker.at_end()) {
    return fail(ErrorCode::InvalidArgument, "unexpected EOF, expected a JSON object");
  }
  const Wanted wanted{.names = names, .fields = fields, .visitor = visitor};
  const ObjectScan scan =
      walker.peek() == '{' ? TRY(scan_braces(walker, wanted)) : TRY(scan_null(walker));
  if (!walker.at_end()) {
    return fail(ErrorCode::InvalidArgument, "invalid request body");
  }
  return scan;
}

std::optional<RawField> find_field(std::string_view text, std::string_view name) {
  RawField field;
  const auto scan = scan_object(text, std::span(&name, 1), std::span(&field, 1));
  return scan && field.present() ? std::optional(field) : std::nullopt;
}

Result<std::string_view> read_string(std::string_view raw, std::string& scratch) {
  if (raw.size() < 2 || raw.front() != '"' || raw.back() != '"') {
    return fail(ErrorCode::InvalidArgument, "expected a string");
  }
  return read_text(raw.substr(1, raw.size() - 2), scratch);
}

std::optional<std::int64_t> read_int64(std::string_view raw) noexcept {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(raw.data(), raw.data() + raw.size(), value);
  if (error != std::errc{} || end != raw.data() + raw.size()) {
    return std::nullopt;
  }
  return value;
}

}  // namespace kthena::json
