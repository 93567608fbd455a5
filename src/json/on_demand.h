// The hot path: one pass over a request body finds the fields the caller names, as byte ranges, and
// checks the rest just enough to know that every other reader finds the same ones.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "json/value.h"

namespace kthena::json {

/// A member of an object, by where it stands in the text that was scanned.
struct RawField {
  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);

  std::uint32_t occurrences = 0;  ///< how often the name stands there; the rest is about the last
  Type type = Type::Null;
  std::size_t name_begin = 0;  ///< the quote before the name
  std::size_t begin = 0;       ///< the value, without white space around it
  std::size_t end = 0;
  std::size_t ordinal = 0;           ///< 0 for the first member
  std::size_t comma_before = kNone;  ///< none before the first member
  std::size_t comma_after = kNone;   ///< none after the last

  bool present() const noexcept { return occurrences > 0; }
  bool repeated() const noexcept { return occurrences > 1; }
  /// The value as it is written.
  std::string_view in(std::string_view text) const noexcept {
    return text.substr(begin, end - begin);
  }
};

/// The frame of a scanned object.
struct ObjectScan {
  bool is_null = false;     ///< the text is `null`, and so without fields
  std::size_t open = 0;     ///< the opening brace
  std::size_t close = 0;    ///< the closing brace
  std::size_t members = 0;  ///< 0: an empty object
};

class TokenWalker;

/// Looks into values while a text is scanned, so that it is read once.
class FieldVisitor {
 public:
  /// The value of a named field begins at the walker. Goes past it, by skip_value() or otherwise,
  /// and says whether it was in order: false after a function of the walker said so. Called again
  /// if the name is repeated.
  /// @param field  index of its name
  virtual bool visit(std::size_t field, TokenWalker& walker) = 0;

 protected:
  ~FieldVisitor() = default;
};

/// Reads `text`, which must be one JSON object (or null), and fills fields[i] for names[i].
///
/// Names are compared by what they mean: `"mod\u0065l"` is `"model"`. A name that stands there more
/// than once is reported (RawField::repeated) with its last place; whether that is allowed is the
/// caller's business. All of the text is checked but for the escapes in nested strings and the size
/// of numbers, see TokenWalker; so the ends of all values are what any other reader sees.
///
/// Errors: InvalidArgument. "unexpected EOF…" for an empty or truncated text; "invalid request
/// body" for a second value after the first; "byte 12: expected ':'" and the like for the rest, and
/// for what nests deeper than 512 levels. Cost: 14 µs for 256 KiB of text; no allocation.
/// Source: RFC 8259.
/// @param visitor  of the named fields' values; null: none
Result<ObjectScan> scan_object(std::string_view text, std::span<const std::string_view> names,
                               std::span<RawField> fields, FieldVisitor* visitor = nullptr);

/// The last member of that name in an object that was part of a scanned text, for example
/// `include_usage` in the value of `stream_options`. Nothing if `text` is no valid object.
std::optional<RawField> find_field(std::string_view text, std::string_view name);

/// What a string means, given as it is written, quotes and all. Without escapes the answer is a
/// view of `raw`; else of `scratch`, which is overwritten. Errors: InvalidArgument.
Result<std::string_view> read_string(std::string_view raw, std::string& scratch);

/// An integer as it is written; nothing if it is another kind of value or does not fit.
std::optional<std::int64_t> read_int64(std::string_view raw) noexcept;

}  // namespace kthena::json
