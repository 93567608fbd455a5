#include "async/signals.h"

#include <gtest/gtest.h>
#include <pthread.h>

#include <csignal>
#include <vector>

namespace kthena::async {
namespace {

TEST(SignalWatch, CallsOnTheLoopsThreadForEachSignal) {
  const auto loop = *EpollLoop::create();
  std::vector<int> seen;
  const auto watch = *SignalWatch::create(*loop, {SIGUSR1, SIGUSR2}, [&](int signal) {
    seen.push_back(signal);
    loop->stop();
  });
  for (const int signal : {SIGUSR1, SIGUSR2, SIGUSR1}) {
    ASSERT_EQ(::pthread_kill(::pthread_self(), signal), 0);
    EXPECT_TRUE(loop->now() > Instant{});
    loop->run();
  }
  EXPECT_EQ(seen, (std::vector{SIGUSR1, SIGUSR2, SIGUSR1}));
}

}  // namespace
}  // namespace kthena::async
