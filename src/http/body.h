// Message bodies, pulled by whoever sends them on: not pulling is the back pressure.
#pragma once

#include <concepts>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "async/context.h"
#include "async/task.h"
#include "base/clock.h"
#include "base/result.h"
#include "http/memory.h"

namespace kthena::http {

class Headers;

/// What one pull came to.
struct Pulled {
  enum class Kind : std::uint8_t {
    Data,  ///< `data`: some bytes, valid until the next pull, suspension or destruction of the
           ///< source
    End,   ///< the body is complete
    WouldBlock,  ///< nothing now: subscribe, and pull again when woken
    Failed,      ///< the body broke off: error()
  };
  Kind kind = Kind::WouldBlock;
  std::string_view data;
};

/// A body as a state machine without a coroutine of its own: filters wrap filters and the whole
/// chain costs no frame. One shard. After End or Failed it answers the same for ever.
class BodySource {
 public:
  virtual ~BodySource() = default;

  virtual Pulled pull() = 0;

  /// Reads on into `into` instead of giving views: End when the whole body stands there. TooLarge
  /// when it grows beyond `limit` bytes, Unavailable when the buffer's memory budget is used up;
  /// both as Failed. A source that already holds the body in a buffer hands that over, so that
  /// nothing is copied.
  virtual Pulled collect(Buffer& into, std::size_t limit, MemoryBudget* budget);

  /// What to send at the end when the body is cut from our side (the stop limit passed); empty:
  /// nothing.
  virtual std::string_view last_words() { return {}; }

  /// Wakes `waiter` once when pull() may get further. One waiter at a time; only after WouldBlock.
  virtual void subscribe(async::Waiter& waiter) = 0;
  virtual void unsubscribe(async::Waiter& waiter) noexcept = 0;

  /// Why pull() answered Failed. Disconnected: cut; Malformed: bad framing; DeadlineExceeded: idle
  /// limit.
  const Error& error() const { return *error_; }

  /// After Failed: whether the server resets the connection instead of ending it. What the client
  /// has not read by then may be lost.
  virtual bool reset_on_failure() const noexcept { return false; }

  /// Size in bytes, where it is known before the end.
  virtual std::optional<std::uint64_t> length() const { return std::nullopt; }

  /// After End: fields that followed the body; null if none.
  virtual const Headers* trailers() const { return nullptr; }

 protected:
  /// Remembers why, and answers Failed.
  Pulled failed(Error error) {
    error_ = std::make_unique<Error>(std::move(error));
    return {.kind = Pulled::Kind::Failed, .data = {}};
  }

 private:
  std::unique_ptr<Error> error_;  // rare, and there are several sources to a stream
};

/// `auto data = CO_TRY(co_await next(source))`: the next bytes; nullopt at the end. The view may be
/// empty: nothing yet, ask again (one wake-up may bring half a frame). Valid until the next
/// suspension. Errors: what the source says; Cancelled, DeadlineExceeded of the task.
class [[nodiscard]] next : private async::Waiter {
 public:
  explicit next(BodySource& source) noexcept : source_(source) {}

  bool await_ready() {
    pulled_ = source_.pull();
    return pulled_.kind != Pulled::Kind::WouldBlock;
  }
  template <class Promise>
  bool await_suspend(std::coroutine_handle<Promise> handle) {
    if (!begin(handle)) {
      return false;
    }
    source_.subscribe(*this);
    suspended_ = true;
    return true;
  }
  Result<std::optional<std::string_view>> await_resume() {
    if (outcome() != async::CancelReason::None) [[unlikely]] {
      return fail(async::cancel_error(outcome()));
    }
    if (suspended_) {
      pulled_ = source_.pull();
    }
    switch (pulled_.kind) {
      case Pulled::Kind::Data:
        return pulled_.data;
      case Pulled::Kind::WouldBlock:
        return std::string_view{};
      case Pulled::Kind::End:
        return std::nullopt;
      case Pulled::Kind::Failed:
        break;
    }
    return fail(source_.error());
  }

 private:
  void on_cancel() noexcept override { source_.unsubscribe(*this); }
  BodySource& source_;
  Pulled pulled_;
  bool suspended_ = false;
};

/// The body of a message: none, text at hand, or a source.
class Body {
 public:
  Body() = default;
  Body(std::string text) : content_(std::move(text)) {}  // NOLINT(google-explicit-constructor)
  template <std::derived_from<BodySource> Source>
  Body(std::unique_ptr<Source> source)  // NOLINT(google-explicit-constructor)
      : content_(std::unique_ptr<BodySource>(std::move(source))) {}

  bool is_text() const noexcept { return std::holds_alternative<std::string>(content_); }
  std::string_view text() const noexcept {
    return is_text() ? std::string_view(std::get<std::string>(content_)) : "";
  }
  /// Null unless the body comes from a source.
  BodySource* source() const noexcept {
    const auto* source = std::get_if<std::unique_ptr<BodySource>>(&content_);
    return source != nullptr ? source->get() : nullptr;
  }
  std::unique_ptr<BodySource> take_source() {
    auto* source = std::get_if<std::unique_ptr<BodySource>>(&content_);
    return source != nullptr ? std::move(*source) : nullptr;
  }

 private:
  std::variant<std::string, std::unique_ptr<BodySource>> content_;
};

/// Reads a whole body of at most `limit` bytes into one buffer with slack behind it.
/// @param idle  give up (DeadlineExceeded) when nothing arrives for so long
/// Errors: TooLarge; Unavailable (budget); what the source says.
async::Task<Result<Buffer>> read_buffer(const Body& body, std::size_t limit, MemoryBudget* budget,
                                        Duration idle);

/// The same as text, for small bodies. Errors: TooLarge; what the source says.
async::Task<Result<std::string>> read_all(const Body& body, std::size_t limit);

}  // namespace kthena::http
