// Typed fields of a request body, with the words in which pydantic complains about them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "json/value.h"

namespace kthena::sim {

struct VllmError;

/// One complaint about a body, as it is printed into an error message.
struct ValidationError {
  std::string type;   ///< "int_parsing"
  std::string place;  ///< "body.max_tokens"
  std::string message;
  std::string input;    ///< describe_input()
  std::string context;  ///< more text behind the input, or empty
};

/// "1 validation error:\n  {'type': …}".
std::string validation_message(const std::vector<ValidationError>& errors);

/// What a message shows of a value: scalars as they are, containers by their size.
std::string describe_input(const json::Value& value);

/// Reads fields of a body. An absent field and null are the same; a wrong type is remembered, and
/// the field reads as absent. Conversions as pydantic's lax mode does them.
class VllmFields {
 public:
  explicit VllmFields(const json::Object& body) : body_(body) {}

  std::optional<std::int64_t> integer(std::string_view name);
  std::optional<double> number(std::string_view name);
  std::optional<std::string> text(std::string_view name);
  bool boolean(std::string_view name);  ///< false if absent
  /// Null if it is missing or of another type, which is an error.
  const json::Array* required_array(std::string_view name);

  /// The refusal of a body with wrong fields; nullopt if all that was read is right.
  std::optional<VllmError> error() const;

 private:
  const json::Value* find(std::string_view name) const;
  void complain(std::string_view type, std::string_view name, std::string_view message,
                const json::Value& input);

  const json::Object& body_;
  std::vector<ValidationError> errors_;
};

}  // namespace kthena::sim
