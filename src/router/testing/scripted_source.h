// A body whose pieces a test decides.
#pragma once

#include <deque>
#include <string>
#include <utility>

#include "http/body.h"

namespace kthena::router::testing {

/// Gives what add() and the like were called with, one piece a pull; blocks when nothing is left.
class ScriptedSource final : public http::BodySource {
 public:
  void add(std::string bytes) {
    pieces_.push_back(std::move(bytes));
    wake();
  }
  void end() {
    ended_ = true;
    wake();
  }
  void break_off(ErrorCode code = ErrorCode::Disconnected) {
    broken_ = code;
    wake();
  }
  void set_length(std::uint64_t length) { length_ = length; }
  /// Wakes whoever waits, for nothing.
  void wake() {
    if (waiter_ != nullptr) {
      std::exchange(waiter_, nullptr)->wake();
    }
  }
  std::size_t left() const { return pieces_.size(); }

  http::Pulled pull() override {
    if (!pieces_.empty()) {
      given_ = std::move(pieces_.front());
      pieces_.pop_front();
      return {.kind = http::Pulled::Kind::Data, .data = given_};
    }
    given_.assign(given_.size(), '#');  // a view is valid until the next pull only
    if (broken_) {
      return failed(Error(*broken_, "broke off"));
    }
    return {.kind = ended_ ? http::Pulled::Kind::End : http::Pulled::Kind::WouldBlock};
  }
  void subscribe(async::Waiter& waiter) override { waiter_ = &waiter; }
  void unsubscribe(async::Waiter&) noexcept override { waiter_ = nullptr; }
  std::optional<std::uint64_t> length() const override { return length_; }

 private:
  std::deque<std::string> pieces_;
  std::string given_;
  bool ended_ = false;
  std::optional<ErrorCode> broken_;
  std::optional<std::uint64_t> length_;
  async::Waiter* waiter_ = nullptr;
};

/// What a source gave until it stopped.
struct Drained {
  std::string bytes;
  http::Pulled::Kind end = http::Pulled::Kind::WouldBlock;
};
inline Drained drain(http::BodySource& source) {
  Drained drained;
  while (true) {
    const http::Pulled pulled = source.pull();
    if (pulled.kind != http::Pulled::Kind::Data) {
      drained.end = pulled.kind;
      return drained;
    }
    drained.bytes += pulled.data;
  }
}

}  // namespace kthena::router::testing
