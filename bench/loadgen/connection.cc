#include "bench/loadgen/connection.h"

#include <fmt/format.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <span>

#include "base/check.h"

namespace kthena::bench {
namespace {

constexpr std::size_t kScratch = 256UL * 1024;
constexpr std::size_t kReplyLimit = 64UL * 1024;

std::span<char> scratch() {
  static const auto kMemory = std::make_unique<std::array<char, kScratch>>();
  return *kMemory;
}

/// The backend's number if `reply` is what a backend answers, else -1.
int backend_of_reply(std::string_view reply) {
  static const std::string kExpected = plain_reply(0);
  if (reply.size() != kExpected.size()) {
    return -1;
  }
  int backend = 0;
  for (std::size_t i = 0; i < reply.size(); ++i) {
    const bool digit = i - kBackendInReply.offset < kBackendInReply.size;
    if (digit && reply[i] >= '0' && reply[i] <= '9') {
      backend = (backend * 10) + (reply[i] - '0');
    } else if (reply[i] != kExpected[i]) {
      return -1;
    }
  }
  return backend;
}

}  // namespace

ClientConnection::ClientConnection(Loop& loop, CallObserver& observer, Histogram& delays, Fd socket)
    : Handler(loop), observer_(observer), delays_(delays), socket_(std::move(socket)) {
  this->loop().watch(socket_.get(), *this);
}

void ClientConnection::begin(const CallTemplate& calls, const std::optional<StreamSpec>& spec,
                             Nanos intended) {
  CHECK(!busy());
  calls_ = &calls;
  head_ = calls.head(spec);
  sent_ = 0;
  check_.reset();
  if (spec) {
    check_.emplace(*spec);
  }
  reply_.clear();
  outcome_ = Outcome{.intended = intended};
  if (connected_) {
    write();
  }
}

void ClientConnection::on_ready(std::uint32_t events) {
  if (!connected_ && (events & (EPOLLOUT | EPOLLERR | EPOLLHUP)) != 0) {
    if (const int error = socket_error(socket_); error != 0) {
      outcome_.detail = std::strerror(error);
      finish(OutcomeKind::NotConnected, now(), false);
      return;
    }
    connected_ = true;
    observer_.on_connected(*this);
  }
  if ((events & EPOLLOUT) != 0 && busy() && sent_ < head_.size() + calls_->body().size()) {
    write();
  }
  if ((events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0) {
    read((events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0);
  }
}

void ClientConnection::write() {
  const std::string& body = calls_->body();
  const std::size_t total = head_.size() + body.size();
  if (sent_ == 0) {
    outcome_.sent = now();
  }
  while (sent_ < total) {
    const std::size_t of_head = std::min(sent_, head_.size());
    const std::size_t of_body = sent_ - of_head;
    std::array<iovec, 2> parts = {
        iovec{head_.data() + of_head, head_.size() - of_head},
        iovec{const_cast<char*>(body.data()) + of_body, body.size() - of_body}};
    msghdr message{};
    message.msg_iov = parts.data();
    message.msg_iovlen = parts.size();
    const ssize_t sent = ::sendmsg(socket_.get(), &message, MSG_NOSIGNAL);
    if (sent < 0) {
      // Of a connection that broke, read() learns and tells: a reply may be waiting before the end.
      return;
    }
    sent_ += static_cast<std::size_t>(sent);
  }
}

void ClientConnection::read(bool to_the_end) {
  const std::span<char> memory = scratch();
  while (socket_.valid()) {
    const ssize_t got = ::recv(socket_.get(), memory.data(), memory.size(), 0);
    if (got < 0 && errno == EINTR) {
      continue;
    }
    if (got < 0 && errno == EAGAIN) {
      return;
    }
    if (got <= 0) {
      on_closed(got < 0);
      return;
    }
    consume({memory.data(), static_cast<std::size_t>(got)}, now());
    if (!to_the_end && static_cast<std::size_t>(got) < memory.size()) {
      return;  // drained; what comes later raises an event of its own
    }
  }
}

void ClientConnection::consume(std::string_view input, Nanos time) {
  using Event = MessageReader::Event;
  while (socket_.valid() && (!input.empty() || reader_.inside_message())) {
    const Event event = reader_.next(input);
    if (event == Event::NeedMore) {
      return;
    }
    if (event == Event::Malformed || !busy()) {
      outcome_.detail = event == Event::Malformed ? "malformed reply" : "bytes nobody asked for";
      finish(OutcomeKind::Corrupted, time, false);
      return;
    }
    if (event == Event::Head) {
      on_head();
    } else if (event == Event::Body) {
      on_body(reader_.piece(), time);
    } else {
      on_end(time);
      if (busy() && !input.empty()) {  // the next call has begun, and its reply comes later
        outcome_.detail = "bytes after the end of a reply";
        finish(OutcomeKind::Corrupted, time, false);
      }
    }
  }
}

void ClientConnection::on_head() {
  outcome_.status = reader_.head().status();
  if (outcome_.status / 100 != 1) {
    outcome_.reusable = !reader_.head().close;
  }
}

void ClientConnection::on_body(std::string_view piece, Nanos time) {
  if (outcome_.first_byte == 0) {
    outcome_.first_byte = time;
    observer_.on_first_byte(*this);
  }
  if (check_ && outcome_.status == 200) {
    check_->feed(piece, time, delays_);
  } else if (reply_.size() < kReplyLimit) {
    reply_ += piece;
  }
}

OutcomeKind ClientConnection::kind_at_end() const {
  if (outcome_.status != 200) {
    return OutcomeKind::WrongStatus;
  }
  if (!check_) {
    return outcome_.backend >= 0 ? OutcomeKind::Exact : OutcomeKind::Corrupted;
  }
  switch (check_->state()) {
    case StreamCheck::State::Done:
      return OutcomeKind::Exact;
    case StreamCheck::State::ErrorEvent:
      return OutcomeKind::ErrorThenEnd;
    case StreamCheck::State::Corrupted:
      return OutcomeKind::Corrupted;
    case StreamCheck::State::Events:
      return OutcomeKind::TruncatedClean;
  }
  return OutcomeKind::Corrupted;
}

void ClientConnection::on_end(Nanos time) {
  if (check_) {
    check_->finish();
  } else {
    outcome_.backend = backend_of_reply(reply_);
  }
  const OutcomeKind kind = kind_at_end();
  const bool sent_all = sent_ == head_.size() + calls_->body().size();
  finish(kind, time, outcome_.reusable && sent_all && kind == OutcomeKind::Exact);
}

void ClientConnection::on_closed(bool broken) {
  const Nanos time = now();
  if (!busy()) {
    socket_.close();
    observer_.on_lost(*this);
    return;
  }
  if (reader_.ends_with_connection() && !broken) {
    outcome_.reusable = false;
    on_end(time);
    return;
  }
  const auto state = check_ ? check_->finish() : StreamCheck::State::Events;
  if (outcome_.status == 0) {
    finish(OutcomeKind::NoReply, time, false);
  } else if (state == StreamCheck::State::ErrorEvent) {
    finish(OutcomeKind::ErrorThenAbort, time, false);
  } else {
    const bool corrupted = state == StreamCheck::State::Corrupted;
    finish(corrupted ? OutcomeKind::Corrupted : OutcomeKind::Cut, time, false);
  }
}

void ClientConnection::give_up() {
  if (busy()) {
    finish(OutcomeKind::Unfinished, now(), false);
  }
}

void ClientConnection::finish(OutcomeKind kind, Nanos time, bool reusable) {
  Outcome outcome = std::move(outcome_);
  outcome_ = Outcome{};
  outcome.kind = kind;
  outcome.end = time;
  outcome.reusable = reusable;
  if (check_) {
    outcome.backend = check_->backend();
    outcome.events = check_->events();
    if (outcome.detail.empty()) {
      outcome.detail = check_->detail();
    }
  }
  if (kind != OutcomeKind::Exact && outcome.detail.empty()) {
    outcome.detail = reply_.substr(0, 300);
  }
  calls_ = nullptr;
  if (!reusable) {
    socket_.close();
  }
  observer_.on_finished(*this, outcome);
}

}  // namespace kthena::bench
