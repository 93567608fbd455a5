// The flags and the wiring of a program that talks to a Kubernetes API server.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "app/flags.h"
#include "async/epoll_loop.h"
#include "async/process.h"
#include "kube/client/client.h"
#include "kube/client/credentials.h"
#include "kube/client/kubeconfig.h"
#include "net/dns.h"
#include "net/tcp.h"

namespace kthena::app {

struct ApiClientOptions {
  kube::ConfigSources sources;
  std::string master;
  double qps = 0;
  std::uint32_t burst = 0;

  /// --kubeconfig, --master, --kube-api-qps, --kube-api-burst; what else counts is taken from the
  /// environment at once.
  void declare(Flags& flags);
};

/// A client and all that it stands on. One shard; destroyed after what uses the client.
class ApiClient {
 public:
  /// Reads the configuration; opens no connection.
  /// @param program  the name under which it asks and writes
  /// Errors: those of load_client_config() and of what it names; NotFound if there is nothing to
  /// read; they name the flag.
  static Result<std::unique_ptr<ApiClient>> create(async::EpollLoop& loop, std::string_view program,
                                                   const ApiClientOptions& options);

  kube::Client& client() noexcept { return *client_; }

 private:
  explicit ApiClient(async::EpollLoop& loop) : network_(loop), commands_(loop) {}

  net::TcpNetwork network_;
  async::ProcessRunner commands_;
  kube::DiskFiles files_;
  std::unique_ptr<net::DnsResolver> resolver_;
  std::unique_ptr<kube::Client> client_;
};

}  // namespace kthena::app
