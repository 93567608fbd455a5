// The standard process_* metrics: processor time, memory, descriptors.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/result.h"
#include "telemetry/metrics.h"

namespace kthena::telemetry {

/// What /proc/self/stat says that we show.
struct ProcessStat {
  std::uint64_t user_ticks = 0;
  std::uint64_t system_ticks = 0;
  std::uint64_t start_ticks = 0;  ///< after the machine's start
  std::uint64_t virtual_bytes = 0;
  std::uint64_t resident_pages = 0;
};

/// Reads the text of /proc/PID/stat, whose program name may hold anything.
/// Errors: Malformed. Source: proc_pid_stat(5).
Result<ProcessStat> parse_process_stat(std::string_view text);

/// Adds process_cpu_seconds_total, process_open_fds, process_max_fds, process_virtual_memory_bytes,
/// process_virtual_memory_max_bytes, process_resident_memory_bytes, process_start_time_seconds;
/// names and help texts are those of the Go client. What cannot be read is left out.
void add_process_metrics(Registry& registry);

}  // namespace kthena::telemetry
