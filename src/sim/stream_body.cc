#include "sim/stream_body.h"

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "http/body.h"
#include "sim/engine_stats.h"
#include "sim/generation.h"
#include "sim/vllm_dialect.h"

namespace kthena::sim {
namespace {

constexpr std::size_t kNone = ~std::size_t{0};

http::Pulled data(std::string_view text) {
  return {.kind = http::Pulled::Kind::Data, .data = text};
}

/// Whether the choice has an event to give: a token, or an end without one.
bool has_event(const Choice& choice) noexcept {
  return choice.sent < choice.generated() ||
         (choice.finish_reason() == FinishReason::Abort && choice.sent == choice.generated());
}

/// `sent` of a choice whose abort was told: beyond anything that was generated.
constexpr std::uint32_t kToldAbort = ~0U;

}  // namespace

std::size_t StreamBody::next_choice() const noexcept {
  const auto& choices = generation_->choices();
  std::size_t best = kNone;
  for (std::size_t i = 0; i < choices.size(); ++i) {
    if (has_event(*choices[i]) && (best == kNone || choices[i]->sent < choices[best]->sent)) {
      best = i;
    }
  }
  return best;
}

bool StreamBody::ready() const noexcept {
  return phase_ != Phase::Tokens || next_choice() != kNone;
}

http::Pulled StreamBody::next_of_choices() {
  const std::size_t index = next_choice();
  if (index == kNone) {
    return {};
  }
  const auto& choices = generation_->choices();
  if (roles_left_ > 0) {
    return data(writer_.role_event(*generation_, choices.size() - roles_left_--));
  }
  Choice& choice = *choices[index];
  std::string_view event;
  if (choice.sent < choice.generated()) {
    event = writer_.token_event(*generation_, index);
    ++tokens_sent_;
    ended_ += choice.sent == choice.plan().tokens ? 1 : 0;
  } else {
    event = writer_.abort_event(*generation_, index);
    choice.sent = kToldAbort;
    ++ended_;
  }
  if (ended_ == choices.size()) {
    phase_ = Phase::Usage;
  }
  return data(event);
}

http::Pulled StreamBody::pull() {
  switch (phase_) {
    case Phase::Tokens:
      return next_of_choices();
    case Phase::Usage:
      phase_ = Phase::Done;
      if (const std::string_view event = writer_.usage_event(*generation_); !event.empty()) {
        return data(event);
      }
      [[fallthrough]];
    case Phase::Done:
      phase_ = Phase::End;
      return data(kVllmDone);
    case Phase::End:
      break;
  }
  return {.kind = http::Pulled::Kind::End, .data = {}};
}

}  // namespace kthena::sim
