#include "base/spelling.h"

#include <algorithm>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/strings.h"

namespace kthena {

std::size_t edit_distance(std::string_view a, std::string_view b) {
  // Row i holds the distances between the first i bytes of `a` and each beginning of `b`.
  std::vector<std::size_t> before(b.size() + 1);
  std::vector<std::size_t> last(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) {
    row[j] = j;
  }
  for (std::size_t i = 1; i <= a.size(); ++i) {
    before.swap(last);
    last.swap(row);
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t change = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({change, last[j] + 1, row[j - 1] + 1});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        row[j] = std::min(row[j], before[j - 2] + 1);
      }
    }
  }
  return row[b.size()];
}

std::string_view nearest_word(std::string_view word, std::span<const std::string_view> known) {
  constexpr std::size_t kMaxLength = 64;
  if (word.empty() || word.size() > kMaxLength) {
    return {};
  }
  std::string_view best;
  std::size_t best_distance = word.size() <= 3 ? 2 : std::max<std::size_t>(word.size() / 3, 2) + 1;
  const std::string wanted = to_lower(word);
  for (const std::string_view candidate : known) {
    if (candidate.size() >= word.size() + best_distance) {
      continue;
    }
    const std::size_t distance = edit_distance(wanted, to_lower(candidate));
    if (distance < best_distance) {
      best_distance = distance;
      best = candidate;
    }
  }
  return best;
}

}  // namespace kthena
