#include "kube/client/config.h"

#include <fmt/format.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/result.h"
#include "base/strings.h"
#include "json/problem.h"
#include "net/address.h"

namespace kthena::kube {
namespace {

constexpr std::uint16_t kHttpsPort = 443;
constexpr std::uint16_t kHttpPort = 80;

bool is_host(std::string_view host) {
  for (const char c : host) {
    if (!is_ascii_alnum(c) && c != '.' && c != '-' && c != '_') {
      return false;
    }
  }
  return !host.empty();
}

}  // namespace

std::string ServerUrl::authority() const {
  const std::string shown = host.contains(':') ? fmt::format("[{}]", host) : host;
  return port == (secure ? kHttpsPort : kHttpPort) ? shown : fmt::format("{}:{}", shown, port);
}

Result<ServerUrl> parse_server_url(std::string_view text) {
  const auto wrong = [text](std::string_view why) {
    return fail(ErrorCode::InvalidArgument,
                fmt::format("{} is no URL of a server: {}", json::quoted(text), why));
  };
  ServerUrl url;
  std::string_view rest = text;
  if (const auto scheme = rest.find("://"); scheme != std::string_view::npos) {
    url.secure = equals_ignore_case(rest.substr(0, scheme), "https");
    if (!url.secure && !equals_ignore_case(rest.substr(0, scheme), "http")) {
      return wrong("it must begin with https:// or http://");
    }
    rest.remove_prefix(scheme + 3);
  }
  url.port = url.secure ? kHttpsPort : kHttpPort;
  const std::string_view authority = rest.substr(0, rest.find('/'));
  std::string_view path = rest.substr(authority.size());
  while (path.ends_with('/')) {
    path.remove_suffix(1);
  }
  for (const char c : path) {
    if (c <= ' ' || c > '~' || c == '?' || c == '#') {
      return wrong("its path has a character that does not belong there");
    }
  }
  url.path = path;
  std::string_view port;
  if (authority.starts_with('[')) {
    const auto end = authority.find(']');
    if (end == std::string_view::npos || !net::parse_ip(authority.substr(1, end - 1))) {
      return wrong("no IPv6 address stands between the brackets");
    }
    url.host = authority.substr(1, end - 1);
    port = authority.substr(end + 1);
  } else {
    url.host = authority.substr(0, authority.find(':'));
    port = authority.substr(url.host.size());
    if (!is_host(url.host)) {
      return wrong("its host is no name and no address");
    }
  }
  if (!port.empty()) {
    const auto number = parse_int<std::uint16_t>(port.substr(1));
    if (!port.starts_with(':') || !number || *number == 0) {
      return wrong("its port is no number from 1 to 65535");
    }
    url.port = *number;
  }
  return url;
}

}  // namespace kthena::kube
