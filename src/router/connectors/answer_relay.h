// Relays an answer that is no event stream: the beginning is held, so that an engine's death within
// it can be retried.
#pragma once

#include <memory>
#include <optional>

#include "http/body.h"
#include "http/memory.h"
#include "router/call.h"

namespace kthena::router {

/// How much of an answer is held before its status goes out.
inline constexpr std::size_t kHeldAnswer = 1 << 20;

/// Bytes pass unchanged. The usage of a JSON answer is read from its tail.
class AnswerRelay final : public http::BodySource {
 public:
  AnswerRelay(std::unique_ptr<http::BodySource> upstream, Outcome& outcome)
      : upstream_(std::move(upstream)), outcome_(outcome), length_(upstream_->length()) {}

  /// Holds what comes until the answer is complete or kHeldAnswer long. Errors: the engine died
  /// before.
  async::Task<Result<>> hold();

  http::Pulled pull() override;
  void subscribe(async::Waiter& waiter) override { upstream_->subscribe(waiter); }
  void unsubscribe(async::Waiter& waiter) noexcept override { upstream_->unsubscribe(waiter); }
  std::optional<std::uint64_t> length() const override {
    return complete_ ? held_.size() : length_;
  }

 private:
  void read_usage();

  std::unique_ptr<http::BodySource> upstream_;
  Outcome& outcome_;
  std::optional<std::uint64_t> length_;
  http::Buffer held_;
  bool held_given_ = false;
  bool complete_ = false;  ///< held_ is the whole answer
};

}  // namespace kthena::router
