// CHECK: a broken invariant is a crash. Never for what came from outside.
#pragma once

#include <sstream>
#include <string>

namespace kthena::detail {

[[noreturn]] void check_failed(const char* file, int line, const char* expression,
                               const std::string& values);

template <class A, class B>
std::string describe_operands(const A& a, const B& b) {
  std::ostringstream out;
  out << a << " vs " << b;
  return out.str();
}

}  // namespace kthena::detail

namespace kthena {

/// Sets what is called, once, after a CHECK has failed and been printed, and before the abort: to
/// bring out what the log still holds. It must end soon.
void set_check_failure_handler(void (*handler)()) noexcept;

}  // namespace kthena

/// Aborts with the file, the line and the expression when `condition` is false.
#define CHECK(condition)                                                  \
  do {                                                                    \
    if (!(condition)) [[unlikely]] {                                      \
      ::kthena::detail::check_failed(__FILE__, __LINE__, #condition, {}); \
    }                                                                     \
  } while (false)

// The operands are arguments of a call, so that temporaries in them live until it is over.
#define KTHENA_CHECK_OP(a, op, b)                                                              \
  do {                                                                                         \
    [](const auto& check_a, const auto& check_b) {                                             \
      if (!(check_a op check_b)) [[unlikely]] {                                                \
        ::kthena::detail::check_failed(__FILE__, __LINE__, #a " " #op " " #b,                  \
                                       ::kthena::detail::describe_operands(check_a, check_b)); \
      }                                                                                        \
    }((a), (b));                                                                               \
  } while (false)

/// The same for comparisons, and prints both sides.
#define CHECK_EQ(a, b) KTHENA_CHECK_OP(a, ==, b)
#define CHECK_NE(a, b) KTHENA_CHECK_OP(a, !=, b)
#define CHECK_LE(a, b) KTHENA_CHECK_OP(a, <=, b)
#define CHECK_LT(a, b) KTHENA_CHECK_OP(a, <, b)
#define CHECK_GE(a, b) KTHENA_CHECK_OP(a, >=, b)
#define CHECK_GT(a, b) KTHENA_CHECK_OP(a, >, b)
