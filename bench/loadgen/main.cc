// bench-loadgen: sends calls, checks every byte of every reply, measures. See bench/README.md.
#include <fmt/format.h>

#include <string>
#include <vector>

#include "bench/common/loop.h"
#include "bench/common/options.h"
#include "bench/common/socket.h"
#include "bench/loadgen/run.h"

namespace kthena::bench {
namespace {

constexpr std::string_view kUsage =
    "usage: bench-loadgen MODE --target IPV4:PORT [options]\n"
    "  rate      open loop       --rate N --connections N --most-connections N\n"
    "  saturate  closed loop     --connections N --calls N (instead of a time)\n"
    "  streams   event streams   --connections N --open-rate N --settle S --sample-at N …\n"
    "  idle      no calls        --connections N --use-each\n"
    "all modes:  --body-bytes N --seconds S --warm-up S --timeout S --watch PID …\n"
    "streamed replies:  --events N --interval-us N --first-us N --event-bytes N\n"
    "--tolerant: exit status 0 even when a reply was not exact (it is in the report)\n";

/// True when every reply was exact, or that was not asked for.
Result<bool> run(const std::vector<std::string>& arguments) {
  Options options = TRY(Options::parse(arguments));
  if (options.positional().size() != 1) {
    return fail(ErrorCode::InvalidArgument, std::string(kUsage));
  }
  const std::string& mode = options.positional().front();
  const bool tolerant = options.flag("tolerant");
  Setup setup = TRY(Setup::create(options));
  raise_descriptor_limit();
  Loop loop;
  Tally tally;
  std::string report;
  if (mode == "rate") {
    report = TRY(run_rate(loop, std::move(setup), options, tally));
  } else if (mode == "saturate") {
    report = TRY(run_saturate(loop, std::move(setup), options, tally));
  } else if (mode == "streams") {
    report = TRY(run_streams(loop, std::move(setup), options, tally));
  } else if (mode == "idle") {
    report = TRY(run_idle(loop, std::move(setup), options, tally));
  } else {
    return fail(ErrorCode::InvalidArgument, std::string(kUsage));
  }
  fmt::print("{}\n", report);
  return tolerant || tally.all_exact();
}

}  // namespace
}  // namespace kthena::bench

int main(int argc, char** argv) {
  const auto result = kthena::bench::run({argv + 1, argv + argc});
  if (!result) {
    fmt::print(stderr, "bench-loadgen: {}\n", result.error().message());
    return 2;
  }
  return *result ? 0 : 1;
}
