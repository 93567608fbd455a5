// The router as a process: a control loop on the thread that calls, data shards on threads of their
// own.
//
//   router::Process process(options, loop, access_log);
//   CO_TRY(co_await process.start());
//   …
//   const std::size_t cut = co_await process.stop();
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "app/api_client.h"
#include "async/epoll_loop.h"
#include "async/task.h"
#include "async/time.h"
#include "base/clock.h"
#include "base/result.h"
#include "http/memory.h"
#include "net/address.h"
#include "router/data_shard.h"
#include "router/datastore/datastore.h"
#include "router/observe/access_log.h"
#include "router/observe/admin.h"
#include "router/observe/lost_lines.h"
#include "router/observe/metrics.h"
#include "router/readiness.h"
#include "router/watch/cluster_watch.h"
#include "router/watch/manifest_directory.h"
#include "telemetry/metrics.h"

namespace kthena::router {

struct ProcessOptions {
  std::string manifests;      ///< a directory; empty: the objects of a cluster
  app::ApiClientOptions api;  ///< for a cluster
  net::IpAddress host = net::IpAddress::v4(0);
  std::uint16_t port = 8080;
  std::uint32_t shards = 0;  ///< 0: one for each CPU of this process
  Duration lame_duck = std::chrono::milliseconds(500);
  Duration drain_timeout = std::chrono::minutes(5);
  std::uint64_t body_memory_mib = 1024;
  bool metrics_on_router_port = false;
  AdminOptions admin;
  DataShardOptions shard;
};

class Process {
 public:
  /// @param options, loop, access_log  outlive it; it lives on the loop's thread
  Process(const ProcessOptions& options, async::EpollLoop& loop, AccessLog& access_log);
  /// After stop() or abandon().
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  /// Opens all ports. Ready when the objects are known. Errors name the flag.
  async::Task<Result<>> start();

  /// Answers what runs, then ends all threads. How many requests were cut.
  async::Task<std::size_t> stop();

  /// Ends what start() began before it failed: at once, for it was never ready.
  async::Task<void> abandon();

 private:
  struct RunningShard;

  bool follows_cluster() const noexcept { return options_.manifests.empty(); }
  /// @return  the address that all of them listen on
  async::Task<Result<net::SocketAddress>> start_shards(net::SocketAddress address);
  async::Task<std::size_t> end(Duration patience, Duration admin_patience);
  /// Whether there is something new.
  Result<bool> reload();
  void on_manifest_change();
  void on_cluster_change();
  /// Gives all shards the world as it is now.
  void publish();
  void report_problems();

  const ProcessOptions& options_;
  async::EpollLoop& loop_;
  AccessLog& access_log_;
  telemetry::Registry registry_;
  RouterMetrics metrics_;
  telemetry::Registration dropped_lines_;
  LostLinesReport lost_lines_;
  Readiness readiness_;
  http::MemoryBudget budget_;
  ManifestSet manifests_;
  Datastore store_;
  CurrentSnapshot world_;
  Admin admin_;
  async::CallbackTimer<std::function<void()>> problem_timer_;
  std::unique_ptr<app::ApiClient> api_;
  std::unique_ptr<ClusterWatch> cluster_;
  std::unique_ptr<DirectoryWatch> watch_;
  std::vector<RunningShard> shards_;
};

}  // namespace kthena::router
