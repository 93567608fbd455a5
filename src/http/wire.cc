#include "http/wire.h"

#include <array>
#include <charconv>

#include "base/check.h"
#include "http/fields.h"
#include "http/scan.h"

namespace kthena::http {

namespace {

// Robust servers skip an empty line or two that old clients send behind a body.
// Source: RFC 9112 section 2.2.
constexpr std::size_t kMaxLeadingBlank = 4;

/// Appends a value; control characters, of which some would end the line, become blanks. Values
/// that were parsed have none, but those made from a document may. Source: RFC 9110 section 5.5.
void append_value(std::string& out, std::string_view value) {
  const char* const end = value.data() + value.size();
  const std::size_t start = out.size();
  out.append(value);
  if (find_below<0x20>(value.data(), end) == end && !value.contains('\x7f')) [[likely]] {
    return;
  }
  for (std::size_t i = start; i < out.size(); ++i) {
    const auto byte = static_cast<unsigned char>(out[i]);
    if ((byte < 0x20 && byte != '\t') || byte == 0x7f) {
      out[i] = ' ';
    }
  }
}

void append_number(std::string& out, std::uint64_t number) {
  std::array<char, 20> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  out.append(digits.data(), end);
}

/// Appends the fields that callers may set. Returns whether a Date was among them.
bool append_fields(std::string& out, const Headers& headers) {
  bool has_date = false;
  for (const auto [name, value] : headers) {
    if (is_framing_field(name) || !is_token(name)) {
      continue;
    }
    has_date = has_date || (name.size() == 4 && equals_ignore_case(name, "Date"));
    out.append(name);
    out.append(": ");
    append_value(out, value);
    out.append("\r\n");
  }
  return has_date;
}

void append_framing(std::string& out, const Framing& framing) {
  switch (framing.kind) {
    case Framing::Kind::Length:
      out.append("Content-Length: ");
      append_number(out, framing.length);
      out.append("\r\n");
      break;
    case Framing::Kind::Chunked:
      out.append("Transfer-Encoding: chunked\r\n");
      break;
    case Framing::Kind::None:
    case Framing::Kind::UntilClose:
      break;
  }
}

/// Appends a target; what may not stand in one is percent-encoded.
void append_target(std::string& out, std::string_view target) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  if (target.empty()) {
    out.push_back('/');
  }
  for (const char c : target) {
    if (kTargetChars.has(c)) {
      out.push_back(c);
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out.push_back('%');
    out.push_back(kHex[byte >> 4]);
    out.push_back(kHex[byte & 15]);
  }
}

}  // namespace

std::size_t leading_blank_size(std::string_view bytes) noexcept {
  std::size_t size = 0;
  while (size < kMaxLeadingBlank && bytes.substr(size, 2) == "\r\n") {
    size += 2;
  }
  return size;
}

HeadEnd find_head_end(std::string_view bytes, std::size_t& scanned) {
  const char* const begin = bytes.data();
  const char* const end = begin + bytes.size();
  const char* at = begin + scanned;
  // A line that begins with a blank continues the one before (obsolete folding): refused, so it
  // need not be waited for.
  if (scanned > 0 && at != end && at[-1] == '\n' && (*at == ' ' || *at == '\t')) {
    return {.kind = HeadEnd::Kind::Bad};
  }
  while (true) {
    at = find_below<0x20>(at, end);
    if (at == end || (*at == '\r' && at + 1 == end)) {
      scanned = static_cast<std::size_t>(at - begin);
      return {.kind = HeadEnd::Kind::NeedMore};
    }
    if (*at == '\t') {
      ++at;
      continue;
    }
    if (*at != '\r' || at[1] != '\n') {
      return {.kind = HeadEnd::Kind::Bad};  // a bare LF, a bare CR, binary data
    }
    const bool empty_line = at == begin || at[-1] == '\n';
    at += 2;
    if (empty_line) {
      const auto size = static_cast<std::size_t>(at - begin);
      const std::size_t blank = leading_blank_size(bytes);
      if (size > blank) {
        scanned = size;
        return {.kind = size == blank + 2 ? HeadEnd::Kind::Bad : HeadEnd::Kind::Complete,
                .size = size};
      }
    }
    if (at != end && (*at == ' ' || *at == '\t')) {
      return {.kind = HeadEnd::Kind::Bad};
    }
  }
}

int oversized_head_status(std::string_view bytes) noexcept {
  bytes.remove_prefix(leading_blank_size(bytes));
  return bytes.contains('\n') ? 431 : 414;
}

void append_request_head(std::string& out, std::string_view method, std::string_view target,
                         const Headers& headers, const Framing& framing) {
  CHECK(is_token(method));
  out.append(method);
  out.push_back(' ');
  append_target(out, target);
  out.append(" HTTP/1.1\r\n");
  append_fields(out, headers);
  append_framing(out, framing);
  out.append(framing.keep_alive ? "\r\n" : "Connection: close\r\n\r\n");
}

void append_response_head(std::string& out, int status, const Headers& headers,
                          const Framing& framing, WallTime date, Version client) {
  CHECK(status >= 100 && status <= 999);
  out.append("HTTP/1.1 ");
  append_number(out, static_cast<std::uint64_t>(status));
  out.push_back(' ');
  out.append(reason_phrase(status));
  out.append("\r\n");
  if (!append_fields(out, headers) && status >= 200) {
    out.append("Date: ");
    out.append(cached_http_date(date));
    out.append("\r\n");
  }
  if (status >= 200 && status != 204) {
    append_framing(out, framing);
  }
  if (status < 200) {
    out.append("\r\n");
  } else if (!framing.keep_alive || framing.kind == Framing::Kind::UntilClose) {
    out.append("Connection: close\r\n\r\n");
  } else if (client == Version::Http10) {
    out.append("Connection: keep-alive\r\n\r\n");
  } else {
    out.append("\r\n");
  }
}

void append_last_chunk(std::string& out, const Headers& trailers) {
  out.append("0\r\n");
  append_fields(out, trailers);
  out.append("\r\n");
}

}  // namespace kthena::http
