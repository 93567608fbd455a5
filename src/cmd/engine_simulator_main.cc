// kthena-engine-simulator: a fake inference engine on real sockets.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <ios>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "app/flags.h"
#include "async/epoll_loop.h"
#include "async/scope.h"
#include "async/shard.h"
#include "async/signals.h"
#include "async/task.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/result.h"
#include "http/memory.h"
#include "http/server.h"
#include "json/parse.h"
#include "net/address.h"
#include "net/tcp.h"
#include "sim/answer_text.h"
#include "sim/engine_options.h"
#include "sim/faults.h"
#include "sim/simulator.h"
#include "sim/vllm_request.h"

namespace kthena {
namespace {

using namespace std::chrono_literals;

struct Options {
  net::IpAddress host = net::IpAddress::loopback();
  std::uint16_t port = 8000;
  std::uint32_t shards = 1;
  Duration keep_alive_timeout = 5s;
  Duration drain_timeout = 30s;
  std::string profile = std::string(sim::profiles().front().name);
  sim::SimulatorOptions simulator{.engine = sim::profiles().front().options};
  std::string text_file;
  std::vector<sim::Fault> faults;
};

/// What a process ends with.
enum class Status : std::uint8_t {
  CannotRun = 1,
  WrongFlags = 2,
};

[[noreturn]] void die(Status status, std::string_view message) {
  fmt::print(stderr, "kthena-engine-simulator: {}\n", message);
  std::exit(static_cast<int>(status));
}

/// The engine's flags are bound to `engine`, whose present values are what --help shows.
void declare_engine_flags(app::Flags& flags, sim::EngineOptions& engine, std::string& profile) {
  std::string known;
  for (const sim::Profile& each : sim::profiles()) {
    known += fmt::format("{}{} ({})", known.empty() ? "" : "; ", each.name, each.description);
  }
  flags.section("Engine");
  flags
      .add_custom("profile",
                  fmt::format("where the values below come from unless they are given: {}", known),
                  profile,
                  [&profile](std::string_view name) -> Result<> {
                    TRY(sim::find_profile(name));
                    profile = name;
                    return {};
                  })
      .placeholder("NAME");
  flags.add("step-base", engine.step_base, "time of a step that computes nothing");
  flags.add("step-per-sequence", engine.step_per_sequence, "time added by each decoding sequence");
  flags.add("prefill-rate", engine.prefill_tokens_per_second,
            "prompt tokens computed in a second; 0: any number");
  flags.add("max-num-seqs", engine.max_num_seqs, "sequences in one step");
  flags.add("max-num-batched-tokens", engine.max_num_batched_tokens, "tokens in one step");
  flags.add("num-kv-blocks", engine.num_kv_blocks, "blocks of the KV cache")
      .alias("num-gpu-blocks-override");
  flags.add("block-size", engine.block_size, "tokens in a block");
  flags.add("max-model-len", engine.max_model_len, "prompt and answer together, in tokens");
  flags.add("max-num-queued-reqs", engine.max_num_queued_reqs,
            "unfinished requests beyond which new ones get 503; 0: no limit");
  flags.add("enable-prefix-caching", engine.enable_prefix_caching,
            "find prompts again in the cache");
  flags.add("enable-chunked-prefill", engine.enable_chunked_prefill,
            "compute long prompts in several steps");
}

/// What the command line gave, over the profile.
sim::EngineOptions merge_engine_options(const app::Flags& flags, const sim::EngineOptions& given,
                                        const std::string& profile) {
  sim::EngineOptions engine = *sim::find_profile(profile);
  const auto take = [&](std::string_view name, auto member) {
    if (flags.given(name)) {
      engine.*member = given.*member;
    }
  };
  take("step-base", &sim::EngineOptions::step_base);
  take("step-per-sequence", &sim::EngineOptions::step_per_sequence);
  take("prefill-rate", &sim::EngineOptions::prefill_tokens_per_second);
  take("max-num-seqs", &sim::EngineOptions::max_num_seqs);
  take("max-num-batched-tokens", &sim::EngineOptions::max_num_batched_tokens);
  take("num-kv-blocks", &sim::EngineOptions::num_kv_blocks);
  take("block-size", &sim::EngineOptions::block_size);
  take("max-model-len", &sim::EngineOptions::max_model_len);
  take("max-num-queued-reqs", &sim::EngineOptions::max_num_queued_reqs);
  take("enable-prefix-caching", &sim::EngineOptions::enable_prefix_caching);
  take("enable-chunked-prefill", &sim::EngineOptions::enable_chunked_prefill);
  return engine;
}

void declare_flags(app::Flags& flags, Options& options) {
  flags.section("Server");
  flags.add("host", options.host, "address to listen on");
  flags.add("port", options.port, "port to listen on; 0 takes a free one");
  flags
      .add("shards", options.shards,
           "threads; each has its part of the engine's limits and its own prefix cache")
      .within(1, 256);
  flags
      .add("keep-alive-timeout", options.keep_alive_timeout,
           "idle connections are closed after this")
      .positive();
  flags.add("drain-timeout", options.drain_timeout,
            "on SIGTERM, what still runs after this is cut");

  sim::VllmOptions& vllm = options.simulator.vllm;
  flags.section("Model");
  flags.add("model", vllm.model, "path or name of the weights").placeholder("NAME");
  flags
      .add("served-model-name", vllm.served_model_names,
           "names that clients use; the first one stands in metrics")
      .placeholder("NAME")
      .many();
  flags.add("enable-prompt-tokens-details", vllm.enable_prompt_tokens_details,
            "tell cached tokens in usage");
  flags.add("enable-request-id-headers", vllm.enable_request_id_headers,
            "answers carry X-Request-Id");
  flags.add("enable-server-load-tracking", vllm.enable_server_load_tracking,
            "/load tells running requests");

  declare_engine_flags(flags, options.simulator.engine, options.profile);

  flags.section("Answers");
  flags.add("seed", options.simulator.seed, "the same seed and prompt give the same answer");
  flags.add("text", options.simulator.text,
            {{"words", sim::TextMode::Words},
             {"echo", sim::TextMode::Echo},
             {"file", sim::TextMode::File}},
            "made-up words, the last message again, or --text-file over and over");
  flags.add("text-file", options.text_file, "what --text file says").placeholder("FILE");
  flags
      .add("answer-tokens", options.simulator.mean_answer_tokens,
           "mean length of an answer that max_tokens does not cut")
      .positive();

  flags.section("Faults");
  flags
      .add_custom("fault",
                  "a fault from the start, as POST /faults takes it: "
                  R"({"kind":"close","share":0.1,"after_tokens":5}; may be repeated)",
                  "",
                  [&options](std::string_view text) -> Result<> {
                    options.faults.push_back(TRY(sim::parse_fault(TRY(json::parse(text)))));
                    return {};
                  })
      .placeholder("JSON");
}

Result<std::shared_ptr<const sim::TokenizedText>> read_text(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text((std::istreambuf_iterator<char>(file)), {});
  if (!file || text.empty()) {
    return fail(ErrorCode::InvalidArgument,
                fmt::format("--text-file: cannot read '{}', or it is empty", path));
  }
  return std::make_shared<const sim::TokenizedText>(std::move(text));
}

Options parse_options(int argc, char** argv) {
  Options options;
  app::Flags flags("kthena-engine-simulator",
                   "a fake inference engine that behaves like vLLM 0.32 on the wire");
  declare_flags(flags, options);
  flags.parse_or_exit(argc, argv);
  options.simulator.engine = merge_engine_options(flags, options.simulator.engine, options.profile);
  sim::EngineOptions& engine = options.simulator.engine;
  if (const auto valid = engine.validate(); !valid) {
    die(Status::WrongFlags, valid.error().message());
  }
  if (options.simulator.text == sim::TextMode::File) {
    auto text = read_text(options.text_file);
    if (!text) {
      die(Status::WrongFlags, text.error().message());
    }
    options.simulator.file = *std::move(text);
  }
  engine.max_num_seqs = std::max(engine.max_num_seqs / options.shards, 1U);
  engine.num_kv_blocks /= options.shards;
  engine.max_num_queued_reqs = (engine.max_num_queued_reqs + options.shards - 1) / options.shards;
  if (const auto valid = engine.validate(); !valid) {
    die(Status::WrongFlags,
        fmt::format("{} (in each of {} shards)", valid.error().message(), options.shards));
  }
  return options;
}

/// Everything of one shard. Made, used and destroyed on its thread.
class Host {
 public:
  Host(async::EpollLoop& loop, const Options& options)
      : loop_(loop),
        network_(loop),
        simulator_(loop, options.simulator),
        server_(network_, budget_, simulator_,
                {.max_head_bytes = 256 << 10, .idle_timeout = options.keep_alive_timeout}),
        tasks_(loop) {
    for (const sim::Fault& fault : options.faults) {
      if (!simulator_.add_fault(fault)) {
        die(Status::WrongFlags, "--fault: too many");
      }
    }
  }

  Result<net::SocketAddress> listen(const net::SocketAddress& address, bool shared) {
    return server_.listen(address, {.reuse_port = shared});
  }

  /// Ends the server, then calls `done` on this shard.
  void drain(Duration patience, std::function<void()> done) {
    tasks_.spawn(drain_server(patience, std::move(done)));
  }

  sim::Simulator& simulator() noexcept { return simulator_; }

 private:
  async::Task<void> drain_server(Duration patience, std::function<void()> done) {
    co_await server_.drain(loop_.now() + patience);
    done();
  }

  async::EpollLoop& loop_;
  net::TcpNetwork network_;
  http::MemoryBudget budget_{4ULL << 30};
  sim::Simulator simulator_;
  http::Server server_;
  async::TaskScope tasks_;
};

/// The process: shard 0 on the main thread, the others on their own.
class Process {
 public:
  Process(async::EpollLoop& loop, Options options)
      : loop_(loop), options_(std::move(options)), first_shard_(0, loop), first_(loop, options_) {}

  async::Task<Result<net::SocketAddress>> start() {
    const bool shared = options_.shards > 1;
    net::SocketAddress address = CO_TRY(with_context(
        first_.listen({.ip = options_.host, .port = options_.port}, shared), "--port"));
    for (unsigned i = 1; i < options_.shards; ++i) {
      threads_.push_back(CO_TRY(async::ShardThread::start(i, fmt::format("sim-{}", i))));
      Result<net::SocketAddress> listening = co_await threads_.back()->shard().run([&] {
        auto& loop = static_cast<async::EpollLoop&>(threads_.back()->shard().loop());
        hosts_.push_back(std::make_unique<Host>(loop, options_));
        return hosts_.back()->listen(address, true);
      });
      CO_TRY(std::move(listening));
    }
    co_await introduce();
    co_return address;
  }

  /// Ends all shards, then the loop. A second call does nothing.
  void stop() {
    if (std::exchange(stopping_, true)) {
      return;
    }
    left_ = options_.shards;
    const auto done = [this] { loop_.post([this] { one_has_ended(); }); };
    first_.drain(options_.drain_timeout, done);
    for (std::size_t i = 0; i < hosts_.size(); ++i) {
      threads_[i]->shard().loop().post(
          [this, i, done] { hosts_[i]->drain(options_.drain_timeout, done); });
    }
  }

  /// Destroys what lives on the other shards, there.
  async::Task<void> clear() {
    for (std::size_t i = 0; i < hosts_.size(); ++i) {
      co_await threads_[i]->shard().run([&] { hosts_[i].reset(); });
    }
  }

 private:
  /// Tells each simulator of the others.
  async::Task<void> introduce() {
    std::vector<sim::SimulatorShard> all = {{&first_shard_, &first_.simulator()}};
    for (std::size_t i = 0; i < hosts_.size(); ++i) {
      all.push_back({&threads_[i]->shard(), &hosts_[i]->simulator()});
    }
    for (const sim::SimulatorShard& each : all) {
      std::vector<sim::SimulatorShard> peers;
      std::ranges::copy_if(all, std::back_inserter(peers),
                           [&](const auto& other) { return other.shard != each.shard; });
      if (each.shard == &first_shard_) {
        each.simulator->set_peers(std::move(peers));
      } else {
        co_await each.shard->run([&] { each.simulator->set_peers(std::move(peers)); });
      }
    }
  }

  void one_has_ended() {
    if (--left_ == 0) {
      loop_.stop();
    }
  }

  async::EpollLoop& loop_;
  Options options_;
  async::Shard first_shard_;
  std::vector<std::unique_ptr<async::ShardThread>> threads_;
  std::vector<std::unique_ptr<Host>> hosts_;
  Host first_;
  std::uint32_t left_ = 0;
  bool stopping_ = false;
};

int run(int argc, char** argv) {
  Options options = parse_options(argc, argv);
  net::raise_descriptor_limit();
  auto loop = async::EpollLoop::create();
  if (!loop) {
    die(Status::CannotRun, loop.error().message());
  }
  Process* running = nullptr;
  auto signals =
      async::SignalWatch::create(**loop, {SIGTERM, SIGINT}, [&](int) { running->stop(); });
  if (!signals) {
    die(Status::CannotRun, signals.error().message());
  }
  Process process(**loop, std::move(options));
  running = &process;
  const auto address = async::run_until_done(**loop, process.start());
  if (!address) {
    die(Status::CannotRun, address.error().message());
  }
  fmt::print("listening on http://{}\n", address->to_string());
  std::fflush(stdout);
  (*loop)->run();
  async::run_until_done(**loop, process.clear());
  return 0;
}

}  // namespace
}  // namespace kthena

int main(int argc, char** argv) { return kthena::run(argc, argv); }
