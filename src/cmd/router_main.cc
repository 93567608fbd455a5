// kthena-router: routes model requests to inference engines.
#include <fmt/format.h>

#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

#include "app/flags.h"
#include "async/channel.h"
#include "async/epoll_loop.h"
#include "async/scope.h"
#include "async/signals.h"
#include "async/task.h"
#include "net/tcp.h"
#include "router/observe/access_log.h"
#include "router/process.h"
#include "telemetry/log.h"

namespace kthena {
namespace {

struct Options {
  router::ProcessOptions process;
  bool access_log_enabled = true;
  router::AccessLogFormat access_log_format = router::AccessLogFormat::Text;
  std::string access_log_output = "stdout";
  log::Options log;
};

[[noreturn]] void die(std::string_view message) {
  fmt::print(stderr, "kthena-router: {}\n", message);
  std::exit(1);
}

void declare_flags(app::Flags& flags, Options& options) {
  flags.section("Objects");
  flags
      .add("manifests", options.process.manifests,
           "directory of YAML files with ModelRoutes, ModelServers and Pods; followed. Without it, "
           "the objects of a cluster")
      .placeholder("DIR");
  options.process.api.declare(flags);
  flags.section("Ports");
  flags.add("host", options.process.host, "address to listen on");
  flags.add("port", options.process.port, "port for model requests; 0 takes a free one");
  flags.add("metrics-port", options.process.admin.metrics_port,
            "port for /metrics; 0 takes a free one");
  flags.add("debug-port", options.process.admin.debug_port,
            "port for /debug pages, on loopback; 0 takes a free one");
  flags.add("expose-metrics-on-router-port", options.process.metrics_on_router_port,
            "serve /metrics on the port for model requests too");
  flags.section("Limits");
  flags
      .add("shards", options.process.shards,
           "threads that serve requests; 0: one for each CPU of this process")
      .within(0, 1024);
  flags
      .add("body-memory-mib", options.process.body_memory_mib,
           "request bodies held in memory; beyond, requests get 503")
      .within(1, 1 << 24);
  flags
      .add("max-connections", options.process.shard.server.max_connections,
           "connections of clients for each thread")
      .within(1, 10'000'000);
  flags
      .add("stream-idle-timeout", options.process.shard.forward.stream_idle_timeout,
           "an engine silent for so long in an answer is given up")
      .positive();
  flags
      .add("lame-duck", options.process.lame_duck,
           "on SIGTERM, how long new requests are still taken")
      .env("LAME_DUCK");
  flags
      .add("drain-timeout", options.process.drain_timeout,
           "on SIGTERM, how long running requests may take")
      .positive()
      .lenient_env("DRAIN_TIMEOUT");
  flags.section("Logs");
  flags.add("access-log", options.access_log_enabled, "write a line for each request")
      .lenient_env("ACCESS_LOG_ENABLED");
  flags
      .add("access-log-format", options.access_log_format,
           {{"text", router::AccessLogFormat::Text}, {"json", router::AccessLogFormat::Json}},
           "how the lines look")
      .lenient_env("ACCESS_LOG_FORMAT");
  flags.add("access-log-output", options.access_log_output, "stdout, stderr or a file")
      .env("ACCESS_LOG_OUTPUT");
  flags.add("log-level", options.log.level,
            {{"error", log::Level::Error},
             {"warn", log::Level::Warn},
             {"info", log::Level::Info},
             {"debug", log::Level::Debug}},
            "what the program says of itself, on stderr");
  flags.add("log-format", options.log.format,
            {{"text", log::Format::Text}, {"json", log::Format::Json}}, "how it says it");
}

async::Task<int> serve(router::Process& process, async::Event& stop_asked) {
  if (const auto started = co_await process.start(); !started) {
    fmt::print(stderr, "kthena-router: {}\n", started.error().message());
    co_await process.abandon();
    co_return 1;
  }
  static_cast<void>(co_await stop_asked.wait());
  const std::size_t cut = co_await process.stop();
  if (cut > 0) {
    log::warn("requests were cut at the end of the drain timeout", kv("requests", cut));
  }
  log::info("stopped");
  co_return 0;
}

int run(int argc, char** argv) {
  Options options;
  app::Flags flags("kthena-router", "routes model requests to inference engines");
  declare_flags(flags, options);
  flags.parse_or_exit(argc, argv);
  if (!options.process.manifests.empty() && !options.process.api.sources.kubeconfig_flag.empty()) {
    die("--manifests and --kubeconfig exclude each other: objects come from a directory or from a "
        "cluster");
  }

  net::raise_descriptor_limit();
  auto loop = async::EpollLoop::create();
  if (!loop) {
    die(loop.error().message());
  }
  async::Event stop_asked;
  std::unique_ptr<router::AccessLog> access_log;
  // Before any thread starts: threads inherit the blocked signals.
  const auto signals =
      async::SignalWatch::create(**loop, {SIGTERM, SIGINT, SIGHUP}, [&](int signal) {
        if (signal == SIGHUP) {
          access_log->reopen();
        } else if (stop_asked.is_set()) {
          std::_Exit(130);  // asked twice: now
        } else {
          stop_asked.set();
        }
      });
  if (!signals) {
    die(signals.error().message());
  }
  const auto log_output = log::Output::start(options.log);
  if (!log_output) {
    die(log_output.error().message());
  }
  for (const std::string& warning : flags.warnings()) {
    log::warn("setting ignored", kv("reason", warning));
  }
  std::unique_ptr<telemetry::LineSink> sink;
  if (options.access_log_enabled) {
    auto created = telemetry::LineSink::create(options.access_log_output);
    if (!created) {
      die("--access-log-output: " + created.error().message());
    }
    sink = *std::move(created);
  }
  access_log = std::make_unique<router::AccessLog>(std::move(sink), options.access_log_format);
  router::Process process(options.process, **loop, *access_log);
  return async::run_until_done(**loop, serve(process, stop_asked));
}

}  // namespace
}  // namespace kthena

int main(int argc, char** argv) { return kthena::run(argc, argv); }
