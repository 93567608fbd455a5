#include "router/observe/recorder.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <sstream>

#include "async/scope.h"
#include "async/simulated_loop.h"
#include "http/server.h"
#include "net/simulated_network.h"
#include "router/datastore/datastore.h"
#include "router/testing/golden.h"
#include "router/testing/objects.h"

namespace kthena::router {
namespace {

using namespace std::chrono_literals;
using testing::expect_golden;

/// One route, `m` and the adapter `lora`, to one server.
Objects one_route(std::string_view model = "base") {
  return testing::read_objects(
      testing::server_yaml("name: s", "x", ", model: " + std::string(model)) +
      testing::route_yaml("name: r",
                          "modelName: m, loraAdapters: [lora], rules: [{targetModels: "
                          "[{modelServerName: s}]}]"));
}

class RecorderTest : public ::testing::Test {
 protected:
  RecorderTest() { change_world(one_route()); }

  /// A call that came in, with its own request.
  std::unique_ptr<Call> begin(std::string target = "/v1/chat/completions") {
    http::Request& request = *requests_.emplace_back(std::make_unique<http::Request>());
    request.method = http::Method::Post;
    request.target = std::move(target);
    auto call = std::make_unique<Call>(request);
    call->timings.start = kStart;
    recorder_.begin(*call);
    return call;
  }
  std::unique_ptr<Call> identified(std::string model) {
    auto call = begin();
    call->model = std::move(model);
    call->input_tokens = 10;
    call->timings.read = kStart + 1ms;
    call->world = current_.get();
    recorder_.identified(*call);
    return call;
  }
  std::unique_ptr<Call> placed(std::string model = "m") {
    auto call = identified(std::move(model));
    call->route = call->world->routes.begin()->value.get();
    call->server = call->world->servers.begin()->value.get();
    call->upstream_model = call->model == "m" ? "base" : std::string_view(call->model);
    recorder_.placed(*call);
    return call;
  }
  void end(Call& call, int status, std::string_view reason = "") {
    call.outcome.status = status;
    call.outcome.reason = reason;
    recorder_.end(call, kStart + 101ms);
  }
  void change_world(Objects objects) {
    store_.replace(std::move(objects));
    Change change = store_.update();
    const Retirement retirement(registry_, std::move(change.gone));
    current_.set(std::move(change.after));
  }

  std::string page() {
    std::string text;
    registry_.print(text);
    return text;
  }
  /// Lines of the page that begin so.
  std::vector<std::string> lines(std::string_view prefix) {
    std::vector<std::string> found;
    std::istringstream stream(page());
    for (std::string line; std::getline(stream, line);) {
      if (line.starts_with(prefix)) {
        found.push_back(line);
      }
    }
    return found;
  }
  double requests(std::string_view model, std::string_view code, std::string_view reason) {
    double sum = 0;
    for (const std::string& line : lines("kthena_router_requests_total{")) {
      const auto has = [&](std::string_view label, std::string_view value) {
        return line.contains(std::string(label) + "=\"" + std::string(value) + "\"");
      };
      if (has("model", model) && has("status_code", code) && has("error_type", reason)) {
        sum += std::stod(line.substr(line.rfind(' ')));
      }
    }
    return sum;
  }

  static constexpr Instant kStart = Instant(1h);
  std::vector<std::unique_ptr<http::Request>> requests_;
  async::SimulatedLoop loop_;
  net::SimulatedNetwork network_{loop_};
  http::Client client_{network_};
  Datastore store_{kube::PodSource::Manifest};
  CurrentSnapshot current_;
  telemetry::Registry registry_;
  RouterMetrics metrics_{registry_};
  AccessLog access_log_{nullptr, AccessLogFormat::Text};
  Recorder recorder_{access_log_, metrics_, current_, client_};
};

TEST_F(RecorderTest, GivesEachFamilyItsLabelsAndBuckets) {
  auto streamed = placed();
  const InFlight leg(std::make_shared<Endpoint>(),
                     telemetry::GaugeHold(std::shared_ptr<const telemetry::Gauge>(
                         streamed->series, &streamed->series->active_upstream)));
  streamed->series->retries.inc();
  streamed->timings.first_token = kStart + 40ms;
  streamed->outcome.usage.completion_tokens = 38;
  end(*streamed, 200);
  auto adapter = placed("lora");
  end(*adapter, 503, "proxy");
  const auto unmatched = identified("nobody's");
  end(*unmatched, 404, "route_not_found");
  recorder_.refused(431, "too large", {});
  const auto dropped = count_dropped_lines(registry_, access_log_);
  expect_golden(std::string(KTHENA_TESTDATA) + "/metrics.txt", page());
}

TEST_F(RecorderTest, ResolvesTheReasonByStatusWhereNoneIsGiven) {
  end(*placed(), 200);
  end(*placed(), 404);
  end(*placed(), 503, "proxy");
  end(*placed(), 200, "response_forwarding");
  EXPECT_EQ(requests("m", "200", "successful_request"), 1);
  EXPECT_EQ(requests("m", "404", "request_failed"), 1);
  EXPECT_EQ(requests("m", "503", "proxy"), 1);
  EXPECT_EQ(requests("m", "200", "response_forwarding"), 1);
}

TEST_F(RecorderTest, CountsInputTokensWhenACallIsPlaced) {
  const auto call = placed();
  EXPECT_EQ(metrics_.tokens
                .with({"m", "/v1/chat/completions", "input", "default/r", "model_server",
                       "default/s", "base"})
                .value(),
            10);
  end(*call, 200);
  EXPECT_EQ(lines("kthena_router_tokens_total").size(), 1U) << "neither twice nor a zero of output";
}

TEST_F(RecorderTest, CountsInputTokensOfUnplacedCallsAsUnresolvedAtTheirEnd) {
  const auto call = identified("m");
  EXPECT_TRUE(lines("kthena_router_tokens_total").empty());
  end(*call, 503, "pod_discovery");
  EXPECT_EQ(metrics_.tokens
                .with({"m", "/v1/chat/completions", "input", "none", "unresolved", "none", "none"})
                .value(),
            10);
}

TEST_F(RecorderTest, ClientsCannotMakeSeries) {
  for (const char* model : {"x", "y", "z"}) {
    auto call = identified(model);
    call->request.target = std::string("/v1/") + model + "?q=1";
    end(*call, 404, "route_not_found");
  }
  EXPECT_EQ(lines("kthena_router_requests_total").size(), 1U);
  EXPECT_EQ(requests("unknown", "404", "route_not_found"), 3);
  EXPECT_EQ(lines("kthena_router_active_downstream_requests{").size(), 1U);
}

TEST_F(RecorderTest, CountsWhatCouldNotBeReadAsUnknown) {
  end(*begin(), 400, "request_parsing");
  recorder_.refused(431, "the request's head is too large", {});
  EXPECT_EQ(requests("unknown", "400", "request_parsing"), 1);
  EXPECT_EQ(requests("unknown", "431", "request_parsing"), 1);
}

TEST_F(RecorderTest, GaugesFallOnceWhetherACallIsRecordedOrDropped) {
  for (const bool recorded : {true, false}) {
    auto call = placed();
    InFlight leg(std::make_shared<Endpoint>(),
                 telemetry::GaugeHold(std::shared_ptr<const telemetry::Gauge>(
                     call->series, &call->series->active_upstream)));
    const auto upstream = metrics_.active_upstream_requests.with(
        {"default/s", "default/r", "model_server", "default/s", "base"});
    EXPECT_EQ(metrics_.active_requests.value(), 1);
    EXPECT_EQ(metrics_.active_downstream_requests.with({"m"}).value(), 1);
    EXPECT_EQ(upstream.value(), 1);
    leg.release();
    leg.release();
    EXPECT_EQ(upstream.value(), 0);
    if (recorded) {
      end(*call, 200);
    }
    call.reset();
    EXPECT_EQ(metrics_.active_requests.value(), 0);
    EXPECT_EQ(metrics_.active_downstream_requests.with({"m"}).value(), 0);
    EXPECT_EQ(upstream.value(), 0);
  }
}

TEST_F(RecorderTest, ListingsOfModelsAreNoModelRequests) {
  const auto call = begin("/v1/models");
  call->listing = true;
  call->world = current_.get();
  EXPECT_EQ(metrics_.active_requests.value(), 1);
  end(*call, 200);
  EXPECT_TRUE(lines("kthena_router_requests_total").empty());
}

TEST_F(RecorderTest, SeriesOfADeletedRouteDoNotComeBackWithItsLastCalls) {
  auto last = placed();
  end(*placed(), 200);
  change_world({});
  EXPECT_EQ(page().find("default/r"), std::string::npos);
  end(*last, 200);
  last.reset();
  EXPECT_EQ(page().find("default/r"), std::string::npos) << page();
  EXPECT_EQ(page().find("\"m\""), std::string::npos);
  EXPECT_EQ(requests("unknown", "200", "successful_request"), 1);
}

TEST_F(RecorderTest, ARouteThatComesBackIsCountedAnew) {
  auto before = placed();
  change_world({});
  change_world(one_route());
  end(*before, 200);
  end(*placed(), 200);
  EXPECT_EQ(requests("m", "200", "successful_request"), 2);
  EXPECT_EQ(lines("kthena_router_active_downstream_requests").size(), 1U);
}

TEST_F(RecorderTest, ARouteThatStaysKeepsItsNumbers) {
  end(*placed(), 200);
  auto before = placed();
  change_world(one_route());
  end(*before, 200);
  end(*placed(), 200);
  EXPECT_EQ(requests("m", "200", "successful_request"), 3);
}

TEST_F(RecorderTest, SeriesOfAnOldUpstreamModelGoWhenItChangesAndDoNotComeBack) {
  auto before = placed();
  end(*placed(), 200);
  EXPECT_TRUE(page().contains("upstream_model=\"base\""));
  change_world(one_route("other"));
  EXPECT_FALSE(page().contains("upstream_model=\"base\""));
  end(*before, 200);
  before.reset();
  EXPECT_FALSE(page().contains("upstream_model=\"base\"")) << page();
  EXPECT_EQ(requests("m", "200", "successful_request"), 1) << "counted all the same";
}

/// Answers everything with an empty text.
class Echo final : public http::Handler {
 public:
  async::Task<http::Response> handle(http::Request& /*request*/) override {
    co_return http::text_response(200, "text/plain", "");
  }
};

TEST_F(RecorderTest, CountsConnectionsToEngines) {
  Echo handler;
  http::MemoryBudget budget(1 << 20);
  http::Server server(network_, budget, handler);
  const auto address = server.listen({.ip = net::IpAddress::loopback(), .port = 8000});
  ASSERT_TRUE(address);
  for (int i = 0; i < 3; ++i) {
    async::run_until_done(
        loop_, [](http::Client& client, net::SocketAddress to) -> async::Task<void> {
          http::Headers headers;
          headers.add("Host", "engine");
          auto response = co_await client.send(
              to,
              {.method = http::Method::Get, .method_text = {}, .target = "/", .headers = &headers});
          EXPECT_TRUE(response.has_value());
          if (response) {
            static_cast<void>(co_await http::read_all(http::Body(std::move(response->body)), 100));
          }
        }(client_, *address));
    end(*placed(), 200);
  }
  EXPECT_EQ(metrics_.upstream_connections_opened.value(), 1);
  EXPECT_EQ(metrics_.upstream_connections_reused.value(), 2);
  async::run_until_done(loop_, [](http::Server& stopped, Instant deadline) -> async::Task<void> {
    co_await stopped.drain(deadline);
  }(server, loop_.now() + 10s));
}

TEST_F(RecorderTest, LogsWhatCouldNotBeRead) {
  std::string path = std::filesystem::temp_directory_path() / "recorder_log_XXXXXX";
  ::close(::mkstemp(path.data()));
  {
    AccessLog log(*telemetry::LineSink::create(path), AccessLogFormat::Text);
    Recorder recorder(log, metrics_, current_, client_);
    recorder.refused(431, "the request's head is too large", {});
  }
  EXPECT_EQ(
      testing::read_file(path),
      "[1970-01-01T00:00:00Z] \"- - -\" 431 error=request_parsing:\"the request's head is too "
      "large\" timings=0ms(0+0+0)\n");
  std::filesystem::remove(path);
}

TEST(PathLabel, IsOneOfAFewWords) {
  EXPECT_EQ(path_label("/v1/chat/completions"), "/v1/chat/completions");
  EXPECT_EQ(path_label("/v1/embeddings"), "/v1/embeddings");
  EXPECT_EQ(path_label("/v1/chat/completions/"), "other");
  EXPECT_EQ(path_label(""), "other");
}

}  // namespace
}  // namespace kthena::router
