#include "apiserver/built_in/checking.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "apiserver/built_in/access.h"
#include "base/strings.h"
#include "json/print.h"
#include "kube/meta/names.h"
#include "kube/meta/quantity.h"

namespace kthena::apiserver {

using json::FieldPath;
using json::Problem;
using json::Value;

Part Part::operator[](std::string_view name) const {
  return {.value = at(value, name), .path = path.child(name)};
}

std::vector<Part> Part::items() const {
  std::vector<Part> out;
  const json::Array& all = items_of(value);
  out.reserve(all.size());
  for (std::size_t i = 0; i < all.size(); ++i) {
    out.push_back({.value = all[i].is_null() ? nullptr : &all[i], .path = path.index(i)});
  }
  return out;
}

std::string_view Part::text() const { return text_of(value); }
std::optional<std::int64_t> Part::number() const { return number_of(value); }
bool Part::is_true() const { return apiserver::is_true(value); }
bool Part::is_nothing() const { return apiserver::is_nothing(value); }

namespace {

std::string shown_as(const Value& value) {
  return value.is_string() ? json::quoted(value.as_string()) : json::print(value);
}

Problem finding(Problem::Kind kind, const FieldPath& path, std::string message) {
  return {.kind = kind, .path = path.text(), .message = std::move(message)};
}

}  // namespace

void Findings::required(const FieldPath& path, std::string_view detail) {
  problems_.push_back(json::required_value(path, detail));
}

void Findings::invalid(const FieldPath& path, const Value& shown, std::string_view detail) {
  // Later versions count in bytes, which kube/meta/names.h says.
  constexpr std::string_view kInBytes = " bytes";
  if (detail.find("must be no more than ") != std::string_view::npos &&
      detail.ends_with(kInBytes)) {
    detail.remove_suffix(kInBytes.size());
    problems_.push_back(
        json::invalid_value(path, shown_as(shown), fmt::format("{} characters", detail)));
    return;
  }
  problems_.push_back(json::invalid_value(path, shown_as(shown), detail));
}

void Findings::invalid(const Part& part, std::string_view detail) {
  invalid(part.path, part.value == nullptr ? Value("") : *part.value, detail);
}

void Findings::unsupported(const FieldPath& path, const Value& shown,
                           std::initializer_list<std::string_view> supported) {
  problems_.push_back(json::unsupported_value(path, shown_as(shown), std::vector(supported)));
}

void Findings::forbidden(const FieldPath& path, std::string_view detail) {
  problems_.push_back(json::forbidden(path, detail));
}

void Findings::duplicate(const FieldPath& path, const Value& shown) {
  problems_.push_back(json::duplicate_value(path, shown_as(shown)));
}

void Findings::not_found(const FieldPath& path, const Value& shown) {
  problems_.push_back(finding(Problem::Kind::NotFound, path, "Not found: " + shown_as(shown)));
}

void Findings::too_long(const FieldPath& path, std::size_t most_bytes) {
  problems_.push_back(finding(Problem::Kind::TooLong, path,
                              fmt::format("Too long: may not be more than {} bytes", most_bytes)));
}

void Findings::too_many(const FieldPath& path, std::size_t count, std::size_t most) {
  problems_.push_back(
      finding(Problem::Kind::TooMany, path,
              fmt::format("Too many: {}: must have at most {} items", count, most)));
}

void Findings::add(std::vector<Problem> problems) {
  for (Problem& problem : problems) {
    problems_.push_back(std::move(problem));
  }
}

void check_name(const Part& part, NameRule rule, Findings& findings) {
  for (const std::string& problem : rule(part.text())) {
    findings.invalid(part.path, Value(part.text()), problem);
  }
}

void check_dns_label(const Part& part, Findings& findings) {
  check_name(part, kube::dns_label_problems, findings);
}
void check_dns_subdomain(const Part& part, Findings& findings) {
  check_name(part, kube::dns_subdomain_problems, findings);
}
void check_qualified_name(const Part& part, Findings& findings) {
  check_name(part, kube::label_key_problems, findings);
}

namespace {

constexpr std::string_view kPortRange = "must be between 1 and 65535, inclusive";

bool is_port(std::int64_t number) { return number >= 1 && number <= 65535; }

}  // namespace

void check_port_number(const Part& part, Findings& findings) {
  const std::int64_t number = part.number().value_or(0);
  if (!is_port(number)) {
    findings.invalid(part.path, number, kPortRange);
  }
}

void check_port(const Part& part, Findings& findings) {
  if (part.value != nullptr && part.value->is_string()) {
    check_name(part, port_name_problems, findings);
  } else {
    check_port_number(part, findings);
  }
}

void check_not_negative(const Part& part, Findings& findings) {
  if (part.number().value_or(0) < 0) {
    findings.invalid(part, "must be greater than or equal to 0");
  }
}

bool is_ipv4(std::string_view text) {
  in_addr address{};
  return inet_pton(AF_INET, std::string(text).c_str(), &address) == 1;
}

bool is_ipv6(std::string_view text) {
  in6_addr address{};
  return inet_pton(AF_INET6, std::string(text).c_str(), &address) == 1;
}

void check_ip(const Part& part, Findings& findings) {
  if (!is_ipv4(part.text()) && !is_ipv6(part.text())) {
    findings.invalid(part.path, Value(part.text()),
                     "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)");
  }
}

void check_labels(const Part& part, Findings& findings) {
  for (const json::Member& member : members_of(part.value)) {
    for (const std::string& problem : kube::label_key_problems(member.key)) {
      findings.invalid(part.path, Value(member.key), problem);
    }
    for (const std::string& problem : kube::label_value_problems(text_of(&member.value))) {
      findings.invalid(part.path, member.value, problem);
    }
  }
}

void check_label_selector(const Part& part, Findings& findings) {
  check_labels(part["matchLabels"], findings);
  for (const Part& requirement : part["matchExpressions"].items()) {
    const std::string_view operation = requirement["operator"].text();
    const Part values = requirement["values"];
    if (operation == "In" || operation == "NotIn") {
      if (values.is_nothing()) {
        findings.required(values.path, "must be specified when `operator` is 'In' or 'NotIn'");
      }
    } else if (operation == "Exists" || operation == "DoesNotExist") {
      if (!values.is_nothing()) {
        findings.forbidden(values.path,
                           "may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
      }
    } else {
      findings.invalid(requirement["operator"], "not a valid selector operator");
    }
    check_qualified_name(requirement["key"], findings);
    for (const Part& value : values.items()) {
      check_name(value, kube::label_value_problems, findings);
    }
  }
}

void check_quantity_not_negative(const Part& part, Findings& findings) {
  if (!part) {
    return;
  }
  const auto quantity = kube::Quantity::from_json(*part.value);
  if (quantity && quantity->sign() < 0) {
    findings.invalid(part, "must be greater than or equal to 0");
  }
}

void check_immutable(const Part& part, const Value* before, Findings& findings) {
  if (!same(part.value, before)) {
    findings.invalid(part.path, part.value == nullptr ? Value() : *part.value,
                     "field is immutable");
  }
}

namespace {

std::optional<std::int64_t> percent_of(std::string_view text) {
  if (!text.ends_with('%') || text.size() < 2) {
    return std::nullopt;
  }
  text.remove_suffix(1);
  if (!std::ranges::all_of(text, is_ascii_digit)) {
    return std::nullopt;
  }
  const auto number = parse_int<std::int64_t>(text);
  return number ? std::optional(*number) : std::nullopt;
}

}  // namespace

void check_count_or_percent(const Part& part, Findings& findings) {
  if (part.value == nullptr) {
    return;
  }
  if (part.value->is_string()) {
    if (!percent_of(part.text())) {
      findings.invalid(part,
                       "a valid percent string must be a numeric string followed by an ending '%' "
                       "(e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')");
    }
  } else {
    check_not_negative(part, findings);
  }
}

void check_at_most_all(const Part& part, Findings& findings) {
  const auto percent = percent_of(part.text());
  if (percent && *percent > 100) {
    findings.invalid(part, "must not be greater than 100%");
  }
}

bool is_zero_count(const Part& part) {
  if (part.value != nullptr && part.value->is_string()) {
    return percent_of(part.text()).value_or(0) == 0;
  }
  return part.number().value_or(0) == 0;
}

namespace {

void add_change_directory_problems(std::string_view value, std::vector<std::string>& problems) {
  if (value == ".") {
    problems.emplace_back("must not be '.'");
  } else if (value == "..") {
    problems.emplace_back("must not be '..'");
  } else if (value.starts_with("..")) {
    problems.emplace_back("must not start with '..'");
  }
}

bool is_key_character(char c) {
  return is_ascii_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
         c == '_' || c == '.';
}

}  // namespace

std::vector<std::string> config_key_problems(std::string_view key) {
  std::vector<std::string> problems;
  if (key.size() > 253) {
    problems.emplace_back("must be no more than 253 characters");
  }
  if (key.empty() || !std::ranges::all_of(key, is_key_character)) {
    problems.emplace_back(
        "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. "
        "'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is "
        "'[-._a-zA-Z0-9]+')");
  }
  add_change_directory_problems(key, problems);
  return problems;
}

std::vector<std::string> path_segment_problems(std::string_view name) {
  std::vector<std::string> problems;
  if (name == "." || name == "..") {
    problems.push_back(fmt::format("may not be '{}'", name));
    return problems;
  }
  for (const char illegal : {'/', '%'}) {
    if (name.find(illegal) != std::string_view::npos) {
      problems.push_back(fmt::format("may not contain '{}'", illegal));
    }
  }
  return problems;
}

std::vector<std::string> port_name_problems(std::string_view name) {
  std::vector<std::string> problems;
  if (name.size() > 15) {
    problems.emplace_back("must be no more than 15 characters");
  }
  const auto is_letter = [](char c) { return c >= 'a' && c <= 'z'; };
  const bool good = !name.empty() && std::ranges::all_of(name, [&](char c) {
    return is_letter(c) || is_ascii_digit(c) || c == '-';
  });
  if (!good) {
    problems.emplace_back("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)");
  }
  if (std::ranges::none_of(name, is_letter)) {
    problems.emplace_back("must contain at least one letter (a-z)");
  }
  if (name.find("--") != std::string_view::npos) {
    problems.emplace_back("must not contain consecutive hyphens");
  }
  if (name.starts_with('-') || name.ends_with('-')) {
    problems.emplace_back("must not begin or end with a hyphen");
  }
  return problems;
}

std::vector<std::string> env_name_problems(std::string_view name) {
  std::vector<std::string> problems;
  if (name.empty()) {
    problems.emplace_back("environment variable name must be non-empty");
  }
  if (std::ranges::any_of(name, [](char c) { return c < 0x20 || c > 0x7e || c == '='; })) {
    problems.emplace_back(
        "a valid environment variable name must consist only of printable ASCII characters other "
        "than '='");
  }
  return problems;
}

bool is_readable_selector(const Part& selector) {
  Findings findings;
  check_label_selector(selector, findings);
  return findings.empty();
}

namespace {

bool requirement_holds(const Value& requirement, const Value* labels) {
  const std::string_view operation = text_at(requirement, {"operator"});
  const Value* label = at(labels, text_at(requirement, {"key"}));
  const json::Array& values = items_of(at(requirement, {"values"}));
  const bool among = label != nullptr && std::ranges::find(values, *label) != values.end();
  if (operation == "In") {
    return among;
  }
  if (operation == "NotIn") {
    return !among;
  }
  if (operation == "Exists") {
    return label != nullptr;
  }
  return operation != "DoesNotExist" || label == nullptr;
}

}  // namespace

bool selects(const Value& selector, const Value* labels) {
  for (const json::Member& wanted : members_of(at(selector, {"matchLabels"}))) {
    const Value* label = at(labels, wanted.key);
    if (label == nullptr || *label != wanted.value) {
      return false;
    }
  }
  return std::ranges::all_of(
      items_of(at(selector, {"matchExpressions"})),
      [&](const Value& requirement) { return requirement_holds(requirement, labels); });
}

}  // namespace kthena::apiserver
