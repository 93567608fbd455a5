// What a webhook looks up of other objects, where the API server does not say what it should.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "async/simulated_loop.h"
#include "async/time.h"
#include "base/error.h"
#include "http/memory.h"
#include "http/server.h"
#include "kube/admission/admission_handler.h"
#include "kube/client/client.h"
#include "net/simulated_network.h"
#include "net/testing/static_resolver.h"
#include "webhook/webhooks.h"

namespace kthena::webhook {
namespace {

using namespace std::chrono_literals;
using async::Task;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

/// An API server that has one answer for everything.
class Server final : public http::Handler {
 public:
  Task<http::Response> handle(http::Request& request) override {
    asked.push_back(request.target);
    if (delay > Duration{}) {
      static_cast<void>(co_await async::sleep_for(delay));
    }
    co_return http::text_response(status, "application/json", body);
  }

  int status = 200;
  std::string body;
  Duration delay{};
  std::vector<std::string> asked;
};

std::string status_text(int code, std::string_view reason, std::string_view message) {
  return R"({"kind":"Status","apiVersion":"v1","status":"Failure","code":)" + std::to_string(code) +
         R"(,"reason":")" + std::string(reason) + R"(","message":")" + std::string(message) + "\"}";
}

class LookupTest : public ::testing::Test {
 protected:
  LookupTest() { listen(); }
  ~LookupTest() override {
    async::run_until_done(loop_, [](http::Server& server, Instant limit) -> Task<void> {
      co_await server.drain(limit);
    }(http_, loop_.now() + 1min));
  }

  void listen() {
    const auto address = http_.listen({.ip = net::IpAddress::loopback(), .port = 0});
    client_ = *kube::Client::create(network_, resolver_,
                                    {.server = "http://" + address->to_string()}, {});
    std::vector<kube::AdmissionRoute> routes;
    for (const Webhook& webhook : all_webhooks()) {
      routes.push_back({.path = std::string(webhook.path), .policy = policy_of(webhook)});
    }
    handler_ = std::make_unique<kube::AdmissionHandler>(
        std::move(routes), metrics_, [] { return true; }, client_.get());
  }

  /// The answer to the creation of an object.
  std::string ask(std::string_view path, std::string_view group, std::string_view kind,
                  std::string_view spec) {
    const std::string api_version = std::string(group) + "/v1alpha1";
    http::Request request;
    request.method = http::Method::Post;
    request.target = path;
    request.headers.set("Content-Type", "application/json");
    request.body = std::string(
        R"({"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","request":{"uid":"u",)"
        R"("kind":{"group":")" +
        std::string(group) + R"(","version":"v1alpha1","kind":")" + std::string(kind) +
        R"("},"operation":"CREATE","namespace":"team","object":{"apiVersion":")" + api_version +
        R"(","kind":")" + std::string(kind) +
        R"(","metadata":{"name":"o","namespace":"team"},"spec":)" + std::string(spec) + "}}}");
    http::Response response = async::run_until_done(loop_, handler_->handle(request));
    return async::run_until_done(loop_, [](http::Response& r) -> Task<std::string> {
      const auto text = co_await http::read_all(r.body, 1 << 20);
      co_return std::to_string(r.status) + " " + (text ? *text : text.error().message());
    }(response));
  }
  std::string create_binding() {
    return ask("/validate/autoscalingpolicybinding", "workload.serving.volcano.sh",
               "AutoscalingPolicyBinding",
               R"({"policyRef":{"name":"p"},"homogeneousTarget":{"minReplicas":1,)"
               R"("maxReplicas":2,"target":{"targetRef":{"name":"m"}}}})");
  }
  std::string create_route() {
    return ask("/validate/modelroute", "networking.serving.volcano.sh", "ModelRoute",
               R"({"modelName":"m","rules":[{"targetModels":[{"modelServerName":"s"}]}]})");
  }

  async::SimulatedLoop loop_{1};
  net::SimulatedNetwork network_{loop_};
  net::testing::StaticResolver resolver_;
  http::MemoryBudget budget_{64 << 20};
  Server server_;
  http::Server http_{network_, budget_, server_};
  telemetry::Registry registry_;
  kube::AdmissionMetrics metrics_{registry_};
  std::unique_ptr<kube::Client> client_;
  std::unique_ptr<kube::AdmissionHandler> handler_;
};

constexpr std::string_view kPolicy =
    "/apis/workload.serving.volcano.sh/v1alpha1/namespaces/team/autoscalingpolicies/p";

TEST_F(LookupTest, LetsABindingInWhosePolicyIsThere) {
  server_.body =
      R"({"apiVersion":"workload.serving.volcano.sh/v1alpha1","kind":"AutoscalingPolicy",)"
      R"("metadata":{"name":"p","namespace":"team"},"spec":{}})";
  EXPECT_THAT(create_binding(), HasSubstr(R"("allowed":true)"));
  EXPECT_THAT(server_.asked, ::testing::ElementsAre(kPolicy));
}

TEST_F(LookupTest, RefusesABindingWhosePolicyIsNotThere) {
  server_.status = 404;
  server_.body = status_text(404, "NotFound", "p not found");
  EXPECT_THAT(create_binding(),
              AllOf(HasSubstr(R"("allowed":false)"),
                    HasSubstr(R"(autoscaling policy resource p does not exist)")));
}

TEST_F(LookupTest, RefusesABindingWhosePolicyItMayNotLookFor) {
  server_.status = 403;
  server_.body = status_text(403, "Forbidden", "u cannot get resource autoscalingpolicies");
  EXPECT_THAT(create_binding(),
              AllOf(HasSubstr(R"("allowed":false)"),
                    HasSubstr("spec.policyRef.name: cannot look for AutoscalingPolicy p: "),
                    HasSubstr("u cannot get resource autoscalingpolicies"),
                    Not(HasSubstr("does not exist"))));
}

TEST_F(LookupTest, RefusesABindingWhenTheAnswerTakesTooLong) {
  server_.delay = 1min;
  server_.body = "{}";
  const Instant begun = loop_.now();
  EXPECT_THAT(create_binding(),
              AllOf(HasSubstr(R"("allowed":false)"),
                    HasSubstr("spec.policyRef.name: cannot look for AutoscalingPolicy p: ")));
  EXPECT_LT(loop_.now() - begun, 10s);  // before the API server gives the webhook up
}

TEST_F(LookupTest, RefusesABindingWhenTheServerFails) {
  for (const int status : {500, 503, 429}) {
    server_.status = status;
    server_.body = status_text(status, "InternalError", "etcd is away");
    EXPECT_THAT(create_binding(), AllOf(HasSubstr(R"("allowed":false)"),
                                        HasSubstr("cannot look for AutoscalingPolicy p: ")))
        << status;
  }
  server_.status = 200;
  server_.body = "<html>no JSON</html>";
  EXPECT_THAT(create_binding(), AllOf(HasSubstr(R"("allowed":false)"),
                                      HasSubstr("cannot look for AutoscalingPolicy p: ")));
}

TEST_F(LookupTest, HoldsNoRouteUpForWhatItCannotLookFor) {
  server_.status = 403;
  server_.body = status_text(403, "Forbidden", "u cannot get resource modelservers");
  EXPECT_THAT(create_route(), AllOf(HasSubstr(R"("allowed":true)"), Not(HasSubstr("warnings"))));
  server_.status = 404;
  server_.body = status_text(404, "NotFound", "s not found");
  EXPECT_THAT(create_route(), AllOf(HasSubstr(R"("allowed":true)"), HasSubstr("warnings")));
}

}  // namespace
}  // namespace kthena::webhook
