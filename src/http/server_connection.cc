#include "http/server_connection.h"

#include <algorithm>
#include <array>
#include <exception>

#include "async/time.h"
#include "http/chunked.h"
#include "http/request_body.h"
#include "telemetry/log.h"

namespace kthena::http {
namespace {

// After a refusal the rest of the request is read and dropped for a while, or the client would see
// a reset instead of the answer.
constexpr Duration kLinger = std::chrono::seconds(2);
// Enough for most requests whole. What of a body is read with its head must be copied into the
// body's buffer; the rest of a larger one is read to where it stays.
constexpr std::size_t kFirstRead = 24 << 10;
static_assert(kFirstRead <= kReadScratchSize);
// After a body that was larger than that the next one is likely to be, too: little more than the
// head.
constexpr std::size_t kFirstReadOfLarge = 4 << 10;

std::string& head_scratch() {
  thread_local std::string scratch;
  scratch.clear();
  return scratch;
}

Response internal_error() {
  return text_response(
      500, "application/json",
      R"({"error":{"message":"internal error","type":"server_error","param":null,"code":null}})");
}

}  // namespace

ServerConnection::ServerConnection(Server& server, std::unique_ptr<net::Stream> stream)
    : Timer(server.network_.loop()), server_(server), stream_(std::move(stream)) {
  stream_->io().set_observer(this);
  server_.connections_.push_back(*this);
  ++server_.stats_.open;
}

ServerConnection::~ServerConnection() { --server_.stats_.open; }

// With its socket all that an idle connection holds: a size class of the allocator.
static_assert(sizeof(ServerConnection) <= 96);

void ServerConnection::park(std::unique_ptr<ServerConnection> connection) {
  ServerConnection& self = *connection;
  self.idle_ = true;
  if (self.stream_->io().readable()) {
    self.idle_ = false;
    self.server_.tasks_.spawn(serve(std::move(connection)));
    return;
  }
  self.set(self.loop().now() + self.server_.options_.idle_timeout);
  static_cast<void>(connection.release());  // the server's list owns it now
}

void ServerConnection::on_io() noexcept {
  if (idle_) {
    Timer::cancel();
    idle_ = false;
    server_.tasks_.spawn(serve(std::unique_ptr<ServerConnection>(this)));
  } else if (stream_->io().hung_up() && serving_ != nullptr) {
    serving_->context->cancel();
  }
}

void ServerConnection::on_timer() noexcept {
  delete this;
}  // only idle connections have the timer set

void ServerConnection::cut() noexcept {
  if (serving_ != nullptr) {
    serving_->context->cancel(async::CancelReason::DeadlineExceeded);
  }
}

async::Task<void> ServerConnection::serve(std::unique_ptr<ServerConnection> connection) {
  Serving serving{.context = (co_await async::this_task()).context};
  connection->serving_ = &serving;
  Next next = Next::Serve;
  while (next == Next::Serve) {
    next = co_await connection->serve_one();
  }
  if (next == Next::Linger) {
    co_await connection->linger();
  } else if (next == Next::Upgrade) {
    co_await connection->run_upgrade();
  }
  connection->serving_ = nullptr;
  if (next == Next::Park) {
    park(std::move(connection));
  }
}

net::IoOutcome ServerConnection::read_pending() {
  keep_bytes();
  Buffer& pending = serving_->pending;
  std::string_view& bytes = serving_->bytes;
  if (!pending) {
    pending = Buffer::allocate(4096, nullptr);
  } else if (pending.room() == 0) {
    pending.reserve(pending.capacity() * 2);
  }
  const std::size_t used =
      static_cast<std::size_t>(bytes.empty() ? pending.size() : bytes.data() - pending.data());
  const net::IoOutcome outcome =
      stream_->try_read({pending.data() + pending.size(), pending.room()});
  if (outcome.kind == net::IoOutcome::Kind::Bytes) {
    pending.grow(outcome.bytes);
    bytes = pending.view().substr(used);
  }
  return outcome;
}

void ServerConnection::keep_bytes() {
  Buffer& pending = serving_->pending;
  std::string_view& bytes = serving_->bytes;
  const bool in_pending =
      pending && bytes.data() >= pending.data() && bytes.data() <= pending.data() + pending.size();
  if (bytes.empty()) {
    pending.reset();
    bytes = {};
    return;
  }
  if (in_pending && pending.room() > 0) {
    return;
  }
  // Out of the scratch, or to the front of a buffer: what was used in front of it goes.
  Buffer kept = Buffer::allocate(bytes.size() + 1024, nullptr);
  kept.append(bytes);
  pending = std::move(kept);
  bytes = pending.view();
}

void ServerConnection::consume(std::size_t bytes) {
  serving_->bytes.remove_prefix(bytes);
  serving_->scanned = 0;
}

std::size_t ServerConnection::first_read() const noexcept {
  return std::size_t{last_body_kib_} << 10 > kFirstRead ? kFirstReadOfLarge : kFirstRead;
}

ServerConnection::Read ServerConnection::read_head(std::size_t& head_size) {
  while (true) {
    if (!serving_->bytes.empty()) {
      const HeadEnd end = find_head_end(serving_->bytes, serving_->scanned);
      if (end.kind == HeadEnd::Kind::Complete) {
        head_size = end.size;
        return end.size > server_.options_.max_head_bytes ? Read::TooLarge : Read::Head;
      }
      if (end.kind == HeadEnd::Kind::Bad) {
        return Read::Bad;
      }
      if (serving_->bytes.size() > server_.options_.max_head_bytes) {
        return Read::TooLarge;
      }
    }
    if (!stream_->io().readable()) {
      return serving_->bytes.empty() ? Read::Nothing : Read::Partial;
    }
    net::IoOutcome outcome;
    if (serving_->bytes.empty()) {
      char* scratch = read_scratch();
      outcome = stream_->try_read({scratch, first_read()});
      serving_->bytes = {scratch, outcome.bytes};
    } else {
      outcome = read_pending();
    }
    if (outcome.kind == net::IoOutcome::Kind::End || outcome.kind == net::IoOutcome::Kind::Failed) {
      return Read::Closed;
    }
  }
}

std::unique_ptr<BodySource> ServerConnection::make_body(const Framing& framing) {
  auto body = std::make_unique<RequestBody>(*this, framing);
  body->take_prefetched();
  serving_->body = body.get();
  return body;
}

async::Task<ServerConnection::Next> ServerConnection::serve_one() {
  async::PromiseBase& task = co_await async::this_task();
  std::size_t head_size = 0;
  serving_->scanned = 0;
  {
    std::optional<async::DeadlineScope> limit;
    for (bool complete = false; !complete;) {
      switch (read_head(head_size)) {
        case Read::Head:
          complete = true;
          break;
        case Read::Nothing:
          co_return server_.idle_closed_ ? Next::Close : Next::Park;
        case Read::Closed:
          co_return Next::Close;
        case Read::Bad:
          co_return co_await refuse(400, "malformed HTTP request");
        case Read::TooLarge:
          co_return co_await refuse(oversized_head_status(serving_->bytes),
                                    "the request's head is too large");
        case Read::Partial:
          keep_bytes();
          if (!limit) {
            limit.emplace(task, server_.options_.head_timeout);
          }
          if (!co_await async::wait_io(stream_->io(), async::Interest::Read)) {
            const bool late = limit->expired();
            limit.reset();
            co_return late ? co_await refuse(408, "the request's header fields took too long")
                           : Next::Close;
          }
          break;
      }
    }
  }
  Request request;
  const auto framing = parse_request_head(
      serving_->bytes.substr(0, head_size),
      {.max_bytes = server_.options_.max_head_bytes, .max_fields = server_.options_.max_headers},
      request);
  if (!framing) {
    co_return co_await refuse(framing.error().status, framing.error().message);
  }
  consume(head_size);
  if (framing->kind == Framing::Kind::Length && framing->length > server_.options_.max_body_bytes) {
    co_return co_await refuse(413, "the body is larger than " +
                                       std::to_string(server_.options_.max_body_bytes) + " bytes");
  }
  request.peer = stream_->peer();
  request.certificate = stream_->peer_certificate();
  request.received = loop().now();
  serving_->body_left_unread = false;
  if (framing->kind != Framing::Kind::None) {
    request.body = make_body(*framing);
  }
  keep_bytes();
  ++requests_;
  ++server_.stats_.requests;
  ++server_.stats_.active;
  if (stream_->io().hung_up()) {
    serving_->context->cancel();  // gone already: nobody waits for what would take long
  }
  Response response;
  try {
    response = co_await server_.handler_.handle(request);
  } catch (const std::exception& thrown) {
    log::error("a handler threw an exception", kv("path", request.path()),
               kv("reason", thrown.what()));
    response = internal_error();
  } catch (...) {
    log::error("a handler threw an exception", kv("path", request.path()));
    response = internal_error();
  }
  bool keep_alive = framing->keep_alive && !server_.closing_ &&
                    (server_.options_.max_requests_per_connection == 0 ||
                     requests_ < server_.options_.max_requests_per_connection);
  const bool unread =
      serving_->body != nullptr ? !serving_->body->complete() : serving_->body_left_unread;
  keep_alive = keep_alive && !unread;
  const std::size_t upgrade_memory = take_upgrade(response, unread);
  Sent sent{.end = Sent::End::SourceFailed};
  const bool sent_all = response.status != 0 && co_await send(request, response, keep_alive, sent);
  --server_.stats_.active;
  if (response.upgrade != nullptr) {
    if (sent_all) {
      serving_->upgrade = std::move(response.upgrade);
      serving_->observer = std::move(response.observer);
      co_return Next::Upgrade;
    }
    server_.budget_.give_back(upgrade_memory);
  }
  response.body = {};  // lets go of the engine before the end is told
  if (response.observer != nullptr) {
    response.observer->on_sent(sent);
    response.observer.reset();
  }
  if (!sent_all) {
    co_return Next::Close;
  }
  co_return unread ? Next::Linger : keep_alive ? Next::Serve : Next::Close;
}

/// Takes the memory of an upgrade, or puts another answer in its place.
std::size_t ServerConnection::take_upgrade(Response& response, bool unread) {
  if (response.upgrade == nullptr) {
    return 0;
  }
  const std::size_t memory = response.upgrade->memory();
  const bool fits = server_.budget_.try_take(memory);
  if (fits && !unread && response.status == 101) {
    return memory;
  }
  if (fits) {
    server_.budget_.give_back(memory);
  }
  auto observer = std::move(response.observer);
  response = fits ? text_response(400, "text/plain; charset=utf-8",
                                  "an upgrade takes a request without a body\n")
                  : text_response(503, "text/plain; charset=utf-8", "out of memory\n");
  response.observer = std::move(observer);
  return 0;
}

async::Task<void> ServerConnection::run_upgrade() {
  // Whoever runs it finds the client's end where it reads: what came before still counts.
  stream_->io().set_observer(nullptr);
  std::string received(serving_->bytes);
  serving_->pending.reset();
  serving_->bytes = {};
  ++server_.stats_.upgraded;
  const std::size_t memory = serving_->upgrade->memory();
  try {
    co_await serving_->upgrade->run(std::move(stream_), std::move(received));
  } catch (const std::exception& thrown) {
    log::error("an upgraded connection threw an exception", kv("reason", thrown.what()));
  } catch (...) {
    log::error("an upgraded connection threw an exception");
  }
  serving_->upgrade.reset();
  server_.budget_.give_back(memory);
  --server_.stats_.upgraded;
  if (serving_->observer != nullptr) {
    serving_->observer->on_sent(
        {.end = server_.cutting_ ? Sent::End::ShutDown : Sent::End::Complete});
    serving_->observer.reset();
  }
}

async::Task<ServerConnection::Next> ServerConnection::refuse(int status, std::string_view message) {
  Request request;
  Response response = server_.handler_.refuse(status, message);
  Sent sent;
  const bool sent_all = co_await send(request, response, false, sent);
  co_return sent_all ? Next::Linger : Next::Close;
}

async::Task<bool> ServerConnection::send(const Request& request, Response& response,
                                         bool keep_alive, Sent& sent) {
  BodySource* source = response.body.source();
  Framing framing{.kind = Framing::Kind::Length,
                  .length = response.body.text().size(),
                  .keep_alive = keep_alive};
  const bool no_body = response.status < 200 || response.status == 204 || response.status == 304;
  if (no_body) {
    framing.kind = Framing::Kind::None;
    source = nullptr;
  } else if (source != nullptr) {
    if (const auto length = source->length()) {
      framing.length = *length;
    } else if (request.version == Version::Http10) {
      framing.kind = Framing::Kind::UntilClose;
      framing.keep_alive = false;
    } else {
      framing.kind = Framing::Kind::Chunked;
    }
  }
  std::string& head = head_scratch();
  append_response_head(head, response.status, response.headers, framing, loop().wall_now(),
                       request.version);
  response.headers = {};  // written: a long stream need not hold them
  const bool head_only = no_body || request.method == Method::Head;
  if (source == nullptr || head_only) {
    return send_text(head, head_only ? std::string_view{} : response.body.text(), sent);
  }
  return send_source(head, *source, framing.kind, sent);
}

ServerConnection::Write ServerConnection::write_or_keep(std::span<const std::string_view> parts,
                                                        Buffer& rest) {
  if (!serving_->unsent.empty()) [[unlikely]] {
    rest = Buffer::allocate(serving_->unsent.size(), nullptr);
    rest.append(std::exchange(serving_->unsent, {}));
    for (const std::string_view part : parts) {
      rest.reserve(rest.size() + part.size());
      rest.append(part);
    }
    return Write::Rest;
  }
  std::size_t total = 0;
  for (const std::string_view part : parts) {
    total += part.size();
  }
  const net::IoOutcome outcome = stream_->try_write(parts);
  if (outcome.kind == net::IoOutcome::Kind::Failed) {
    return Write::Failed;
  }
  if (outcome.bytes == total) {
    return Write::Done;
  }
  rest = Buffer::allocate(total - outcome.bytes, nullptr);
  std::size_t skip = outcome.bytes;
  for (const std::string_view part : parts) {
    const std::size_t skipped = std::min(skip, part.size());
    rest.append(part.substr(skipped));
    skip -= skipped;
  }
  return Write::Rest;
}

async::Task<bool> ServerConnection::write_rest(Buffer rest) {
  async::PromiseBase& task = co_await async::this_task();
  const Duration patience = server_.options_.write_timeout;
  async::DeadlineScope limit(task, patience);
  std::string_view left = rest.view();
  while (!left.empty()) {
    if (!co_await async::wait_io(stream_->io(), async::Interest::Write)) {
      co_return false;
    }
    const std::array parts = {left};
    const net::IoOutcome outcome = stream_->try_write(parts);
    if (outcome.kind == net::IoOutcome::Kind::Failed) {
      co_return false;
    }
    left.remove_prefix(outcome.bytes);
    limit.extend(loop().now() + patience);
  }
  co_return true;
}

async::Task<bool> ServerConnection::send_text(std::string_view head, std::string_view text,
                                              Sent& sent) {
  const std::array parts = {head, text};
  Buffer rest;
  sent.first_byte = loop().now();
  Write written = write_or_keep(parts, rest);
  if (written == Write::Rest) {
    written = co_await write_rest(std::move(rest)) ? Write::Done : Write::Failed;
  }
  sent.body_bytes = text.size();
  sent.end = written == Write::Done ? Sent::End::Complete : Sent::End::ClientGone;
  co_return written == Write::Done;
}

async::Task<bool> ServerConnection::send_source(std::string_view head, BodySource& source,
                                                Framing::Kind kind, Sent& sent) {
  const bool chunked = kind == Framing::Kind::Chunked;
  const std::optional<std::uint64_t> promised = source.length();
  sent.first_byte = loop().now();
  // The head goes out with the first bytes when they are there, alone otherwise.
  Pulled pulled = source.pull();
  std::string_view data = pulled.kind == Pulled::Kind::Data ? pulled.data : std::string_view{};
  bool end = pulled.kind == Pulled::Kind::End;
  bool broken = pulled.kind == Pulled::Kind::Failed;
  while (true) {
    std::array<char, kChunkHeaderSize> chunk_head;
    std::array<std::string_view, 4> parts{head};
    std::size_t count = head.empty() ? 0 : 1;
    if (!data.empty()) {
      if (chunked) {
        parts[count++] = chunk_header(data.size(), chunk_head);
      }
      parts[count++] = data;
      sent.body_bytes += data.size();
    }
    if (chunked && (end || !data.empty())) {
      parts[count++] = end ? "0\r\n\r\n" : "\r\n";
    }
    if (count > 0) {
      Buffer rest;
      Write written = write_or_keep(std::span(parts).subspan(0, count), rest);
      if (written == Write::Rest) {
        written = co_await write_rest(std::move(rest)) ? Write::Done : Write::Failed;
      }
      if (written == Write::Failed) {
        sent.end = server_.cutting_ ? Sent::End::ShutDown : Sent::End::ClientGone;
        co_return false;
      }
    }
    if (end) {
      // A source that promised more than it gave cannot be told from a cut by its end alone.
      const bool whole = !promised || *promised == sent.body_bytes;
      sent.end = whole ? Sent::End::Complete : Sent::End::SourceFailed;
      co_return whole;
    }
    if (broken) {
      source_failed(source, kind, sent);
      co_return false;
    }
    head = {};
    const auto got = co_await next(source);
    if (got) {
      data = got->value_or(std::string_view{});
      end = !got->has_value();
    } else if (serving_->context->cancelled()) {
      if (kind == Framing::Kind::UntilClose) {
        stream_->reset_on_close();
      }
      sent.end = Sent::End::ClientGone;
      if (server_.cutting_ && !stream_->io().hung_up()) {
        sent.end = Sent::End::ShutDown;
        write_last_words(source.last_words(), chunked);
      }
      co_return false;
    } else {
      source_failed(source, kind, sent);
      co_return false;
    }
  }
}

void ServerConnection::source_failed(const BodySource& source, Framing::Kind kind, Sent& sent) {
  sent.end = Sent::End::SourceFailed;
  // A proper end of the connection would be that of a body that lasts until then.
  if (source.reset_on_failure() || kind == Framing::Kind::UntilClose) {
    stream_->reset_on_close();
  }
}

void ServerConnection::write_last_words(std::string_view words, bool chunked) {
  if (words.empty()) {
    return;
  }
  std::array<char, kChunkHeaderSize> chunk_head;
  const std::array<std::string_view, 3> parts = {
      chunked ? chunk_header(words.size(), chunk_head) : "", words, chunked ? "\r\n" : ""};
  stream_->try_write(parts);
}

async::Task<void> ServerConnection::linger() {
  stream_->shutdown_write();
  async::PromiseBase& task = co_await async::this_task();
  const async::DeadlineScope limit(task, kLinger);
  std::size_t budget = server_.options_.max_body_bytes;
  while (budget > 0) {
    const net::IoOutcome outcome = stream_->try_read({read_scratch(), kReadScratchSize});
    if (outcome.kind == net::IoOutcome::Kind::WouldBlock) {
      if (!co_await async::wait_io(stream_->io(), async::Interest::Read)) {
        break;
      }
    } else if (outcome.kind != net::IoOutcome::Kind::Bytes) {
      break;
    }
    budget -= std::min(budget, outcome.bytes);
  }
}

}  // namespace kthena::http
