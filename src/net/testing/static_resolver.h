// A resolver for tests and the simulation: a table, no network.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "async/time.h"
#include "net/dns.h"

namespace kthena::net::testing {

class StaticResolver final : public Resolver {
 public:
  /// Each answer takes `latency`.
  explicit StaticResolver(Duration latency = {}) : latency_(latency) {}

  void set(const std::string& host, std::vector<IpAddress> addresses) {
    hosts_[host] = std::move(addresses);
  }
  void remove(const std::string& host) { hosts_.erase(host); }

  async::Task<Result<std::vector<IpAddress>>> resolve(std::string_view host,
                                                      IpFamily family) override {
    if (const auto literal = parse_ip(host); literal) {
      co_return std::vector<IpAddress>{*literal};
    }
    const std::string name(host);
    if (latency_ > Duration::zero()) {
      CO_TRY(co_await async::sleep_for(latency_));
    }
    std::vector<IpAddress> fitting;
    if (const auto found = hosts_.find(name); found != hosts_.end()) {
      for (const IpAddress& ip : found->second) {
        if (family == IpFamily::Any || ip.is_v4() == (family == IpFamily::V4)) {
          fitting.push_back(ip);
        }
      }
    }
    if (fitting.empty()) {
      co_return fail(ErrorCode::NotFound, "resolving '" + name + "': no such name");
    }
    co_return fitting;
  }

 private:
  Duration latency_;
  std::map<std::string, std::vector<IpAddress>> hosts_;
};

}  // namespace kthena::net::testing
