#include "telemetry/line_sink.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/strings.h"
#include "telemetry/record_ring.h"
#include "telemetry/testing/blocked_pipe.h"

namespace kthena::telemetry {
namespace {

using namespace std::chrono_literals;

/// A folder that is gone after the test.
class LineSinkTest : public ::testing::Test {
 protected:
  LineSinkTest() {
    std::string name = (std::filesystem::temp_directory_path() / "line_sink_XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
  }
  ~LineSinkTest() override { std::filesystem::remove_all(folder_); }

  std::string path(std::string_view name) const { return (folder_ / name).string(); }
  std::string content(std::string_view name) const {
    std::ifstream file(path(name));
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
  }
  std::unique_ptr<LineSink> open(std::string_view name, LineSinkOptions options = {}) {
    auto sink = LineSink::create(path(name), std::move(options));
    EXPECT_TRUE(sink) << sink.error().message();
    return *std::move(sink);
  }

 private:
  std::filesystem::path folder_;
};

TEST_F(LineSinkTest, WritesLinesInOrder) {
  const auto sink = open("log");
  EXPECT_TRUE(sink->write("one"));
  EXPECT_TRUE(sink->write(""));
  EXPECT_TRUE(sink->write("three"));
  ASSERT_TRUE(sink->flush(10s));
  EXPECT_EQ(content("log"), "one\n\nthree\n");
  EXPECT_EQ(sink->written(), 3U);
  EXPECT_EQ(sink->dropped(), 0U);
}

TEST_F(LineSinkTest, AppendsToAFileThatIsThere) {
  std::ofstream(path("log")) << "before\n";
  open("log")->write("after");
  EXPECT_EQ(content("log"), "before\nafter\n");
}

TEST_F(LineSinkTest, WritesWhatIsLeftWhenClosed) {
  const auto sink = open("log");
  for (int i = 0; i < 1000; ++i) {
    sink->write(std::to_string(i));
  }
  sink->close(10s);
  EXPECT_EQ(split(content("log"), '\n').size(), 1001U);
  EXPECT_FALSE(sink->write("late"));
  EXPECT_EQ(sink->dropped(), 1U);
}

TEST_F(LineSinkTest, CreatesTheFileForItsOwnerToWriteAndAllToRead) {
  const mode_t before = ::umask(0);
  const auto sink = open("log");
  ::umask(before);
  struct stat status{};
  ASSERT_EQ(::stat(path("log").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0644U);
}

TEST_F(LineSinkTest, ReopensAfterTheFileWasRenamed) {
  const auto sink = open("log");
  sink->write("old");
  ASSERT_TRUE(sink->flush(10s));
  std::filesystem::rename(path("log"), path("log.1"));
  sink->reopen();
  ASSERT_TRUE(sink->flush(10s));
  sink->write("new");
  ASSERT_TRUE(sink->flush(10s));
  EXPECT_EQ(content("log.1"), "old\n");
  EXPECT_EQ(content("log"), "new\n");
}

TEST_F(LineSinkTest, KeepsTheOldFileWhenThePathCannotBeOpened) {
  std::filesystem::create_directory(path("folder"));
  const auto sink = open("folder/log");
  std::filesystem::rename(path("folder"), path("elsewhere"));
  sink->reopen();
  sink->write("kept");
  ASSERT_TRUE(sink->flush(10s));
  EXPECT_EQ(content("elsewhere/log"), "kept\n");
}

TEST_F(LineSinkTest, SaysWhyAPathCannotBeOpened) {
  const auto sink = LineSink::create(path("no/such/folder"));
  ASSERT_FALSE(sink);
  EXPECT_EQ(sink.error().code(), ErrorCode::NotFound);
  EXPECT_EQ(sink.error().message(),
            "opening " + path("no/such/folder") + ": No such file or directory");
}

TEST_F(LineSinkTest, CountsTheLinesThatAFullDiskRefuses) {
  auto sink = LineSink::create("/dev/full");
  ASSERT_TRUE(sink);
  for (int i = 0; i < 100; ++i) {
    (*sink)->write("lost");
  }
  ASSERT_TRUE((*sink)->flush(10s));
  EXPECT_EQ((*sink)->dropped(), 100U);
  EXPECT_EQ((*sink)->written(), 0U);
}

TEST_F(LineSinkTest, StartsANewLineAfterOneWasCut) {
  const auto sink = open("log");
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  const rlimit small{.rlim_cur = 10, .rlim_max = before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  sink->write("abcdef");
  sink->write("ghijkl");
  const bool flushed = sink->flush(10s);
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
  ASSERT_TRUE(flushed);
  sink->write("mnopqr");
  ASSERT_TRUE(sink->flush(10s));
  EXPECT_EQ(content("log"), "abcdef\nghi\nmnopqr\n");
  EXPECT_EQ(sink->written(), 2U);
  EXPECT_EQ(sink->dropped(), 1U);
}

TEST_F(LineSinkTest, DropsLinesThatAreTooLong) {
  const auto sink = open("log", {.capacity = 4096});
  EXPECT_TRUE(sink->write(std::string(511, 'x')));
  EXPECT_FALSE(sink->write(std::string(512, 'x')));
  EXPECT_EQ(sink->dropped(), 1U);
}

TEST_F(LineSinkTest, DropsAndDoesNotWaitWhenAPipeIsBlocked) {
  const testing::BlockedPipe pipe(path("pipe"));
  const auto sink = open("pipe", {.capacity = 16384});
  const std::string line(99, 'x');
  std::uint64_t refused = 0;
  for (int i = 0; i < 10'000; ++i) {
    refused += sink->write(line) ? 0 : 1;
  }
  EXPECT_GT(refused, 0U);
  EXPECT_EQ(sink->dropped(), refused);
  EXPECT_FALSE(sink->flush(0s));
  // The pipe and the buffer keep whole lines, which arrive once somebody reads.
  std::string received;
  while (!sink->flush(1ms)) {
    received += pipe.read();
  }
  received += pipe.read();
  EXPECT_EQ(received.size(), (10'000 - refused) * 100);
  for (const std::string_view got : split(std::string_view(received).substr(0, 1000), '\n')) {
    EXPECT_TRUE(got.empty() || got == line) << got;
  }
}

TEST_F(LineSinkTest, ClosesInTimeWhenAPipeIsBlocked) {
  const testing::BlockedPipe pipe(path("pipe"));
  const auto sink = open("pipe", {.capacity = 1 << 20});
  const std::string line(99, 'x');
  for (int i = 0; i < 5'000; ++i) {
    sink->write(line);
  }
  const auto start = std::chrono::steady_clock::now();
  sink->close(50ms);
  EXPECT_LT(std::chrono::steady_clock::now() - start, 10s);
  // Every line is either in the pipe or counted.
  EXPECT_EQ(sink->written() * 100, pipe.read().size());
  EXPECT_EQ(sink->written() + sink->dropped(), 5'000U);
}

TEST_F(LineSinkTest, CountsTheLinesOfAReaderThatIsGone) {
  auto pipe = std::make_unique<testing::BlockedPipe>(path("pipe"));
  const auto sink = open("pipe");
  pipe.reset();
  sink->write("nobody reads this");
  ASSERT_TRUE(sink->flush(10s));
  EXPECT_EQ(sink->dropped(), 1U);
}

TEST_F(LineSinkTest, TellsInTheFileHowManyLinesWereLost) {
  const auto sink = open("log", {.capacity = 4096, .drop_notice = [](std::uint64_t count) {
                                   return "lost " + std::to_string(count);
                                 }});
  sink->write(std::string(1000, 'x'));
  sink->write(std::string(1000, 'x'));
  sink->write("fits");
  sink->close(10s);
  // In one notice or in two, before or after the line, as the writer came to it.
  int lost = 0;
  std::string rest;
  const std::string text = content("log");
  for (const std::string_view line : split(trim(text), '\n')) {
    if (line.starts_with("lost ")) {
      lost += parse_int<int>(line.substr(5)).value_or(-100);
    } else {
      rest += line;
    }
  }
  EXPECT_EQ(lost, 2);
  EXPECT_EQ(rest, "fits");
}

TEST_F(LineSinkTest, KeepsEveryLineOfManyThreadsWholeAndInTheirOrder) {
  constexpr int kThreads = 4;
  constexpr int kLines = 5'000;
  const auto sink = open("log", {.capacity = 1 << 22});
  std::vector<std::thread> threads;
  for (int thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&sink, thread] {
      for (int i = 0; i < kLines; ++i) {
        const std::string line = std::to_string(thread) + ' ' + std::to_string(i) + ' ' +
                                 std::string(static_cast<std::size_t>(i % 97), 'x');
        while (!sink->write(line)) {
          std::this_thread::yield();
        }
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  ASSERT_TRUE(sink->flush(60s));
  std::map<std::string, int> next;
  const std::string text = content("log");
  for (const std::string_view line : split(trim(text), '\n')) {
    const auto parts = split(line, ' ');
    ASSERT_EQ(parts.size(), 3U) << line;
    const int number = next[std::string(parts[0])]++;
    ASSERT_EQ(parts[1], std::to_string(number));
    ASSERT_EQ(parts[2], std::string(static_cast<std::size_t>(number % 97), 'x'));
  }
  EXPECT_EQ(next.size(), static_cast<std::size_t>(kThreads));
  EXPECT_TRUE(std::ranges::all_of(next, [](const auto& entry) { return entry.second == kLines; }));
}

TEST(RecordRing, GoesRoundManyTimesWithRecordsOfEverySize) {
  RecordRing ring(4096);
  std::uint64_t pushed = 0;
  std::uint64_t taken = 0;
  const auto record = [](std::uint64_t i) {
    return std::string(i % 500, static_cast<char>('a' + i % 26));
  };
  while (taken < 20'000) {
    while (ring.push(record(pushed)) != RecordRing::Push::Refused) {
      ++pushed;
    }
    // Leaves a few, so that the place where it wraps differs.
    ring.drain([&](std::string_view got) {
      if (taken + 3 >= pushed) {
        return false;
      }
      EXPECT_EQ(got, record(taken));
      ++taken;
      return true;
    });
  }
}

TEST(RecordRing, SaysWhenItIsHalfFull) {
  RecordRing ring(4096);
  const std::string record(248, 'x');  // 256 with its word
  for (int i = 0; i < 8; ++i) {
    EXPECT_EQ(ring.push(record), RecordRing::Push::Done);
  }
  for (int i = 0; i < 8; ++i) {
    EXPECT_EQ(ring.push(record), RecordRing::Push::DoneHalfFull);
  }
  EXPECT_EQ(ring.push(record), RecordRing::Push::Refused);
}

}  // namespace
}  // namespace kthena::telemetry
