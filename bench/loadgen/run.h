// What all kinds of run share: the target, the connections, the watch, the report.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

#include "bench/common/histogram.h"
#include "bench/common/loop.h"
#include "bench/common/options.h"
#include "bench/loadgen/call.h"
#include "bench/loadgen/connection.h"
#include "bench/loadgen/outcome.h"
#include "bench/loadgen/watch.h"

namespace kthena::bench {

/// What every run needs, read from the command line.
struct Setup {
  Address target;
  Watch watch;
  CallTemplate calls;
  std::optional<StreamSpec> stream;  ///< asked for by --events
  std::size_t connections = 1;
  Nanos warm_up = 0;
  Nanos measured = 0;
  Nanos timeout = 0;  ///< for what is unfinished after the last call began

  static Result<Setup> create(Options& options);
};

/// Base of the kinds of run. Owns the connections; one thread.
class Run : public CallObserver {
 public:
  Run(Loop& loop, Setup setup) : loop_(loop), setup_(std::move(setup)) {}

  const Tally& tally() const noexcept { return tally_; }

 protected:
  /// A new connection, or null (and an outcome NotConnected) when the system refuses one.
  ClientConnection* open();
  void drop(ClientConnection& connection);
  void give_up_all();
  std::size_t open_count() const noexcept { return connections_.size(); }
  std::uint64_t opened() const noexcept { return opened_; }
  /// The spec of the next stream, each with an id of its own.
  std::optional<StreamSpec> next_spec();
  /// Serves events until `until`.
  void serve(Nanos until) { loop_.run(until); }

  /// `"outcomes":…,"body":…,"connections_opened":…`, without braces.
  std::string common_fields() const;
  static std::string describe(const Histogram& histogram);

  void on_finished(ClientConnection& connection, const Outcome& outcome) override;
  void on_lost(ClientConnection& connection) override { drop(connection); }

  Loop& loop_;
  Setup setup_;
  Tally tally_;
  Histogram delays_;  ///< of events, from the backend's send to here

 private:
  std::unordered_map<ClientConnection*, std::unique_ptr<ClientConnection>> connections_;
  std::uint64_t opened_ = 0;
  std::uint32_t next_id_ = 1;
};

/// The kinds of run. Each returns its report as one JSON object and adds to `run`'s tally.
Result<std::string> run_rate(Loop& loop, Setup setup, Options& options, Tally& tally);
Result<std::string> run_saturate(Loop& loop, Setup setup, Options& options, Tally& tally);
Result<std::string> run_streams(Loop& loop, Setup setup, Options& options, Tally& tally);
Result<std::string> run_idle(Loop& loop, Setup setup, Options& options, Tally& tally);

}  // namespace kthena::bench
