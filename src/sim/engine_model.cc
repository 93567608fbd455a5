#include "sim/engine_model.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <span>
#include <vector>

#include "base/check.h"
#include "base/clock.h"
#include "base/duration.h"
#include "sim/block_pool.h"
#include "sim/engine_options.h"
#include "sim/engine_stats.h"

namespace kthena::sim {

Prompt::Prompt(std::span<const std::uint32_t> token_ids, std::uint32_t block_size,
               std::uint64_t salt)
    : tokens(static_cast<std::uint32_t>(token_ids.size())), rest(block_size, salt) {
  blocks.reserve(token_ids.size() / block_size);
  for (const std::uint32_t token : token_ids) {
    if (const auto hash = rest.add(token)) {
      blocks.push_back(*hash);
    }
  }
}

/// What the step being planned has taken so far.
struct EngineModel::StepPlan {
  std::uint32_t budget = 0;  ///< tokens that still fit
  std::uint64_t prefill_tokens = 0;
  std::uint64_t decoding = 0;
  bool preempted = false;

  void take(std::uint32_t tokens, bool decode) noexcept {
    budget -= tokens;
    if (decode) {
      ++decoding;
    } else {
      prefill_tokens += tokens;
    }
  }
};

EngineModel::EngineModel(const EngineOptions& options)
    : options_(options),
      pool_(options.num_kv_blocks, options.enable_prefix_caching),
      stats_(options.max_model_len) {}

EngineModel::~EngineModel() { CHECK(idle()); }

bool EngineModel::admits(std::size_t sequences) const noexcept {
  const std::size_t limit = options_.max_num_queued_reqs;
  return limit == 0 || running_count_ + waiting_count_ + sequences <= limit;
}

void EngineModel::submit(Sequence& sequence, Instant now) {
  CHECK(sequence.state_ == Sequence::State::New);
  CHECK_GE(sequence.plan_.tokens, 1U);
  CHECK_LE(sequence.prompt_->tokens + sequence.plan_.tokens, options_.max_model_len);
  sequence.state_ = Sequence::State::Waiting;
  sequence.arrived_ = now;
  waiting_.push_back(sequence);
  ++waiting_count_;
}

void EngineModel::detach(Sequence& sequence) noexcept {
  if (sequence.state_ == Sequence::State::Waiting) {
    sequence.unlink();
    --waiting_count_;
  } else if (sequence.state_ == Sequence::State::Running) {
    running_[sequence.slot_] = nullptr;
    sequence.slot_ = Sequence::kNoSlot;
    --running_count_;
  }
  pool_.release(sequence.blocks_);
  sequence.blocks_ = {};
  sequence.in_step_ = 0;
  sequence.state_ = Sequence::State::Finished;
}

void EngineModel::withdraw(Sequence& sequence) noexcept {
  if (sequence.state_ == Sequence::State::Waiting || sequence.state_ == Sequence::State::Running) {
    detach(sequence);
  }
}

std::size_t EngineModel::abort_all(Instant now) {
  std::vector<Sequence*> all;
  std::ranges::copy_if(running_, std::back_inserter(all), [](Sequence* s) { return s != nullptr; });
  waiting_.for_each([&](Sequence& sequence) { all.push_back(&sequence); });
  for (Sequence* sequence : all) {
    finish(*sequence, FinishReason::Abort, now);
  }
  return all.size();
}

double EngineModel::kv_usage() const noexcept {
  return static_cast<double>(pool_.used()) / static_cast<double>(pool_.size());
}

Duration EngineModel::begin_step(Instant now) {
  compact_running();
  StepPlan plan{.budget = options_.max_num_batched_tokens};
  schedule_running(plan);
  if (!plan.preempted) {
    schedule_waiting(plan, now);
  }
  const double rate = options_.prefill_tokens_per_second;
  const auto prefill =
      rate > 0 ? Duration(std::llround(static_cast<double>(plan.prefill_tokens) / rate * 1e9))
               : Duration::zero();
  return options_.step_base +
         options_.step_per_sequence * static_cast<std::int64_t>(plan.decoding) + prefill;
}

void EngineModel::compact_running() {
  std::uint32_t next = 0;
  for (Sequence* sequence : running_) {
    if (sequence != nullptr) {
      sequence->slot_ = next;
      running_[next++] = sequence;
    }
  }
  running_.resize(next);
}

void EngineModel::schedule_running(StepPlan& plan) {
  for (std::size_t i = 0; i < running_.size() && plan.budget > 0; ++i) {
    Sequence& sequence = *running_[i];
    const bool decode = sequence.computed_ >= sequence.prompt_->tokens;
    const std::uint32_t wanted =
        std::min(sequence.known_tokens() - sequence.computed_, plan.budget);
    bool reserved = reserve_blocks(sequence, wanted);
    while (!reserved) {
      // The last one has not been given anything in this step: it stands at i or behind.
      Sequence& victim = *running_.back();
      preempt(victim);
      plan.preempted = true;
      if (&victim == &sequence) {
        return;
      }
      reserved = reserve_blocks(sequence, wanted);
    }
    sequence.in_step_ = wanted;
    publish_full_blocks(sequence);
    plan.take(wanted, decode);
  }
}

void EngineModel::schedule_waiting(StepPlan& plan, Instant now) {
  while (!waiting_.empty() && plan.budget > 0 && running_.size() < options_.max_num_seqs) {
    if (!schedule_new(waiting_.front(), plan, now)) {
      return;
    }
  }
}

bool EngineModel::schedule_new(Sequence& sequence, StepPlan& plan, Instant now) {
  const std::uint32_t cached = cached_prefix(sequence, found_);
  std::uint32_t wanted = sequence.known_tokens() - cached;
  if (wanted > plan.budget && !options_.enable_chunked_prefill) {
    return false;
  }
  wanted = std::min(wanted, plan.budget);
  for (const BlockId block : found_) {
    pool_.acquire(block);
  }
  sequence.blocks_.assign(found_.begin(), found_.end());
  sequence.computed_ = cached;
  sequence.published_ = static_cast<std::uint32_t>(found_.size());
  if (!reserve_blocks(sequence, wanted)) {
    pool_.release(sequence.blocks_);
    sequence.blocks_.clear();
    sequence.computed_ = 0;
    return false;
  }
  sequence.unlink();
  --waiting_count_;
  sequence.state_ = Sequence::State::Running;
  sequence.slot_ = static_cast<std::uint32_t>(running_.size());
  running_.push_back(&sequence);
  ++running_count_;
  if (!sequence.scheduled_before_) {
    sequence.scheduled_before_ = true;
    sequence.scheduled_ = now;
    sequence.cached_tokens_ = cached;
    if (options_.enable_prefix_caching) {
      stats_.prefix_queries += sequence.prompt_->tokens;
      stats_.prefix_hits += cached;
    }
  }
  sequence.in_step_ = wanted;
  publish_full_blocks(sequence);
  plan.take(wanted, false);
  return true;
}

std::uint32_t EngineModel::cached_prefix(const Sequence& sequence,
                                         std::vector<BlockId>& found) const {
  found.clear();
  if (!options_.enable_prefix_caching) {
    return 0;
  }
  // The last token is computed in any case: its output is the next token.
  const std::uint32_t most = (sequence.known_tokens() - 1) / options_.block_size;
  for (std::uint32_t index = 0; index < most; ++index) {
    const auto block = pool_.find(sequence.block_hash(index));
    if (!block) {
      break;
    }
    found.push_back(*block);
  }
  return static_cast<std::uint32_t>(found.size()) * options_.block_size;
}

bool EngineModel::reserve_blocks(Sequence& sequence, std::uint32_t tokens) {
  const std::size_t needed =
      (std::size_t{sequence.computed_} + tokens + options_.block_size - 1) / options_.block_size;
  if (needed <= sequence.blocks_.size()) {
    return true;
  }
  if (needed - sequence.blocks_.size() > pool_.free()) {
    return false;
  }
  while (sequence.blocks_.size() < needed) {
    sequence.blocks_.push_back(pool_.allocate());
  }
  return true;
}

void EngineModel::publish_full_blocks(Sequence& sequence) {
  if (!options_.enable_prefix_caching) {
    return;
  }
  // As vLLM does, when the step is planned: a sequence scheduled later in the same step may share.
  const std::uint32_t full = (sequence.computed_ + sequence.in_step_) / options_.block_size;
  for (; sequence.published_ < full; ++sequence.published_) {
    pool_.publish(sequence.blocks_[sequence.published_], sequence.block_hash(sequence.published_));
  }
}

void EngineModel::preempt(Sequence& sequence) {
  detach(sequence);
  running_.pop_back();
  sequence.state_ = Sequence::State::Waiting;
  sequence.computed_ = 0;
  sequence.published_ = 0;
  ++sequence.preemptions_;
  ++stats_.preemptions;
  waiting_.push_front(sequence);
  ++waiting_count_;
}

void EngineModel::finish_step(Instant now) {
  const std::uint64_t before = stats_.generation_tokens + stats_.prompt_tokens;
  // By index: a sequence that ends leaves a null behind.
  for (std::size_t i = 0; i < running_.size(); ++i) {
    Sequence* sequence = running_[i];
    if (sequence == nullptr || sequence->in_step_ == 0) {
      continue;
    }
    sequence->computed_ += sequence->in_step_;
    sequence->in_step_ = 0;
    if (sequence->computed_ == sequence->known_tokens()) {
      emit_token(*sequence, now);
    }
  }
  ++stats_.steps;
  stats_.iteration_tokens.observe(
      static_cast<double>(stats_.generation_tokens + stats_.prompt_tokens - before));
}

void EngineModel::emit_token(Sequence& sequence, Instant now) {
  if (sequence.generated_ == 0) {
    sequence.first_token_ = now;
    stats_.first_token.observe(to_seconds(now - sequence.arrived_));
    stats_.prompt_tokens += sequence.prompt_->tokens;
    stats_.prompt_tokens_cached += sequence.cached_tokens_;
  } else {
    stats_.inter_token.observe(to_seconds(now - sequence.last_token_));
  }
  sequence.last_token_ = now;
  if (options_.enable_prefix_caching) {
    if (const auto hash = sequence.chain_.add(sequence.token_id(sequence.generated_))) {
      sequence.answer_blocks_.push_back(*hash);
    }
  }
  ++sequence.generated_;
  ++stats_.generation_tokens;
  if (sequence.generated_ == sequence.plan_.tokens) {
    finish(sequence, sequence.plan_.reason, now);
  } else {
    sequence.on_progress();
  }
}

void EngineModel::finish(Sequence& sequence, FinishReason reason, Instant now) {
  detach(sequence);
  sequence.finish_reason_ = reason;
  ++stats_.finished[static_cast<std::size_t>(reason)];
  if (sequence.generated_ > 0) {
    const double decode = to_seconds(sequence.last_token_ - sequence.first_token_);
    stats_.request_latency.observe(to_seconds(now - sequence.arrived_));
    stats_.queue_time.observe(to_seconds(sequence.scheduled_ - sequence.arrived_));
    stats_.inference_time.observe(to_seconds(sequence.last_token_ - sequence.scheduled_));
    stats_.prefill_time.observe(to_seconds(sequence.first_token_ - sequence.scheduled_));
    stats_.decode_time.observe(decode);
    stats_.time_per_output_token.observe(
        sequence.generated_ > 1 ? decode / (sequence.generated_ - 1) : 0);
    stats_.request_prompt_tokens.observe(sequence.prompt_->tokens);
    stats_.request_generation_tokens.observe(sequence.generated_);
    stats_.request_computed_tokens.observe(sequence.prompt_->tokens - sequence.cached_tokens_);
    stats_.request_preemptions.observe(sequence.preemptions_);
  }
  sequence.on_progress();
}

}  // namespace kthena::sim
