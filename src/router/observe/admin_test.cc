#include "router/observe/admin.h"

#include <gtest/gtest.h>

#include "async/scope.h"
#include "http/body.h"
#include "http/client.h"

namespace kthena::router {
namespace {

struct Answer {
  int status = 0;
  std::string content_type;
  std::string body;
};

// Real sockets: which address a port is bound to is what matters here.
class AdminTest : public ::testing::Test {
 protected:
  AdminTest() { registry_.counter("test_total", "A test.").inc(); }

  Answer ask(const net::SocketAddress& address, std::string target, std::string accept = "*/*",
             http::Method method = http::Method::Get) {
    return async::run_until_done(
        *loop_,
        [](AdminTest& self, net::SocketAddress to, std::string path, std::string accepted,
           http::Method how) -> async::Task<Answer> {
          http::Headers headers;
          headers.add("Host", "router");
          headers.add("Accept", accepted);
          auto response = co_await self.client_.send(
              to, {.method = how, .method_text = {}, .target = path, .headers = &headers});
          if (!response) {
            co_return Answer{};
          }
          const http::Body body(std::move(response->body));
          co_return Answer{
              .status = response->status,
              .content_type = std::string(response->headers.find("Content-Type").value_or("")),
              .body = (co_await http::read_all(body, 1 << 20)).value_or("broken")};
        }(*this, address, std::move(target), std::move(accept), method));
  }

  std::unique_ptr<async::EpollLoop> loop_ = *async::EpollLoop::create();
  net::TcpNetwork network_{*loop_};
  http::Client client_{network_};
  telemetry::Registry registry_;
  CurrentSnapshot world_;
  Admin admin_{*loop_, registry_, world_};
};

TEST_F(AdminTest, ServesMetricsAndNothingElseOnTheMetricsPort) {
  ASSERT_TRUE(admin_.listen(net::IpAddress::loopback(), {.metrics_port = 0, .debug_port = 0}));
  const Answer text = ask(admin_.metrics_address(), "/metrics?x=1");
  EXPECT_EQ(text.status, 200);
  EXPECT_EQ(text.content_type, "text/plain; version=0.0.4; charset=utf-8");
  EXPECT_EQ(text.body, "# HELP test_total A test.\n# TYPE test_total counter\ntest_total 1\n");
  const Answer open =
      ask(admin_.metrics_address(), "/metrics", "application/openmetrics-text; version=1.0.0");
  EXPECT_TRUE(open.content_type.starts_with("application/openmetrics-text")) << open.content_type;
  EXPECT_TRUE(open.body.ends_with("# EOF\n"));
  const Answer head = ask(admin_.metrics_address(), "/metrics", "*/*", http::Method::Head);
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.body, "");
  for (const char* path : {"/", "/healthz", "/metrics/", "/v1/models", "/debug/config_dump/pods"}) {
    EXPECT_EQ(ask(admin_.metrics_address(), path).status, 404) << path;
  }
}

TEST_F(AdminTest, ServesTheDebugPagesOnLoopbackOnly) {
  ASSERT_TRUE(admin_.listen(*net::parse_ip("0.0.0.0"), {.metrics_port = 0, .debug_port = 0}));
  EXPECT_TRUE(admin_.debug_address().ip.is_loopback());
  EXPECT_FALSE(admin_.metrics_address().ip.is_loopback());
  EXPECT_EQ(ask(admin_.debug_address(), "/debug/config_dump/pods").body, R"({"pods":[]})");
  EXPECT_EQ(ask(admin_.debug_address(), "/metrics").status, 404);
}

TEST_F(AdminTest, NamesTheFlagOfATakenPort) {
  ASSERT_TRUE(admin_.listen(net::IpAddress::loopback(), {.metrics_port = 0, .debug_port = 0}));
  Admin second(*loop_, registry_, world_);
  const auto metrics = second.listen(
      net::IpAddress::loopback(), {.metrics_port = admin_.metrics_address().port, .debug_port = 0});
  ASSERT_FALSE(metrics);
  EXPECT_TRUE(metrics.error().message().starts_with("--metrics-port: "));
  Admin third(*loop_, registry_, world_);
  const auto debug = third.listen(net::IpAddress::loopback(),
                                  {.metrics_port = 0, .debug_port = admin_.debug_address().port});
  ASSERT_FALSE(debug);
  EXPECT_TRUE(debug.error().message().starts_with("--debug-port: "));
}

TEST_F(AdminTest, AnswersNothingAfterItStopped) {
  ASSERT_TRUE(admin_.listen(net::IpAddress::loopback(), {.metrics_port = 0, .debug_port = 0}));
  EXPECT_EQ(ask(admin_.metrics_address(), "/metrics").status, 200);
  async::run_until_done(*loop_, admin_.stop(std::chrono::seconds(15)));
  EXPECT_EQ(ask(admin_.metrics_address(), "/metrics").status, 0);
}

}  // namespace
}  // namespace kthena::router
