// Bodies that misbehave on purpose.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "async/loop.h"
#include "http/body.h"
#include "sim/faults.h"
#include "sim/stream_body.h"

namespace kthena::sim {

/// A stream with the faults of one request. One shard.
class FaultyBody final : public http::BodySource, private async::Timer {
 public:
  /// @param crash  what FaultKind::Crash does
  FaultyBody(async::Loop& loop, std::unique_ptr<StreamBody> inner, const RequestFaults& faults,
             const std::function<void()>& crash)
      : Timer(loop), inner_(std::move(inner)), faults_(faults), crash_(crash) {}

  http::Pulled pull() override;
  void subscribe(async::Waiter& waiter) override;
  void unsubscribe(async::Waiter& waiter) noexcept override;
  bool reset_on_failure() const noexcept override {
    return faults_.cut == RequestFaults::Cut::Reset;
  }

 private:
  enum class Phase : std::uint8_t { Open, Stalled, Ended, Broken };

  http::Pulled cut();
  /// Whether nothing may be given before a time that has not come.
  bool held();
  void on_timer() noexcept override;

  std::unique_ptr<StreamBody> inner_;
  RequestFaults faults_;
  const std::function<void()>& crash_;
  async::Waiter* waiter_ = nullptr;  ///< while the timer or nothing at all would wake it
  Instant not_before_{};
  bool first_token_seen_ = false;
  Phase phase_ = Phase::Open;
};

/// A text that breaks off in the middle, although its full length was promised.
class CutText final : public http::BodySource {
 public:
  CutText(std::string text, bool reset) : text_(std::move(text)), reset_(reset) {}

  http::Pulled pull() override;
  void subscribe(async::Waiter&) override {}
  void unsubscribe(async::Waiter&) noexcept override {}
  std::optional<std::uint64_t> length() const override { return text_.size(); }
  bool reset_on_failure() const noexcept override { return reset_; }

 private:
  std::string text_;
  bool reset_;
  bool given_ = false;
};

}  // namespace kthena::sim
