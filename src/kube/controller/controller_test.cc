#include "kube/controller/controller.h"

#include <gtest/gtest.h>

#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

#include "async/simulated_loop.h"
#include "async/time.h"
#include "telemetry/metrics.h"

namespace kthena::kube {
namespace {

using namespace std::chrono_literals;

ObjectKey key(std::string name) { return {.namespace_name = "ns", .name = std::move(name)}; }

/// Notes what it is asked, takes its time, and answers what the test says.
class ScriptedReconciler final : public Reconciler {
 public:
  async::Task<Result<Requeue>> reconcile(ObjectKey key) override {
    asked.push_back(key.name);
    if (takes > Duration::zero()) {
      CO_TRY(co_await async::sleep_for(takes));
    }
    co_return answer(key);
  }

  std::vector<std::string> asked;
  Duration takes{};
  std::function<Result<Requeue>(const ObjectKey&)> answer = [](const ObjectKey&) {
    return Requeue::never();
  };
};

class Controllers : public ::testing::Test {
 protected:
  ~Controllers() override {
    scope_.cancel();
    loop_.run();
  }
  void start() { scope_.spawn(controller_.run()); }

  async::SimulatedLoop loop_{3};
  telemetry::Registry registry_;
  ReconcileMetrics metrics_ = ReconcileMetricFamilies(registry_).of("test");
  ScriptedReconciler reconciler_;
  Controller controller_{
      loop_, "test", reconciler_, {.workers = 2, .queue = {.seed = 5}, .metrics = metrics_}};
  async::TaskScope scope_{loop_};
};

TEST_F(Controllers, ReconcilesWhatIsAdded) {
  start();
  controller_.queue().add(key("a"));
  loop_.run_for(1s);
  EXPECT_EQ(reconciler_.asked, std::vector<std::string>{"a"});
  EXPECT_EQ(metrics_.succeeded.value(), 1);
}

TEST_F(Controllers, LooksAgainWhenTheReconcilerAsksForIt) {
  reconciler_.answer = [](const ObjectKey&) { return Requeue::after(1min); };
  start();
  controller_.queue().add(key("a"));
  loop_.run_for(150s);
  EXPECT_EQ(reconciler_.asked.size(), 3U);
}

TEST_F(Controllers, TriesAgainAfterAnError) {
  int left = 3;
  reconciler_.answer = [&left](const ObjectKey&) {
    return left-- > 0 ? Result<Requeue>(fail(ErrorCode::Unavailable, "not now")) : Requeue::never();
  };
  start();
  controller_.queue().add(key("a"));
  loop_.run_for(1min);
  EXPECT_EQ(reconciler_.asked.size(), 4U);
  EXPECT_EQ(metrics_.failed.value(), 3);
  EXPECT_EQ(controller_.queue().failures(key("a")), 0U);
}

TEST_F(Controllers, ConflictsAreTriedAgainAndAreNoFailures) {
  int left = 1;
  reconciler_.answer = [&left](const ObjectKey&) {
    return left-- > 0 ? Result<Requeue>(fail(ErrorCode::Conflict, "changed")) : Requeue::never();
  };
  start();
  controller_.queue().add(key("a"));
  loop_.run_for(1s);
  EXPECT_EQ(reconciler_.asked.size(), 2U);
  EXPECT_EQ(metrics_.failed.value(), 0);
  EXPECT_EQ(metrics_.conflicts.value(), 1);
}

TEST_F(Controllers, AnExceptionFailsThatKeyAlone) {
  reconciler_.answer = [](const ObjectKey& asked) -> Result<Requeue> {
    if (asked.name == "bad") {
      throw std::runtime_error("a bug");
    }
    return Requeue::never();
  };
  start();
  controller_.queue().add(key("bad"));
  controller_.queue().add(key("good"));
  loop_.run_for(1ms);
  EXPECT_EQ(reconciler_.asked, (std::vector<std::string>{"bad", "good"}));
  EXPECT_EQ(metrics_.panics.value(), 1);
  EXPECT_EQ(controller_.queue().failures(key("bad")), 1U);
}

TEST_F(Controllers, AReconcileThatHangsIsEndedAndTriedAgain) {
  reconciler_.takes = 24h;
  start();
  controller_.queue().add(key("a"));
  loop_.run_for(5min);
  EXPECT_EQ(reconciler_.asked.size(), 3U);
  EXPECT_EQ(metrics_.failed.value(), 2);
}

TEST_F(Controllers, WorksOnSeveralKeysAtOnceButOnNoneTwice) {
  reconciler_.takes = 24h;
  start();
  for (const char* name : {"a", "b", "c"}) {
    controller_.queue().add(key(name));
    controller_.queue().add(key(name));
  }
  loop_.run_for(1s);
  EXPECT_EQ(controller_.queue().in_work(), 2U);  // two workers
  EXPECT_EQ(metrics_.active.value(), 2);
}

TEST_F(Controllers, StopsOnceWhatIsInWorkHasEnded) {
  reconciler_.takes = 24h;
  start();
  controller_.queue().add(key("a"));
  loop_.run_for(1s);
  scope_.cancel();
  loop_.run_ready();
  EXPECT_EQ(scope_.running(), 0U);
  EXPECT_EQ(metrics_.failed.value(), 0);  // a cancellation is nobody's fault
}

TEST(Requeue, TheSoonerOfTwoWishesCounts) {
  EXPECT_EQ(Requeue::sooner(Requeue::never(), Requeue::after(5s)), Requeue::after(5s));
  EXPECT_EQ(Requeue::sooner(Requeue::after(5s), Requeue::never()), Requeue::after(5s));
  EXPECT_EQ(Requeue::sooner(Requeue::after(5s), Requeue::after(1s)), Requeue::after(1s));
  EXPECT_EQ(Requeue::sooner(Requeue::never(), Requeue::never()), Requeue::never());
}

}  // namespace
}  // namespace kthena::kube
