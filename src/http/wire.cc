#include "http/wire.h"

#include <array>
#include <charconv>
#include <cstring>
#include <span>

#include "base/check.h"
#include "http/fields.h"
#include "http/scan.h"

namespace kthena::http {

namespace {

// Robust servers skip an empty line or two that old clients send behind a body.
// Source: RFC 9112 section 2.2.
constexpr std::size_t kMaxLeadingBlank = 4;

/// Makes blanks of control characters, of which some would end the line. Values that were parsed
/// have none, but those made from a document may. Source: RFC 9110 section 5.5.
void blank_controls(std::span<char> value) {
  const char* const end = value.data() + value.size();
  if (find_below<0x20>(value.data(), end) == end &&
      !std::string_view(value.data(), value.size()).contains('\x7f')) [[likely]] {
    return;
  }
  for (char& c : value) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte < 0x20 && byte != '\t') || byte == 0x7f) {
      c = ' ';
    }
  }
}

/// Writes one field at `at`, where there is room; returns its end.
char* put_field(char* at, const Headers::Field& field, bool parsed) {
  const auto put = [&at](std::string_view text) {
    std::memcpy(at, text.data(), text.size());
    at += text.size();
  };
  put(field.name);
  put(": ");
  put(field.value);
  if (!parsed) {
    blank_controls({at - field.value.size(), field.value.size()});
  }
  put("\r\n");
  return at;
}

void append_number(std::string& out, std::uint64_t number) {
  std::array<char, 20> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  out.append(digits.data(), static_cast<std::size_t>(end - digits.data()));
}

/// Appends the fields that callers may set. Returns whether a Date was among them.
bool append_fields(std::string& out, const Headers& headers) {
  constexpr std::size_t kAround = 4;  // colon, blank, line end
  const std::size_t most = headers.most_bytes() + headers.size() * kAround;
  bool has_date = false;
  const std::size_t before = out.size();
  out.resize_and_overwrite(before + most, [&](char* text, std::size_t) {
    char* at = text + before;
    for (std::size_t i = 0; i < headers.size(); ++i) {
      const Headers::Field field = headers[i];
      const bool parsed = headers.is_parsed(i);
      if (is_framing_field(field.name) || (!parsed && !is_token(field.name))) {
        continue;
      }
      has_date = has_date || (field.name.size() == 4 && equals_ignore_case(field.name, "Date"));
      at = put_field(at, field, parsed);
    }
    return static_cast<std::size_t>(at - text);
  });
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
  if (kTargetChars.has_all(target)) [[likely]] {
    out.append(target);
    return;
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
  if (status == 101) {
    out.append("Connection: Upgrade\r\n\r\n");
  } else if (status < 200) {
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
