#include "kube/meta/names.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace kthena::kube {

namespace {

constexpr std::size_t kMaxLabel = 63;
constexpr std::size_t kMaxSubdomain = 253;

constexpr std::string_view kDnsLabelRule =
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and "
    "must "
    "start and end with an alphanumeric character";
constexpr std::string_view kDnsLabelRegex = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
constexpr std::string_view kDns1035LabelRule =
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an "
    "alphabetic character, and end with an alphanumeric character";
constexpr std::string_view kDns1035LabelRegex = "[a-z]([-a-z0-9]*[a-z0-9])?";
constexpr std::string_view kDnsSubdomainRule =
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or "
    "'.', "
    "and must start and end with an alphanumeric character";
constexpr std::string_view kDnsSubdomainRegex =
    "[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*";
constexpr std::string_view kLabelKeyRule =
    "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an "
    "alphanumeric character";
constexpr std::string_view kLabelKeyRegex = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]";
constexpr std::string_view kLabelValueRule =
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', "
    "and must start and end with an alphanumeric character";
constexpr std::string_view kLabelValueRegex = "(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?";

constexpr bool is_lower_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}
constexpr bool is_alphanumeric(char c) { return is_lower_or_digit(c) || (c >= 'A' && c <= 'Z'); }

bool is_dns_label(std::string_view s) {
  return !s.empty() && is_lower_or_digit(s.front()) && is_lower_or_digit(s.back()) &&
         std::ranges::all_of(s, [](char c) { return is_lower_or_digit(c) || c == '-'; });
}

bool is_dns_subdomain(std::string_view s) {
  while (true) {
    const std::size_t dot = s.find('.');
    if (!is_dns_label(s.substr(0, dot))) {
      return false;
    }
    if (dot == std::string_view::npos) {
      return true;
    }
    s.remove_prefix(dot + 1);
  }
}

bool is_label_name(std::string_view s) {
  return !s.empty() && is_alphanumeric(s.front()) && is_alphanumeric(s.back()) &&
         std::ranges::all_of(
             s, [](char c) { return is_alphanumeric(c) || c == '-' || c == '_' || c == '.'; });
}

std::string too_long(std::size_t limit) {
  return fmt::format("must be no more than {} bytes", limit);
}

/// The rule with examples and the expression, spaced as Kubernetes spaces it.
std::string broken(std::string_view rule, std::string_view regex,
                   std::initializer_list<std::string_view> examples) {
  std::string out = fmt::format("{} (e.g. ", rule);
  const char* separator = "";
  for (const std::string_view example : examples) {
    out += fmt::format("{}'{}', ", separator, example);
    separator = " or ";
  }
  return out + fmt::format("regex used for validation is '{}')", regex);
}

}  // namespace

std::vector<std::string> dns_label_problems(std::string_view name) {
  std::vector<std::string> problems;
  if (name.size() > kMaxLabel) {
    problems.push_back(too_long(kMaxLabel));
  }
  if (!is_dns_label(name)) {
    problems.push_back(is_dns_subdomain(name)
                           ? "must not contain dots"
                           : broken(kDnsLabelRule, kDnsLabelRegex, {"my-name", "123-abc"}));
  }
  return problems;
}

std::vector<std::string> dns_1035_label_problems(std::string_view name) {
  std::vector<std::string> problems;
  if (name.size() > kMaxLabel) {
    // This check kept the older wording.
    problems.push_back(fmt::format("must be no more than {} characters", kMaxLabel));
  }
  if (!is_dns_label(name) || (name.front() >= '0' && name.front() <= '9')) {
    problems.push_back(broken(kDns1035LabelRule, kDns1035LabelRegex, {"my-name", "abc-123"}));
  }
  return problems;
}

std::vector<std::string> dns_subdomain_problems(std::string_view name) {
  std::vector<std::string> problems;
  if (name.size() > kMaxSubdomain) {
    problems.push_back(too_long(kMaxSubdomain));
  }
  if (!is_dns_subdomain(name)) {
    problems.push_back(broken(kDnsSubdomainRule, kDnsSubdomainRegex, {"example.com"}));
  }
  return problems;
}

std::vector<std::string> label_key_problems(std::string_view key) {
  std::vector<std::string> problems;
  std::string_view name = key;
  if (const std::size_t slash = key.find('/'); slash != std::string_view::npos) {
    const std::string_view prefix = key.substr(0, slash);
    name = key.substr(slash + 1);
    if (name.contains('/')) {
      return {
          fmt::format("a valid label key {} with an optional DNS subdomain prefix and '/' (e.g. "
                      "'example.com/MyName')",
                      broken(kLabelKeyRule, kLabelKeyRegex, {"MyName", "my.name", "123-abc"}))};
    }
    if (prefix.empty()) {
      problems.emplace_back("prefix part must be non-empty");
    } else {
      for (const std::string& problem : dns_subdomain_problems(prefix)) {
        problems.push_back("prefix part " + problem);
      }
    }
  }
  if (name.empty()) {
    problems.emplace_back("name part must be non-empty");
  } else if (name.size() > kMaxLabel) {
    problems.push_back("name part " + too_long(kMaxLabel));
  }
  if (!is_label_name(name)) {
    problems.push_back("name part " +
                       broken(kLabelKeyRule, kLabelKeyRegex, {"MyName", "my.name", "123-abc"}));
  }
  return problems;
}

std::vector<std::string> label_value_problems(std::string_view value) {
  std::vector<std::string> problems;
  if (value.size() > kMaxLabel) {
    problems.push_back(too_long(kMaxLabel));
  }
  if (!value.empty() && !is_label_name(value)) {
    problems.push_back(broken(kLabelValueRule, kLabelValueRegex, {"MyValue", "my_value", "12345"}));
  }
  return problems;
}

}  // namespace kthena::kube
