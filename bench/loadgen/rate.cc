// Open loop: calls are due at fixed times, whatever the replies do, and latency counts from the
// time a call was due, so a stall of the target is seen by all calls it delayed.
#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <vector>

#include "bench/loadgen/run.h"

namespace kthena::bench {
namespace {

class RateRun final : public Run, private Handler {
 public:
  RateRun(Loop& loop, Setup setup, double rate, std::size_t most_connections)
      : Run(loop, std::move(setup)),
        Handler(loop),
        gap_(static_cast<Nanos>(1e9 / rate)),
        most_connections_(most_connections) {}

  std::string run() {
    for (std::size_t i = 0; i < setup_.connections; ++i) {
      open();
    }
    serve(now() + (50 * kMillisecond));
    from_ = now() + setup_.warm_up;
    until_ = from_ + setup_.measured;
    due_ = now();
    on_timer();
    serve(from_);
    const Nanos before = setup_.watch.processor_time();
    serve(until_);
    const Nanos used = setup_.watch.processor_time() - before;
    const Nanos patience = now() + setup_.timeout;
    while ((busy_ > 0 || !late_.empty()) && now() < patience) {
      serve(now() + kMillisecond);
    }
    give_up_all();
    return report(used);
  }

 private:
  void on_ready(std::uint32_t /*events*/) override {}

  void on_timer() override {
    const Nanos time = now();
    while (due_ <= time && due_ < until_) {
      lag_.record(time - due_);
      late_.push_back(due_);
      due_ += gap_;
      send_late();
    }
    if (due_ < until_) {
      arm(due_);
    }
  }

  void send_late() {
    while (!late_.empty()) {
      ClientConnection* connection = nullptr;
      if (!idle_.empty()) {
        connection = idle_.back();
        idle_.pop_back();
      } else if (open_count() < most_connections_) {
        ++pool_grew_;
        connection = open();
      }
      if (connection == nullptr) {
        return;
      }
      ++busy_;
      const Nanos intended = late_.front();
      late_.pop_front();
      connection->begin(setup_.calls, next_spec(), intended);
    }
  }

  void on_connected(ClientConnection& connection) override {
    if (!connection.busy()) {
      idle_.push_back(&connection);
    }
  }

  void on_finished(ClientConnection& connection, const Outcome& outcome) override {
    --busy_;
    if (outcome.intended >= from_ && outcome.intended < until_) {
      ++measured_;
      latency_.record(outcome.end - outcome.intended);
      first_byte_.record(outcome.first_byte - outcome.intended);
    }
    Run::on_finished(connection, outcome);
    if (outcome.reusable) {
      idle_.push_back(&connection);
    }
    send_late();
  }

  void on_lost(ClientConnection& connection) override {
    std::erase(idle_, &connection);
    Run::on_lost(connection);
  }

  std::string report(Nanos used) const {
    const auto calls = static_cast<double>(std::max<std::uint64_t>(1, measured_));
    return fmt::format(
        R"({{"mode":"rate","measured_calls":{},"rate":{:.1f},"cpu_us":{:.2f},"cpu_share":{:.3f},)"
        R"("latency_us":{},"first_byte_us":{},"event_delay_us":{},"generator_lag_us":{},)"
        R"("pool_grew":{},{}}})",
        measured_, calls / to_seconds(setup_.measured), static_cast<double>(used) / 1e3 / calls,
        static_cast<double>(used) / static_cast<double>(setup_.measured), describe(latency_),
        describe(first_byte_), describe(delays_), describe(lag_), pool_grew_, common_fields());
  }

  Nanos gap_;
  std::size_t most_connections_;
  Nanos from_ = 0;
  Nanos until_ = 0;
  Nanos due_ = 0;
  std::vector<ClientConnection*> idle_;
  std::deque<Nanos> late_;  ///< due, but no connection was free
  std::size_t busy_ = 0;
  std::uint64_t measured_ = 0;
  std::uint64_t pool_grew_ = 0;
  Histogram latency_;
  Histogram first_byte_;
  Histogram lag_;
};

}  // namespace

Result<std::string> run_rate(Loop& loop, Setup setup, Options& options, Tally& tally) {
  const double rate = options.number("rate", 1000);
  const auto most = static_cast<std::size_t>(options.number("most-connections", 1024));
  TRY(options.finish());
  if (rate <= 0) {
    return fail(ErrorCode::InvalidArgument, "--rate: more than 0");
  }
  RateRun run(loop, std::move(setup), rate, most);
  std::string report = run.run();
  tally = run.tally();
  return report;
}

}  // namespace kthena::bench
