#include "sim/engine_model.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "async/simulated_loop.h"
#include "base/clock.h"
#include "base/random.h"
#include "sim/engine.h"
#include "sim/engine_options.h"
#include "sim/engine_stats.h"

namespace kthena::sim {
namespace {

using namespace std::chrono_literals;
using testing::Each;

/// A sequence that remembers when each of its tokens came.
class Recorded final : public Sequence {
 public:
  Recorded(Engine& engine, std::shared_ptr<const Prompt> prompt, std::uint32_t answer)
      : Sequence(std::move(prompt), {.tokens = answer, .reason = FinishReason::Length}),
        engine_(engine),
        start_(engine.loop().now()) {}
  ~Recorded() override { engine_.withdraw(*this); }

  Duration first() const { return times.front(); }
  /// Time between tokens `index` - 1 and `index`.
  Duration gap(std::size_t index) const { return times[index] - times[index - 1]; }

  std::vector<Duration> times;

 private:
  std::uint32_t token_id(std::uint32_t index) const override { return 1000 + index; }
  void on_progress() noexcept override {
    if (generated() > times.size()) {
      times.push_back(engine_.loop().now() - start_);
    }
  }
  Engine& engine_;
  Instant start_;
};

std::vector<std::uint32_t> tokens(std::uint32_t count, std::uint32_t seed) {
  std::vector<std::uint32_t> ids(count);
  for (std::uint32_t i = 0; i < count; ++i) {
    ids[i] = seed * 1'000'003 + i;
  }
  return ids;
}

EngineOptions options_of(std::string_view profile) { return *find_profile(profile); }

class EngineTest : public testing::Test {
 protected:
  void use(const EngineOptions& options) {
    ASSERT_TRUE(options.validate());
    sequences_.clear();
    engine_.emplace(loop_, options);
  }
  ~EngineTest() override {
    sequences_.clear();
    engine_.reset();
  }

  Recorded& add(const std::vector<std::uint32_t>& prompt, std::uint32_t answer) {
    Recorded& sequence = sequences_.emplace_back(
        *engine_, std::make_shared<const Prompt>(prompt, model().options().block_size), answer);
    engine_->submit(sequence);
    return sequence;
  }
  Recorded& add(std::uint32_t prompt_tokens, std::uint32_t answer) {
    return add(tokens(prompt_tokens, ++seed_), answer);
  }
  EngineModel& model() { return engine_->model(); }
  const EngineStats& stats() { return model().stats(); }

  async::SimulatedLoop loop_;
  std::optional<Engine> engine_;
  std::deque<Recorded> sequences_;
  std::uint32_t seed_ = 0;
};

EngineOptions small() {
  return {.step_base = 10ms,
          .step_per_sequence = 1ms,
          .prefill_tokens_per_second = 1000,
          .max_num_seqs = 8,
          .max_num_batched_tokens = 100,
          .num_kv_blocks = 100,
          .block_size = 4,
          .max_model_len = 400};
}

TEST_F(EngineTest, AStepCostsItsParts) {
  use(small());
  Recorded& a = add(20, 3);
  Recorded& b = add(30, 3);
  loop_.run();
  EXPECT_EQ(a.first(), 10ms + 50ms);  // one step prefills both: 50 tokens at 1,000 a second
  EXPECT_EQ(b.first(), a.first());
  EXPECT_EQ(a.gap(1), 10ms + 2 * 1ms);
  EXPECT_EQ(a.gap(2), 10ms + 2 * 1ms);
  EXPECT_EQ(stats().steps, 3U);
  EXPECT_TRUE(model().idle());
}

TEST_F(EngineTest, LongPromptsAreComputedInChunks) {
  use(small());
  Recorded& running = add(10, 10);
  loop_.run_for(19ms);
  Recorded& late = add(250, 2);
  loop_.run();
  // 99, 99 and 52 tokens beside one decoding sequence.
  EXPECT_EQ(running.gap(1), 11ms + 99ms);
  EXPECT_EQ(running.gap(2), 11ms + 99ms);
  EXPECT_EQ(running.gap(3), 11ms + 52ms);
  EXPECT_EQ(late.times.size(), 2U);
}

TEST_F(EngineTest, WithoutChunkedPrefillAPromptWaitsForAStepThatHoldsIt) {
  EngineOptions options = small();
  options.enable_chunked_prefill = false;
  options.max_num_batched_tokens = 400;
  use(options);
  Recorded& a = add(300, 1);
  Recorded& b = add(200, 1);
  loop_.run();
  EXPECT_EQ(a.first(), 310ms);
  EXPECT_EQ(b.first(), 310ms + 210ms);
}

// The recording's timing.csv: 16 prompts of 1,500 tokens at once start between 30 and 300 ms, and
// what runs shows gaps of one prefill step; 16 prompts of 100 tokens start together.
TEST_F(EngineTest, LongPromptsTakeTurnsAsInTheRecording) {
  use(options_of("vllm-cpu-tiny"));
  std::vector<Recorded*> all;
  for (int i = 0; i < 16; ++i) {
    all.push_back(&add(1500, 32));
  }
  loop_.run();
  EXPECT_GT(all.front()->first(), 20ms);
  EXPECT_LT(all.front()->first(), 35ms);
  EXPECT_GT(all.back()->first(), 250ms);
  EXPECT_LT(all.back()->first(), 400ms);
  for (std::size_t i = 1; i < all.size(); ++i) {
    EXPECT_GE(all[i]->first(), all[i - 1]->first());
    EXPECT_LT(all[i]->first() - all[i - 1]->first(), 60ms);
  }
  // While others are being prefilled, and after.
  EXPECT_GT(all.front()->gap(5), 20ms);
  EXPECT_LT(all.front()->gap(31), 8ms);
}

TEST_F(EngineTest, ShortPromptsStartTogetherAsInTheRecording) {
  use(options_of("vllm-cpu-tiny"));
  for (int i = 0; i < 16; ++i) {
    add(100, 32);
  }
  loop_.run();
  for (const Recorded& sequence : sequences_) {
    EXPECT_EQ(sequence.first(), sequences_.front().first());
    EXPECT_LT(sequence.first(), 40ms);
  }
}

TEST_F(EngineTest, NoMoreThanMaxNumSeqsRunAtOnce) {
  use(small());
  for (int i = 0; i < 12; ++i) {
    add(4, 5);
  }
  loop_.run_for(1ms);
  EXPECT_EQ(model().running(), 8U);
  EXPECT_EQ(model().waiting(), 4U);
  loop_.run();
  EXPECT_TRUE(model().idle());
  EXPECT_EQ(stats().finished[static_cast<std::size_t>(FinishReason::Length)], 12U);
}

TEST_F(EngineTest, TheQueueLimitCountsAllUnfinishedSequences) {
  EngineOptions options = small();
  options.max_num_queued_reqs = 10;
  use(options);
  for (int i = 0; i < 9; ++i) {
    add(4, 5);
  }
  loop_.run_for(1ms);
  EXPECT_TRUE(engine_->admit(1));
  EXPECT_FALSE(engine_->admit(2));
  EXPECT_EQ(stats().rejected, 1U);
  loop_.run();
  EXPECT_TRUE(engine_->admit(10));
}

TEST_F(EngineTest, APrefixInTheCacheIsNotComputedAgain) {
  use(small());
  const auto prompt = tokens(41, 7);
  Recorded& first = add(prompt, 1);
  loop_.run();
  EXPECT_EQ(first.cached_tokens(), 0U);
  Recorded& second = add(prompt, 1);
  loop_.run();
  EXPECT_EQ(second.cached_tokens(), 40U);
  EXPECT_EQ(second.first(), 10ms + 1ms);
  EXPECT_EQ(stats().prefix_queries, 82U);
  EXPECT_EQ(stats().prefix_hits, 40U);
}

TEST_F(EngineTest, TheLastTokenIsAlwaysComputed) {
  use(small());
  const auto prompt = tokens(40, 7);
  add(prompt, 1);
  loop_.run();
  Recorded& second = add(prompt, 1);
  loop_.run();
  EXPECT_EQ(second.cached_tokens(), 36U);
}

TEST_F(EngineTest, PromptsOfOneStepShareTheirPrefix) {
  use(small());
  const auto prompt = tokens(41, 7);
  Recorded& first = add(prompt, 2);
  Recorded& second = add(prompt, 2);
  loop_.run_for(5ms);
  EXPECT_EQ(second.cached_tokens(), 40U);
  EXPECT_EQ(model().blocks().used(), 12U);  // ten shared, one each
  loop_.run();
  EXPECT_EQ(first.first(), second.first());
}

TEST_F(EngineTest, AConversationFindsItsOwnAnswerInTheCache) {
  use(small());
  auto prompt = tokens(10, 7);
  add(prompt, 11);
  loop_.run();
  for (std::uint32_t i = 0; i < 11; ++i) {
    prompt.push_back(1000 + i);
  }
  prompt.push_back(5);
  Recorded& next = add(prompt, 1);
  loop_.run();
  EXPECT_EQ(next.cached_tokens(), 20U);
}

TEST_F(EngineTest, DifferentSaltsShareNothing) {
  use(small());
  const auto ids = tokens(40, 7);
  for (const std::uint64_t salt : {1, 2}) {
    Recorded& sequence =
        sequences_.emplace_back(*engine_, std::make_shared<const Prompt>(ids, 4, salt), 1);
    engine_->submit(sequence);
    loop_.run();
    EXPECT_EQ(sequence.cached_tokens(), 0U);
  }
}

TEST_F(EngineTest, WithoutPrefixCachingNothingIsFound) {
  EngineOptions options = small();
  options.enable_prefix_caching = false;
  use(options);
  const auto prompt = tokens(41, 7);
  add(prompt, 1);
  loop_.run();
  EXPECT_EQ(add(prompt, 1).cached_tokens(), 0U);
  loop_.run();
  EXPECT_EQ(stats().prefix_queries, 0U);
}

TEST_F(EngineTest, WhenBlocksRunOutTheLastSequenceWaitsAgain) {
  EngineOptions options = small();
  options.num_kv_blocks = 25;
  options.max_model_len = 100;
  use(options);
  Recorded& first = add(40, 40);
  Recorded& second = add(40, 40);
  loop_.run_for(150ms);
  EXPECT_EQ(model().running(), 2U);
  loop_.run_for(250ms);
  EXPECT_EQ(model().running(), 1U);
  EXPECT_EQ(model().waiting(), 1U);
  EXPECT_EQ(stats().preemptions, 1U);
  loop_.run();
  EXPECT_EQ(first.times.size(), 40U);
  EXPECT_EQ(second.times.size(), 40U);
  EXPECT_LT(first.times.back(), second.times.back());
  EXPECT_EQ(model().blocks().used(), 0U);
}

TEST_F(EngineTest, AWithdrawnSequenceFreesItsPlaceAtOnce) {
  use(small());
  add(40, 40);
  sequences_.emplace_back(*engine_, std::make_shared<const Prompt>(tokens(40, 99), 4), 40);
  engine_->submit(sequences_.back());
  loop_.run_for(150ms);
  EXPECT_EQ(model().running(), 2U);
  const auto used = model().blocks().used();
  sequences_.pop_back();
  EXPECT_EQ(model().running(), 1U);
  EXPECT_LT(model().blocks().used(), used);
  loop_.run();
  EXPECT_EQ(stats().finished[static_cast<std::size_t>(FinishReason::Length)], 1U);
  EXPECT_EQ(stats().finished[static_cast<std::size_t>(FinishReason::Abort)], 0U);
}

TEST_F(EngineTest, AbortEndsAllSequencesWithThatReason) {
  use(small());
  for (int i = 0; i < 10; ++i) {
    add(4, 50);
  }
  loop_.run_for(100ms);
  EXPECT_EQ(engine_->abort_all(), 10U);
  EXPECT_TRUE(model().idle());
  for (const Recorded& sequence : sequences_) {
    EXPECT_EQ(sequence.finish_reason(), FinishReason::Abort);
  }
  loop_.run();
}

TEST_F(EngineTest, TokensComeAtTheExactRateForever) {
  use(options_of("stream-20"));
  Recorded& stream = add(100, 2000);
  loop_.run();
  EXPECT_EQ(stream.times.back(), 2000 * 50ms);
}

TEST_F(EngineTest, AnInstantEngineStillLetsTimePass) {
  use(options_of("instant"));
  Recorded& stream = add(100, 1000);
  loop_.run();
  EXPECT_GT(stream.times.back(), 0ms);
  EXPECT_LT(stream.times.back(), 2ms);
}

TEST_F(EngineTest, AnyMixEndsWithEveryTokenAndNoBlockInUse) {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    Random random(seed);
    EngineOptions options = small();
    options.num_kv_blocks = static_cast<std::uint32_t>(random.uniform_between(25, 60));
    options.max_model_len = 100;
    options.max_num_batched_tokens = static_cast<std::uint32_t>(random.uniform_between(1, 120));
    options.enable_prefix_caching = random.chance(0.8);
    use(options);
    for (int i = 0; i < 40; ++i) {
      const auto prompt = static_cast<std::uint32_t>(random.uniform_between(1, 60));
      add(tokens(prompt, static_cast<std::uint32_t>(random.uniform(3))),
          static_cast<std::uint32_t>(random.uniform_between(1, 40)));
      loop_.run_for(Duration(1ms) * random.uniform_between(0, 40));
      ASSERT_LE(model().running(), options.max_num_seqs);
      if (random.chance(0.1)) {
        engine_->withdraw(sequences_[random.uniform(sequences_.size())]);
      }
    }
    loop_.run();
    ASSERT_TRUE(model().idle()) << "seed " << seed;
    ASSERT_EQ(model().blocks().used(), 0U) << "seed " << seed;
    std::size_t finished = 0;
    for (const Recorded& sequence : sequences_) {
      if (sequence.finish_reason() == FinishReason::Length) {
        ++finished;
        ASSERT_EQ(sequence.times.size(), sequence.plan().tokens) << "seed " << seed;
      }
    }
    ASSERT_EQ(finished, stats().finished[static_cast<std::size_t>(FinishReason::Length)]);
    ASSERT_GE(finished, 25U);
  }
}

TEST(EngineOptions, EveryProfileIsValid) {
  for (const Profile& profile : profiles()) {
    EXPECT_TRUE(profile.options.validate()) << profile.name;
  }
  EXPECT_FALSE(find_profile("quantum"));
}

TEST(EngineOptions, ACacheSmallerThanOneSequenceIsRefused) {
  EngineOptions options = small();
  options.num_kv_blocks = 99;
  const auto result = options.validate();
  ASSERT_FALSE(result);
  EXPECT_THAT(result.error().message(), testing::HasSubstr("--num-kv-blocks"));
}

}  // namespace
}  // namespace kthena::sim
