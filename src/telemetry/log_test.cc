#include "telemetry/log.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/check.h"
#include "base/clock.h"
#include "base/error.h"
#include "telemetry/log_tags.h"
#include "telemetry/testing/captured_log.h"

namespace kthena::log {
namespace {

using namespace std::chrono_literals;
using testing::CapturedLog;

std::filesystem::path fresh_path(std::string_view name) {
  const auto path = std::filesystem::temp_directory_path() /
                    (std::string(name) + "_" + std::to_string(::getpid()) + ".log");
  std::filesystem::remove(path);
  return path;
}

std::string content(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

TEST(Log, GoesToTheOutputThatLives) {
  const auto path = fresh_path("log_test");
  const ManualClock clock;
  {
    const auto output =
        Output::start({.destination = path.string(), .format = Format::Json, .clock = &clock});
    ASSERT_TRUE(output) << output.error().message();
    info("started", kv("port", 8080));
    debug("not shown");
  }
  EXPECT_EQ(content(path),
            R"({"ts":"2026-01-01T00:00:00.000000Z","level":"info","msg":"started","port":8080})"
            "\n");
  std::filesystem::remove(path);
}

TEST(Log, ReopensItsFile) {
  const auto path = fresh_path("log_reopen_test");
  auto rotated = path;
  rotated += ".1";
  const ManualClock clock;
  const auto output = Output::start({.destination = path.string(), .clock = &clock});
  ASSERT_TRUE(output);
  info("first");
  ASSERT_TRUE((*output)->flush(10s));
  std::filesystem::rename(path, rotated);
  (*output)->reopen();
  ASSERT_TRUE((*output)->flush(10s));
  info("second");
  ASSERT_TRUE((*output)->flush(10s));
  EXPECT_EQ(content(rotated), "2026-01-01T00:00:00.000000Z INFO  first\n");
  EXPECT_EQ(content(path), "2026-01-01T00:00:00.000000Z INFO  second\n");
  std::filesystem::remove(path);
  std::filesystem::remove(rotated);
}

TEST(Log, TellsHowManyLinesWereDropped) {
  const auto path = fresh_path("log_drop_test");
  {
    const auto output = Output::start({.destination = path.string(), .capacity = 4096});
    ASSERT_TRUE(output);
    const std::string text(1000, 'x');  // longer than an eighth of the capacity
    info("too long", kv("text", text));
    EXPECT_EQ((*output)->dropped(), 1U);
  }
  EXPECT_NE(content(path).find(" WARN  log lines were dropped count=1\n"), std::string::npos);
  std::filesystem::remove(path);
}

TEST(Log, SaysWhyAnOutputCannotBeOpened) {
  const auto output = Output::start({.destination = "/no/such/folder/log"});
  ASSERT_FALSE(output);
  EXPECT_EQ(output.error().code(), ErrorCode::NotFound);
}

TEST(Log, WritesToStderrWithoutAnOutput) {
  ::testing::internal::CaptureStderr();
  warn("alone", kv("n", 1));
  const std::string line = ::testing::internal::GetCapturedStderr();
  EXPECT_NE(line.find(" WARN  alone n=1\n"), std::string::npos) << line;
}

TEST(Log, LevelDecidesWhatIsWrittenAtOnce) {
  const CapturedLog captured;
  set_level(Level::Warn);
  info("no");
  warn("yes");
  error("yes");
  set_level(Level::Debug);
  debug("yes");
  EXPECT_EQ(captured.count("yes"), 3U);
  EXPECT_EQ(captured.count("no"), 0U);
}

struct Costly {
  int* asked;
  std::string to_string() const {
    ++*asked;
    return "text";
  }
};

TEST(Log, MakesTextOfObjectsOnlyIfTheLineIsWritten) {
  const CapturedLog captured;
  int asked = 0;
  set_level(Level::Info);
  debug("no", kv("object", Costly{&asked}));
  EXPECT_EQ(asked, 0);
  info("yes", kv("object", Costly{&asked}));
  EXPECT_EQ(asked, 1);
  EXPECT_EQ(captured.count("yes object=text"), 1U);
}

TEST(Log, CarriesTheTagsOfTheThread) {
  const CapturedLog captured;
  telemetry::LogTags tags;
  tags.add("request_id", "r1");
  {
    const telemetry::ScopedLogTags scope(tags);
    info("inside");
    std::thread([] { info("elsewhere"); }).join();
  }
  info("outside");
  EXPECT_EQ(captured.count("inside request_id=r1"), 1U);
  EXPECT_EQ(captured.count("request_id"), 1U);
  EXPECT_EQ(captured.lines().size(), 3U);
}

TEST(Log, ParsesLevelsAndFormats) {
  EXPECT_EQ(parse_level("WARN"), Level::Warn);
  EXPECT_EQ(parse_level("debug"), Level::Debug);
  EXPECT_EQ(parse_level("loud").error().message(),
            "unknown log level \"loud\": use error, warn, info or debug");
  EXPECT_EQ(parse_format("Json"), Format::Json);
  EXPECT_FALSE(parse_format("xml"));
}

TEST(Log, TakesLinesFromManyThreads) {
  const auto path = fresh_path("log_threads_test");
  {
    const auto output = Output::start({.destination = path.string()});
    ASSERT_TRUE(output);
    std::vector<std::jthread> threads;
    for (int thread = 0; thread < 4; ++thread) {
      threads.emplace_back([thread] {
        for (int i = 0; i < 500; ++i) {
          info("line", kv("thread", thread), kv("i", i));
        }
      });
    }
  }
  const std::string text = content(path);
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 2000);
  EXPECT_NE(text.find(" INFO  line thread=3 i=499\n"), std::string::npos);
  std::filesystem::remove(path);
}

TEST(LogDeathTest, WritesWhatIsLeftWhenACheckFails) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  // The child is a run of its own: the name must not depend on the process.
  const auto path = std::filesystem::path(KTHENA_BIN) / "log_death_test.log";
  std::filesystem::remove(path);
  EXPECT_DEATH(
      {
        const auto output = Output::start({.destination = path.string()});
        info("last words");
        CHECK(1 + 1 == 3);
      },
      "CHECK failed: 1 \\+ 1 == 3");
  EXPECT_NE(content(path).find(" INFO  last words\n"), std::string::npos);
  std::filesystem::remove(path);
}

}  // namespace
}  // namespace kthena::log
