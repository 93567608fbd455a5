// Names to addresses. c-ares is hidden in dns.cc.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "async/channel.h"
#include "async/epoll_loop.h"
#include "async/task.h"
#include "net/address.h"
#include "net/dns_cache.h"

namespace kthena::net {

enum class IpFamily : std::uint8_t { Any, V4, V6 };

/// Looks up host names. One per shard. For the simulation: testing/static_resolver.h.
class Resolver {
 public:
  virtual ~Resolver() = default;

  /// The addresses of `host`, at least one, best first (RFC 6724). An IP address stands for itself.
  /// Errors: NotFound (no such name, or no address of that family), InvalidArgument (not a host
  /// name), Unavailable (no server answers, too many look-ups), Cancelled, DeadlineExceeded.
  virtual async::Task<Result<std::vector<IpAddress>>> resolve(std::string_view host,
                                                              IpFamily family = IpFamily::Any) = 0;
};

struct DnsOptions {
  std::vector<SocketAddress> servers;          ///< empty: those of /etc/resolv.conf
  Duration timeout = std::chrono::seconds(2);  ///< of the first try; later ones wait longer
  unsigned tries = 3;
  enum class Search : std::uint8_t { Yes, No };
  Search search = Search::Yes;     ///< whether resolv.conf's `search` and `ndots` count
  std::size_t max_cached = 4096;   ///< names; the least recently used are forgotten
  std::size_t max_pending = 1024;  ///< names being looked up; beyond: Unavailable
  const Clock* clock = nullptr;    ///< what the cache ages by; null: the loop's time
};

/// DNS with /etc/hosts first, as resolv.conf says (read once). Addresses are kept as long as their
/// TTL says, but from 1 s to 5 min; that a name does not exist, 5 s; failures are not kept.
/// Look-ups of one name at the same time share one query, which goes on if all who wait are
/// cancelled.
class DnsResolver final : public Resolver {
 public:
  /// Errors: Internal (no descriptors, bad server list).
  static Result<std::unique_ptr<DnsResolver>> create(async::EpollLoop& loop,
                                                     const DnsOptions& options = {});
  /// Who still waits is answered Cancelled.
  ~DnsResolver() override;

  async::Task<Result<std::vector<IpAddress>>> resolve(std::string_view host,
                                                      IpFamily family) override;
  using Resolver::resolve;

  struct Stats {
    std::uint64_t started = 0;  ///< look-ups that were not answered from memory
    std::uint64_t cached = 0;   ///< answered from the cache
    std::uint64_t joined = 0;   ///< waited for a look-up that ran already
  };
  const Stats& stats() const noexcept { return stats_; }

 private:
  class Engine;
  /// One look-up: shared by those who wait for it, and by the resolver while it runs.
  struct Lookup {
    async::Event done;
    DnsCache::Answer answer;
  };

  DnsResolver(async::EpollLoop& loop, const DnsOptions& options);
  Instant now() const;
  std::shared_ptr<Lookup> start(const std::string& key, const std::string& host, IpFamily family);
  void finish(const std::string& key, DnsCache::Answer answer, Duration ttl);

  async::EpollLoop& loop_;
  DnsOptions options_;
  Stats stats_;
  DnsCache cache_;
  std::unordered_map<std::string, std::shared_ptr<Lookup>> pending_;
  std::unique_ptr<Engine> engine_;  // last: its end finishes what is pending
};

}  // namespace kthena::net
