// A simulator behind the HTTP server, in memory and on virtual time.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "async/scope.h"
#include "async/simulated_loop.h"
#include "http/memory.h"
#include "http/server.h"
#include "net/simulated_network.h"
#include "sim/simulator.h"

namespace kthena::sim::testing {

/// One simulated vLLM with clients of raw bytes. Everything ends when it is destroyed.
class SimulatedVllm {
 public:
  explicit SimulatedVllm(SimulatorOptions options);
  ~SimulatedVllm();

  /// Sends the bytes and reads until the answer is complete or the connection ends.
  std::string exchange(const std::string& request);
  /// The same for a POST of JSON.
  std::string post(std::string_view path, std::string_view body) {
    return exchange(post_request(path, body));
  }
  std::string get(std::string_view path);
  static std::string post_request(std::string_view path, std::string_view body);

  /// How the client of a background request goes away.
  enum class Leave : std::uint8_t { Close, Reset };
  /// Sends a request and leaves it running; what comes back is dropped. With `after`, the client
  /// goes away then.
  void start(const std::string& request);
  void start_and_leave(const std::string& request, Duration after, Leave how);

  void pass(Duration time) { loop_.run_for(time); }

  async::SimulatedLoop& loop() { return loop_; }
  Simulator& simulator() { return simulator_; }
  const EngineModel& model() { return simulator_.engine().model(); }
  const http::Server::Stats& server_stats() const { return server_.stats(); }
  /// How the last connection of exchange() ended: an errno, 0 for an orderly end or none.
  int last_error() const { return last_error_; }

 private:
  async::Task<std::string> talk(std::string request, bool head);
  async::Task<void> leave(std::string request, Duration after, Leave how);

  async::SimulatedLoop loop_;
  net::SimulatedNetwork network_{loop_};
  http::MemoryBudget budget_{64 << 20};
  Simulator simulator_;
  http::Server server_;
  int last_error_ = 0;
  async::TaskScope streams_{loop_};
};

}  // namespace kthena::sim::testing
