// Which versions were promised to nobody yet.
#pragma once

#include <algorithm>
#include <vector>

#include "apiserver/storage/journal.h"
#include "apiserver/storage/object.h"

namespace kthena::apiserver {

/// Versions must not come back with another meaning after a power cut has taken the last writes. So
/// a journal notes, in a commit that survives one, up to where versions may be given out, and
/// begins above that when it is opened again.
struct Reservation {
  Version end = 0;  ///< no version above this was ever given out, nor shown
  std::vector<Gap> gaps;

  /// Whether a commit up to `version` must renew it, and so must survive a power cut.
  bool is_exceeded_by(Version version) const noexcept { return version > end; }
  /// Renews it for `block` versions after `version`.
  void renew(Version version, Version block) noexcept { end = version + block; }

  /// After opening, with `last` the last version that is there: the version from which to go on. It
  /// is above all that may have been given out, because what it stood for before may be lost.
  Version begin_after(Version last) {
    if (end <= last) {
      end = last;
    } else if (gaps.empty() || gaps.back() != Gap{.last = last, .next = end}) {
      ++end;
      gaps.push_back({.last = last, .next = end});
    }
    return end;
  }

  /// Gaps before `trimmed` are of no interest: nothing before it is known at all.
  void forget_before(Version trimmed) {
    std::erase_if(gaps, [&](const Gap& gap) { return gap.next <= trimmed; });
  }

  friend bool operator==(const Reservation&, const Reservation&) = default;
};

}  // namespace kthena::apiserver
