// A whole data shard of the router on virtual time, between engines that follow a script and
// clients that see every byte.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "async/scope.h"
#include "async/simulated_loop.h"
#include "net/simulated_network.h"
#include "router/data_shard.h"
#include "router/datastore/datastore.h"
#include "telemetry/metrics.h"

namespace kthena::router::testing {

/// What an engine does with a request, step by step.
struct Step {
  enum class Kind : std::uint8_t { Send, Wait, Close, Reset } kind = Kind::Send;
  std::string bytes = {};
  Duration time = {};
};
using Script = std::vector<Step>;
inline Step send(std::string bytes) {
  return {.kind = Step::Kind::Send, .bytes = std::move(bytes)};
}
inline Step wait(Duration time) { return {.kind = Step::Kind::Wait, .time = time}; }
inline Step close() { return {.kind = Step::Kind::Close}; }
inline Step reset() { return {.kind = Step::Kind::Reset}; }

/// A complete answer with a Content-Length.
std::string answer(int status, std::string_view body,
                   std::string_view more_headers = "Content-Type: application/json\r\n");
std::string stream_head();
std::string chunk(std::string_view bytes);
inline constexpr std::string_view kLastChunk = "0\r\n\r\n";
/// A chat stream event with that text.
std::string event(std::string_view text);
inline constexpr std::string_view kDone = "data: [DONE]\n\n";

/// Bodies of requests for the model that the world serves.
inline constexpr std::string_view kChat =
    R"({"model":"m","messages":[{"role":"user","content":"hi"}]})";
inline constexpr std::string_view kStream =
    R"({"model":"m","stream":true,"messages":[{"role":"user","content":"hi"}]})";

/// A message as it came over the wire.
struct Message {
  std::string head;  ///< with its first line and the empty line
  std::string body;  ///< without chunks
  /// The body ended as its framing says; false: cut.
  bool whole = false;
  bool reset = false;  ///< the connection was reset
  bool chunked = false;
  int status() const;  ///< 0: no answer at all
  std::optional<std::string> header(std::string_view name) const;
};
/// The first message in `bytes`. `ended`: nothing more will come.
Message parse_message(std::string_view bytes, bool ended);

class Engine {
 public:
  Engine(net::Network& network, const net::SocketAddress& address);

  /// What to do with a request. By default: answers 200 with {"id":"<name>"}.
  std::function<Script(const Message& request)> script;
  std::vector<Message> seen;       ///< requests
  std::size_t connections = 0;     ///< accepted
  std::optional<Instant> gone_at;  ///< when the router last closed a connection within a script

  auto stop() { return tasks_.stop(); }
  const net::SocketAddress& address() const { return address_; }

 private:
  async::Task<void> accept();
  async::Task<void> serve(std::unique_ptr<net::Stream> stream);
  async::Task<bool> follow(net::Stream& stream, Script steps);

  net::SocketAddress address_;
  std::unique_ptr<net::Listener> listener_;
  async::TaskScope tasks_;
};

struct WorldOptions {
  std::uint64_t seed = 1;
  std::size_t engines = 2;
  net::WireOptions wires = {};
  DataShardOptions shard = {};
  std::uint64_t body_memory = 64 << 20;
};

/// One model, `m`, on some engines; more by apply(). Route default/m, server default/s, pods e-0, …
class World {
 public:
  explicit World(WorldOptions options = {});
  ~World();

  /// Replaces all objects.
  void apply(std::string_view yaml);
  /// The manifests that the world begins with. `traffic`: lines below spec of the ModelServer.
  std::string manifests(std::string_view traffic = "") const;

  /// Sends bytes, and gives what comes back until the connection ends.
  Message fetch(std::string request);
  async::Task<Message> fetching(std::string request);
  /// A POST of `body`, closing.
  static std::string post(std::string_view body, std::string_view path = "/v1/chat/completions",
                          std::string_view more_headers = "");

  template <class T>
  T run(async::Task<T> task) {
    return run_until_done(loop, std::move(task));
  }

  Endpoint& endpoint(std::size_t index) const;
  std::int32_t in_flight() const;
  /// The access log's lines so far.
  std::vector<std::string> log_lines();
  std::uint64_t log_line_count();
  std::string metrics();
  /// Stops everything, and tells how many ends of connections are left.
  std::size_t finish();

  async::SimulatedLoop loop;
  net::SimulatedNetwork network;
  std::vector<std::unique_ptr<Engine>> engines;
  http::MemoryBudget budget;
  telemetry::Registry registry;
  Readiness readiness;
  net::SocketAddress address;
  std::unique_ptr<DataShard> shard;
  async::TaskScope tasks;

 private:
  std::string log_path_;
  telemetry::LineSink* sink_ = nullptr;
  std::unique_ptr<AccessLog> access_log_;
  std::unique_ptr<RouterMetrics> metrics_;
  Datastore store_{kube::PodSource::Manifest};
  bool finished_ = false;
};

}  // namespace kthena::router::testing
