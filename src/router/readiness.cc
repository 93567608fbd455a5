#include "router/readiness.h"

#include <cstddef>

#include "base/check.h"

namespace kthena::router {

std::string Readiness::awaited() const {
  const std::uint32_t awaited = awaited_.load();
  std::string text;
  for (std::size_t i = 0; i < kKinds.size(); ++i) {
    if ((awaited >> i & 1U) != 0) {
      text.append(text.empty() ? "" : ", ").append(kKinds[i]);
    }
  }
  return text;
}

std::uint32_t Readiness::bit_of(std::string_view kind) noexcept {
  std::size_t place = 0;
  while (place < kKinds.size() && kKinds[place] != kind) {
    ++place;
  }
  CHECK(place < kKinds.size());
  return 1U << place;
}

}  // namespace kthena::router
