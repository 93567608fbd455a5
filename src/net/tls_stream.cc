#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "async/io_source.h"
#include "async/loop.h"
#include "async/task.h"
#include "base/check.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/result.h"
#include "net/address.h"
#include "net/certificate_subject.h"
#include "net/stream.h"
#include "net/tls.h"
#include "net/tls_context.h"

namespace kthena::net {
namespace {

constexpr std::size_t kMaxPlain = 16 << 10;  // of one record, RFC 8446 5.1
constexpr std::size_t kRecordOverhead = 5 + 256;
constexpr std::size_t kMaxRecords = 8;      // encrypted for one system call
constexpr std::size_t kMaxRead = 64 << 10;  // read from below at once

/// Memory of one read or write, never across a suspension: idle connections own none.
struct Scratch {
  std::array<char, kMaxRead> in;
  std::array<char, kMaxPlain> plain;
  std::string out;
};
Scratch& scratch() {
  thread_local const std::unique_ptr<Scratch> mine = std::make_unique<Scratch>();
  return *mine;
}

IoOutcome wrote(std::size_t bytes) {
  return {.kind = bytes > 0 ? IoOutcome::Kind::Bytes : IoOutcome::Kind::WouldBlock, .bytes = bytes};
}

/// Where the next byte of several parts is.
class Cursor {
 public:
  explicit Cursor(std::span<const std::string_view> parts) noexcept : parts_(parts) { settle(); }
  bool at_end() const noexcept { return parts_.empty(); }

  /// Up to a record's worth of the next bytes, in one piece: in place where one part has enough.
  std::string_view next_record(std::span<char, kMaxPlain> copy_to) noexcept {
    const std::string_view here = parts_.front().substr(at_);
    if (here.size() >= kMaxPlain || parts_.size() == 1) {
      const std::string_view record = here.substr(0, kMaxPlain);
      skip(record.size());
      return record;
    }
    std::size_t size = 0;
    while (size < kMaxPlain && !at_end()) {
      const std::string_view piece = parts_.front().substr(at_, kMaxPlain - size);
      std::ranges::copy(piece, copy_to.begin() + static_cast<std::ptrdiff_t>(size));
      size += piece.size();
      skip(piece.size());
    }
    return {copy_to.data(), size};
  }

  void skip(std::size_t count) noexcept {
    while (count > 0) {
      CHECK(!at_end());
      const std::size_t step = std::min(count, parts_.front().size() - at_);
      at_ += step;
      count -= step;
      settle();
    }
  }

 private:
  void settle() noexcept {
    while (!parts_.empty() && at_ == parts_.front().size()) {
      parts_ = parts_.subspan(1);
      at_ = 0;
    }
  }
  std::span<const std::string_view> parts_;
  std::size_t at_ = 0;
};

}  // namespace

/// OpenSSL between two streams. It sees a BIO that never refuses a write: what it encrypts is
/// collected, and handed below in one call at the end of each operation. What is not taken there
/// stays in out_, and the application is told that the bytes in it were not taken either; it offers
/// them again, and is then told how many were promised. So no byte that was reported as written can
/// be lost by a close.
///
/// Invariants between operations: out_ is empty, or the stream below is not writable and its next
/// event sends more. source_ is readable, or OpenSSL has nothing and the stream below is not
/// readable.
class TlsStream final : public Stream, private async::IoTap {
 public:
  TlsStream(std::unique_ptr<Stream> inner, TlsContext context)
      : context_(std::move(context)),
        inner_(std::move(inner)),
        source_(inner_->io().loop()),
        ssl_(SSL_new(context_.state_->get())),
        flusher_(*this) {
    CHECK(ssl_ != nullptr);
    BIO* bio = BIO_new(bio_method());
    CHECK(bio != nullptr);
    BIO_set_data(bio, this);
    SSL_set_bio(ssl_.get(), bio, bio);
    inner_->io().set_tap(this);
    if (inner_->io().hung_up()) {
      source_.notify({.hung_up = true});
    }
  }
  ~TlsStream() override {
    if (established_ && !reset_) {
      close_writing();
    }
    inner_->io().set_tap(nullptr);
  }

  Result<> prepare_client(std::string_view server_name);
  enum class Step : std::uint8_t { Done, WaitRead };
  Result<Step> handshake();

  IoOutcome try_read(std::span<char> into) override;
  IoOutcome try_write(std::span<const std::string_view> parts) override;
  void shutdown_write() noexcept override {
    end_below_ = true;
    close_writing();
  }
  void reset_on_close() noexcept override {
    reset_ = true;
    inner_->reset_on_close();
  }
  async::IoSource& io() noexcept override { return source_; }
  SocketAddress peer() const override { return inner_->peer(); }
  SocketAddress local() const override { return inner_->local(); }
  std::string_view application_protocol() const override {
    const unsigned char* name = nullptr;
    unsigned size = 0;
    SSL_get0_alpn_selected(ssl_.get(), &name, &size);
    return {reinterpret_cast<const char*>(name), size};
  }
  const PeerCertificate* peer_certificate() const override { return peer_certificate_.get(); }

 private:
  /// Sends what was left once the stream below takes more.
  class Flusher final : public async::Runnable {
   public:
    explicit Flusher(TlsStream& stream) noexcept : stream_(stream) {}
    void run() noexcept override {
      stream_.flush();
      if (stream_.out_.empty()) {
        stream_.source_.notify({.writable = true});
      }
    }

   private:
    TlsStream& stream_;
  };

  static BIO_METHOD* bio_method();
  static int bio_write(BIO* bio, const char* data, int size);
  static int bio_read(BIO* bio, char* into, int size);
  static long bio_control(BIO* bio, int command, long number, void* pointer);

  void on_events(async::IoEvents events) noexcept override;
  bool has_input() const noexcept { return held_.size() > held_at_ || !fresh_.empty(); }
  std::size_t read_input(std::span<char> into);
  void keep_input();
  void flush() noexcept;
  std::size_t send_below(std::string_view bytes) noexcept;
  void close_writing() noexcept;
  void note_read_failure(int ssl_error);
  Error handshake_error();
  void note_peer_certificate();

  TlsContext context_;
  std::unique_ptr<Stream> inner_;
  async::IoSource source_;
  SslPointer ssl_;
  Flusher flusher_;
  std::string held_;  // encrypted, read from below, not yet wanted by OpenSSL
  std::size_t held_at_ = 0;
  std::string_view fresh_;  // the same, in scratch, during an operation; comes after held_
  std::size_t wanted_ = 0;  // how much the present operation may use
  std::string out_;         // encrypted, not yet taken below
  std::size_t out_at_ = 0;
  std::size_t promised_ = 0;  // plain bytes in out_ that the application will offer again
  std::string server_name_;
  std::unique_ptr<PeerCertificate> peer_certificate_;  // of a client
  int read_error_ = 0;                                 // an errno, or one of IoOutcome's; 0: none
  int write_error_ = 0;
  bool below_ended_ = false;
  bool ended_ = false;         // close_notify was received
  bool write_closed_ = false;  // close_notify was made
  bool end_below_ = false;     // ... and the connection below ends once it is sent
  bool established_ = false;
  bool reset_ = false;
};

BIO_METHOD* TlsStream::bio_method() {
  static BIO_METHOD* const method = [] {
    BIO_METHOD* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "kthena stream");
    CHECK(made != nullptr);
    BIO_meth_set_write(made, bio_write);
    BIO_meth_set_read(made, bio_read);
    BIO_meth_set_ctrl(made, bio_control);
    BIO_meth_set_create(made, [](BIO* bio) {
      BIO_set_init(bio, 1);
      return 1;
    });
    return made;
  }();
  return method;
}

long TlsStream::bio_control(BIO* bio, int command, long /*number*/, void* /*pointer*/) {
  switch (command) {
    case BIO_CTRL_FLUSH:
      return 1;
    case BIO_CTRL_EOF: {
      const auto& self = *static_cast<TlsStream*>(BIO_get_data(bio));
      return self.below_ended_ ? 1 : 0;
    }
    default:
      return 0;
  }
}

int TlsStream::bio_write(BIO* bio, const char* data, int size) {
  auto& self = *static_cast<TlsStream*>(BIO_get_data(bio));
  if (self.write_error_ == 0) {
    std::string& out = self.out_.empty() ? scratch().out : self.out_;
    out.append(data, static_cast<std::size_t>(size));
  }
  return size;
}

int TlsStream::bio_read(BIO* bio, char* into, int size) {
  auto& self = *static_cast<TlsStream*>(BIO_get_data(bio));
  BIO_clear_retry_flags(bio);
  const std::size_t count = self.read_input({into, static_cast<std::size_t>(size)});
  if (count > 0) {
    return static_cast<int>(count);
  }
  if (self.below_ended_) {
    return 0;
  }
  if (self.read_error_ == 0) {
    BIO_set_retry_read(bio);
  }
  return -1;
}

/// 0: nothing there, the end, or a failure.
std::size_t TlsStream::read_input(std::span<char> into) {
  if (!has_input() && !below_ended_ && read_error_ == 0 && inner_->io().readable()) {
    const IoOutcome outcome =
        inner_->try_read(std::span(scratch().in).subspan(0, std::min(wanted_, kMaxRead)));
    switch (outcome.kind) {
      case IoOutcome::Kind::Bytes:
        fresh_ = {scratch().in.data(), outcome.bytes};
        break;
      case IoOutcome::Kind::End:
        below_ended_ = true;
        break;
      case IoOutcome::Kind::Failed:
        read_error_ = outcome.error;
        break;
      case IoOutcome::Kind::WouldBlock:
        break;
    }
  }
  if (held_.size() > held_at_) {
    const std::size_t count = std::min(into.size(), held_.size() - held_at_);
    std::copy_n(held_.data() + held_at_, count, into.data());
    held_at_ += count;
    return count;
  }
  const std::size_t count = std::min(into.size(), fresh_.size());
  std::ranges::copy(fresh_.substr(0, count), into.begin());
  fresh_.remove_prefix(count);
  return count;
}

/// Ends an operation: what is left in scratch moves to where it may stay.
void TlsStream::keep_input() {
  if (held_at_ == held_.size()) {
    held_ = fresh_.empty() ? std::string() : std::string(fresh_);
    held_at_ = 0;
  } else {
    CHECK(fresh_.empty());  // is read only once held_ is used up
  }
  fresh_ = {};
}

/// How much the stream below took. What is left makes it unwritable.
std::size_t TlsStream::send_below(std::string_view bytes) noexcept {
  std::size_t sent = 0;
  while (sent < bytes.size() && write_error_ == 0) {
    const std::array parts = {bytes.substr(sent)};
    const IoOutcome outcome = inner_->try_write(parts);
    if (outcome.kind == IoOutcome::Kind::WouldBlock) {
      break;
    }
    if (outcome.kind != IoOutcome::Kind::Bytes) {
      write_error_ = outcome.error != 0 ? outcome.error : EPIPE;
      break;
    }
    sent += outcome.bytes;
    if (!inner_->io().writable()) {
      break;
    }
  }
  return sent;
}

/// Ends an operation: sends what was encrypted, as far as it goes.
void TlsStream::flush() noexcept {
  std::string& fresh = scratch().out;
  if (!out_.empty()) {
    CHECK(fresh.empty());
    out_at_ += send_below(std::string_view(out_).substr(out_at_));
    if (out_at_ == out_.size()) {
      out_ = {};
      out_at_ = 0;
    }
  } else if (!fresh.empty()) {
    const std::size_t sent = send_below(fresh);
    out_.assign(fresh, sent);
    fresh.clear();
  }
  if (write_error_ != 0) {
    out_ = {};
    out_at_ = 0;
  }
  if (out_.empty() && end_below_) {
    end_below_ = false;
    inner_->shutdown_write();
  }
}

void TlsStream::on_events(async::IoEvents events) noexcept {
  if (events.writable && !out_.empty()) {
    events.writable = false;
    if (!flusher_.linked()) {
      source_.loop().make_ready(flusher_);
    }
  }
  source_.notify(events);
}

void TlsStream::close_writing() noexcept {
  if (!write_closed_ && write_error_ == 0) {
    ERR_clear_error();
    SSL_shutdown(ssl_.get());
    ERR_clear_error();
  }
  write_closed_ = true;
  flush();
}

IoOutcome TlsStream::try_read(std::span<char> into) {
  std::size_t total = 0;
  while (total < into.size() && read_error_ == 0 && !ended_) {
    ERR_clear_error();
    std::size_t count = 0;
    // Enough for the rest of `into`, and for one record at least; more would have to be kept.
    wanted_ = std::max(into.size() - total, kMaxPlain) + kRecordOverhead;
    if (SSL_read_ex(ssl_.get(), into.data() + total, into.size() - total, &count) == 1) {
      total += count;
      continue;
    }
    const int error = SSL_get_error(ssl_.get(), 0);
    if (error == SSL_ERROR_WANT_READ) {
      source_.clear_readable();
      break;
    }
    note_read_failure(error);
  }
  keep_input();
  flush();  // answers of the protocol: key updates, alerts
  if (total == into.size() &&
      (SSL_has_pending(ssl_.get()) == 1 || has_input() || inner_->io().readable())) {
    source_.mark_readable();
  }
  if (total > 0) {
    return {.kind = IoOutcome::Kind::Bytes, .bytes = total};
  }
  if (ended_) {
    return {.kind = IoOutcome::Kind::End};
  }
  if (read_error_ != 0) {
    return {.kind = IoOutcome::Kind::Failed, .error = read_error_};
  }
  return {.kind = IoOutcome::Kind::WouldBlock};
}

void TlsStream::note_read_failure(int ssl_error) {
  if (ssl_error == SSL_ERROR_ZERO_RETURN) {
    ended_ = true;
    source_.notify({.hung_up = true});
    return;
  }
  if (read_error_ == 0) {
    read_error_ = below_ended_ ? IoOutcome::kTruncated : IoOutcome::kBadTls;
  }
  source_.mark_readable();
}

IoOutcome TlsStream::try_write(std::span<const std::string_view> parts) {
  flush();
  if (write_error_ != 0 || write_closed_) {
    return {.kind = IoOutcome::Kind::Failed, .error = write_error_ != 0 ? write_error_ : EPIPE};
  }
  if (!out_.empty()) {
    source_.clear_writable();
    return {.kind = IoOutcome::Kind::WouldBlock};
  }
  Cursor cursor(parts);
  std::size_t taken = std::exchange(promised_, 0);
  cursor.skip(taken);
  if (!inner_->io().writable()) {
    source_.clear_writable();
    return wrote(taken);
  }

  struct Record {
    std::size_t plain;
    std::size_t end;
  };
  std::array<Record, kMaxRecords> records;
  std::size_t count = 0;
  Scratch& memory = scratch();
  while (count < kMaxRecords && !cursor.at_end()) {
    const std::string_view plain = cursor.next_record(memory.plain);
    ERR_clear_error();
    std::size_t written = 0;
    if (SSL_write_ex(ssl_.get(), plain.data(), plain.size(), &written) != 1 ||
        written != plain.size()) {
      write_error_ = IoOutcome::kBadTls;  // after a fatal alert; never for want of room
      break;
    }
    records[count++] = {.plain = written, .end = memory.out.size()};
  }
  const std::size_t encrypted = memory.out.size();
  flush();
  const std::size_t sent = encrypted - out_.size();
  for (std::size_t i = 0; i < count; ++i) {
    (records[i].end <= sent ? taken : promised_) += records[i].plain;
  }
  if (write_error_ != 0) {
    return {.kind = IoOutcome::Kind::Failed, .error = write_error_};
  }
  if (!out_.empty()) {
    source_.clear_writable();
  }
  return wrote(taken);
}

Result<> TlsStream::prepare_client(std::string_view server_name) {
  server_name_ =
      server_name.ends_with('.') ? server_name.substr(0, server_name.size() - 1) : server_name;
  const bool is_address = parse_ip(server_name_).has_value();
  if (server_name_.contains('\0') || (server_name_.empty() && context_.state_->verify_name)) {
    return fail(ErrorCode::InvalidArgument, "TLS: not a server name: '" + server_name_ + "'");
  }
  bool ok = true;
  if (!is_address && !server_name_.empty()) {
    ok = SSL_set_tlsext_host_name(ssl_.get(), server_name_.c_str()) == 1;
  }
  if (context_.state_->verify_name) {
    SSL_set_hostflags(ssl_.get(), X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    X509_VERIFY_PARAM* parameters = SSL_get0_param(ssl_.get());
    ok = ok && (is_address ? X509_VERIFY_PARAM_set1_ip_asc(parameters, server_name_.c_str()) == 1
                           : SSL_set1_host(ssl_.get(), server_name_.c_str()) == 1);
  }
  if (!ok) {
    return fail(ErrorCode::InvalidArgument,
                "TLS: server name '" + server_name_ + "': " + take_openssl_error());
  }
  return {};
}

Result<TlsStream::Step> TlsStream::handshake() {
  ERR_clear_error();
  wanted_ = kMaxPlain + kRecordOverhead;
  const int result =
      context_.state_->side == TlsSide::Server ? SSL_accept(ssl_.get()) : SSL_connect(ssl_.get());
  const int error = SSL_get_error(ssl_.get(), result);
  keep_input();
  flush();
  if (result == 1) {
    established_ = true;
    if (context_.state_->side == TlsSide::Server) {
      note_peer_certificate();
    }
    return Step::Done;
  }
  if (error == SSL_ERROR_WANT_READ) {
    source_.clear_readable();
    return Step::WaitRead;
  }
  return fail(handshake_error());
}

void TlsStream::note_peer_certificate() {
  const X509* certificate = SSL_get0_peer_certificate(ssl_.get());
  if (certificate == nullptr) {
    return;
  }
  auto noted = std::make_unique<PeerCertificate>();
  const X509_NAME* subject = X509_get_subject_name(certificate);
  if (auto names = name_parts(subject, NID_commonName); !names.empty()) {
    noted->common_name = std::move(names.back());
  }
  noted->organizations = name_parts(subject, NID_organizationName);
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  if (X509_digest(certificate, EVP_sha256(), digest.data(), &size) == 1) {
    noted->sha256 = to_hex(std::span(digest).first(size));
  }
  const long verdict = SSL_get_verify_result(ssl_.get());
  const auto not_after = wall_time(X509_get0_notAfter(certificate));
  if (verdict != X509_V_OK) {
    noted->refusal = X509_verify_cert_error_string(verdict);
  } else if (!not_after) {
    noted->refusal = not_after.error().message();
  }
  noted->not_after = not_after.value_or(WallTime{});
  peer_certificate_ = std::move(noted);
}

Error TlsStream::handshake_error() {
  const std::string doing =
      server_name_.empty() ? "TLS handshake" : "TLS handshake with " + server_name_;
  if (read_error_ != 0) {
    return io_error({.kind = IoOutcome::Kind::Failed, .error = read_error_}).with_context(doing);
  }
  const long verdict = SSL_get_verify_result(ssl_.get());
  if (verdict != X509_V_OK) {
    return {ErrorCode::Unauthenticated, doing + ": the peer's certificate is not accepted: " +
                                            X509_verify_cert_error_string(verdict)};
  }
  if (below_ended_) {
    return {ErrorCode::Disconnected, doing + ": connection closed by peer"};
  }
  const int reason = ERR_GET_REASON(ERR_peek_error());
  if (reason == SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE) {
    return {ErrorCode::Unauthenticated, doing + ": the client showed no certificate"};
  }
  const bool alert = reason > SSL_AD_REASON_OFFSET;
  return {alert ? ErrorCode::Unavailable : ErrorCode::Malformed,
          doing + ": " + take_openssl_error()};
}

namespace {

async::Task<Result<std::unique_ptr<Stream>>> finish_handshake(std::unique_ptr<TlsStream> stream) {
  while (CO_TRY(stream->handshake()) == TlsStream::Step::WaitRead) {
    CO_TRY(co_await async::wait_io(stream->io(), async::Interest::Read));
  }
  co_return std::unique_ptr<Stream>(std::move(stream));
}

}  // namespace

async::Task<Result<std::unique_ptr<Stream>>> tls_accept(std::unique_ptr<Stream> stream,
                                                        const TlsContext& context) {
  co_return co_await finish_handshake(std::make_unique<TlsStream>(std::move(stream), context));
}

async::Task<Result<std::unique_ptr<Stream>>> tls_connect(std::unique_ptr<Stream> stream,
                                                         const TlsContext& context,
                                                         std::string_view server_name) {
  auto tls = std::make_unique<TlsStream>(std::move(stream), context);
  CO_TRY(tls->prepare_client(server_name));
  co_return co_await finish_handshake(std::move(tls));
}

}  // namespace kthena::net
