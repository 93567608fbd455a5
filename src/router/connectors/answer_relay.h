// Relays an answer that is no event stream: the beginning is held, so that an engine's death within
// it can be retried.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "http/body.h"
#include "http/memory.h"
#include "router/call.h"
#include "router/connectors/idle_limit.h"

namespace kthena::router {

/// How much of an answer is held before its status goes out.
inline constexpr std::size_t kHeldAnswer = 1 << 20;

/// Bytes pass unchanged. Usage is read of an answer that is held whole, and from the tail of a
/// longer one that is a JSON object.
class AnswerRelay final : public http::BodySource {
 public:
  /// @param idle_timeout  an engine that sends nothing for so long has died
  AnswerRelay(async::Loop& loop, std::unique_ptr<http::BodySource> upstream, Duration idle_timeout,
              Outcome& outcome)
      : upstream_(std::move(upstream)),
        outcome_(outcome),
        length_(upstream_->length()),
        idle_(loop, *upstream_, idle_timeout) {}

  /// Holds what comes until the answer is complete or kHeldAnswer long. Errors: the engine died
  /// before; DeadlineExceeded if it fell silent.
  async::Task<Result<>> hold();

  http::Pulled pull() override;
  void subscribe(async::Waiter& waiter) override { idle_.subscribe(waiter); }
  void unsubscribe(async::Waiter& waiter) noexcept override { idle_.unsubscribe(waiter); }
  std::optional<std::uint64_t> length() const override {
    return complete_ ? held_.size() : length_;
  }

 private:
  http::Pulled pull_upstream();
  void read_usage();
  void keep_tail(std::string_view data);
  void read_usage_of_tail();

  std::unique_ptr<http::BodySource> upstream_;
  Outcome& outcome_;
  std::optional<std::uint64_t> length_;
  IdleLimit idle_;
  http::Buffer held_;
  std::string tail_;  ///< the last bytes of a JSON object that is longer than what is held
  bool keeps_tail_ = false;
  bool holding_ = true;  ///< hold() has not ended: pulls give what it asks for
  bool held_given_ = false;
  bool complete_ = false;  ///< held_ is the whole answer
};

}  // namespace kthena::router
