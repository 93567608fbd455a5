// Closed loop: every connection always has one call under way. For processor time per call and the
// most calls a second; its latencies say nothing.
#include <fmt/format.h>

#include <algorithm>

#include "bench/loadgen/run.h"

namespace kthena::bench {
namespace {

class SaturateRun final : public Run {
 public:
  /// @param most_calls  ends after that many calls instead of after a time; 0: no such limit
  SaturateRun(Loop& loop, Setup setup, std::uint64_t most_calls)
      : Run(loop, std::move(setup)), most_calls_(most_calls) {}

  std::string run() {
    going_ = true;
    for (std::size_t i = 0; i < setup_.connections && going_; ++i) {
      if (ClientConnection* connection = open()) {
        begin(*connection);
      }
    }
    if (most_calls_ == 0) {
      serve(now() + setup_.warm_up);
    }
    const Sample before = sample();
    if (most_calls_ == 0) {
      serve(before.time + setup_.measured);
      going_ = false;
    } else {
      const Nanos patience = now() + setup_.timeout;
      while (going_ && now() < patience) {
        serve(now() + kMillisecond);
      }
      going_ = false;
    }
    const Sample after = sample();
    const Nanos patience = now() + setup_.timeout;
    while (busy_ > 0 && now() < patience) {
      serve(now() + kMillisecond);
    }
    give_up_all();
    return report(before, after);
  }

 private:
  struct Sample {
    Nanos time;
    Nanos used;
    std::uint64_t calls;
    std::uint64_t events;
  };
  Sample sample() const {
    return {.time = now(),
            .used = setup_.watch.processor_time(),
            .calls = tally_.total(),
            .events = delays_.count()};
  }

  void begin(ClientConnection& connection) {
    ++busy_;
    going_ = ++begun_ != most_calls_;
    connection.begin(setup_.calls, next_spec(), now());
  }

  void on_finished(ClientConnection& connection, const Outcome& outcome) override {
    --busy_;
    Run::on_finished(connection, outcome);
    if (going_ && outcome.reusable) {
      begin(connection);
    } else if (going_ && outcome.kind == OutcomeKind::Exact) {
      // The target closed after its reply, as it may.
      if (ClientConnection* fresh = open()) {
        begin(*fresh);
      }
    }
  }

  std::string report(const Sample& before, const Sample& after) const {
    const std::uint64_t calls = std::max<std::uint64_t>(1, after.calls - before.calls);
    const std::uint64_t events = after.events - before.events;
    const auto used = static_cast<double>(after.used - before.used);
    const auto span = static_cast<double>(after.time - before.time);
    return fmt::format(
        R"({{"mode":"saturate","measured_calls":{},"rate":{:.1f},"cpu_us":{:.3f},"cpu_share":{:.3f},)"
        R"("events":{},{}}})",
        calls, static_cast<double>(calls) / span * 1e9, used / 1e3 / static_cast<double>(calls),
        used / span, events, common_fields());
  }

  std::uint64_t most_calls_;
  std::uint64_t begun_ = 0;
  bool going_ = false;
  std::size_t busy_ = 0;
};

}  // namespace

Result<std::string> run_saturate(Loop& loop, Setup setup, Options& options, Tally& tally) {
  const auto most_calls = static_cast<std::uint64_t>(options.number("calls", 0));
  TRY(options.finish());
  SaturateRun run(loop, std::move(setup), most_calls);
  std::string report = run.run();
  tally = run.tally();
  return report;
}

}  // namespace kthena::bench
