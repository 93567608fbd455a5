// Internal to the codec: where a walk is, what it found, and the checks of single values.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "json/problem.h"
#include "json/type.h"

namespace kthena::json::detail {

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
    if (problems_.size() >= limit_) {
      return;
    }
    std::string path = path_text(at);
    std::string text = message(path.empty() ? std::string("document") : path);
    problems_.push_back(
        {.kind = kind, .severity = severity, .path = std::move(path), .message = std::move(text)});
  }
  std::size_t errors() const noexcept { return errors_; }

 private:
  std::vector<Problem>& problems_;
  std::size_t limit_;
  std::size_t errors_ = 0;
};

/// A value as messages show it: JSON, cut when long.
std::string shown(const Value& value);

/// The bounds, lengths, pattern and list keys of one field.
void check_field(const FieldInfo& field, const Value& value, const Step* at, Findings& findings);

/// The rules of an object as a whole.
void check_rules(const TypeInfo& type, const void* object, const Step* at, Findings& findings);

}  // namespace kthena::json::detail
