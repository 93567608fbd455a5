// What the metrics and the access-log line of a call cost.
#include <benchmark/benchmark.h>

#include "async/simulated_loop.h"
#include "net/simulated_network.h"
#include "router/observe/recorder.h"

namespace kthena::router {
namespace {

struct World {
  World() {
    auto snapshot = std::make_shared<Snapshot>();
    snapshot->version = 1;
    auto server = std::make_shared<Server>();
    server->key = "production/llama-3-70b-server";
    server->upstream_model = "meta-llama/Llama-3.3-70B-Instruct";
    auto route = std::make_shared<Route>();
    route->key = "production/llama-3-70b-route";
    route->model_name = "llama-3-70b";
    snapshot->by_model[route->model_name].push_back(route.get());
    snapshot->model_names = {route->model_name};
    snapshot->routes.emplace(route->key, route);
    snapshot->servers.emplace(server->key, server);
    current.set(snapshot);
    request.method = http::Method::Post;
    request.target = "/v1/chat/completions";
  }

  async::SimulatedLoop loop;
  net::SimulatedNetwork network{loop};
  http::Client client{network};
  CurrentSnapshot current;
  telemetry::Registry registry;
  RouterMetrics metrics{registry};
  http::Request request;
};

/// All that is done for the metrics of a call that streams from its first engine.
void run_call(World& world, Recorder& recorder) {
  constexpr Instant kStart = Instant(std::chrono::hours(1));
  Call call(world.request);
  call.timings.start = kStart;
  recorder.begin(call);
  call.model = "llama-3-70b";
  call.request_id = "2916f05c-12fd-4b3b-a1b1-e7cc12eb24ae";
  call.input_tokens = 900;
  call.timings.read = kStart + std::chrono::milliseconds(1);
  call.world = world.current.get();
  recorder.identified(call);
  call.route = call.world->routes.begin()->second.get();
  call.server = call.world->servers.begin()->second.get();
  call.upstream_model = call.server->upstream_model;
  recorder.placed(call);
  telemetry::GaugeHold leg(
      std::shared_ptr<const telemetry::Gauge>(call.series, &call.series->active_upstream));
  call.timings.first_token = kStart + std::chrono::milliseconds(90);
  call.outcome.status = 200;
  call.outcome.usage.completion_tokens = 128;
  recorder.end(call, kStart + std::chrono::seconds(2));
}

void metrics_of_a_call(benchmark::State& state) {
  World world;
  AccessLog access_log(nullptr, AccessLogFormat::Text);
  Recorder recorder(access_log, world.metrics, world.current, world.client);
  for (auto _ : state) {
    run_call(world, recorder);
  }
}
BENCHMARK(metrics_of_a_call);

void metrics_and_line_of_a_call(benchmark::State& state) {
  World world;
  AccessLog access_log(*telemetry::LineSink::create("/dev/null"), AccessLogFormat::Text);
  Recorder recorder(access_log, world.metrics, world.current, world.client);
  for (auto _ : state) {
    run_call(world, recorder);
  }
}
BENCHMARK(metrics_and_line_of_a_call);

}  // namespace
}  // namespace kthena::router
