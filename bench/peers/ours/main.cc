// bench-informer: our informer of pods, measured as bench/peers/informer measures client-go's; run
// by bench/peers/run.py, which says what the figures are.
#include <fmt/format.h>
#include <malloc.h>
#include <sys/resource.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <string>

#include "app/flags.h"
#include "async/channel.h"
#include "async/epoll_loop.h"
#include "async/scope.h"
#include "kube/cache/informer.h"
#include "kube/client/client.h"
#include "kube/types/pod.h"
#include "net/dns.h"
#include "net/tcp.h"

extern "C" int mallctl(const char*, void*, std::size_t*, void*, std::size_t) __attribute__((weak));

namespace kthena {
namespace {

struct Options {
  std::string server;
  std::uint64_t objects = 10'000;
  std::uint64_t watch_events = 0;
  bool json = false;
};

[[noreturn]] void die(std::string_view message) {
  fmt::print(stderr, "bench-informer: {}\n", message);
  std::exit(1);
}

double cpu_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

/// A field in kB of /proc/self/status.
std::int64_t status_bytes(std::string_view field) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(field)) {
      return std::atoll(line.c_str() + field.size() + 1) * 1024;
    }
  }
  die("a field is missing in /proc/self/status");
}

/// Gives back all that can be given back; what stays resident.
std::int64_t collected() {
  if (mallctl != nullptr) {
    mallctl("arena.4096.purge", nullptr, nullptr, nullptr, 0);  // MALLCTL_ARENAS_ALL
  } else {
    ::malloc_trim(0);
  }
  return status_bytes("VmRSS");
}

struct Report {
  std::size_t objects = 0;
  double list_seconds = 0;
  double list_cpu = 0;
  std::int64_t base = 0;
  std::int64_t steady = 0;
  std::int64_t peak = 0;
  std::uint64_t events = 0;
  double watch_seconds = 0;
  double watch_cpu = 0;
};

/// The time and the processor's time since it was made.
class Stopwatch {
 public:
  double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - began_).count();
  }
  double cpu() const { return cpu_seconds() - cpu_; }

 private:
  std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
  double cpu_ = cpu_seconds();
};

async::Task<Report> measure(kube::Client& client, const Options& options) {
  std::uint64_t changes = 0;
  std::uint64_t enough = UINT64_MAX;
  async::Event done;
  Report report{.base = collected()};
  std::ofstream("/proc/self/clear_refs") << "5";  // forget the highest resident size so far
  kube::Informer<kube::Pod> pods(client);
  const auto subscription = pods.subscribe({.updated = [&](const auto&, const auto&) {
    if (++changes == enough) {
      done.set();
    }
  }});
  async::TaskScope tasks(client.loop());

  const Stopwatch list;
  tasks.spawn(pods.run());
  if (!co_await pods.wait_synced()) {
    die("not synced");
  }
  report.list_seconds = list.seconds();
  report.list_cpu = list.cpu();
  report.peak = status_bytes("VmHWM:") - report.base;
  report.objects = pods.store().size();
  if (report.objects != options.objects) {
    die(fmt::format("{} objects in the store, not {}", report.objects, options.objects));
  }

  if (options.watch_events > 0) {
    const Stopwatch watch;
    const std::uint64_t first = changes;
    enough = first + options.watch_events;
    if (!co_await done.wait()) {
      die("the watch ended");
    }
    report.events = changes - first;
    report.watch_seconds = watch.seconds();
    report.watch_cpu = watch.cpu();
  }
  report.steady = collected() - report.base;
  co_await tasks.stop();
  co_return report;
}

void print(const Report& report, const Options& options) {
  if (options.json) {
    fmt::print(
        R"({{"client":"ours","objects":{},"list_seconds":{},"list_cpu_seconds":{},"base_bytes":{},)"
        R"("steady_bytes":{},"peak_bytes":{},"watch_events":{},"watch_seconds":{},)"
        R"("watch_cpu_seconds":{}}})"
        "\n",
        report.objects, report.list_seconds, report.list_cpu, report.base, report.steady,
        report.peak, report.events, report.watch_seconds, report.watch_cpu);
    return;
  }
  fmt::print(
      "{} pods: {:.3f} s processor, {:.1f} MB steady, {:.1f} MB peak; {} events: {:.3f} s "
      "processor "
      "in {:.1f} s\n",
      report.objects, report.list_cpu, static_cast<double>(report.steady) / 1e6,
      static_cast<double>(report.peak) / 1e6, report.events, report.watch_cpu,
      report.watch_seconds);
}

int run(int argc, char** argv) {
  Options options;
  app::Flags flags("bench-informer", "measures our informer of pods");
  flags.add("server", options.server, "URL of the API server").placeholder("URL").required();
  flags.add("objects", options.objects, "how many pods must come");
  flags.add("watch-events", options.watch_events, "hold the watch until this many events came");
  flags.add("json", options.json, "print JSON instead of a line");
  flags.parse_or_exit(argc, argv);

  const auto loop = async::EpollLoop::create();
  if (!loop) {
    die(loop.error().message());
  }
  net::TcpNetwork network(**loop);
  const auto resolver = net::DnsResolver::create(**loop);
  if (!resolver) {
    die(resolver.error().message());
  }
  const auto client = kube::Client::create(network, **resolver, {.server = options.server});
  if (!client) {
    die(client.error().message());
  }
  print(async::run_until_done(**loop, measure(**client, options)), options);
  return 0;
}

}  // namespace
}  // namespace kthena

int main(int argc, char** argv) { return kthena::run(argc, argv); }
