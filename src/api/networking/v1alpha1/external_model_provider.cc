#include "api/networking/v1alpha1/external_model_provider.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/strings.h"
#include "json/problem.h"
#include "json/type.h"

namespace kthena::api::networking {

namespace {

using json::FieldPath;
using json::Problem;
using json::quoted;

constexpr std::array<std::string_view, 13> kReservedHeaders{"authorization",
                                                            "proxy-authorization",
                                                            "cookie",
                                                            "x-api-key",
                                                            "host",
                                                            "content-length",
                                                            "connection",
                                                            "keep-alive",
                                                            "proxy-connection",
                                                            "transfer-encoding",
                                                            "upgrade",
                                                            "trailer",
                                                            "te"};

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

/// A token of RFC 9110 §5.6.2.
bool is_header_name(std::string_view name) {
  return !name.empty() && std::ranges::all_of(name, [](char c) {
    return is_ascii_alnum(c) || std::string_view("!#$%&'*+-.^_`|~").contains(c);
  });
}

bool is_port(std::string_view port) { return std::ranges::all_of(port, is_ascii_digit); }

bool has_broken_escape(std::string_view text) {
  for (std::size_t i = text.find('%'); i != std::string_view::npos; i = text.find('%', i + 1)) {
    if (i + 2 >= text.size() || hex_value(text[i + 1]) < 0 || hex_value(text[i + 2]) < 0) {
      return true;
    }
  }
  return false;
}

enum class BaseUrl : std::uint8_t { Good, NotHttps, HasExtras };

/// Where Go's url.Parse finds no https URL with a host, or one with more than a path.
BaseUrl inspect_base_url(std::string_view url) {
  constexpr std::string_view kScheme = "https://";
  if (!starts_with_ignore_case(url, kScheme) || std::ranges::any_of(url, is_control)) {
    return BaseUrl::NotHttps;
  }
  std::string_view rest = url.substr(kScheme.size());
  const std::size_t hash = std::min(rest.find('#'), rest.size());
  const std::string_view fragment = rest.substr(hash);
  rest = rest.substr(0, hash);
  const std::size_t question = std::min(rest.find('?'), rest.size());
  const std::string_view query = rest.substr(question);
  rest = rest.substr(0, question);
  std::string_view host = rest.substr(0, rest.find('/'));
  const std::size_t at = host.rfind('@');
  const bool user = at != std::string_view::npos;
  host = user ? host.substr(at + 1) : host;
  const std::size_t bracket = host.starts_with('[') ? host.find(']') : 0;
  const std::size_t colon = bracket == std::string_view::npos ? bracket : host.find(':', bracket);
  if (host.empty() || bracket == std::string_view::npos || host.contains(' ') ||
      (colon != std::string_view::npos && !is_port(host.substr(colon + 1))) ||
      has_broken_escape(rest) || has_broken_escape(fragment)) {
    return BaseUrl::NotHttps;
  }
  return user || query.size() > 1 || fragment.size() > 1 ? BaseUrl::HasExtras : BaseUrl::Good;
}

void check_header(std::string_view name, std::string_view value, const FieldPath& at,
                  std::vector<Problem>& problems) {
  if (!is_header_name(name)) {
    problems.push_back(json::invalid_value(at, quoted(name), "header name is invalid"));
    return;
  }
  if (is_reserved_provider_header(name)) {
    problems.push_back(json::invalid_value(
        at, quoted(name), "header is reserved and cannot be configured as a static header"));
  }
  if (value.find_first_of("\r\n") != std::string_view::npos) {
    problems.push_back(
        json::invalid_value(at, quoted(value), "header value must not contain CR or LF"));
  } else if (std::ranges::any_of(value, [](char c) { return is_control(c) && c != '\t'; })) {
    problems.push_back(json::invalid_value(at, quoted(value), "header value is invalid"));
  }
}

void check_auth(const ProviderAuth& auth, const FieldPath& at, std::vector<Problem>& problems) {
  const FieldPath secret = at.child("secretRef");
  if (auth.secret_ref.name.empty()) {
    problems.push_back(json::required_value(secret.child("name"), "secret name is required"));
  }
  if (auth.secret_ref.key.empty()) {
    problems.push_back(json::required_value(secret.child("key"), "secret key is required"));
  }
  if (auth.secret_ref.optional.value_or(false)) {
    problems.push_back(
        json::invalid_value(secret.child("optional"), "true", "optional must be false or unset"));
  }
}

}  // namespace

bool is_reserved_provider_header(std::string_view name) {
  return std::ranges::any_of(kReservedHeaders, [name](std::string_view reserved) {
    return equals_ignore_case(name, reserved);
  });
}

std::vector<Problem> validate(const ExternalModelProvider& provider) {
  std::vector<Problem> problems;
  const FieldPath spec("spec");
  const std::string& url = provider.spec.base_url;
  switch (inspect_base_url(url)) {
    case BaseUrl::NotHttps:
      problems.push_back(
          json::invalid_value(spec.child("baseURL"), quoted(url), "baseURL must use https"));
      break;
    case BaseUrl::HasExtras:
      problems.push_back(
          json::invalid_value(spec.child("baseURL"), quoted(url),
                              "baseURL must not contain userinfo, query, or fragment"));
      break;
    case BaseUrl::Good:
      break;
  }
  for (const auto& [name, value] : provider.spec.headers) {
    check_header(name, value, spec.child("headers").key(name), problems);
  }
  if (provider.spec.auth) {
    check_auth(*provider.spec.auth, spec.child("auth"), problems);
  }
  return problems;
}

}  // namespace kthena::api::networking

KTHENA_JSON_TYPE(kthena::api::networking::ExternalModelProvider);
