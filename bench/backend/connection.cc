#include "bench/backend/connection.h"

#include <fmt/format.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <memory>
#include <span>

namespace kthena::bench {
namespace {

constexpr std::size_t kScratch = 256UL * 1024;
constexpr std::size_t kUnsentLimit = 1024UL * 1024;  ///< a peer that does not read stops its stream
constexpr std::size_t kHeldLimit = 64UL * 1024;

constexpr std::string_view kMetrics =
    "# TYPE vllm:num_requests_running gauge\n"
    "vllm:num_requests_running{model_name=\"bench-model\"} 0\n"
    "# TYPE vllm:num_requests_waiting gauge\n"
    "vllm:num_requests_waiting{model_name=\"bench-model\"} 0\n"
    "# TYPE vllm:gpu_cache_usage_perc gauge\n"
    "vllm:gpu_cache_usage_perc{model_name=\"bench-model\"} 0.1\n";
constexpr std::string_view kModels =
    R"({"object":"list","data":[{"id":"bench-model","object":"model","created":1750000000,)"
    R"("owned_by":"bench"}]})";
constexpr std::string_view kStreamHead =
    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\n"
    "Cache-Control: no-cache\r\nTransfer-Encoding: chunked\r\n\r\n";

std::span<char> scratch() {
  static const auto kMemory = std::make_unique<std::array<char, kScratch>>();
  return *kMemory;
}

void append_chunk(std::string& out, std::string_view data) {
  fmt::format_to(std::back_inserter(out), "{:x}\r\n{}\r\n", data.size(), data);
}

}  // namespace

BackendConnection::BackendConnection(Loop& loop, BackendStats& stats, Fd socket, int backend)
    : Handler(loop), stats_(stats), socket_(std::move(socket)), backend_(backend) {
  ++stats_.connections;
  ++stats_.open;
  this->loop().watch(socket_.get(), *this);
}

BackendConnection::~BackendConnection() { --stats_.open; }

void BackendConnection::on_ready(std::uint32_t events) {
  if ((events & EPOLLOUT) != 0 && !unsent_.empty()) {
    flush();
  }
  if (!closed_ && (events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0) {
    read();
  }
}

void BackendConnection::read() {
  const std::span<char> memory = scratch();
  while (!closed_) {
    const ssize_t got = ::recv(socket_.get(), memory.data(), memory.size(), 0);
    if (got < 0 && errno == EINTR) {
      continue;
    }
    if (got < 0 && errno == EAGAIN) {
      return;
    }
    if (got <= 0) {
      stats_.cut_requests += reader_.inside_message() ? 1 : 0;
      stats_.cut_replies += answering() ? 1 : 0;
      close();
      return;
    }
    if (!consume({memory.data(), static_cast<std::size_t>(got)})) {
      close();
      return;
    }
  }
}

bool BackendConnection::consume(std::string_view input) {
  using Event = MessageReader::Event;
  while (!input.empty() || reader_.inside_message()) {
    if (answering()) {
      held_ += input;
      return held_.size() <= kHeldLimit;
    }
    switch (reader_.next(input)) {
      case Event::NeedMore:
        return true;
      case Event::Head:
        on_head();
        break;
      case Event::Body:
        body_bytes_ += reader_.piece().size();
        hash_.add(reader_.piece());
        break;
      case Event::End:
        on_request();
        break;
      case Event::Malformed:
        ++stats_.malformed;
        return false;
    }
    if (closed_) {
      return true;
    }
  }
  return true;
}

void BackendConnection::on_head() {
  const Head& head = reader_.head();
  is_post_ = head.start_line.starts_with("POST ");
  const std::size_t path = head.start_line.find(' ') + 1;
  path_ = head.start_line.substr(path, head.start_line.find(' ', path) - path);
  spec_text_ = head.find(kSpecHeader).value_or("");
  close_after_ = head.close;
  body_bytes_ = 0;
  hash_.reset();
  if (head.expects_continue) {
    send("HTTP/1.1 100 Continue\r\n\r\n");
  }
}

void BackendConnection::on_request() {
  if (!is_post_) {
    answer_get();
    return;
  }
  ++stats_.requests;
  stats_.model_connections += carried_post_ ? 0 : 1;
  carried_post_ = true;
  stats_.count_body(body_bytes_, hash_.value());
  if (spec_text_.empty()) {
    reply("200 OK", "application/json", plain_reply(backend_));
    return;
  }
  const auto spec = parse_stream_spec(spec_text_);
  if (!spec) {
    reply("400 Bad Request", "text/plain", spec.error().message());
    return;
  }
  spec_ = *spec;
  start_stream();
}

void BackendConnection::answer_get() {
  if (path_ == "/stats" || path_ == "/stats?reset") {
    reply("200 OK", "application/json", stats_.to_json());
    if (path_.ends_with("reset")) {
      const std::uint64_t open = stats_.open;
      stats_ = BackendStats{};
      stats_.open = open;
    }
    return;
  }
  ++stats_.polls;
  if (path_ == "/health") {
    reply("200 OK", "text/plain", "");
  } else if (path_ == "/metrics") {
    reply("200 OK", "text/plain; version=0.0.4", kMetrics);
  } else if (path_ == "/v1/models") {
    reply("200 OK", "application/json", kModels);
  } else {
    reply("404 Not Found", "text/plain", "not found\n");
  }
}

void BackendConnection::reply(std::string_view status, std::string_view type,
                              std::string_view body) {
  fmt::memory_buffer out;
  fmt::format_to(std::back_inserter(out),
                 "HTTP/1.1 {}\r\nContent-Type: {}\r\nContent-Length: {}\r\n\r\n{}", status, type,
                 body.size(), body);
  send({out.data(), out.size()});
  after_reply();
}

void BackendConnection::start_stream() {
  ++stats_.streams;
  streaming_ = true;
  next_event_ = 0;
  stream_start_ = now() + (spec_.first_us * kMicrosecond);
  if (spec_.first_us == 0) {
    send_due_events();
  } else {
    arm(stream_start_);
  }
}

void BackendConnection::on_timer() { send_due_events(); }

void BackendConnection::send_due_events() {
  const Nanos interval = spec_.interval_us * kMicrosecond;
  while (streaming_ && !closed_ && unsent_.size() < kUnsentLimit) {
    const Nanos time = now();
    const Nanos due = stream_start_ + (next_event_ * interval);
    if (due > time) {
      arm(due);
      return;
    }
    std::string out(next_event_ == 0 ? kStreamHead : std::string_view{});
    fmt::format_to(std::back_inserter(out), "{:x}\r\n", spec_.size);
    append_event(out, spec_, next_event_, backend_, time);
    out += "\r\n";
    ++stats_.events;
    if (++next_event_ == spec_.events) {
      finish_stream(out);
    }
    send(out);
  }
  after_reply();
}

void BackendConnection::finish_stream(std::string& out) {
  append_chunk(out, kDone);
  out += "0\r\n\r\n";
  streaming_ = false;
}

void BackendConnection::send(std::string_view text) {
  if (unsent_.empty()) {
    const ssize_t sent = ::send(socket_.get(), text.data(), text.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN) {
      stats_.cut_replies += 1;
      close();
      return;
    }
    text.remove_prefix(sent < 0 ? 0 : static_cast<std::size_t>(sent));
  }
  unsent_ += text;
}

void BackendConnection::flush() {
  std::string rest;
  rest.swap(unsent_);
  send(rest);
  if (closed_ || !unsent_.empty()) {
    return;
  }
  if (streaming_) {
    send_due_events();
  } else {
    after_reply();
  }
}

void BackendConnection::after_reply() {
  if (closed_ || answering()) {
    return;
  }
  std::string input;
  input.swap(held_);
  if (close_after_ || !consume(input)) {
    close();
  }
}

void BackendConnection::close() {
  if (!closed_) {
    closed_ = true;
    streaming_ = false;
    socket_.close();
    loop().bury(std::unique_ptr<Handler>(this));
  }
}

}  // namespace kthena::bench
