// What the metrics and the access-log line of a call cost.
#include <benchmark/benchmark.h>

#include "async/simulated_loop.h"
#include "net/simulated_network.h"
#include "router/datastore/datastore.h"
#include "router/observe/recorder.h"
#include "router/testing/objects.h"

namespace kthena::router {
namespace {

struct World {
  World() {
    Datastore store(kube::PodSource::Manifest);
    store.replace(testing::read_objects(
        testing::server_yaml("namespace: production, name: llama-3-70b-server", "x",
                             ", model: meta-llama/Llama-3.3-70B-Instruct") +
        testing::route_yaml("namespace: production, name: llama-3-70b-route",
                            "modelName: llama-3-70b, rules: [{targetModels: [{modelServerName: "
                            "llama-3-70b-server}]}]")));
    current.set(store.update().after);
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
  call.route = call.world->routes.begin()->value.get();
  call.server = call.world->servers.begin()->value.get();
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
