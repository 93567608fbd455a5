// Idle connections: what one costs that was never used, and one that has carried a call.
#include <fmt/format.h>

#include <vector>

#include "bench/loadgen/run.h"

namespace kthena::bench {
namespace {

class IdleRun final : public Run {
 public:
  using Run::Run;

  std::string run(bool use_each) {
    const std::uint64_t base = setup_.watch.resident_kib();
    connect_all();
    serve(now() + setup_.measured);
    const std::uint64_t unused = setup_.watch.resident_kib();
    std::uint64_t used = 0;
    if (use_each) {
      use_all();
      serve(now() + setup_.measured);
      used = setup_.watch.resident_kib();
    }
    const std::size_t standing = open_count();
    const auto each = [&](std::uint64_t kib) {
      return (static_cast<double>(kib) - static_cast<double>(base)) /
             static_cast<double>(setup_.connections);
    };
    return fmt::format(
        R"({{"mode":"idle","connections":{},"still_open":{},"base_kib":{},"unused_kib":{},)"
        R"("used_kib":{},"kib_per_unused":{:.3f},"kib_per_used":{:.3f},{}}})",
        setup_.connections, standing, base, unused, used, each(unused), use_each ? each(used) : 0.0,
        common_fields());
  }

 private:
  void connect_all() {
    constexpr std::size_t kAtOnce = 256;
    const Nanos patience = now() + setup_.timeout;
    while (connected_.size() < setup_.connections && now() < patience) {
      while (opened() < setup_.connections && opened() - connected_.size() < kAtOnce) {
        if (open() == nullptr) {
          return;
        }
      }
      serve(now() + kMillisecond);
    }
  }

  void use_all() {
    constexpr std::size_t kAtOnce = 16;
    const Nanos patience = now() + setup_.timeout;
    for (std::size_t i = 0; i < kAtOnce; ++i) {
      use_next();
    }
    while (done_ < connected_.size() && now() < patience) {
      serve(now() + kMillisecond);
    }
    give_up_all();
  }

  void use_next() {
    if (next_ < connected_.size()) {
      connected_[next_++]->begin(setup_.calls, next_spec(), now());
    }
  }

  void on_connected(ClientConnection& connection) override { connected_.push_back(&connection); }

  void on_finished(ClientConnection& connection, const Outcome& outcome) override {
    ++done_;
    Run::on_finished(connection, outcome);
    use_next();
  }

  /// An idle connection that the target gave up does not count as one that it holds.
  void on_lost(ClientConnection& connection) override {
    tally_.add(Outcome{.kind = OutcomeKind::Cut, .detail = "an idle connection was closed"});
    Run::on_lost(connection);
  }

  std::vector<ClientConnection*> connected_;
  std::size_t next_ = 0;
  std::size_t done_ = 0;
};

}  // namespace

Result<std::string> run_idle(Loop& loop, Setup setup, Options& options, Tally& tally) {
  const bool use_each = options.flag("use-each");
  TRY(options.finish());
  IdleRun run(loop, std::move(setup));
  std::string report = run.run(use_each);
  tally = run.tally();
  return report;
}

}  // namespace kthena::bench
