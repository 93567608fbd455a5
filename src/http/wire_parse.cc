// Parses heads, which come complete, in one pass over their bytes.
#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

#include "http/fields.h"
#include "http/scan.h"
#include "http/wire.h"

namespace kthena::http {

namespace {

constexpr std::size_t kMaxResponseFields = 256;

std::unexpected<HeadError> refuse(int status, std::string message) {
  return std::unexpected(HeadError{.status = status, .message = std::move(message)});
}

/// Why a head is refused, if it is: fits into registers, for each field answers one.
struct Verdict {
  int status = 0;  ///< 0: it is not
  const char* message = nullptr;

  bool refused() const noexcept { return status != 0; }
  HeadError error() const { return {.status = status, .message = message}; }
};
constexpr Verdict kTaken{};

/// What the fields of a head say about framing, gathered as they are parsed.
class FieldReader {
 public:
  FieldReader(std::string_view head, std::size_t max_fields, Headers& out)
      : head_(head), max_fields_(max_fields), out_(out) {
    // A field is rarely shorter than 24 bytes.
    out.start_with(head, std::min(max_fields, head.size() / 24 + 1));
  }

  Verdict take(std::string_view name, std::string_view value) {
    if (out_.size() == max_fields_) {
      return {.status = 431, .message = "too many header fields"};
    }
    out_.add_within(static_cast<std::size_t>(name.data() - head_.data()), name.size(),
                    static_cast<std::size_t>(value.data() - head_.data()), value.size());
    // Nearly all fields are told apart by the sizes of their names.
    switch (name.size()) {
      case 4:
        return take_once_if("Host", "more than one Host", host_, name, value);
      case 6:
        return take_once_if("Expect", "more than one Expect", expect_, name, value);
      case 10:
        return equals_ignore_case(name, "Connection") ? take_connection(value) : kTaken;
      case 14:
        return take_once_if("Content-Length", "more than one Content-Length", content_length_, name,
                            value);
      case 16:
        if (equals_ignore_case(name, "Proxy-Connection") && !is_token_list(value)) {
          return malformed_connection();
        }
        return kTaken;
      case 17:
        return take_once_if("Transfer-Encoding", "more than one Transfer-Encoding",
                            transfer_encoding_, name, value);
      default:
        return kTaken;
    }
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

  static Verdict take_once_if(std::string_view known, const char* problem,
                              std::optional<std::string_view>& slot, std::string_view name,
                              std::string_view value) {
    if (!equals_ignore_case(name, known)) {
      return kTaken;
    }
    if (slot) {
      return {.status = 400, .message = problem};
    }
    slot = value;
    return kTaken;
  }

  Verdict take_connection(std::string_view value) {
    if (!is_token_list(value)) {
      return malformed_connection();
    }
    close_ = close_ || list_has_token(value, "close");
    keep_alive_ = keep_alive_ || list_has_token(value, "keep-alive");
    return kTaken;
  }

  /// Some read "close" in what others take for one strange word.
  static bool is_token_list(std::string_view value) noexcept {
    while (const auto element = next_list_element(value)) {
      if (!is_token(*element)) {
        return false;
      }
    }
    return true;
  }
  static Verdict malformed_connection() {
    return {.status = 400, .message = "malformed Connection"};
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

/// Takes a complete head apart from its front to its end, strictly: what is not exactly what the
/// grammar says is refused. Source: RFC 9112 sections 2 to 5.
class HeadScanner {
 public:
  explicit HeadScanner(std::string_view head) noexcept
      : at_(head.data()), end_(head.data() + head.size()) {}

  /// Characters of that set up to the next blank, which is taken too. Empty: there are none, or
  /// something else follows.
  std::string_view take_word(const CharSet& set) noexcept {
    const char* const first = at_;
    while (at_ != end_ && set.has(*at_)) {
      ++at_;
    }
    if (at_ == end_ || *at_ != ' ') {
      return {};
    }
    return {first, static_cast<std::size_t>(at_++ - first)};
  }

  /// The rest of the line; its end is taken too. Nothing if it has control characters other than
  /// tabs, or ends in anything but CR LF.
  std::optional<std::string_view> take_line() noexcept {
    const char* const first = at_;
    at_ = find_control(at_, end_);
    while (at_ != end_ && *at_ == '\t') [[unlikely]] {
      at_ = find_control(at_ + 1, end_);
    }
    const std::string_view line(first, static_cast<std::size_t>(at_ - first));
    return take_line_end() ? std::optional(line) : std::nullopt;
  }

  /// All fields, and the empty line behind them, which must end the head.
  Verdict take_fields(FieldReader& fields) {
    // No token has it, so that names need not be searched for the head's end.
    if (at_ == end_ || end_[-1] != '\n') {
      return kNoEnd;
    }
    while (!take_line_end()) {
      const char* const first = at_;
      if (at_ == end_) {
        return kNoEnd;
      }
      while (kTokenChars.has(*at_)) {
        ++at_;
      }
      const std::string_view name(first, static_cast<std::size_t>(at_ - first));
      if (name.empty() || *at_ != ':') {
        return {.status = 400, .message = "malformed header field name"};
      }
      ++at_;
      const auto value = take_line();
      if (!value) {
        return {.status = 400, .message = "malformed header field value"};
      }
      if (at_ != end_ && (*at_ == ' ' || *at_ == '\t')) {
        return {.status = 400, .message = "a header field is folded over several lines"};
      }
      if (const Verdict verdict = fields.take(name, trim_blanks(*value)); verdict.refused()) {
        return verdict;
      }
    }
    return at_ == end_ ? kTaken : kNoEnd;
  }

 private:
  static constexpr Verdict kNoEnd{.status = 400,
                                  .message = "the head does not end where it should"};

  bool take_line_end() noexcept {
    if (end_ - at_ < 2 || at_[0] != '\r' || at_[1] != '\n') {
      return false;
    }
    at_ += 2;
    return true;
  }

  const char* at_;
  const char* end_;
};

std::optional<Version> parse_version(std::string_view word) noexcept {
  return word == "HTTP/1.1"   ? std::optional(Version::Http11)
         : word == "HTTP/1.0" ? std::optional(Version::Http10)
                              : std::nullopt;
}

/// 505 for a version that could be one, 400 for anything else.
HeadError bad_version(std::string_view word) {
  const auto is_digit = [&](std::size_t i) { return word[i] >= '0' && word[i] <= '9'; };
  if (word.size() == 8 && word.starts_with("HTTP/") && is_digit(5) && word[6] == '.' &&
      is_digit(7)) {
    return {.status = 505, .message = std::string(word) + " is not spoken here"};
  }
  return {.status = 400, .message = "malformed HTTP version"};
}

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

/// Puts the target into the request in origin form. The authority of one in absolute form stands
/// above the Host field. False: malformed. Source: RFC 9112 section 3.2.
bool take_target(std::string_view target, Request& out,
                 std::optional<std::string_view>& authority) {
  if (target.starts_with('/') || (target == "*" && out.method == Method::Options)) {
    out.target = target;
    return true;
  }
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!equals_ignore_case(target.substr(0, scheme.size()), scheme)) {
      continue;
    }
    target.remove_prefix(scheme.size());
    const std::size_t authority_size = std::min(target.find_first_of("/?"), target.size());
    authority = target.substr(0, authority_size);
    target.remove_prefix(authority_size);
    if (target.empty()) {
      out.target = out.method == Method::Options ? "*" : "/";
    } else {
      out.target = target.starts_with('?') ? "/" : "";
      out.target += target;
    }
    return is_authority(*authority);
  }
  return false;
}

std::optional<HeadError> take_request_line(HeadScanner& scanner, const HeadLimits& limits,
                                           Request& out,
                                           std::optional<std::string_view>& authority) {
  const std::string_view method = scanner.take_word(kTokenChars);
  if (method.empty()) {
    return HeadError{.status = 400, .message = "malformed method"};
  }
  const std::string_view target = scanner.take_word(kTargetChars);
  if (target.empty()) {
    return HeadError{.status = 400, .message = "malformed request target"};
  }
  const std::string_view version_text = scanner.take_line().value_or("");
  const auto version = parse_version(version_text);
  if (!version) {
    return bad_version(version_text);
  }
  out.method_text = method;
  out.method = http::parse_method(method);
  out.version = *version;
  if (out.method == Method::Connect) {
    return HeadError{.status = 501, .message = "CONNECT is not offered"};
  }
  if (target.size() > limits.max_target_bytes) {
    return HeadError{.status = 414, .message = "the request target is too long"};
  }
  if (!take_target(target, out, authority)) {
    return HeadError{.status = 400, .message = "malformed request target"};
  }
  return std::nullopt;
}

/// The status and the version of "HTTP/1.1 200 OK". The reason may be empty, the blank in front of
/// it may not be missing.
bool take_status_line(HeadScanner& scanner, int& status, Version& version) {
  const std::string_view line = scanner.take_line().value_or("");
  constexpr std::size_t kReasonAt = 13;
  const auto spoken = parse_version(line.substr(0, 8));
  if (!spoken || line.size() < kReasonAt || line[8] != ' ' || line[12] != ' ') {
    return false;
  }
  version = *spoken;
  const char* const digits_end = line.data() + 12;
  const auto [stop, error] = std::from_chars(line.data() + 9, digits_end, status);
  return error == std::errc{} && stop == digits_end && status >= 100;
}

}  // namespace

std::expected<Framing, HeadError> parse_request_head(std::string_view head,
                                                     const HeadLimits& limits, Request& out) {
  if (head.size() > limits.max_bytes) {
    const int status = oversized_head_status(head.substr(0, limits.max_bytes));
    return refuse(status, status == 414 ? "the request target is too long"
                                        : "the header fields are too large");
  }
  head.remove_prefix(leading_blank_size(head));
  HeadScanner scanner(head);
  std::optional<std::string_view> authority;
  FieldReader fields(head, limits.max_fields, out.headers);
  std::optional<HeadError> problem = take_request_line(scanner, limits, out, authority);
  if (problem) {
    return std::unexpected(*std::move(problem));
  }
  if (const Verdict verdict = scanner.take_fields(fields); verdict.refused()) {
    return std::unexpected(verdict.error());
  }
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
  if (authority) {
    out.headers.set("Host", *authority);
  }
  return framing;
}

Result<Framing> parse_response_head(std::string_view head, Method method, int& status,
                                    Version& version, Headers& headers) {
  HeadScanner scanner(head);
  if (!take_status_line(scanner, status, version)) {
    return fail(ErrorCode::Malformed, "malformed status line");
  }
  FieldReader fields(head, kMaxResponseFields, headers);
  if (const Verdict verdict = scanner.take_fields(fields); verdict.refused()) {
    return fail(ErrorCode::Malformed, verdict.message);
  }
  const auto parsed = fields.framing(version);
  if (!parsed) {
    return fail(ErrorCode::Malformed, parsed.error().message);
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
