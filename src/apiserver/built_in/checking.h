// What the checks of all kinds are made of: parts of an object with their paths, findings in the
// words of Kubernetes, and rules for names, labels and numbers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "json/problem.h"
#include "json/value.h"

namespace kthena::apiserver {

/// A part of an object, there or not, and where it is. Refers to the object.
struct Part {
  const json::Value* value = nullptr;  ///< null if absent or null
  json::FieldPath path{};

  Part operator[](std::string_view name) const;
  std::vector<Part> items() const;

  explicit operator bool() const noexcept { return value != nullptr; }
  std::string_view text() const;
  std::optional<std::int64_t> number() const;
  bool is_true() const;
  bool is_nothing() const;  ///< absent, "", [], {}
};

class Findings {
 public:
  void required(const json::FieldPath& path, std::string_view detail = {});
  /// @param shown  as it is to appear: texts quoted, all else as JSON
  void invalid(const json::FieldPath& path, const json::Value& shown, std::string_view detail);
  void invalid(const Part& part, std::string_view detail);
  void unsupported(const json::FieldPath& path, const json::Value& shown,
                   std::initializer_list<std::string_view> supported);
  void forbidden(const json::FieldPath& path, std::string_view detail);
  void duplicate(const json::FieldPath& path, const json::Value& shown);
  void not_found(const json::FieldPath& path, const json::Value& shown);
  void too_long(const json::FieldPath& path, std::size_t most_bytes);
  void too_many(const json::FieldPath& path, std::size_t count, std::size_t most);
  void add(std::vector<json::Problem> problems);

  bool empty() const noexcept { return problems_.empty(); }
  std::vector<json::Problem> take() && { return std::move(problems_); }

 private:
  std::vector<json::Problem> problems_;
};

/// Each adds what is wrong with a part; an absent one is "".
using NameRule = std::vector<std::string> (*)(std::string_view name);
void check_name(const Part& part, NameRule rule, Findings& findings);
void check_dns_label(const Part& part, Findings& findings);
void check_dns_subdomain(const Part& part, Findings& findings);
void check_qualified_name(const Part& part, Findings& findings);
/// "must be between 1 and 65535, inclusive".
void check_port_number(const Part& part, Findings& findings);
/// A number or a name of at most 15 characters.
void check_port(const Part& part, Findings& findings);
void check_not_negative(const Part& part, Findings& findings);
void check_ip(const Part& part, Findings& findings);
void check_labels(const Part& part, Findings& findings);
void check_label_selector(const Part& part, Findings& findings);
/// A quantity that is given: not negative.
void check_quantity_not_negative(const Part& part, Findings& findings);
/// "field is immutable" if both differ.
void check_immutable(const Part& part, const json::Value* before, Findings& findings);

/// An integer that is not negative, or a percentage.
void check_count_or_percent(const Part& part, Findings& findings);
void check_at_most_all(const Part& part, Findings& findings);  ///< not more than "100%"
bool is_zero_count(const Part& part);

// Rules of names, each returning what is wrong.
std::vector<std::string> config_key_problems(std::string_view key);
std::vector<std::string> path_segment_problems(std::string_view name);
std::vector<std::string> port_name_problems(std::string_view name);
std::vector<std::string> env_name_problems(std::string_view name);

bool is_ipv4(std::string_view text);
bool is_ipv6(std::string_view text);

/// Whether check_label_selector() finds nothing.
bool is_readable_selector(const Part& selector);
/// Whether a selector takes an object with these labels; true for what it cannot read.
bool selects(const json::Value& selector, const json::Value* labels);

}  // namespace kthena::apiserver
