#include "sim/generation.h"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "sim/engine.h"
#include "sim/engine_model.h"

namespace kthena::sim {

void Choice::on_progress() noexcept { owner_.on_progress(*this); }

Generation::Generation(Engine& engine, std::vector<ChoicePlan> plans, std::uint64_t& load)
    : engine_(engine), load_(load), unfinished_(plans.size()) {
  ++load_;
  choices_.reserve(plans.size());
  const Prompt* last = nullptr;
  for (ChoicePlan& plan : plans) {
    prompt_tokens_ += plan.prompt.get() != last ? plan.prompt->tokens : 0;
    last = plan.prompt.get();
    choices_.push_back(std::make_unique<Choice>(*this, std::move(plan)));
  }
  for (const auto& choice : choices_) {
    engine_.submit(*choice);
  }
}

Generation::~Generation() {
  --load_;
  for (const auto& choice : choices_) {
    engine_.withdraw(*choice);
  }
}

void Generation::on_progress(const Choice& choice) noexcept {
  if (choice.finished() && --unfinished_ == 0) {
    std::uint32_t longest = 0;
    for (const auto& each : choices_) {
      longest = std::max(longest, each->generated());
    }
    engine_.model().stats().request_max_generation_tokens.observe(longest);
    finished_.set();
  }
  if (waiter_ != nullptr) {
    std::exchange(waiter_, nullptr)->wake();
  }
}

std::uint64_t Generation::generated_tokens() const noexcept {
  std::uint64_t tokens = 0;
  for (const auto& choice : choices_) {
    tokens += choice->generated();
  }
  return tokens;
}

std::uint64_t Generation::cached_tokens() const noexcept {
  std::uint64_t tokens = 0;
  const Prompt* last = nullptr;
  for (const auto& choice : choices_) {
    if (&choice->prompt() != last) {
      last = &choice->prompt();
      tokens += choice->cached_tokens();
    }
  }
  return tokens;
}

}  // namespace kthena::sim
