// Parses heads with Boost.Beast's parser, which only ever sees a complete head, and checks what it
// lets through.
#include <algorithm>
#include <boost/beast/http/basic_parser.hpp>
#include <charconv>
#include <optional>
#include <utility>

#include "http/fields.h"
#include "http/scan.h"
#include "http/wire.h"

namespace kthena::http {

namespace {

namespace beast = boost::beast::http;
using BeastError = boost::beast::error_code;
using BeastText = boost::beast::string_view;

constexpr std::size_t kMaxResponseFields = 256;

std::string_view view(BeastText text) noexcept { return {text.data(), text.size()}; }

std::unexpected<HeadError> refuse(int status, std::string message) {
  return std::unexpected(HeadError{.status = status, .message = std::move(message)});
}

/// What the fields of a head say about framing, gathered as they are parsed.
class FieldReader {
 public:
  FieldReader(std::string_view head, std::size_t max_fields, Headers& out)
      : head_(head), max_fields_(max_fields), out_(out) {
    // A field is rarely shorter than 24 bytes.
    out.start_with(head, std::min(max_fields, head.size() / 24 + 1));
  }

  std::optional<HeadError> take(beast::field field, std::string_view name, std::string_view value) {
    if (is_folded(name, value)) {
      return HeadError{.status = 400, .message = "a header field is folded over several lines"};
    }
    if (out_.size() == max_fields_) {
      return HeadError{.status = 431, .message = "too many header fields"};
    }
    out_.add_within(static_cast<std::size_t>(name.data() - head_.data()), name.size(),
                    static_cast<std::size_t>(value.data() - head_.data()), value.size());
    switch (field) {
      case beast::field::content_length:
        return take_once(content_length_, name, value);
      case beast::field::transfer_encoding:
        return take_once(transfer_encoding_, name, value);
      case beast::field::host:
        return take_once(host_, name, value);
      case beast::field::expect:
        return take_once(expect_, name, value);
      case beast::field::connection:
        close_ = close_ || list_has_token(value, "close");
        keep_alive_ = keep_alive_ || list_has_token(value, "keep-alive");
        break;
      default:
        break;
    }
    return std::nullopt;
  }

  const std::optional<std::string_view>& host() const noexcept { return host_; }
  const std::optional<std::string_view>& expect() const noexcept { return expect_; }

  bool keep_alive(Version version) const noexcept {
    return !close_ && (version == Version::Http11 || keep_alive_);
  }

  /// How the body ends by Content-Length or Transfer-Encoding; Kind::None if neither is there.
  std::expected<Framing, HeadError> framing(Version version) const {
    Framing framing{.keep_alive = keep_alive(version)};
    if (transfer_encoding_) {
      if (content_length_) {
        return refuse(400, "both Content-Length and Transfer-Encoding");
      }
      if (version == Version::Http10) {
        return refuse(400, "Transfer-Encoding in HTTP/1.0");
      }
      if (!equals_ignore_case(*transfer_encoding_, "chunked")) {
        return refuse_transfer_encoding(*transfer_encoding_);
      }
      framing.kind = Framing::Kind::Chunked;
    } else if (content_length_) {
      const char* const end = content_length_->data() + content_length_->size();
      const auto [stop, error] = std::from_chars(content_length_->data(), end, framing.length);
      // Lists are refused even if all their elements are equal: the next reader may take the other.
      if (error != std::errc{} || stop != end || framing.length > kMaxLength) {
        return refuse(400, "Content-Length is not one number");
      }
      framing.kind = Framing::Kind::Length;
    }
    return framing;
  }

 private:
  // So that sums of lengths do not overflow.
  static constexpr std::uint64_t kMaxLength = 1ULL << 60;

  /// The parser joins folded lines in a buffer of its own, or skips a line end in front of the
  /// value.
  bool is_folded(std::string_view name, std::string_view value) const noexcept {
    const char* const gap = name.data() + name.size() + 1;
    if (std::less<>{}(value.data(), gap) ||
        std::less<>{}(head_.data() + head_.size(), value.data() + value.size())) {
      return true;
    }
    const char* at = gap;
    while (at != value.data() && (*at == ' ' || *at == '\t')) {
      ++at;
    }
    return at != value.data();
  }

  static std::optional<HeadError> take_once(std::optional<std::string_view>& slot,
                                            std::string_view name, std::string_view value) {
    if (slot) {
      return HeadError{.status = 400, .message = "more than one " + std::string(name)};
    }
    slot = value;
    return std::nullopt;
  }

  /// 501 for a coding that we do not know, 400 for what is none or ends in something else.
  static std::unexpected<HeadError> refuse_transfer_encoding(std::string_view codings) {
    bool chunked_seen = false;
    bool well_formed = true;
    for (std::size_t comma = 0; comma != std::string_view::npos && well_formed;) {
      comma = codings.find(',');
      const std::string_view coding = trim_blanks(codings.substr(0, comma));
      well_formed = is_token(coding) && !chunked_seen;
      chunked_seen = equals_ignore_case(coding, "chunked");
      codings.remove_prefix(comma == std::string_view::npos ? codings.size() : comma + 1);
    }
    if (well_formed) {
      return refuse(501, "a transfer coding other than chunked");
    }
    return refuse(400, "malformed Transfer-Encoding");
  }

  std::string_view head_;
  std::size_t max_fields_;
  Headers& out_;
  std::optional<std::string_view> content_length_;
  std::optional<std::string_view> transfer_encoding_;
  std::optional<std::string_view> host_;
  std::optional<std::string_view> expect_;
  bool close_ = false;
  bool keep_alive_ = false;
};

/// What requests and responses share: only the head is parsed, so nothing but fields arrives.
template <bool kIsRequest>
class HeadParser : public beast::basic_parser<kIsRequest> {
 public:
  HeadParser(std::string_view head, std::size_t max_fields, Headers& out)
      : head_(head), fields_(head, max_fields, out) {
    this->header_limit(static_cast<std::uint32_t>(head.size() + 1));
    this->skip(true);  // bodies are none of its business
  }

  const FieldReader& fields() const noexcept { return fields_; }

  /// Nothing, or why the head is refused.
  std::optional<HeadError> parse() {
    BeastError error;
    const std::size_t used =
        this->put(boost::asio::const_buffer(head_.data(), head_.size()), error);
    if (problem_) {
      return std::move(problem_);
    }
    if (error) {
      return explain(error);
    }
    if (!this->is_header_done() || used != head_.size()) {
      return HeadError{.status = 400, .message = "the head does not end where it should"};
    }
    return std::nullopt;
  }

 protected:
  void stop(HeadError problem, BeastError& error) {
    problem_ = std::move(problem);
    error = beast::error::bad_field;
  }
  std::string_view head() const noexcept { return head_; }

 private:
  void on_field_impl(beast::field field, BeastText name, BeastText value, BeastError& error) final {
    if (auto problem = fields_.take(field, view(name), view(value))) {
      stop(*std::move(problem), error);
    }
  }
  void on_header_impl(BeastError&) final {}
  void on_body_init_impl(const boost::optional<std::uint64_t>&, BeastError&) final {}
  std::size_t on_body_impl(BeastText, BeastError&) final { return 0; }
  void on_chunk_header_impl(std::uint64_t, BeastText, BeastError&) final {}
  std::size_t on_chunk_body_impl(std::uint64_t, BeastText, BeastError&) final { return 0; }
  void on_finish_impl(BeastError&) final {}

  HeadError explain(const BeastError& error) const {
    if (error == beast::error::bad_version) {
      return bad_version();
    }
    if (error == beast::error::bad_method) {
      return {.status = 400, .message = "malformed method"};
    }
    if (error == beast::error::bad_target) {
      return {.status = 400, .message = "malformed request target"};
    }
    if (error == beast::error::bad_status || error == beast::error::bad_reason) {
      return {.status = 400, .message = "malformed status line"};
    }
    if (error == beast::error::bad_field) {
      return {.status = 400, .message = "malformed header field name"};
    }
    if (error == beast::error::bad_value) {
      return {.status = 400, .message = "malformed header field value"};
    }
    if (error == beast::error::bad_content_length) {
      return {.status = 400, .message = "invalid or contradicting Content-Length"};
    }
    if (error == beast::error::bad_transfer_encoding) {
      return {.status = 400, .message = "contradicting Transfer-Encoding"};
    }
    if (error == beast::error::header_limit) {  // its buffer for folded lines
      return {.status = 400, .message = "a header field is folded over several lines"};
    }
    return {.status = 400, .message = "malformed head"};
  }

  /// 505 for a version that could be one, 400 for anything else.
  HeadError bad_version() const {
    const std::string_view line = head_.substr(0, head_.find("\r\n"));
    const std::string_view word =
        kIsRequest ? line.substr(line.rfind(' ') + 1) : line.substr(0, line.find(' '));
    const auto is_digit = [&](std::size_t i) { return word[i] >= '0' && word[i] <= '9'; };
    if (word.size() == 8 && word.starts_with("HTTP/") && is_digit(5) && word[6] == '.' &&
        is_digit(7) && word != "HTTP/1.0" && word != "HTTP/1.1") {
      return {.status = 505, .message = std::string(word) + " is not spoken here"};
    }
    return {.status = 400, .message = "malformed HTTP version"};
  }

  std::string_view head_;
  FieldReader fields_;
  std::optional<HeadError> problem_;
};

/// Without comma: a Host that lists several would be one to us and another to the next reader.
constexpr CharSet kHostChars{
    "!$%&'()*+-.0123456789;=ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz~"};
constexpr CharSet kIpv6Chars{".0123456789:ABCDEFabcdef"};

/// "host", "host:80", "[::1]:80". Source: RFC 9110 section 4.2.
bool is_authority(std::string_view text) noexcept {
  std::size_t host_end = std::min(text.find(':'), text.size());
  if (text.starts_with('[')) {
    host_end = text.find(']');
    if (host_end == std::string_view::npos || host_end < 3 ||
        !kIpv6Chars.has_all(text.substr(1, host_end - 1))) {
      return false;
    }
    ++host_end;
  } else if (host_end == 0 || !kHostChars.has_all(text.substr(0, host_end))) {
    return false;
  }
  text.remove_prefix(host_end);
  if (text.empty()) {
    return true;
  }
  std::uint16_t port = 0;
  const auto [stop, error] = std::from_chars(text.data() + 1, text.data() + text.size(), port);
  return text[0] == ':' && stop == text.data() + text.size() &&
         (error == std::errc{} || text.size() == 1);
}

class RequestHeadParser final : public HeadParser<true> {
 public:
  RequestHeadParser(std::string_view head, const HeadLimits& limits, Request& out)
      : HeadParser(head, limits.max_fields, out.headers),
        max_target_(limits.max_target_bytes),
        out_(out) {}

  /// Of a target in absolute form, which stands above the Host field.
  const std::optional<std::string_view>& authority() const noexcept { return authority_; }

 private:
  void on_request_impl(beast::verb, BeastText method, BeastText target, int version,
                       BeastError& error) override {
    out_.method_text.assign(method.data(), method.size());
    out_.method = http::parse_method(out_.method_text);
    out_.version = version == 10 ? Version::Http10 : Version::Http11;
    if (out_.method == Method::Connect) {
      stop({.status = 501, .message = "CONNECT is not offered"}, error);
    } else if (target.size() > max_target_) {
      stop({.status = 414, .message = "the request target is too long"}, error);
    } else if (!kTargetChars.has_all(view(target)) || !take_target(view(target))) {
      stop({.status = 400, .message = "malformed request target"}, error);
    }
  }
  void on_response_impl(int, BeastText, int, BeastError&) override {}

  /// Source: RFC 9112 section 3.2.
  bool take_target(std::string_view target) {
    if (target.starts_with('/') || (target == "*" && out_.method == Method::Options)) {
      out_.target = target;
      return true;
    }
    for (const std::string_view scheme : {"http://", "https://"}) {
      if (!equals_ignore_case(target.substr(0, scheme.size()), scheme)) {
        continue;
      }
      target.remove_prefix(scheme.size());
      const std::size_t authority_size = std::min(target.find_first_of("/?"), target.size());
      authority_ = target.substr(0, authority_size);
      target.remove_prefix(authority_size);
      if (target.empty()) {
        out_.target = out_.method == Method::Options ? "*" : "/";
      } else {
        out_.target = target.starts_with('?') ? "/" : "";
        out_.target += target;
      }
      return is_authority(*authority_);
    }
    return false;
  }

  std::size_t max_target_;
  Request& out_;
  std::optional<std::string_view> authority_;
};

class ResponseHeadParser final : public HeadParser<false> {
 public:
  ResponseHeadParser(std::string_view head, Headers& out)
      : HeadParser(head, kMaxResponseFields, out) {}

  int status() const noexcept { return status_; }
  Version version() const noexcept { return version_; }

 private:
  void on_request_impl(beast::verb, BeastText, BeastText, int, BeastError&) override {}
  void on_response_impl(int status, BeastText, int version, BeastError& error) override {
    status_ = status;
    version_ = version == 10 ? Version::Http10 : Version::Http11;
    if (status < 100) {
      stop({.status = 400, .message = "malformed status line"}, error);
    }
  }

  int status_ = 0;
  Version version_ = Version::Http11;
};

}  // namespace

std::expected<Framing, HeadError> parse_request_head(std::string_view head,
                                                     const HeadLimits& limits, Request& out) {
  if (head.size() > limits.max_bytes) {
    const int status = oversized_head_status(head.substr(0, limits.max_bytes));
    return refuse(status, status == 414 ? "the request target is too long"
                                        : "the header fields are too large");
  }
  head.remove_prefix(leading_blank_size(head));
  RequestHeadParser parser(head, limits, out);
  if (auto problem = parser.parse()) {
    return std::unexpected(*std::move(problem));
  }
  const FieldReader& fields = parser.fields();
  auto framing = TRY(fields.framing(out.version));
  if (!fields.host() && out.version == Version::Http11) {
    return refuse(400, "no Host");
  }
  if (fields.host() && !is_authority(*fields.host())) {
    return refuse(400, "malformed Host");
  }
  if (fields.expect()) {
    if (!equals_ignore_case(*fields.expect(), "100-continue")) {
      return refuse(417, "an expectation other than 100-continue");
    }
    framing.expect_continue = out.version == Version::Http11 && framing.kind != Framing::Kind::None;
  }
  if (parser.authority()) {
    out.headers.set("Host", *parser.authority());
  }
  return framing;
}

Result<Framing> parse_response_head(std::string_view head, Method method, int& status,
                                    Version& version, Headers& headers) {
  ResponseHeadParser parser(head, headers);
  if (const auto problem = parser.parse()) {
    return fail(ErrorCode::Malformed, problem->message);
  }
  status = parser.status();
  version = parser.version();
  const auto parsed = parser.fields().framing(version);
  if (!parsed) {
    return fail(ErrorCode::Malformed, parsed.error().message);
  }
  if (status == 101) {
    return fail(ErrorCode::Malformed, "a change of protocol that nobody asked for");
  }
  Framing framing = *parsed;
  if (status < 200 || status == 204 || status == 304 || method == Method::Head) {
    // Where a body is forbidden but announced, the peer may send it all the same: what follows
    // cannot be trusted to be the next answer.
    const bool announced = framing.kind == Framing::Kind::Chunked || framing.length > 0;
    if (announced && (status < 200 || status == 204)) {
      framing.keep_alive = false;
    }
    framing.kind = Framing::Kind::None;
    framing.length = 0;
  } else if (framing.kind == Framing::Kind::None) {
    framing.kind = Framing::Kind::UntilClose;
    framing.keep_alive = false;
  }
  return framing;
}

}  // namespace kthena::http
