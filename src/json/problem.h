// What is wrong with one field of a document, in the words Kubernetes uses, and where the field is.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace kthena::json {

/// An error refuses the document; a warning is shown and the document is taken.
enum class Severity : std::uint8_t { Error, Warning };

/// How the text of an unknown field begins; which name was meant may follow.
inline constexpr std::string_view kUnknownField = "unknown field";

/// One finding. Made by the functions below, which know the texts.
struct Problem {
  /// The sort of finding; each has its own beginning of the text.
  enum class Kind : std::uint8_t {
    Required,
    Invalid,
    WrongType,  ///< reads like Invalid, but nothing could be stored
    NotSupported,
    Duplicate,
    TooLong,
    TooMany,
    Forbidden,
    UnknownField,
    Deprecated,
    NotFound,  ///< another object that is spoken of
  };

  Kind kind = Kind::Invalid;
  Severity severity = Severity::Error;
  std::string path;     ///< "spec.rules[0].targetModels[1].weight"; empty is the document itself
  std::string message;  ///< "Invalid value: 200: must be at most 100"

  /// `path: message`; an unknown field reads as kubectl says it: `unknown field "spec.modle"`.
  std::string to_string() const;

  friend bool operator==(const Problem&, const Problem&) = default;
};

/// The place of a field, built step by step where a check is written by hand.
class FieldPath {
 public:
  explicit FieldPath(std::string text = {}) : text_(std::move(text)) {}

  FieldPath child(std::string_view name) const;  ///< spec → spec.rules
  FieldPath index(std::size_t position) const;   ///< spec.rules → spec.rules[0]
  FieldPath key(std::string_view key) const;     ///< headers → headers[x-team]
  const std::string& text() const noexcept { return text_; }

 private:
  std::string text_;
};

// The texts of Kubernetes field errors. Source: apimachinery, package field, ErrorList of v1.34.

Problem required_value(const FieldPath& path, std::string_view detail);
/// @param shown  the value as it is to appear: quoted(text), a number, or JSON
Problem invalid_value(const FieldPath& path, std::string_view shown, std::string_view detail);
Problem unsupported_value(const FieldPath& path, std::string_view shown,
                          std::span<const std::string_view> supported);
Problem forbidden(const FieldPath& path, std::string_view detail);
Problem duplicate_value(const FieldPath& path, std::string_view shown);
/// The same finding, but one that refuses nothing.
Problem as_warning(Problem problem);

/// A text in double quotes, escaped as Go's %q does.
std::string quoted(std::string_view text);

/// True if one of them is an error.
bool has_errors(std::span<const Problem> problems);

}  // namespace kthena::json
