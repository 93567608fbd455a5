// What a walk over a value found, and where: for the codec, and for whoever checks values that the
// codec only passes on.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "json/problem.h"
#include "json/value.h"

namespace kthena::json {

/// One step of the path to a value; a chain of them on the stack is turned into text only for a
/// finding.
struct Step {
  enum class Kind : std::uint8_t { Field, Index, Key };
  const Step* parent = nullptr;
  Kind kind = Kind::Field;
  std::string_view name = {};  ///< Field and Key
  std::size_t index = 0;       ///< Index
};
std::string path_text(const Step* at);

/// Collects problems up to a limit; counts the errors beyond it too.
class Findings {
 public:
  Findings(std::vector<Problem>& problems, std::size_t limit)
      : problems_(problems), limit_(limit) {}

  /// @param message  makes the text from the path; not called beyond the limit
  template <class Message>
  void add(Problem::Kind kind, const Step* at, const Message& message,
           Severity severity = Severity::Error) {
    errors_ += severity == Severity::Error ? 1 : 0;
    if (full()) {
      return;
    }
    std::string path = path_text(at);
    std::string text = message(path.empty() ? std::string("document") : path);
    problems_.push_back(
        {.kind = kind, .severity = severity, .path = std::move(path), .message = std::move(text)});
  }
  std::size_t errors() const noexcept { return errors_; }
  /// Whether further ones are only counted.
  bool full() const noexcept { return problems_.size() >= limit_; }

 private:
  std::vector<Problem>& problems_;
  std::size_t limit_;
  std::size_t errors_ = 0;
};

/// A value as messages show it: JSON, cut when long.
std::string shown(const Value& value);

/// What a schema calls the value's type: "integer" and "number" are told apart.
std::string_view schema_type(const Value& value);

/// An integer, also when it is written as 10.0, which the API server takes for one.
std::optional<std::int64_t> integer_of(const Value& value);

/// Adds that the value should have been of another type, "integer" for example.
void add_wrong_type(Findings& findings, std::string_view wanted, const Value& value,
                    const Step* at);

/// Adds that a number is not of the integer type with these bounds: it is too large, or it has a
/// fraction.
void add_not_in_range(Findings& findings, const Value& value, std::int64_t lowest,
                      std::int64_t highest, const Step* at);

/// Adds that a field is not known, and which of the known names was probably meant.
void add_unknown_field(Findings& findings, const Step* at, Severity severity,
                       std::span<const std::string_view> known);

}  // namespace kthena::json
