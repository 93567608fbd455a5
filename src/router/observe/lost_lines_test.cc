#include "router/observe/lost_lines.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "async/simulated_loop.h"
#include "router/observe/metrics.h"
#include "telemetry/line_sink.h"
#include "telemetry/metrics.h"
#include "telemetry/testing/blocked_pipe.h"
#include "telemetry/testing/captured_log.h"

namespace kthena::router {
namespace {

/// An access log as the router opens it, whose reader has stopped to read.
class LostLines : public ::testing::Test {
 protected:
  static std::string make_directory() {
    std::string pattern = std::filesystem::temp_directory_path() / "lost_lines_XXXXXX";
    return ::mkdtemp(pattern.data());
  }
  ~LostLines() override {
    pipe_.reset();  // a writer without a reader ends at once
    std::filesystem::remove_all(directory_);
  }

  /// Writes until `count` more lines were lost. Returns how many were written in all. That this
  /// ends shows that writing never waits: nobody reads.
  std::uint64_t lose(std::uint64_t count) {
    const std::uint64_t wanted = access_log_.dropped() + count;
    std::uint64_t written = 0;
    while (access_log_.dropped() < wanted) {
      access_log_.write({.method = "POST",
                         .path = "/v1/chat/completions",
                         .protocol = "HTTP/1.1",
                         .status = 200,
                         .model_name = "some-model",
                         .request_id = "d9b2d63d-a233-4123-847a-7a8d7e6a4a5b"});
      ++written;
    }
    return written;
  }

  const std::string directory_ = make_directory();
  std::unique_ptr<telemetry::testing::BlockedPipe> pipe_ =
      std::make_unique<telemetry::testing::BlockedPipe>(directory_ + "/pipe");
  AccessLog access_log_{*telemetry::LineSink::create(directory_ + "/pipe"), AccessLogFormat::Text};
  log::testing::CapturedLog log_;
  async::SimulatedLoop loop_;
  LostLinesReport report_{loop_, access_log_};
};

TEST_F(LostLines, AreCountedOnceTheBufferIsFull) {
  telemetry::Registry registry;
  const auto counting = count_dropped_lines(registry, access_log_);
  // 512 KiB of lines of some 200 bytes find room, and little more: a batch and the pipe.
  const std::uint64_t written = lose(500);
  EXPECT_GT(written - 500, (512 << 10) / 250);
  EXPECT_LT(written - 500, (512 << 10) / 100);
  std::string page;
  registry.print(page);
  EXPECT_TRUE(page.contains("\nkthena_router_access_log_dropped_lines_total 500\n")) << page;
}

TEST_F(LostLines, AreToldOnceAnInterval) {
  loop_.run_for(LostLinesReport::kInterval);
  EXPECT_EQ(log_.lines().size(), 0U) << "nothing was lost";
  lose(500);
  EXPECT_EQ(log_.lines().size(), 0U) << "not for each line";
  loop_.run_for(LostLinesReport::kInterval);
  ASSERT_EQ(log_.lines().size(), 1U);
  EXPECT_TRUE(log_.lines()[0].contains("lines=500 total=500")) << log_.lines()[0];
  loop_.run_for(3 * LostLinesReport::kInterval);
  EXPECT_EQ(log_.lines().size(), 1U) << "what was told is not told again";
  lose(7);
  loop_.run_for(LostLinesReport::kInterval);
  ASSERT_EQ(log_.lines().size(), 2U);
  EXPECT_TRUE(log_.lines()[1].contains("lines=7 total=507")) << log_.lines()[1];
}

TEST_F(LostLines, AreToldAtTheEnd) {
  lose(3);
  report_.report();
  EXPECT_EQ(log_.count("lines=3 total=3"), 1U);
  report_.report();
  EXPECT_EQ(log_.lines().size(), 1U);
}

}  // namespace
}  // namespace kthena::router
