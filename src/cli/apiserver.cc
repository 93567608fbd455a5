#include "cli/apiserver.h"

#include <fmt/format.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "apiserver/service.h"
#include "app/flags.h"
#include "async/channel.h"
#include "async/epoll_loop.h"
#include "async/signals.h"
#include "net/tcp.h"
#include "telemetry/log.h"

namespace kthena::cli {

namespace {

using namespace std::chrono_literals;

constexpr std::string_view kProgram = "kthena apiserver";
/// How long running requests may take when the process is told to stop. Watches never end of
/// themselves.
constexpr Duration kPatience = 2s;

struct Options {
  std::string data_dir;
  std::string address = "127.0.0.1:6443";
  std::string certificate_file;
  std::string key_file;
  std::string client_ca_file;
  std::string token_file;
  bool forget_history = false;
  log::Options log;
};

/// Source: XDG Base Directory Specification.
std::string default_data_dir() {
  if (const char* state = std::getenv("XDG_STATE_HOME"); state != nullptr && *state == '/') {
    return std::string(state) + "/kthena";
  }
  const char* home = std::getenv("HOME");
  return std::string(home != nullptr ? home : "/root") + "/.local/state/kthena";
}

void declare_flags(app::Flags& flags, Options& options) {
  flags
      .add("data-dir", options.data_dir,
           "folder of the database, the keys and the kubeconfig; made if it is not there")
      .placeholder("DIR");
  flags.add("api", options.address, "address to listen on, HTTPS; port 0 takes a free one")
      .placeholder("ADDRESS:PORT");
  flags.section("Credentials of your own, as kube-apiserver takes them");
  flags.add("tls-cert-file", options.certificate_file, "certificate of the server, PEM")
      .placeholder("FILE");
  flags.add("tls-private-key-file", options.key_file, "its key, PEM").placeholder("FILE");
  flags
      .add("client-ca-file", options.client_ca_file,
           "clients may also show a certificate that one of these signed: CN is the user, O its "
           "groups")
      .placeholder("FILE");
  flags
      .add("token-auth-file", options.token_file,
           "more tokens, a line each: token,user,uid,\"group,group\"")
      .placeholder("FILE");
  flags.section("Process");
  flags.add(
      "forget-history", options.forget_history,
      "watches and pages cannot go on from what was before this start, as after a compaction");
  flags.add("log-level", options.log.level,
            {{"error", log::Level::Error},
             {"warn", log::Level::Warn},
             {"info", log::Level::Info},
             {"debug", log::Level::Debug}},
            "what the program says of itself, on stderr");
  flags.add("log-format", options.log.format,
            {{"text", log::Format::Text}, {"json", log::Format::Json}}, "how it says it");
}

async::Task<Result<>> serve(apiserver::Service& service, async::Event& stop_asked,
                            const Streams& streams) {
  const auto address = co_await service.start();
  if (address) {
    streams.out << fmt::format("serving the Kubernetes API on https://{}\nexport KUBECONFIG={}\n",
                               address->to_string(), service.kubeconfig())
                << std::flush;
    static_cast<void>(co_await stop_asked.wait());
  }
  co_await service.stop(kPatience);
  co_return address ? Result<>{} : std::unexpected(address.error());
}

Result<> run(const Options& options, const Streams& streams) {
  if (options.certificate_file.empty() != options.key_file.empty()) {
    return fail(ErrorCode::InvalidArgument,
                "--tls-cert-file and --tls-private-key-file belong together");
  }
  const net::SocketAddress address =
      TRY(with_context(net::parse_socket_address(options.address), "--api"));
  net::raise_descriptor_limit();
  const auto loop = TRY(async::EpollLoop::create());
  async::Event stop_asked;
  bool signalled = false;
  // Before any thread starts: threads inherit the blocked signals.
  const auto signals = TRY(async::SignalWatch::create(*loop, {SIGTERM, SIGINT}, [&](int) {
    if (std::exchange(signalled, true)) {
      std::_Exit(130);  // asked twice: now
    }
    stop_asked.set();
  }));
  const auto log_output = TRY(log::Output::start(options.log));
  net::TcpNetwork network(*loop);
  const auto service = TRY(
      apiserver::Service::create(network, {.data_dir = std::filesystem::absolute(options.data_dir),
                                           .address = address,
                                           .certificate_file = options.certificate_file,
                                           .key_file = options.key_file,
                                           .client_ca_file = options.client_ca_file,
                                           .token_file = options.token_file,
                                           .forget_history = options.forget_history}));
  return async::run_until_done(*loop, serve(*service, stop_asked, streams));
}

}  // namespace

int run_apiserver(std::span<const std::string_view> arguments, const Streams& streams) {
  Options options{.data_dir = default_data_dir()};
  app::Flags flags(kProgram, "a Kubernetes API server in one process, on SQLite");
  declare_flags(flags, options);
  std::vector<std::string> texts(arguments.begin(), arguments.end());
  std::vector<const char*> pointers;
  for (const std::string& text : texts) {
    pointers.push_back(text.c_str());
  }
  const auto parsed = flags.parse(pointers);
  if (!parsed) {
    streams.err << fmt::format("{}: {}\n", kProgram, parsed.error().message());
    return kMisuse;
  }
  if (*parsed == app::ParseOutcome::Help) {
    streams.out << flags.help();
    return kGood;
  }
  const auto outcome = run(options, streams);
  if (!outcome) {
    streams.err << fmt::format("{}: {}\n", kProgram, outcome.error().message());
    return kFindings;
  }
  return kGood;
}

}  // namespace kthena::cli
