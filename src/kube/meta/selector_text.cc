#include "kube/meta/selector_text.h"

#include <fmt/format.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/result.h"
#include "base/strings.h"
#include "json/problem.h"
#include "kube/meta/object.h"
#include "kube/meta/selector.h"

namespace kthena::kube {
namespace {

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text), rest_(text) {}

  Result<LabelSelector> parse() {
    LabelSelector selector;
    skip_space();
    while (!rest_.empty()) {
      TRY(parse_requirement(selector));
      skip_space();
      if (rest_.empty()) {
        break;
      }
      if (!take(",")) {
        return error("',' or the end");
      }
      skip_space();
      if (rest_.empty()) {
        return error("a key behind the last comma");
      }
    }
    TRY(with_context(selector.check(SelectorForm::Text), "label selector"));
    return selector;
  }

 private:
  void skip_space() {
    while (!rest_.empty() && is_ascii_blank(rest_.front())) {
      rest_.remove_prefix(1);
    }
  }
  bool take(std::string_view what) {
    skip_space();
    if (!rest_.starts_with(what)) {
      return false;
    }
    rest_.remove_prefix(what.size());
    return true;
  }
  /// What ends at a blank or a sign of the grammar; may be empty.
  std::string_view take_word() {
    skip_space();
    const std::size_t end = rest_.find_first_of(" \t\n\v\f\r!=,()<>");
    const std::string_view word = rest_.substr(0, end);
    rest_.remove_prefix(word.size());
    return word;
  }
  std::unexpected<Error> error(std::string_view expected) const {
    return fail(ErrorCode::InvalidArgument,
                fmt::format("label selector {}: character {}: expected {}", json::quoted(text_),
                            text_.size() - rest_.size() + 1, expected));
  }

  Result<> parse_requirement(LabelSelector& selector) {
    const bool absent = take("!");
    std::string key(take_word());
    if (key.empty()) {
      return error("a key");
    }
    skip_space();
    const bool ends = rest_.empty() || rest_.front() == ',';
    if (absent || ends) {
      if (!ends) {
        return error("',' or the end");
      }
      add(selector, std::move(key), absent ? "DoesNotExist" : "Exists", {});
      return {};
    }
    for (const std::string_view comparison : {">", "<"}) {
      if (take(comparison)) {
        add(selector, std::move(key), comparison, {std::string(take_word())});
        return {};
      }
    }
    if (take("!=")) {
      add(selector, std::move(key), "NotIn", {std::string(take_word())});
      return {};
    }
    if (take("==") || take("=")) {
      std::string value(take_word());
      const bool is_new = selector.match_labels.try_emplace(key, value).second;
      if (!is_new) {
        add(selector, std::move(key), "In", {std::move(value)});
      }
      return {};
    }
    const std::string_view word = take_word();
    if (word != "in" && word != "notin") {
      return error("an operator");
    }
    std::vector<std::string> values = TRY(parse_values());
    add(selector, std::move(key), word == "in" ? "In" : "NotIn", std::move(values));
    return {};
  }

  Result<std::vector<std::string>> parse_values() {
    if (!take("(")) {
      return error("'('");
    }
    std::vector<std::string> values;
    if (take(")")) {
      return values;
    }
    do {
      values.emplace_back(take_word());
    } while (take(","));
    if (!take(")")) {
      return error("',' or ')'");
    }
    return values;
  }

  static void add(LabelSelector& selector, std::string key, std::string_view operation,
                  std::vector<std::string> values) {
    selector.match_expressions.push_back(
        {.key = std::move(key), .operation = std::string(operation), .values = std::move(values)});
  }

  std::string_view text_;
  std::string_view rest_;
};

std::string to_text(const LabelRequirement& requirement) {
  if (requirement.operation == "Exists") {
    return requirement.key;
  }
  if (requirement.operation == "DoesNotExist") {
    return "!" + requirement.key;
  }
  if (requirement.operation == ">" || requirement.operation == "<") {
    return requirement.key + requirement.operation + join(requirement.values, ",");
  }
  std::string values = join(requirement.values, ",");
  if (values.empty()) {
    values = ",";  // the empty value alone, for () has none
  }
  return fmt::format("{} {} ({})", requirement.key, requirement.operation == "In" ? "in" : "notin",
                     values);
}

}  // namespace

Result<LabelSelector> parse_label_selector(std::string_view text) { return Parser(text).parse(); }

std::string to_text(const Labels& wanted) {
  std::string text;
  for (const auto& [key, value] : wanted) {
    text += fmt::format("{}{}={}", text.empty() ? "" : ",", key, value);
  }
  return text;
}

std::string to_text(const LabelSelector& selector) {
  std::string text = to_text(selector.match_labels);
  for (const LabelRequirement& requirement : selector.match_expressions) {
    text += text.empty() ? "" : ",";
    text += to_text(requirement);
  }
  return text;
}

}  // namespace kthena::kube
