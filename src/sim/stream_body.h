// The body of a streamed answer: an event for each token, when its step is over.
#pragma once

#include <cstdint>
#include <memory>

#include "http/body.h"
#include "sim/generation.h"
#include "sim/vllm_dialect.h"

namespace kthena::sim {

/// Pulls tokens out of a generation, one event a pull. Destroying it (the client has gone) takes
/// the sequences out of the engine. One shard.
class StreamBody final : public http::BodySource {
 public:
  StreamBody(std::unique_ptr<Generation> generation, VllmEventWriter writer, Api api)
      : generation_(std::move(generation)),
        writer_(std::move(writer)),
        roles_left_(api == Api::Chat ? generation_->choices().size() : 0) {}

  http::Pulled pull() override;
  void subscribe(async::Waiter& waiter) override { generation_->subscribe(waiter); }
  void unsubscribe(async::Waiter& waiter) noexcept override { generation_->unsubscribe(waiter); }

  /// Whether pull() would give an event or the end.
  bool ready() const noexcept;
  /// Token events given so far.
  std::uint64_t tokens_sent() const noexcept { return tokens_sent_; }

 private:
  enum class Phase : std::uint8_t { Tokens, Usage, Done, End };

  /// The choice whose next token comes next: the one that is furthest behind.
  std::size_t next_choice() const noexcept;
  http::Pulled next_of_choices();

  std::unique_ptr<Generation> generation_;
  VllmEventWriter writer_;
  std::size_t roles_left_;
  std::size_t ended_ = 0;  ///< choices whose last event was given
  std::uint64_t tokens_sent_ = 0;
  Phase phase_ = Phase::Tokens;
};

}  // namespace kthena::sim
