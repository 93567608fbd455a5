#include "async/process.h"

#include <gtest/gtest.h>

#include <chrono>
#include <memory>

#include "async/epoll_loop.h"
#include "async/scope.h"

namespace kthena::async {
namespace {

using namespace std::chrono_literals;

struct ProcessRunnerTest : testing::Test {
  std::unique_ptr<EpollLoop> loop = *EpollLoop::create();
  ProcessRunner runner{*loop};
  Result<CommandOutput> run(Command command) { return run_until_done(*loop, runner.run(command)); }
};

TEST_F(ProcessRunnerTest, GivesWhatAProgramPrintsAndItsStatus) {
  const auto ran = run({.arguments = {"sh", "-c", "echo $A $HOME_IS; echo oops >&2; exit 3"},
                        .environment = {{"A", "b"}, {"HOME_IS", "x=y"}}});
  ASSERT_TRUE(ran.has_value()) << ran.error().to_string();
  EXPECT_EQ(ran->output, "b x=y\n");
  EXPECT_EQ(ran->error_output, "oops\n");
  EXPECT_EQ(ran->exit_status, 3);
  EXPECT_EQ(run({.arguments = {"sh", "-c", "kill -TERM $$"}})->exit_status, 128 + 15);
}

TEST_F(ProcessRunnerTest, ReplacesVariablesOfOurOwn) {
  const auto ran = run({.arguments = {"sh", "-c", "env | grep -c ^PATH=; echo $PATH"},
                        .environment = {{"PATH", "/bin:/usr/bin"}}});
  EXPECT_EQ(ran->output, "1\n/bin:/usr/bin\n");
}

TEST_F(ProcessRunnerTest, ReadsMuchFromBothStreamsAtOnce) {
  const auto ran =
      run({.arguments = {"sh", "-c", "head -c 300000 /dev/zero >&2; head -c 300000 /dev/zero"}});
  ASSERT_TRUE(ran.has_value()) << ran.error().to_string();
  EXPECT_EQ(ran->output.size(), 300000U);
  EXPECT_EQ(ran->error_output.size(), 300000U);
}

TEST_F(ProcessRunnerTest, KnowsThatThereIsNoSuchProgram) {
  EXPECT_EQ(run({.arguments = {"/nowhere/no-such-program"}}).error().code(), ErrorCode::NotFound);
  EXPECT_EQ(run({.arguments = {"/etc/passwd"}}).error().code(), ErrorCode::PermissionDenied);
  EXPECT_EQ(run({}).error().code(), ErrorCode::InvalidArgument);
}

TEST_F(ProcessRunnerTest, KillsWhatPrintsTooMuchOrTakesTooLong) {
  EXPECT_EQ(run({.arguments = {"yes"}, .max_output = 1000}).error().code(), ErrorCode::TooLarge);
  const auto slow = run({.arguments = {"sh", "-c", "sleep 1000 & sleep 1000"}, .timeout = 50ms});
  EXPECT_EQ(slow.error().code(), ErrorCode::DeadlineExceeded);
}

}  // namespace
}  // namespace kthena::async
