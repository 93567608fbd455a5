#include "apiserver/custom/format_texts.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/utf8.h"

namespace kthena::apiserver {

namespace {

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
constexpr bool is_hex(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

bool is_ipv4(std::string_view text, LeadingZeros zeros) {
  for (int part = 0; part < 4; ++part) {
    if (part > 0) {
      if (!text.starts_with('.')) {
        return false;
      }
      text.remove_prefix(1);
    }
    std::size_t length = 0;
    std::uint32_t value = 0;
    while (length < text.size() && is_digit(text[length])) {
      value = value * 10 + static_cast<std::uint32_t>(text[length++] - '0');
      if (value > 255) {
        return false;
      }
    }
    if (length == 0 || (zeros == LeadingZeros::Refused && length > 1 && text.front() == '0')) {
      return false;
    }
    text.remove_prefix(length);
  }
  return text.empty();
}

bool is_ipv6(std::string_view text) {
  const std::string copy(text);
  in6_addr address{};
  return !copy.contains('\0') && inet_pton(AF_INET6, copy.c_str(), &address) == 1;
}

/// Each '%' begins a byte in hex.
bool is_escaped_well(std::string_view text) {
  for (std::size_t at = text.find('%'); at != std::string_view::npos; at = text.find('%', at + 3)) {
    if (at + 2 >= text.size() || !is_hex(text[at + 1]) || !is_hex(text[at + 2])) {
      return false;
    }
  }
  return true;
}

bool is_port(std::string_view text) {
  return text.empty() || (text.front() == ':' && std::ranges::all_of(text.substr(1), is_digit));
}

/// What Go lets stand in a host name as it is.
bool is_host(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '%') {
      // Only bytes that are no ASCII may be escaped in a host.
      if (i + 2 >= text.size() || !is_hex(text[i + 1]) || !is_hex(text[i + 2]) ||
          text[i + 1] < '8') {
        return false;
      }
      i += 2;
    } else if (static_cast<unsigned char>(c) < 0x80 && !is_letter(c) && !is_digit(c) &&
               std::string_view("-_.~$&+=!'()*,;:@[]<>\"").find(c) == std::string_view::npos) {
      return false;
    }
  }
  return true;
}

bool is_authority(std::string_view text) {
  const std::size_t at = text.rfind('@');
  if (at != std::string_view::npos) {
    const std::string_view user = text.substr(0, at);
    const auto is_user = [](char c) {
      return is_letter(c) || is_digit(c) ||
             std::string_view("-._:~!$&'()*+,;=%@").find(c) != std::string_view::npos;
    };
    if (!std::ranges::all_of(user, is_user) || !is_escaped_well(user)) {
      return false;
    }
    text.remove_prefix(at + 1);
  }
  if (text.starts_with('[')) {
    const std::size_t end = text.rfind(']');
    return end != std::string_view::npos && is_port(text.substr(end + 1)) &&
           is_host(text.substr(0, std::min(end, text.find("%25"))));
  }
  const std::size_t colon = text.rfind(':');
  return (colon == std::string_view::npos || is_port(text.substr(colon))) && is_host(text);
}

/// The length of the scheme and its colon; 0 if there is none, npos if it is bad.
std::size_t scheme_length(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (is_letter(c)) {
      continue;
    }
    if (is_digit(c) || c == '+' || c == '-' || c == '.') {
      if (i == 0) {
        return 0;
      }
      continue;
    }
    return c != ':' ? 0 : i == 0 ? std::string_view::npos : i + 1;
  }
  return 0;
}

bool is_atom_character(char c) {
  return is_letter(c) || is_digit(c) || static_cast<unsigned char>(c) >= 0x80 ||
         std::string_view("!#$%&'*+-/=?^_`{|}~").find(c) != std::string_view::npos;
}

/// Atoms with single dots between them.
bool is_dotted_atom(std::string_view text) {
  return !text.empty() && !text.starts_with('.') && !text.ends_with('.') && !text.contains("..") &&
         std::ranges::all_of(text, [](char c) { return c == '.' || is_atom_character(c); });
}

/// The length of a quoted string at the beginning; 0 if there is none.
std::size_t quoted_length(std::string_view text) {
  if (!text.starts_with('"')) {
    return 0;
  }
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '"') {
      return i + 1;
    }
    if (text[i] == '\\') {
      ++i;
    } else if (static_cast<unsigned char>(text[i]) < ' ' && text[i] != '\t') {
      return 0;
    }
  }
  return 0;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) {
    text.remove_prefix(1);
  }
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) {
    text.remove_suffix(1);
  }
  return text;
}

/// local@domain
bool is_address_spec(std::string_view text) {
  const std::size_t quoted = quoted_length(text);
  const std::size_t at = quoted > 0 ? quoted : text.find('@');
  if (at >= text.size() || text[at] != '@' || quoted == 2 ||
      (quoted == 0 && !is_dotted_atom(text.substr(0, at)))) {
    return false;
  }
  const std::string_view domain = text.substr(at + 1);
  if (domain.starts_with('[') && domain.ends_with(']')) {
    return is_ip_address(domain.substr(1, domain.size() - 2), LeadingZeros::Refused);
  }
  return is_dotted_atom(domain);
}

}  // namespace

bool is_ip_address(std::string_view text, LeadingZeros zeros) {
  const std::size_t separator = text.find_first_of(".:");
  return separator != std::string_view::npos &&
         (text[separator] == '.' ? is_ipv4(text, zeros) : is_ipv6(text));
}

bool is_cidr(std::string_view text) {
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) {
    return false;
  }
  const std::string_view address = text.substr(0, slash);
  const std::string_view bits = text.substr(slash + 1);
  if (bits.empty() || !std::ranges::all_of(bits, is_digit)) {
    return false;
  }
  int value = 0;
  for (const char c : bits) {
    value = std::min(value * 10 + (c - '0'), 1000);
  }
  const bool is_v4 = is_ipv4(address, LeadingZeros::Allowed);
  return is_v4 ? value <= 32 : is_ip_address(address, LeadingZeros::Allowed) && value <= 128;
}

bool is_request_uri(std::string_view text) {
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 0x7f; };
  if (text.empty() || std::ranges::any_of(text, is_control)) {
    return false;
  }
  if (text == "*") {
    return true;
  }
  const std::size_t scheme = scheme_length(text);
  if (scheme == std::string_view::npos) {
    return false;
  }
  text.remove_prefix(scheme);
  text = text.substr(0, text.find('?'));
  if (!text.starts_with('/')) {
    return scheme > 0;  // an opaque one: "mailto:x"
  }
  if (scheme > 0 && text.starts_with("//")) {
    const std::size_t path = std::min(text.find('/', 2), text.size());
    if (!is_authority(text.substr(2, path - 2))) {
      return false;
    }
    text.remove_prefix(path);
  }
  return is_escaped_well(text);
}

bool is_mail_address(std::string_view text) {
  if (find_invalid_utf8(text) != std::string_view::npos) {
    return false;
  }
  text = trimmed(text);
  if (is_address_spec(text)) {
    return true;
  }
  if (!text.ends_with('>')) {
    return false;
  }
  const std::size_t open = text.rfind('<');
  if (open == std::string_view::npos ||
      !is_address_spec(trimmed(text.substr(open + 1, text.size() - open - 2)))) {
    return false;
  }
  const std::string_view name = trimmed(text.substr(0, open));
  return quoted_length(name) == name.size() || std::ranges::all_of(name, [](char c) {
           return c == ' ' || c == '.' || is_atom_character(c);
         });
}

}  // namespace kthena::apiserver
