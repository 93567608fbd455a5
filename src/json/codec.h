// Typed structs to and from JSON values, by their field lists (json/fields.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "json/findings.h"
#include "json/problem.h"
#include "json/type.h"
#include "json/value.h"

namespace kthena::json {

enum class UnknownFields : std::uint8_t { Ignore, Warn, Refuse };

struct DecodeOptions;

/// Holds a value against a type that is not modelled here but named by a field's `shape(…)`. Adds
/// what is wrong to the findings, unknown fields as the options say; names that it does not know
/// are none of its business. kube/shapes/check.h has one for the built-in types of Kubernetes.
using ShapeCheck = void (*)(std::string_view shape, const Value& value, const Step* at,
                            const DecodeOptions& options, Findings& findings);

struct DecodeOptions {
  UnknownFields unknown = UnknownFields::Warn;
  /// Also holds the values against their bounds, patterns, list keys and rules, as the API server
  /// does at admission. Off for objects that a server has already admitted: they are taken as they
  /// are, and an unreadable duration is but a warning.
  bool checks = true;
  /// Absent optional fields get their default.
  bool defaults = true;
  /// None: values of a named shape are taken as they are. Used if `checks` is on.
  ShapeCheck shapes = nullptr;
  std::size_t max_problems = 64;  ///< further ones are not collected

  /// For objects that come from an API server.
  static constexpr DecodeOptions trusted() {
    return {.unknown = UnknownFields::Ignore, .checks = false};
  }
};

/// How bad an unknown field is.
constexpr Severity severity_of_unknown(const DecodeOptions& options) {
  return options.unknown == UnknownFields::Refuse ? Severity::Error : Severity::Warning;
}

/// A value and what was wrong on the way. The value is always usable; what could not be read is as
/// if absent.
template <class T>
struct Decoded {
  T value{};
  std::vector<Problem> problems;  ///< in document order; of an object first its fields, then what
                                  ///< is missing, then its rules

  bool ok() const { return !has_errors(problems); }
};

namespace detail {
void decode_into(const TypeInfo& type, const Value& value, void* out, const DecodeOptions& options,
                 std::vector<Problem>& problems);
Value encode_from(const TypeInfo& type, const void* self);
void default_into(const TypeInfo& type, void* self);
void check_change(const TypeInfo& type, const void* before, const void* after,
                  std::vector<Problem>& problems);
Error to_error(const std::vector<Problem>& problems);
}  // namespace detail

/// Reads a T out of a JSON value.
/// Cost: one walk over the value; O(log fields) a field.
template <class T>
Decoded<T> decode(const Value& value, const DecodeOptions& options = {}) {
  Decoded<T> result;
  detail::decode_into(type_of<T>(), value, &result.value, options, result.problems);
  return result;
}

/// The same where one message is enough. Errors: InvalidArgument that lists all errors; warnings
/// are dropped.
template <class T>
Result<T> decode_or_error(const Value& value, const DecodeOptions& options = {}) {
  Decoded<T> result = decode<T>(value, options);
  if (!result.ok()) {
    return fail(detail::to_error(result.problems));
  }
  return std::move(result.value);
}

/// The JSON form: fields in the order of the list, without the absent ones.
/// decode<T>(encode(x)).value == x for every x whose required fields are set.
template <class T>
Value encode(const T& object) {
  return detail::encode_from(type_of<T>(), &object);
}

/// Holds an object built in code against the bounds, patterns and rules of its field list.
template <class T>
std::vector<Problem> check(const T& object) {
  return decode<T>(encode(object), {.defaults = false}).problems;
}

/// Gives absent optional fields their defaults, at every depth.
template <class T>
void apply_defaults(T& object) {
  detail::default_into(type_of<T>(), &object);
}

/// What an update changes against the will of an immutable field.
template <class T>
std::vector<Problem> check_update(const T& before, const T& after) {
  std::vector<Problem> problems;
  detail::check_change(type_of<T>(), &before, &after, problems);
  return problems;
}

}  // namespace kthena::json
