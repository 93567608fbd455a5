// Where a command reads and writes.
#pragma once

#include <iosfwd>

namespace kthena::cli {

struct Streams {
  std::istream& in;
  std::ostream& out;
  std::ostream& err;
};

// Exit statuses, the same for all commands.
inline constexpr int kGood = 0;
inline constexpr int kFindings = 1;  ///< it ran, and what it says is no
inline constexpr int kMisuse = 2;    ///< it did not run, or not on all it was given

}  // namespace kthena::cli
