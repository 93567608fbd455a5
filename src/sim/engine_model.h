// The model of an inference engine: continuous batching over a paged KV cache, one step at a time.
// Pure: the caller says what time it is and when a step has ended. engine.h runs it on a loop.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/clock.h"
#include "base/list.h"
#include "sim/block_pool.h"
#include "sim/engine_options.h"
#include "sim/engine_stats.h"

namespace kthena::sim {

/// A prompt as the engine sees it: its length and the hashes of its full blocks. Shared by all
/// sequences of a request.
struct Prompt {
  std::uint32_t tokens = 0;
  std::vector<BlockHash> blocks;
  BlockHasher rest;  ///< the chain after the last token, to go on with the answer's tokens

  Prompt(std::span<const std::uint32_t> token_ids, std::uint32_t block_size,
         std::uint64_t salt = 0);
};

/// How long an answer gets and why it ends there: known from the start, since the text is made up.
struct AnswerPlan {
  std::uint32_t tokens = 1;  ///< at least 1
  FinishReason reason = FinishReason::Length;
};

/// One answer being generated. Its owner derives from it and withdraws it (EngineModel::withdraw)
/// before destroying it unless it has finished.
class Sequence : public ListNode {
 public:
  Sequence(std::shared_ptr<const Prompt> prompt, AnswerPlan plan)
      : prompt_(std::move(prompt)), plan_(plan), chain_(prompt_->rest) {}
  virtual ~Sequence() = default;
  Sequence(const Sequence&) = delete;
  Sequence& operator=(const Sequence&) = delete;

  enum class State : std::uint8_t { New, Waiting, Running, Finished };

  State state() const noexcept { return state_; }
  const Prompt& prompt() const noexcept { return *prompt_; }
  const AnswerPlan& plan() const noexcept { return plan_; }
  /// Tokens of the answer so far.
  std::uint32_t generated() const noexcept { return generated_; }
  /// Prompt tokens that the cache had when the sequence was first scheduled.
  std::uint32_t cached_tokens() const noexcept { return cached_tokens_; }
  /// None until Finished.
  FinishReason finish_reason() const noexcept { return finish_reason_; }

 protected:
  /// The id of the answer's token at `index`; only for hashing blocks.
  virtual std::uint32_t token_id(std::uint32_t index) const = 0;

  /// A token more, or the end. Called at the end of a step; must be short and must not change the
  /// engine.
  virtual void on_progress() noexcept = 0;

 private:
  friend class EngineModel;
  static constexpr std::uint32_t kNoSlot = ~0U;

  std::uint32_t known_tokens() const noexcept { return prompt_->tokens + generated_; }
  BlockHash block_hash(std::size_t index) const noexcept {
    const std::size_t of_prompt = prompt_->blocks.size();
    return index < of_prompt ? prompt_->blocks[index] : answer_blocks_[index - of_prompt];
  }

  std::shared_ptr<const Prompt> prompt_;
  AnswerPlan plan_;
  std::uint32_t generated_ = 0;
  std::uint32_t computed_ = 0;    ///< tokens whose keys and values are in blocks_
  std::uint32_t in_step_ = 0;     ///< tokens being computed by the present step
  std::uint32_t slot_ = kNoSlot;  ///< position in EngineModel::running_
  std::uint32_t published_ = 0;   ///< blocks that others may share
  std::uint32_t cached_tokens_ = 0;
  std::uint16_t preemptions_ = 0;
  State state_ = State::New;
  FinishReason finish_reason_ = FinishReason::None;
  bool scheduled_before_ = false;
  std::vector<BlockId> blocks_;
  std::vector<BlockHash> answer_blocks_;
  BlockHasher chain_;
  Instant arrived_{};
  Instant scheduled_{};
  Instant first_token_{};
  Instant last_token_{};
};

/// The engine's scheduler and cache, in the terms of vLLM's V1 engine:
///  - Running sequences come first, then waiting ones in the order of arrival, as far as
///    max_num_batched_tokens, max_num_seqs and free blocks go. A long prompt is computed in chunks.
///  - A waiting sequence starts behind what the prefix cache has of it; at least one token is
///    always computed.
///  - When blocks run out, the sequence that came last is preempted: it gives all blocks back and
///    waits at the head of the queue, to be computed again.
///
/// One shard. Source: vLLM 0.32, V1 scheduler, as far as its behaviour is visible from outside.
class EngineModel {
 public:
  explicit EngineModel(const EngineOptions& options);
  ~EngineModel();
  EngineModel(const EngineModel&) = delete;
  EngineModel& operator=(const EngineModel&) = delete;

  /// Whether a request for so many sequences would be let in.
  bool admits(std::size_t sequences) const noexcept;
  /// Queues a new sequence, whatever admits() says.
  void submit(Sequence& sequence, Instant now);
  /// Takes a sequence out, in whatever state; its blocks are free at once.
  void withdraw(Sequence& sequence) noexcept;
  /// Ends all sequences with FinishReason::Abort. Returns how many there were.
  std::size_t abort_all(Instant now);

  /// Whether nothing is there to compute.
  bool idle() const noexcept { return running_count_ == 0 && waiting_.empty(); }

  /// Plans the next step. Returns how long it takes. Only between steps.
  Duration begin_step(Instant now);
  /// The planned step is over: tokens come out, finished sequences leave.
  void finish_step(Instant now);

  std::size_t running() const noexcept { return running_count_; }
  std::size_t waiting() const noexcept { return waiting_count_; }
  /// The share of blocks that running sequences hold, 0 to 1.
  double kv_usage() const noexcept;
  const BlockPool& blocks() const noexcept { return pool_; }
  /// False while a sequence holds blocks.
  bool reset_prefix_cache() noexcept { return pool_.forget_content(); }
  const EngineOptions& options() const noexcept { return options_; }
  const EngineStats& stats() const noexcept { return stats_; }
  EngineStats& stats() noexcept { return stats_; }

 private:
  struct StepPlan;

  void schedule_running(StepPlan& plan);
  void schedule_waiting(StepPlan& plan, Instant now);
  bool schedule_new(Sequence& sequence, StepPlan& plan, Instant now);
  bool reserve_blocks(Sequence& sequence, std::uint32_t tokens);
  std::uint32_t cached_prefix(const Sequence& sequence, std::vector<BlockId>& found) const;
  void publish_full_blocks(Sequence& sequence);
  void preempt(Sequence& sequence);
  void compact_running();
  void emit_token(Sequence& sequence, Instant now);
  void finish(Sequence& sequence, FinishReason reason, Instant now);
  void detach(Sequence& sequence) noexcept;

  EngineOptions options_;
  BlockPool pool_;
  EngineStats stats_;
  std::vector<Sequence*> running_;  ///< in the order of scheduling; null where one has left
  List<Sequence> waiting_;
  std::size_t running_count_ = 0;
  std::size_t waiting_count_ = 0;
  std::vector<BlockId> found_;  ///< scratch
};

}  // namespace kthena::sim
