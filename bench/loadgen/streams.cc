// Many streams at once, each on a connection of its own, all checked to the last byte.
#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "bench/loadgen/run.h"

namespace kthena::bench {
namespace {

struct StreamsPlan {
  std::size_t streams = 0;
  double open_rate = 0;  ///< streams begun per second
  Nanos settle = 0;      ///< between the last first byte and the measured time
  std::vector<std::size_t> sample_at;
};

class StreamsRun final : public Run, private Handler {
 public:
  StreamsRun(Loop& loop, Setup setup, StreamsPlan plan)
      : Run(loop, std::move(setup)), Handler(loop), plan_(std::move(plan)) {
    base_kib_ = setup_.watch.resident_kib();
    std::ranges::sort(plan_.sample_at);
  }

  std::string run() {
    gap_ = static_cast<Nanos>(1e9 / plan_.open_rate);
    due_ = now();
    on_timer();
    const Nanos patience = now() + setup_.timeout;
    while (first_bytes_ + failed_ < plan_.streams && now() < patience) {
      serve(now() + kMillisecond);
    }
    serve(now() + plan_.settle);
    take_samples();
    measure();
    // Streams end by themselves; how long that takes is in the spec.
    const StreamSpec spec = setup_.stream.value_or(StreamSpec{});
    const Nanos length = kMicrosecond * spec.events * spec.interval_us;
    const Nanos last = now() + length + setup_.timeout;
    while (open_count() > 0 && now() < last) {
      serve(now() + kMillisecond);
    }
    give_up_all();
    return report();
  }

 private:
  void on_ready(std::uint32_t /*events*/) override {}

  /// Begins the streams that are due. While a sample is outstanding no more are begun, so that
  /// memory is looked at with exactly that many open.
  void on_timer() override {
    const Nanos time = now();
    while (begun_ < plan_.streams && due_ <= time && !holding()) {
      ++begun_;
      due_ += gap_;
      if (ClientConnection* connection = open()) {
        connection->begin(setup_.calls, next_spec(), now());
      } else {
        ++failed_;
      }
    }
    if (holding() && first_bytes_ + failed_ >= begun_) {
      take_samples();
      due_ = now();
    }
    if (begun_ < plan_.streams) {
      arm(std::max(due_, time + (holding() ? kMillisecond : 0)));
    }
  }

  bool holding() const {
    return samples_.size() < plan_.sample_at.size() && begun_ == plan_.sample_at[samples_.size()] &&
           begun_ < plan_.streams;
  }

  void take_samples() {
    while (samples_.size() < plan_.sample_at.size() && plan_.sample_at[samples_.size()] <= begun_) {
      samples_.push_back(setup_.watch.resident_kib());
    }
  }

  void measure() {
    const std::uint64_t events = delays_.count();
    delays_ = Histogram();
    events_before_ = events;
    const Nanos start = now();
    const Nanos used = setup_.watch.processor_time();
    serve(start + setup_.measured);
    used_ = setup_.watch.processor_time() - used;
    measured_events_ = delays_.count();
    measured_delays_ = delays_;
    measured_time_ = now() - start;
  }

  void on_first_byte(ClientConnection& /*connection*/) override { ++first_bytes_; }

  void on_finished(ClientConnection& connection, const Outcome& outcome) override {
    if (outcome.first_byte == 0) {
      ++failed_;
    } else {
      first_byte_.record(outcome.first_byte - outcome.intended);
    }
    Run::on_finished(connection, outcome);
    if (outcome.reusable) {
      drop(connection);
    }
  }

  std::string report() const {
    std::string samples;
    for (std::size_t i = 0; i < samples_.size(); ++i) {
      samples +=
          fmt::format("{}\"{}\":{}", samples.empty() ? "" : ",", plan_.sample_at[i], samples_[i]);
    }
    const auto events = static_cast<double>(std::max<std::uint64_t>(1, measured_events_));
    return fmt::format(
        R"({{"mode":"streams","streams":{},"measured_events":{},"all_events":{},)"
        R"("events_per_second":{:.0f},"cpu_us_per_event":{:.3f},"cpu_share":{:.3f},)"
        R"("event_delay_us":{},"first_byte_us":{},"base_kib":{},"resident_kib":{{{}}},{}}})",
        plan_.streams, measured_events_, events_before_ + delays_.count(),
        events / to_seconds(std::max<Nanos>(1, measured_time_)),
        static_cast<double>(used_) / 1e3 / events,
        static_cast<double>(used_) / static_cast<double>(std::max<Nanos>(1, measured_time_)),
        describe(measured_delays_), describe(first_byte_), base_kib_, samples, common_fields());
  }

  StreamsPlan plan_;
  Nanos gap_ = 0;
  Nanos due_ = 0;
  std::size_t begun_ = 0;
  std::size_t first_bytes_ = 0;
  std::size_t failed_ = 0;
  std::uint64_t base_kib_ = 0;
  std::vector<std::uint64_t> samples_;
  Histogram first_byte_;
  Histogram measured_delays_;
  std::uint64_t events_before_ = 0;
  std::uint64_t measured_events_ = 0;
  Nanos used_ = 0;
  Nanos measured_time_ = 0;
};

}  // namespace

Result<std::string> run_streams(Loop& loop, Setup setup, Options& options, Tally& tally) {
  StreamsPlan plan;
  plan.streams = setup.connections;
  plan.open_rate = options.number("open-rate", 2000);
  plan.settle = static_cast<Nanos>(options.number("settle", 0.2) * 1e9);
  for (const std::string& at : options.all("sample-at")) {
    plan.sample_at.push_back(std::strtoull(at.c_str(), nullptr, 10));
  }
  TRY(options.finish());
  if (!setup.stream || plan.open_rate <= 0) {
    return fail(ErrorCode::InvalidArgument, "streams: needs --events and an --open-rate above 0");
  }
  StreamsRun run(loop, std::move(setup), std::move(plan));
  std::string report = run.run();
  tally = run.tally();
  return report;
}

}  // namespace kthena::bench
