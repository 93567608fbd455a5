// An API server, a network to it and clients, all on one simulated loop: what tests of informers
// and controllers stand on.
#pragma once

#include <cstdint>
#include <memory>
#include <utility>

#include "async/scope.h"
#include "async/simulated_loop.h"
#include "async/time.h"
#include "base/check.h"
#include "http/memory.h"
#include "http/server.h"
#include "kube/client/client.h"
#include "kube/testing/api_server.h"
#include "net/simulated_network.h"
#include "net/testing/static_resolver.h"

namespace kthena::kube::testing {

class Cluster {
 public:
  explicit Cluster(std::uint64_t seed = 1)
      : loop(seed), network(loop), api(loop), server_(network, memory_, api) {
    CHECK(server_.listen(*net::parse_socket_address(kAddress)).has_value());
  }
  /// What uses the cluster has been stopped.
  ~Cluster() {
    run(close());
    loop.run();
  }
  Cluster(const Cluster&) = delete;
  Cluster& operator=(const Cluster&) = delete;

  std::unique_ptr<Client> make_client(ClientOptions options = {}) {
    auto client = Client::create(network, resolver_, {.server = std::string("http://") + kAddress},
                                 std::move(options));
    CHECK(client.has_value());
    return *std::move(client);
  }

  template <class T>
  T run(async::Task<T> task) {
    return async::run_until_done(loop, std::move(task));
  }

  static constexpr const char* kAddress = "10.0.0.1:6443";

  async::SimulatedLoop loop;
  net::SimulatedNetwork network;
  ApiServer api;

 private:
  async::Task<void> close() {
    api.cut_watches();
    co_await server_.drain(loop.now() + std::chrono::seconds(1));
  }

  net::testing::StaticResolver resolver_;
  http::MemoryBudget memory_{64 << 20};
  http::Server server_;
};

}  // namespace kthena::kube::testing
