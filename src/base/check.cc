#include "base/check.h"

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <string>

namespace kthena {
namespace {

constinit std::atomic<void (*)()> failure_handler = nullptr;

}  // namespace

void set_check_failure_handler(void (*handler)()) noexcept { failure_handler.store(handler); }

}  // namespace kthena

namespace kthena::detail {

void check_failed(const char* file, int line, const char* expression, const std::string& values) {
  std::fprintf(stderr, "%s:%d: CHECK failed: %s%s%s%s\n", file, line, expression,
               values.empty() ? "" : " (", values.c_str(), values.empty() ? "" : ")");
  std::fflush(stderr);
  // Once: a handler that fails itself does not come here again.
  if (auto* const handler = failure_handler.exchange(nullptr)) {
    handler();
  }
  std::abort();
}

}  // namespace kthena::detail
