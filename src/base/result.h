// Result<T> and the two macros that pass an error on: TRY in functions, CO_TRY in coroutines.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "base/error.h"

namespace kthena {

/// A value, or the reason why there is none.
template <class T = void>
using Result = std::expected<T, Error>;

/// An error to return: `return fail(ErrorCode::NotFound, "no such pod");`
[[nodiscard]] inline std::unexpected<Error> fail(ErrorCode code, std::string message) {
  return std::unexpected<Error>(std::in_place, code, std::move(message));
}

/// Passes an error on as it is: `return fail(std::move(result).error());`
[[nodiscard]] inline std::unexpected<Error> fail(Error error) {
  return std::unexpected<Error>(std::move(error));
}

/// Adds what was being done to the error of `result`, and leaves a value alone.
template <class T>
Result<T> with_context(Result<T> result, std::string_view context) {
  if (!result) {
    return fail(std::move(result).error().with_context(context));
  }
  return result;
}

namespace detail {
template <class T, class E>
constexpr T take(std::expected<T, E>&& result) {
  if constexpr (!std::is_void_v<T>) {
    return *std::move(result);
  }
}
template <class T, class E>
constexpr T take(std::expected<T, E>& result) {
  return take(std::move(result));
}
}  // namespace detail

}  // namespace kthena

#define KTHENA_CONCAT_(a, b) a##b
#define KTHENA_CONCAT(a, b) KTHENA_CONCAT_(a, b)
#define KTHENA_TRY_(name, leave, ...)                     \
  ({                                                      \
    auto&& name = (__VA_ARGS__);                          \
    if (!name) [[unlikely]] {                             \
      leave ::std::unexpected(::std::move(name).error()); \
    }                                                     \
    ::kthena::detail::take(name);                         \
  })

/// The value of a Result (or of any std::expected), or a return of its error: `const auto port =
/// TRY(parse_port(text));`
#define TRY(...) KTHENA_TRY_(KTHENA_CONCAT(try_result_, __COUNTER__), return, __VA_ARGS__)

/// The same inside a coroutine: `auto head = CO_TRY(co_await read_head(stream));`
#define CO_TRY(...) KTHENA_TRY_(KTHENA_CONCAT(try_result_, __COUNTER__), co_return, __VA_ARGS__)
