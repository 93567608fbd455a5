#include "apiserver/table/json_path.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/result.h"
#include "json/value.h"

namespace kthena::apiserver {

using json::Value;

namespace {

/// No definition needs as many; a filter within a filter is none.
constexpr std::size_t kMaxSteps = 64;
/// Of values found; an object of 1.5 MiB has no more numbers than this.
constexpr std::size_t kMaxFound = 1UL << 20;

using Found = std::vector<const Value*>;

/// The values that stand directly in one, those of an object by their names.
Found parts(const Value& value) {
  Found found;
  if (value.is_array()) {
    for (const Value& item : value.as_array()) {
      found.push_back(&item);
    }
  } else if (value.is_object()) {
    std::vector<const json::Member*> members;
    for (const json::Member& member : value.as_object()) {
      members.push_back(&member);
    }
    std::ranges::sort(members, {}, [](const json::Member* member) { return member->key; });
    for (const json::Member* member : members) {
      found.push_back(&member->value);
    }
  }
  return found;
}

void add_all_of_name(const Value& value, std::string_view name, Found& found) {
  if (found.size() >= kMaxFound) {
    return;
  }
  if (const Value* here = value.find(name)) {
    found.push_back(here);
  }
  for (const Value* part : parts(value)) {
    add_all_of_name(*part, name, found);
  }
}

}  // namespace

struct JsonPath::Step {
  enum class Kind : std::uint8_t { Name, Recursive, All, Slice, Filter };
  Kind kind = Kind::Name;
  std::string name;  ///< of Name and Recursive
  // Of Slice; a single index is one too.
  std::int64_t begin = 0;
  std::optional<std::int64_t> end;
  bool single = false;
  // Of Filter.
  std::vector<Step> left;
  Comparison comparison = Comparison::Exists;
  Value right;

  void apply(const Value& value, Found& found) const;
  void apply_slice(const json::Array& items, Found& found) const;
  bool holds(const Value& item) const;
  static Found walk(const std::vector<Step>& steps, const Value& root);
};

JsonPath::JsonPath() = default;
JsonPath::JsonPath(const JsonPath&) = default;
JsonPath::JsonPath(JsonPath&&) noexcept = default;
JsonPath& JsonPath::operator=(const JsonPath&) = default;
JsonPath& JsonPath::operator=(JsonPath&&) noexcept = default;
JsonPath::~JsonPath() = default;

Found JsonPath::Step::walk(const std::vector<Step>& steps, const Value& root) {
  Found now{&root};
  for (const Step& step : steps) {
    Found next;
    for (const Value* value : now) {
      step.apply(*value, next);
      if (next.size() >= kMaxFound) {
        break;
      }
    }
    now = std::move(next);
  }
  return now;
}

void JsonPath::Step::apply(const Value& value, Found& found) const {
  switch (kind) {
    case Kind::Name:
      if (const Value* member = value.find(name)) {
        found.push_back(member);
      }
      return;
    case Kind::Recursive:
      add_all_of_name(value, name, found);
      return;
    case Kind::All:
      for (const Value* part : parts(value)) {
        found.push_back(part);
      }
      return;
    case Kind::Slice:
      if (value.is_array()) {
        apply_slice(value.as_array(), found);
      }
      return;
    case Kind::Filter:
      if (value.is_array()) {
        for (const Value& item : value.as_array()) {
          if (holds(item)) {
            found.push_back(&item);
          }
        }
      }
      return;
  }
}

void JsonPath::Step::apply_slice(const json::Array& items, Found& found) const {
  const auto size = static_cast<std::int64_t>(items.size());
  const auto from_start = [size](std::int64_t index) { return index < 0 ? index + size : index; };
  const std::int64_t first = from_start(begin);
  const std::int64_t last = single ? first + 1 : from_start(end.value_or(size));
  if (first < 0 || last > size) {
    return;
  }
  for (std::int64_t i = first; i < last; ++i) {
    found.push_back(&items[static_cast<std::size_t>(i)]);
  }
}

bool JsonPath::Step::holds(const Value& item) const {
  const Found found = walk(left, item);
  if (comparison == Comparison::Exists) {
    return !found.empty();
  }
  if (found.size() != 1 || found[0]->type() != right.type()) {
    return false;
  }
  const Value& value = *found[0];
  if (comparison == Comparison::Equal) {
    return value == right;
  }
  if (comparison == Comparison::NotEqual) {
    return value != right;
  }
  std::partial_ordering order = std::partial_ordering::unordered;
  if (value.is_number()) {
    order = value.as_double() <=> right.as_double();
  } else if (value.is_string()) {
    order = value.as_string() <=> right.as_string();
  }
  switch (comparison) {
    case Comparison::Less:
      return order < 0;
    case Comparison::LessEqual:
      return order <= 0;
    case Comparison::More:
      return order > 0;
    default:
      return order >= 0;
  }
}

/// Reads a path from left to right.
class JsonPath::Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  Result<std::vector<Step>> read_all() {
    std::vector<Step> steps = TRY(read(/*in_filter=*/false));
    if (!done()) {
      return problem("what is not part of a path");
    }
    return steps;
  }

 private:
  bool done() const { return position_ >= text_.size(); }
  char peek() const { return done() ? '\0' : text_[position_]; }
  bool take(std::string_view token) {
    if (!text_.substr(position_).starts_with(token)) {
      return false;
    }
    position_ += token.size();
    return true;
  }
  void skip_spaces() {
    while (peek() == ' ') {
      ++position_;
    }
  }
  std::unexpected<Error> problem(std::string_view what) const {
    return std::unexpected(
        Error(ErrorCode::InvalidArgument, fmt::format("character {}: {}", position_ + 1, what)));
  }

  Result<std::vector<Step>> read(bool in_filter) {
    std::vector<Step> steps;
    while (!done()) {
      if (steps.size() == kMaxSteps) {
        return problem("too many steps");
      }
      if (take("..")) {
        steps.push_back({.kind = Step::Kind::Recursive, .name = TRY(name(in_filter))});
      } else if (take(".*")) {
        steps.push_back({.kind = Step::Kind::All});
      } else if (take(".")) {
        if (done() || peek() == '[') {
          continue;  // the value itself
        }
        steps.push_back({.kind = Step::Kind::Name, .name = TRY(name(in_filter))});
      } else if (take("[")) {
        steps.push_back(TRY(bracket(in_filter)));
      } else {
        break;
      }
    }
    return steps;
  }

  Result<std::string> name(bool in_filter) {
    constexpr std::string_view kEnds = " .[],|&\"'`{}";
    std::string name;
    while (!done()) {
      const char c = peek();
      if (c == '\\' && position_ + 1 < text_.size()) {
        name += text_[position_ + 1];
        position_ += 2;
        continue;
      }
      if (kEnds.contains(c) || (in_filter && std::string_view("=!<>()").contains(c))) {
        break;
      }
      name += c;
      ++position_;
    }
    if (name.empty()) {
      return problem("a name is missing");
    }
    return name;
  }

  Result<Step> bracket(bool in_filter) {
    if (take("*]")) {
      return Step{.kind = Step::Kind::All};
    }
    if (take("?(")) {
      if (in_filter) {
        return problem("a filter within a filter");
      }
      return filter();
    }
    if (peek() == '\'' || peek() == '"') {
      Step step{.kind = Step::Kind::Name, .name = TRY(quoted())};
      if (!take("]")) {
        return problem("']' is missing");
      }
      return step;
    }
    Step step{.kind = Step::Kind::Slice};
    const std::optional<std::int64_t> begin = number();
    if (take(":")) {
      step.begin = begin.value_or(0);
      step.end = number();
    } else {
      if (!begin) {
        return problem("an index is missing");
      }
      step.begin = *begin;
      step.single = true;
    }
    if (!take("]")) {
      return problem("']' is missing");
    }
    return step;
  }

  std::optional<std::int64_t> number() {
    std::int64_t value = 0;
    const char* begin = text_.data() + position_;
    const auto [end, error] = std::from_chars(begin, text_.data() + text_.size(), value);
    if (error != std::errc{}) {
      return std::nullopt;
    }
    position_ += static_cast<std::size_t>(end - begin);
    return value;
  }

  Result<std::string> quoted() {
    const char quote = peek();
    ++position_;
    std::string text;
    while (!done() && peek() != quote) {
      if (peek() == '\\' && position_ + 1 < text_.size()) {
        ++position_;
      }
      text += peek();
      ++position_;
    }
    if (done()) {
      return problem("a quote is not closed");
    }
    ++position_;
    return text;
  }

  Result<Step> filter() {
    Step step{.kind = Step::Kind::Filter};
    skip_spaces();
    if (!take("@")) {
      return problem("'@' is missing");
    }
    step.left = TRY(read(/*in_filter=*/true));
    skip_spaces();
    constexpr std::pair<std::string_view, Comparison> kComparisons[] = {
        {"==", Comparison::Equal},     {"!=", Comparison::NotEqual}, {"<=", Comparison::LessEqual},
        {">=", Comparison::MoreEqual}, {"<", Comparison::Less},      {">", Comparison::More}};
    for (const auto& [token, comparison] : kComparisons) {
      if (take(token)) {
        step.comparison = comparison;
        skip_spaces();
        step.right = TRY(literal());
        break;
      }
    }
    skip_spaces();
    if (!take(")]")) {
      return problem("')]' is missing");
    }
    return step;
  }

  Result<Value> literal() {
    if (peek() == '\'' || peek() == '"') {
      return Value(TRY(quoted()));
    }
    const std::size_t begin = position_;
    while (!done() && peek() != ')' && peek() != ' ') {
      ++position_;
    }
    const std::string_view word = text_.substr(begin, position_ - begin);
    if (word == "true" || word == "false") {
      return Value(word == "true");
    }
    auto value = Value::from_number_literal(word);
    if (!value) {
      position_ = begin;
      return problem("not a value");
    }
    return *std::move(value);
  }

  std::string_view text_;
  std::size_t position_ = 0;
};

Result<JsonPath> JsonPath::parse(std::string_view text) {
  JsonPath path;
  path.steps_ = TRY(Reader(text).read_all());
  return path;
}

Found JsonPath::find(const Value& root) const { return Step::walk(steps_, root); }

}  // namespace kthena::apiserver
