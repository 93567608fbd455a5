// A network inside the process, on virtual time: latency, slices, refusals, cuts and black holes on
// demand.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <set>

#include "async/simulated_loop.h"
#include "net/stream.h"

namespace kthena::net {

/// How the simulated wires behave. All random choices come from the loop's seed.
struct WireOptions {
  Duration latency{};             ///< of each piece, one way
  Duration jitter{};              ///< up to so much more, kept in order
  std::size_t buffer = 64 << 10;  ///< bytes on the way before the writer has to wait
  std::size_t max_slice = 0;      ///< a read gives 1 to so many bytes; 0: all that is there
  std::size_t max_write = 0;      ///< a write takes 1 to so many bytes; 0: all that fits
};

/// Connects listeners and streams of one SimulatedLoop.
class SimulatedNetwork final : public Network {
 public:
  explicit SimulatedNetwork(async::SimulatedLoop& loop, WireOptions options = {});
  ~SimulatedNetwork() override;

  async::Loop& loop() noexcept override { return loop_; }
  Result<std::unique_ptr<Listener>> listen(const SocketAddress& address,
                                           const ListenOptions& options) override;
  async::Task<Result<std::unique_ptr<Stream>>> connect(const SocketAddress& address) override;

  /// For connections made from now on.
  void set_options(const WireOptions& options) { options_ = options; }

  /// Resets every connection to and from the address, as the kernel does for a killed process. Its
  /// listener stays.
  void cut(const SocketAddress& address);
  /// New connections to the address are refused (true) or taken again (false).
  void refuse(const SocketAddress& address, bool on);
  /// What is sent to or from the address does not arrive, and connecting hangs, until turned off;
  /// then what was on the way arrives, as TCP sends it again.
  void black_hole(const SocketAddress& address, bool on);

  /// Ends of connections that exist now; 0 when nothing leaks.
  std::size_t open_streams() const noexcept { return streams_.size(); }

 private:
  class Pipe;
  class SimulatedStream;
  class SimulatedListener;
  friend class SimulatedStream;

  std::uint16_t next_port();
  SimulatedListener* listener_at(const SocketAddress& address) const;

  async::SimulatedLoop& loop_;
  WireOptions options_;
  std::map<SocketAddress, SimulatedListener*> listeners_;
  std::map<std::uint64_t, SimulatedStream*> streams_;  ///< by age: the same order in each run
  std::set<SocketAddress> refused_;
  std::set<SocketAddress> black_holes_;
  std::uint64_t next_stream_ = 0;
  std::uint16_t last_port_ = 39'999;
};

}  // namespace kthena::net
