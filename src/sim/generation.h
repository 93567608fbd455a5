// One request while an engine works on it: its choices, each a sequence, and who waits for them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "async/channel.h"
#include "async/context.h"
#include "sim/answer_text.h"
#include "sim/engine.h"

namespace kthena::sim {

/// What one choice of a request is to be.
struct ChoicePlan {
  std::shared_ptr<const Prompt> prompt;
  PlannedAnswer answer;
};

class Generation;

/// One answer to a request.
class Choice final : public Sequence {
 public:
  Choice(Generation& owner, ChoicePlan plan)
      : Sequence(std::move(plan.prompt), plan.answer.plan),
        owner_(owner),
        text_(std::move(plan.answer.text)),
        stop_text_(std::move(plan.answer.stop_text)) {}

  const AnswerText& text() const noexcept { return text_; }
  const std::optional<std::string>& stop_text() const noexcept { return stop_text_; }
  bool finished() const noexcept { return state() == State::Finished; }

  std::uint32_t sent = 0;  ///< tokens given to the client; for whoever streams

 private:
  std::uint32_t token_id(std::uint32_t index) const override { return text_.id(index); }
  void on_progress() noexcept override;

  Generation& owner_;
  AnswerText text_;
  std::optional<std::string> stop_text_;
};

/// Owns the choices of one request. Destroying it takes what is unfinished out of the engine at
/// once. One shard.
class Generation {
 public:
  /// Queues all choices. The engine must outlive this.
  /// @param load  counted up for as long as this lives
  Generation(Engine& engine, std::vector<ChoicePlan> plans, std::uint64_t& load);
  ~Generation();
  Generation(const Generation&) = delete;
  Generation& operator=(const Generation&) = delete;

  const std::vector<std::unique_ptr<Choice>>& choices() const noexcept { return choices_; }
  bool finished() const noexcept { return unfinished_ == 0; }

  /// Waits for the last token of all choices. Errors: Cancelled, DeadlineExceeded.
  auto wait_finished() noexcept { return finished_.wait(); }

  /// Wakes `waiter` once when there is a token more, or the end. One waiter at a time.
  void subscribe(async::Waiter& waiter) noexcept { waiter_ = &waiter; }
  void unsubscribe(const async::Waiter& waiter) noexcept {
    if (waiter_ == &waiter) {
      waiter_ = nullptr;
    }
  }

  // Token counts over all choices, as usage tells them. A prompt counts once, however many choices
  // it has.
  std::uint64_t prompt_tokens() const noexcept { return prompt_tokens_; }
  std::uint64_t generated_tokens() const noexcept;
  std::uint64_t cached_tokens() const noexcept;

 private:
  friend class Choice;
  void on_progress(const Choice& choice) noexcept;

  Engine& engine_;
  std::uint64_t& load_;
  std::vector<std::unique_ptr<Choice>> choices_;
  async::Waiter* waiter_ = nullptr;
  async::Event finished_;
  std::size_t unfinished_;
  std::uint64_t prompt_tokens_ = 0;
};

}  // namespace kthena::sim
