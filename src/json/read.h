// Typed structs straight from JSON text, without a Value in between: for objects that an API server
// has admitted, by the ten thousands.
#pragma once

#include <string_view>

#include "base/result.h"
#include "json/codec.h"
#include "json/type.h"

namespace kthena::json {

namespace detail {
/// Reads what is as expected in one walk. False at the first thing that is not; `out` is spoilt
/// then.
bool read_into(const TypeInfo& type, std::string_view text, void* out);
/// Through a Value, for the right words about what is wrong.
Result<> read_slowly(const TypeInfo& type, std::string_view text, void* out);
}  // namespace detail

/// Reads a T out of a JSON text. Fields that T does not have are walked over and cost no memory.
/// The answer is that of decode<T>(parse(text), DecodeOptions::trusted()), which is where whatever
/// is not as expected is sent; but what is walked over is only checked as TokenWalker does, and may
/// hold a name twice.
/// Errors: InvalidArgument that lists all errors, TooLarge (see ParseOptions).
/// Cost: some 1 ns a byte of text, and the allocations of T.
template <class T>
Result<T> read_object(std::string_view text) {
  T value{};
  if (!detail::read_into(type_of<T>(), text, &value)) [[unlikely]] {
    T again{};
    TRY(detail::read_slowly(type_of<T>(), text, &again));
    return again;
  }
  return value;
}

}  // namespace kthena::json
