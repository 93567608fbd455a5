// How many histories a property is tried on, and how one of them is run again.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <string>

namespace kthena::kube::testing {

/// Seeds from `first` to `last`.
struct Seeds {
  std::uint64_t first = 1;
  std::uint64_t last = 0;
};

/// @param plain      how many in a plain build
/// @param sanitized  how many under sanitizers, which are slower
/// The environment may say otherwise: KTHENA_SEED=N is that one alone, KTHENA_SEEDS=N so many.
inline Seeds seeds([[maybe_unused]] std::uint64_t plain, [[maybe_unused]] std::uint64_t sanitized) {
  const auto from_environment = [](const char* name) {
    const char* text = std::getenv(name);
    return text != nullptr ? std::strtoull(text, nullptr, 10) : 0;
  };
  if (const std::uint64_t one = from_environment("KTHENA_SEED"); one > 0) {
    return {.first = one, .last = one};
  }
  if (const std::uint64_t many = from_environment("KTHENA_SEEDS"); many > 0) {
    return {.first = 1, .last = many};
  }
#ifdef KTHENA_SANITIZED
  return {.first = 1, .last = sanitized};
#else
  return {.first = 1, .last = plain};
#endif
}

/// What a failure says.
inline std::string replay(std::uint64_t seed) {
  return "replay with KTHENA_SEED=" + std::to_string(seed);
}

}  // namespace kthena::kube::testing
