#include "router_world.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "async/time.h"
#include "base/strings.h"
#include "router/testing/objects.h"
#include "telemetry/line_sink.h"

namespace kthena::router::testing {
namespace {

using namespace std::chrono_literals;
using async::Task;

/// The length of the chunked body that `bytes` begins with; its content goes to `body`.
bool read_chunks(std::string_view bytes, std::string& body) {
  while (true) {
    const auto line = bytes.find("\r\n");
    if (line == std::string_view::npos) {
      return false;
    }
    std::size_t size = 0;
    std::from_chars(bytes.data(), bytes.data() + line, size, 16);
    bytes.remove_prefix(line + 2);
    body += bytes.substr(0, size);
    if (size == 0) {
      return bytes.starts_with("\r\n");
    }
    if (bytes.size() < size + 2) {
      return false;
    }
    bytes.remove_prefix(size + 2);
  }
}

std::string temporary_file() {
  std::string path = "/tmp/kthena-access-log-XXXXXX";
  ::close(::mkstemp(path.data()));
  return path;
}

}  // namespace

std::string answer(int status, std::string_view body, std::string_view more_headers) {
  return "HTTP/1.1 " + std::to_string(status) + " X\r\n" + std::string(more_headers) +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}
std::string stream_head() {
  return "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\n"
         "Transfer-Encoding: chunked\r\n\r\n";
}
std::string chunk(std::string_view bytes) {
  std::array<char, 16> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), bytes.size(), 16);
  return std::string(digits.data(), end.ptr) + "\r\n" + std::string(bytes) + "\r\n";
}
std::string event(std::string_view text) {
  return "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"" + std::string(text) +
         "\"}}]}\n\n";
}

int Message::status() const {
  int value = 0;
  if (head.starts_with("HTTP/1.")) {
    std::from_chars(head.data() + 9, head.data() + 12, value);
  }
  return value;
}

std::optional<std::string> Message::header(std::string_view name) const {
  std::istringstream lines(head);
  for (std::string line; std::getline(lines, line);) {
    const auto colon = line.find(':');
    if (colon != std::string::npos &&
        equals_ignore_case(std::string_view(line).substr(0, colon), name)) {
      const auto begin = line.find_first_not_of(' ', colon + 1);
      const auto end = line.find_last_not_of("\r ");
      return begin > end ? "" : line.substr(begin, end - begin + 1);
    }
  }
  return std::nullopt;
}

Message parse_message(std::string_view bytes, bool ended) {
  Message message;
  const auto end = bytes.find("\r\n\r\n");
  if (end == std::string_view::npos) {
    return message;
  }
  message.head = bytes.substr(0, end + 4);
  bytes.remove_prefix(end + 4);
  if (message.header("Transfer-Encoding") == "chunked") {
    message.chunked = true;
    message.whole = read_chunks(bytes, message.body);
    return message;
  }
  if (const auto length = message.header("Content-Length")) {
    const std::size_t size = std::stoul(*length);
    message.body = bytes.substr(0, size);
    message.whole = message.body.size() == size;
    return message;
  }
  message.body = bytes;
  message.whole = !message.head.starts_with("HTTP/") || ended;
  return message;
}

Engine::Engine(net::Network& network, const net::SocketAddress& address)
    : address_(address), listener_(*network.listen(address, {})), tasks_(network.loop()) {
  script = [this](const Message&) {
    return Script{send(answer(200, "{\"id\":\"" + address_.to_string() + "\"}"))};
  };
  tasks_.spawn(accept());
}

Task<void> Engine::accept() {
  while (true) {
    auto stream = listener_->try_accept();
    if (!stream) {
      co_return;
    }
    if (*stream != nullptr) {
      ++connections;
      tasks_.spawn(serve(*std::move(stream)));
    } else if (!co_await async::wait_io(listener_->io(), async::Interest::Read)) {
      co_return;
    }
  }
}

Task<void> Engine::serve(std::unique_ptr<net::Stream> stream) {
  const auto buffer = std::make_unique<std::array<char, 16 << 10>>();
  std::string bytes;
  while (true) {
    const Message request = parse_message(bytes, false);
    if (!request.whole) {
      const auto count = co_await net::read_some(*stream, *buffer);
      if (!count || *count == 0) {
        co_return;
      }
      bytes.append(buffer->data(), *count);
      continue;
    }
    bytes.clear();  // nobody pipelines here
    seen.push_back(request);
    if (!co_await follow(*stream, script(seen.back()))) {
      co_return;
    }
  }
}

Task<bool> Engine::follow(net::Stream& stream, Script steps) {
  async::PromiseBase& task = co_await async::this_task();
  std::array<char, 16> scratch{};
  for (const Step& step : steps) {
    bool gone = false;
    switch (step.kind) {
      case Step::Kind::Send:
        gone = !co_await net::write_all(stream, step.bytes);
        break;
      case Step::Kind::Wait: {
        const async::DeadlineScope limit(task, step.time);
        // Whatever comes, the end included, means that the router has no interest any more.
        gone = (co_await net::read_some(stream, scratch)).has_value() || !limit.expired();
        break;
      }
      case Step::Kind::Reset:
        stream.reset_on_close();
        [[fallthrough]];
      case Step::Kind::Close:
        co_return false;
    }
    if (gone) {
      gone_at = task.context->loop().now();
      co_return false;
    }
  }
  co_return true;
}

World::World(WorldOptions options)
    : loop(options.seed),
      network(loop, options.wires),
      budget(options.body_memory),
      address{.ip = net::IpAddress::v4(0x0a000001), .port = 8080},
      tasks(loop),
      log_path_(temporary_file()) {
  auto sink = *telemetry::LineSink::create(log_path_);
  sink_ = sink.get();
  access_log_ = std::make_unique<AccessLog>(std::move(sink), AccessLogFormat::Text);
  metrics_ = std::make_unique<RouterMetrics>(registry);
  readiness.set_synced();
  for (std::size_t i = 0; i < options.engines; ++i) {
    engines.push_back(std::make_unique<Engine>(
        network,
        net::SocketAddress{.ip = net::IpAddress::v4(0x0a000100 + static_cast<std::uint32_t>(i)),
                           .port = 8000}));
  }
  DataShardOptions shard_options = options.shard;
  shard_options.seed = options.seed;
  shard = std::make_unique<DataShard>(network, budget, *access_log_, *metrics_, readiness,
                                      shard_options);
  apply(manifests());
  CHECK(shard->server().listen(address));
}

World::~World() {
  finish();
  ::unlink(log_path_.c_str());
}

std::string World::manifests(std::string_view traffic) const {
  std::string yaml =
      "apiVersion: networking.serving.volcano.sh/v1alpha1\n"
      "kind: ModelRoute\n"
      "metadata: {name: m}\n"
      "spec: {modelName: m, loraAdapters: [adapter], rules: [{targetModels: [{modelServerName: "
      "s}]}]}\n"
      "---\n"
      "apiVersion: networking.serving.volcano.sh/v1alpha1\n"
      "kind: ModelServer\n"
      "metadata: {name: s}\n"
      "spec:\n"
      "  model: base\n"
      "  inferenceEngine: vLLM\n"
      "  workloadSelector: {matchLabels: {app: m}}\n"
      "  workloadPort: {port: 8000}\n" +
      std::string(traffic);
  for (std::size_t i = 0; i < engines.size(); ++i) {
    yaml += "---\napiVersion: v1\nkind: Pod\nmetadata: {name: e-" + std::to_string(i) +
            ", labels: {app: m}}\nstatus: {podIP: " + engines[i]->address().ip.to_string() + "}\n";
  }
  return yaml;
}

void World::apply(std::string_view yaml) {
  store_.replace(read_objects(yaml));
  shard->follow(store_.update());
}

std::string World::post(std::string_view body, std::string_view path,
                        std::string_view more_headers) {
  return "POST " + std::string(path) + " HTTP/1.1\r\nHost: router\r\nConnection: close\r\n" +
         std::string(more_headers) + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
         std::string(body);
}

Task<Message> World::fetching(std::string request) {
  auto stream = co_await network.connect(address);
  if (!stream) {
    co_return Message{};
  }
  std::string bytes;
  bool reset = !co_await net::write_all(**stream, request);
  const auto buffer = std::make_unique<std::array<char, 16 << 10>>();
  while (true) {
    const auto count = co_await net::read_some(**stream, *buffer);
    if (!count || *count == 0) {
      reset = !count;
      break;
    }
    bytes.append(buffer->data(), *count);
  }
  Message message = parse_message(bytes, !reset);
  message.reset = reset;
  co_return message;
}

Message World::fetch(std::string request) { return run(fetching(std::move(request))); }

Endpoint& World::endpoint(std::size_t index) const {
  return *shard->snapshots().get()->servers.at("default/s")->endpoints.at(index);
}

std::int32_t World::in_flight() const {
  std::int32_t sum = 0;
  for (const auto& endpoint : shard->snapshots().get()->servers.at("default/s")->endpoints) {
    sum += endpoint->in_flight.load();
  }
  return sum;
}

std::vector<std::string> World::log_lines() {
  CHECK(sink_->flush(10s));
  std::vector<std::string> lines;
  std::ifstream file(log_path_);
  for (std::string line; std::getline(file, line);) {
    lines.push_back(line);
  }
  return lines;
}

std::uint64_t World::log_line_count() {
  CHECK(sink_->flush(10s));
  return sink_->written();
}

std::string World::metrics() {
  std::string text;
  registry.print(text);
  return text;
}

std::size_t World::finish() {
  if (std::exchange(finished_, true)) {
    return network.open_streams();
  }
  const auto end = [](World& world) -> Task<void> {
    co_await world.tasks.stop();
    co_await world.shard->server().drain(world.loop.now() + 1h);
    world.shard.reset();
    co_await async::sleep_for(10s);  // engines notice that idle connections were closed
  };
  run(end(*this));
  const std::size_t left = network.open_streams();
  const auto stop = [](World& world) -> Task<void> {
    for (const auto& engine : world.engines) {
      co_await engine->stop();
    }
  };
  run(stop(*this));
  return left;
}

}  // namespace kthena::router::testing
