#include "telemetry/process_metrics.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/types.h>
#include <unistd.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "base/error.h"
#include "base/result.h"
#include "base/strings.h"
#include "telemetry/metrics.h"

namespace kthena::telemetry {
namespace {

constexpr std::size_t kMostBytes = std::size_t{4} << 20;  // /proc/stat has a line a processor

/// The whole of a small file; empty if it cannot be read.
std::string read_file(const char* path) {
  std::string text;
  const int descriptor = ::open(path, O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) {
    return text;
  }
  std::array<char, 4096> piece{};
  ssize_t got = 0;
  while (text.size() < kMostBytes && (got = ::read(descriptor, piece.data(), piece.size())) > 0) {
    text.append(piece.data(), static_cast<std::size_t>(got));
  }
  ::close(descriptor);
  return text;
}

double count_open_descriptors() {
  std::error_code error;
  double count = 0;
  for (std::filesystem::directory_iterator entry("/proc/self/fd", error), end;
       !error && entry != end; entry.increment(error)) {
    ++count;
  }
  return count - 1;  // the one that reads the directory
}

/// When the machine started, in seconds since 1970; 0 if unknown.
double machine_start_seconds() {
  double seconds = 0;
  for_each_part(read_file("/proc/stat"), '\n', [&](std::string_view line) {
    if (line.starts_with("btime ")) {
      seconds = parse_double(trim(line.substr(6))).value_or(0);
    }
  });
  return seconds;
}

/// No limit is shown as the largest number, as the Go client does.
double limit_of(decltype(RLIMIT_NOFILE) resource) {
  rlimit limit{};
  if (::getrlimit(resource, &limit) != 0) {
    return 0;
  }
  return static_cast<double>(limit.rlim_cur);
}

void show_limits(Scrape& scrape) {
  scrape.gauge("process_open_fds", "Number of open file descriptors.", count_open_descriptors());
  scrape.gauge("process_max_fds", "Maximum number of open file descriptors.",
               limit_of(RLIMIT_NOFILE));
  scrape.gauge("process_virtual_memory_max_bytes",
               "Maximum amount of virtual memory available in bytes.", limit_of(RLIMIT_AS));
}

void show_stat(Scrape& scrape, const ProcessStat& stat, double machine_start) {
  const auto ticks = static_cast<double>(::sysconf(_SC_CLK_TCK));
  const auto page = static_cast<double>(::sysconf(_SC_PAGESIZE));
  scrape.counter("process_cpu_seconds_total", "Total user and system CPU time spent in seconds.",
                 static_cast<double>(stat.user_ticks + stat.system_ticks) / ticks);
  scrape.gauge("process_virtual_memory_bytes", "Virtual memory size in bytes.",
               static_cast<double>(stat.virtual_bytes));
  scrape.gauge("process_resident_memory_bytes", "Resident memory size in bytes.",
               static_cast<double>(stat.resident_pages) * page);
  if (machine_start > 0) {
    scrape.gauge("process_start_time_seconds",
                 "Start time of the process since unix epoch in seconds.",
                 machine_start + static_cast<double>(stat.start_ticks) / ticks);
  }
}

}  // namespace

Result<ProcessStat> parse_process_stat(std::string_view text) {
  // The second field is the program's name in parentheses, with any character in it.
  const std::size_t name_end = text.rfind(')');
  if (name_end == std::string_view::npos) {
    return fail(ErrorCode::Malformed, "process stat: no program name");
  }
  const std::vector<std::string_view> fields = split(trim(text.substr(name_end + 1)), ' ');
  constexpr std::size_t kFirst = 3;  // the number, in the manual, of the first field after it
  const auto field = [&](std::size_t number) -> Result<std::uint64_t> {
    if (number - kFirst >= fields.size()) {
      return fail(ErrorCode::Malformed, "process stat: too few fields");
    }
    return with_context(parse_int<std::uint64_t>(fields[number - kFirst]), "process stat");
  };
  ProcessStat stat;
  stat.user_ticks = TRY(field(14));
  stat.system_ticks = TRY(field(15));
  stat.start_ticks = TRY(field(22));
  stat.virtual_bytes = TRY(field(23));
  stat.resident_pages = TRY(field(24));
  return stat;
}

void add_process_metrics(Registry& registry) {
  registry
      .add_collector([machine_start = machine_start_seconds()](Scrape& scrape) {
        show_limits(scrape);
        if (const auto stat = parse_process_stat(read_file("/proc/self/stat"))) {
          show_stat(scrape, *stat, machine_start);
        }
      })
      .keep();
}

}  // namespace kthena::telemetry
