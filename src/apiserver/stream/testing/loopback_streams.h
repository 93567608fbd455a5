// A node for tests: a few programs in process, and ports that lead to an address.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "apiserver/stream/pod_streams.h"
#include "net/address.h"
#include "net/stream.h"

namespace kthena::apiserver::testing {

/// Knows the programs
///   cat          prints what it reads
///   echo TEXT…   prints its arguments
///   complain     prints "out" and, as an error, "err"
///   exit N       ends with that status
///   sizes N      prints the next N sizes of the terminal
///   yes N        prints N KiB
///   wait         runs until it is cancelled
/// and connects to the pod's ports at one address.
class LoopbackStreams final : public PodStreams {
 public:
  LoopbackStreams(net::Network& network, net::IpAddress pod_address)
      : network_(network), pod_address_(pod_address) {}

  async::Task<Result<int>> exec(const PodName& pod, const ExecRequest& request,
                                ExecClient& client) override;
  async::Task<Result<std::unique_ptr<net::Stream>>> connect(const PodName& pod,
                                                            std::uint16_t port) override;
  async::Task<Result<std::unique_ptr<http::BodySource>>> logs(const PodName& pod,
                                                              const LogRequest& request) override;

  std::vector<std::string> log_lines;
  int cancelled = 0;  ///< programs

 private:
  net::Network& network_;
  net::IpAddress pod_address_;
};

}  // namespace kthena::apiserver::testing
