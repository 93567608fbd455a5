// The processor time and memory of the processes under test.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <vector>

#include "base/result.h"
#include "bench/common/clock.h"

namespace kthena::bench {

/// Looks at other processes from outside. Without any, all figures are 0.
class Watch {
 public:
  static Result<Watch> create(const std::vector<std::string>& pids);

  /// Scheduler run time of all threads, those that have ended included, in nanoseconds.
  Nanos processor_time() const;
  /// Resident memory in KiB.
  std::uint64_t resident_kib() const;

 private:
  std::vector<pid_t> pids_;
  std::vector<clockid_t> clocks_;
};

}  // namespace kthena::bench
