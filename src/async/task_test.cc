#include "async/task.h"

#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "async/combine.h"
#include "async/log_tag_scope.h"
#include "async/testing/loops.h"
#include "async/time.h"

namespace kthena::async {
namespace {

using namespace std::chrono_literals;

template <class L>
class Tasks : public testing::OnBothLoops<L> {};
TYPED_TEST_SUITE(Tasks, testing::Loops);

Task<int> add_later(int a, int b) {
  co_await sleep_for(10ms);
  co_return a + b;
}
TYPED_TEST(Tasks, GiveTheirValue) { EXPECT_EQ(this->run(add_later(2, 3)), 5); }

Task<Result<int>> fails() { co_return fail(ErrorCode::NotFound, "nothing here"); }
Task<Result<int>> passes_on() { co_return CO_TRY(co_await fails()) + 1; }
TYPED_TEST(Tasks, PassErrorsOn) {
  const auto result = this->run(passes_on());
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().message(), "nothing here");
}

Task<std::unique_ptr<int>> gives_what_cannot_be_copied() { co_return std::make_unique<int>(7); }
Task<int> takes_it() { co_return *co_await gives_what_cannot_be_copied(); }
TYPED_TEST(Tasks, MoveTheirValue) { EXPECT_EQ(this->run(takes_it()), 7); }

Task<int> throws_later() {
  co_await yield();
  throw std::runtime_error("as a library might");
}
Task<std::string> catches() {
  try {
    co_await throws_later();
  } catch (const std::runtime_error& error) {
    co_return error.what();
  }
  co_return "nothing";
}
TYPED_TEST(Tasks, ThrowToTheirCaller) { EXPECT_EQ(this->run(catches()), "as a library might"); }

Task<int> at_once(int value) { co_return value; }
Task<std::int64_t> many_in_a_row(int count) {
  std::int64_t sum = 0;
  for (int i = 0; i < count; ++i) {
    sum += co_await at_once(i);
  }
  co_return sum;
}
TYPED_TEST(Tasks, ThatNeverSuspendDoNotGrowTheStack) {
  EXPECT_EQ(this->run(many_in_a_row(1'000'000)), 499'999'500'000);
}

Task<int> nested(int depth) {
  if (depth == 0) {
    co_await yield();
    co_return 0;
  }
  co_return 1 + co_await nested(depth - 1);
}
TYPED_TEST(Tasks, NestDeeplyWithoutTheStack) { EXPECT_EQ(this->run(nested(100'000)), 100'000); }

Task<void> note_frame_size() { co_await yield(); }
TEST(FramePool, FramesGoRoundOnOneThread) {
#ifdef KTHENA_SANITIZED
  GTEST_SKIP() << "sanitizers see each frame allocated";
#endif
  SimulatedLoop loop;
  run_until_done(loop, note_frame_size());
  const std::size_t pooled = pooled_frame_bytes();
  EXPECT_GT(pooled, 0U);
  for (int i = 0; i < 100; ++i) {
    run_until_done(loop, note_frame_size());
  }
  EXPECT_EQ(pooled_frame_bytes(), pooled);
}

// GCC 12 destroys temporaries in co_await expressions twice. What compiles this project must not.
struct Counted {
  explicit Counted(int number = 0) : value(number) { ++alive; }
  Counted(const Counted& other) : value(other.value) { ++alive; }
  Counted(Counted&& other) noexcept : value(std::exchange(other.value, -1)) { ++alive; }
  Counted& operator=(const Counted&) = default;
  Counted& operator=(Counted&&) noexcept = default;
  ~Counted() { --alive; }
  int value;
  static inline int alive = 0;
};
struct Aggregate {
  Counted first;
  Counted second;
  std::string text;
};
Task<int> by_value(Aggregate aggregate) {
  co_await yield();
  co_return aggregate.first.value + aggregate.second.value;
}
Task<int> by_reference(const Aggregate& aggregate) {
  co_await yield();
  co_return aggregate.first.value + aggregate.second.value;
}
template <class F>
Task<int> call(F function) {
  co_await yield();
  co_return function();
}
Task<bool> is_even(Counted number) {
  co_await yield();
  co_return number.value % 2 == 0;
}
Task<int> use_temporaries() {
  const Counted outside(5);
  int sum = co_await by_value({.first = Counted(1), .second = Counted(2), .text = "a"});
  sum += co_await by_reference({.first = Counted(3), .second = Counted(4), .text = "b"});
  sum += co_await call([outside] { return outside.value; });
  sum += sum > 0 ? co_await by_value({.first = Counted(6), .second = outside, .text = "c"})
                 : co_await by_value({.first = Counted(0), .second = Counted(0), .text = "d"});
  if (co_await is_even(Counted(2)) && co_await is_even(Counted(4))) {
    sum += 100;
  }
  for (int i = 0; i < 3; ++i) {
    sum += co_await by_reference({.first = Counted(i), .second = Counted(i), .text = "e"});
  }
  co_return sum;
}
TYPED_TEST(Tasks, TemporariesInAwaitExpressionsAreDestroyedOnce) {
  EXPECT_EQ(this->run(use_temporaries()), 1 + 2 + 3 + 4 + 5 + 6 + 5 + 100 + 6);
  EXPECT_EQ(Counted::alive, 0);
}

/// "a=1 b=2": what a line of the log would say now.
std::string tags_now() {
  std::string text;
  for (const auto* tags = telemetry::current_tags(); tags != nullptr; tags = tags->outer()) {
    for (const auto& tag : *tags) {
      text += std::string(text.empty() ? "" : " ") + std::string(tag.key) + "=" +
              std::string(tag.value);
    }
  }
  return text;
}
Task<std::string> tags_of_callee() {
  LogTagScope tags(co_await this_task());
  tags.add("inner", "2");
  const DeadlineScope limit(co_await this_task(), 1h);
  co_await sleep_for(1ms);
  co_return tags_now();
}
Task<std::string> tags_of_other_task() {
  co_await sleep_for(500us);
  co_return tags_now();
}
Task<void> tag_and_ask(std::vector<std::string>& seen, std::string id) {
  seen.push_back(tags_now());
  LogTagScope tags(co_await this_task());
  tags.add("id", id);
  seen.push_back(co_await tags_of_callee());
  seen.push_back(tags_now());
  seen.push_back(std::get<0>(co_await when_all(tags_of_other_task())));
  co_await yield();
  seen.push_back(tags_now());
}
Task<void> two_with_tags(std::vector<std::string>& a, std::vector<std::string>& b) {
  co_await when_all(tag_and_ask(a, "a"), tag_and_ask(b, "b"));
}
TYPED_TEST(Tasks, LogTagsTravelWithTheTask) {
  std::vector<std::string> a;
  std::vector<std::string> b;
  this->run(two_with_tags(a, b));
  EXPECT_EQ(a, (std::vector<std::string>{"", "inner=2 id=a", "id=a", "id=a", "id=a"}));
  EXPECT_EQ(b, (std::vector<std::string>{"", "inner=2 id=b", "id=b", "id=b", "id=b"}));
  EXPECT_EQ(tags_now(), "");
}

}  // namespace
}  // namespace kthena::async
