#include "bench/loadgen/watch.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <memory>

namespace kthena::bench {

Result<Watch> Watch::create(const std::vector<std::string>& pids) {
  Watch watch;
  for (const std::string& text : pids) {
    const auto pid = static_cast<pid_t>(std::strtol(text.c_str(), nullptr, 10));
    clockid_t clock = 0;
    if (pid <= 0 || ::clock_getcpuclockid(pid, &clock) != 0) {
      return fail(ErrorCode::InvalidArgument, fmt::format("--watch: no process '{}'", text));
    }
    watch.pids_.push_back(pid);
    watch.clocks_.push_back(clock);
  }
  return watch;
}

Nanos Watch::processor_time() const {
  Nanos sum = 0;
  for (const clockid_t clock : clocks_) {
    timespec t{};
    if (::clock_gettime(clock, &t) == 0) {
      sum += (t.tv_sec * kSecond) + t.tv_nsec;
    }
  }
  return sum;
}

std::uint64_t Watch::resident_kib() const {
  std::uint64_t pages = 0;
  for (const pid_t pid : pids_) {
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(
        std::fopen(fmt::format("/proc/{}/statm", pid).c_str(), "r"), &std::fclose);
    unsigned long long size = 0;
    unsigned long long resident = 0;
    if (file && std::fscanf(file.get(), "%llu %llu", &size, &resident) == 2) {
      pages += resident;
    }
  }
  return pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE)) / 1024;
}

}  // namespace kthena::bench
