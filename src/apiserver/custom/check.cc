// What a schema has against a value.
// Source: kube-openapi, package validation/validate, of Kubernetes 1.34: the order of checks, the
// texts, and how it chooses which alternative's errors to show.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include "apiserver/custom/formats.h"
#include "apiserver/custom/go_value.h"
#include "apiserver/custom/old_values.h"
#include "apiserver/custom/schema_node.h"
#include "apiserver/patch/go_text.h"
#include "json/problem.h"
#include "json/value.h"

namespace kthena::apiserver {

namespace {

/// Where a value is. The way back to the root, on the stack.
struct Place {
  const Place* outer = nullptr;
  std::string_view name{};
  std::size_t index = 0;
  enum class Sort : std::uint8_t { Root, Property, Other, Item } sort = Sort::Root;
};

/// "spec.list[0].name"; members that no property names begin with a dot even at the root.
void append_place(std::string& out, const Place& place) {
  if (place.sort == Place::Sort::Root) {
    return;
  }
  append_place(out, *place.outer);
  if (place.sort == Place::Sort::Item) {
    fmt::format_to(std::back_inserter(out), "[{}]", place.index);
    return;
  }
  if (!out.empty() || place.sort == Place::Sort::Other) {
    out += '.';
  }
  out += place.name;
}

struct Outcome {
  std::vector<json::Problem> problems;
  /// How much was right, by kube-openapi's count: of alternatives that all fail, the errors of the
  /// one with the highest count are shown.
  std::int64_t matches = 0;
};

bool is_json_integer(double value) {
  constexpr double kLargest = 9007199254740991.0;
  if (!(std::fabs(value) <= kLargest)) {
    return false;
  }
  const double whole = std::trunc(value);
  if (whole == value) {
    return true;
  }
  return whole != 0 && std::fabs(value - whole) / (std::fabs(value) + std::fabs(whole)) < 1e-9;
}

std::uint8_t type_of(const json::Value& value) {
  switch (value.type()) {
    case json::Type::Null:
      return 0;
    case json::Type::Bool:
      return kBoolean;
    case json::Type::Number:
      return value.to_int64() ? kInteger : kNumber;
    case json::Type::String:
      return kString;
    case json::Type::Array:
      return kArray;
    case json::Type::Object:
      return kObject;
  }
  return 0;
}

std::string_view type_name(std::uint8_t type) {
  switch (type) {
    case kArray:
      return "array";
    case kBoolean:
      return "boolean";
    case kInteger:
      return "integer";
    case kNumber:
      return "number";
    case kObject:
      return "object";
    case kString:
      return "string";
    case kInteger | kString:
      return "integer,string";
    default:
      return "null";
  }
}

std::size_t length_of(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(
      text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

/// One walk over a value.
class Checker {
 public:
  explicit Checker(std::string_view prefix) : prefix_(prefix) {}

  void check(const SchemaNode& node, const json::Value& value, const json::Value* before,
             const Place& at, Outcome& out) const {
    if (value.is_null()) {
      if (node.types != 0 && !node.nullable) {
        add_wrong_type(type_name(node.types), "null", at, out);
      } else {
        ++out.matches;
      }
      check_enum(node, value, at, out);
      return;
    }
    const std::uint8_t type = type_of(value);
    if (node.types != 0 || !node.format.empty()) {
      check_type(node, value, type, at, out);
      ++out.matches;
    }
    check_junctors(node, value, at, out);
    ++out.matches;
    switch (type) {
      case kString:
        check_string(node, value.as_string(), at, out);
        break;
      case kInteger:
      case kNumber:
        check_number(node, value, at, out);
        break;
      case kArray:
        check_array(node, value.as_array(), before, at, out);
        break;
      default:
        break;
    }
    check_enum(node, value, at, out);
    ++out.matches;
    if (type == kObject) {
      check_object(node, value.as_object(), before, at, out);
      ++out.matches;
    }
    ++out.matches;
  }

 private:
  /// The path as the texts have it.
  static std::string text_of(const Place& at) {
    std::string text;
    append_place(text, at);
    return text;
  }

  /// The path as it stands before the text.
  std::string field_of(std::string_view path) const {
    if (path.starts_with('.')) {
      path.remove_prefix(1);
    }
    if (path.empty()) {
      return prefix_.empty() ? "<nil>" : std::string(prefix_);
    }
    return prefix_.empty() ? std::string(path) : fmt::format("{}.{}", prefix_, path);
  }

  /// @param said  follows "PATH in body "
  void add_invalid(std::string_view shown, std::string_view said, const Place& at,
                   Outcome& out) const {
    const std::string path = text_of(at);
    out.problems.push_back(json::invalid_value(json::FieldPath(field_of(path)), shown,
                                               fmt::format("{} in body {}", path, said)));
  }

  void add_forbidden(std::string_view name, const Place& at, Outcome& out) const {
    const std::string path = text_of(at);
    out.problems.push_back(
        json::invalid_value(json::FieldPath(field_of(path)), json::quoted(name),
                            fmt::format("{}.{} in body is a forbidden property", path, name)));
  }

  void add_wrong_type(std::string_view wanted, std::string_view found, const Place& at,
                      Outcome& out) const {
    const std::string path = text_of(at);
    const std::string shown = json::quoted(found);
    out.problems.push_back(
        wrong_type(field_of(path), shown,
                   fmt::format("{} in body must be of type {}: {}", path, wanted, shown)));
  }

  void check_type(const SchemaNode& node, const json::Value& value, std::uint8_t type,
                  const Place& at, Outcome& out) const {
    const bool whole =
        type == kNumber && (node.types & kInteger) != 0 && is_json_integer(value.as_double());
    const bool fits =
        (node.types & type) != 0 || whole || (type == kInteger && (node.types & kNumber) != 0);
    if (!node.format.empty() && type != kString && type != kArray && !fits) {
      const std::string_view found = type == kInteger ? "int64" : type == kNumber ? "float64" : "";
      add_wrong_type(node.format, found, at, out);
      return;
    }
    const bool formatted = !node.format.empty() && (type == kString || type == kArray) &&
                           (node.types & (kNumber | kInteger)) == 0;
    if (fits || formatted) {
      ++out.matches;
      return;
    }
    add_wrong_type(type_name(node.types), type_name(type), at, out);
  }

  void check_string(const SchemaNode& node, const std::string& text, const Place& at,
                    Outcome& out) const {
    ++out.matches;
    const auto length = [&] { return static_cast<std::int64_t>(length_of(text)); };
    if (node.max_length && length() > *node.max_length) {
      out.problems.push_back(too_long(field_of(text_of(at)), *node.max_length));
    } else if (node.min_length && length() < *node.min_length) {
      add_invalid(json::quoted(text),
                  fmt::format("should be at least {} chars long", *node.min_length), at, out);
    } else if (node.pattern && !node.pattern->found_in(text)) {
      add_invalid(json::quoted(text), fmt::format("should match '{}'", node.pattern_text), at, out);
    }
    if (node.checked_format != StringFormat::None) {
      ++out.matches;
      if (!has_format(node.checked_format, text)) {
        add_wrong_type(node.format, text, at, out);
      }
    }
  }

  /// A bound as Go has it for such a value: whole for an integer.
  static std::string bound_text(double bound, bool is_integer) {
    return is_integer ? fmt::format("{}", static_cast<std::int64_t>(bound))
                      : go_text(json::Value(bound), GoNumbers::Double);
  }

  void check_number(const SchemaNode& node, const json::Value& value, const Place& at,
                    Outcome& out) const {
    out.matches += 2;
    if (node.multiple_of) {
      check_multiple(*node.multiple_of, value, at, out);
    }
    if (node.minimum) {
      check_bound(value, *node.minimum, node.exclusive_minimum, Bound::Least, at, out);
    }
    if (node.maximum) {
      check_bound(value, *node.maximum, node.exclusive_maximum, Bound::Most, at, out);
    }
  }

  enum class Bound : std::uint8_t { Least, Most };

  void check_bound(const json::Value& value, double bound, bool is_exclusive, Bound side,
                   const Place& at, Outcome& out) const {
    std::partial_ordering order = value.as_double() <=> bound;
    const std::optional<std::int64_t> whole = value.to_int64();
    if (whole) {
      order =
          *whole <=> static_cast<std::int64_t>(std::clamp(bound, -0x1p63, 0x1.fffffffffffffp62));
    }
    const bool is_beyond = side == Bound::Least ? order < 0 : order > 0;
    if (is_beyond || (is_exclusive && order == 0)) {
      add_invalid(
          shown_value(value),
          fmt::format("should be {} than {}{}", side == Bound::Least ? "greater" : "less",
                      is_exclusive ? "" : "or equal to ", bound_text(bound, whole.has_value())),
          at, out);
    }
  }

  void check_multiple(double stated, const json::Value& value, const Place& at,
                      Outcome& out) const {
    const std::optional<std::int64_t> whole = value.to_int64();
    const double factor = whole ? std::trunc(stated) : stated;
    const std::string factor_text = bound_text(factor, whole.has_value());
    if (factor <= 0) {  // of an integer, also a factor below 1
      const std::string path = text_of(at);
      out.problems.push_back(
          json::invalid_value(json::FieldPath(field_of(path)), factor_text,
                              fmt::format("factor MultipleOf declared for {} must be positive: {}",
                                          path, factor_text)));
      return;
    }
    const double number = value.as_double();
    const bool fits =
        whole ? (factor >= 0x1p63 ? *whole == 0 : *whole % static_cast<std::int64_t>(factor) == 0)
              : is_json_integer(factor < 1 ? 1 / factor * number : number / factor);
    if (!fits) {
      add_invalid(shown_value(value), fmt::format("should be a multiple of {}", factor_text), at,
                  out);
    }
  }

  void check_enum(const SchemaNode& node, const json::Value& value, const Place& at,
                  Outcome& out) const {
    if (node.enum_values.empty()) {
      return;
    }
    std::vector<std::string> texts;
    for (const json::Value& known : node.enum_values) {
      // A number is brought to the type of the known value first: 1.5 is as good as 1.
      const bool same =
          known.is_number() && value.is_number() && !value.to_int64() && known.to_int64()
              ? std::trunc(value.as_double()) == known.as_double()
              : !known.is_null() && known == value;
      if (same) {
        return;
      }
      texts.push_back(known.is_string() ? known.as_string() : go_json(known));
    }
    const std::vector<std::string_view> views(texts.begin(), texts.end());
    out.problems.push_back(
        json::unsupported_value(json::FieldPath(field_of(text_of(at))), shown_value(value), views));
  }

  void check_array(const SchemaNode& node, const json::Array& items, const json::Value* before,
                   const Place& at, Outcome& out) const {
    if (node.items != nullptr) {
      const OldItems old(node, before);
      for (std::size_t i = 0; i < items.size(); ++i) {
        const Place place{.outer = &at, .index = i, .sort = Place::Sort::Item};
        check_child(*node.items, items[i], old.find(items[i]), place, out);
      }
    }
    const auto count = static_cast<std::int64_t>(items.size());
    if (node.min_items && count < *node.min_items) {
      add_invalid(fmt::format("{}", count),
                  fmt::format("should have at least {} items", *node.min_items), at, out);
    }
    if (node.max_items && count > *node.max_items) {
      out.problems.push_back(too_many(field_of(text_of(at)), count, *node.max_items));
    }
    out.matches += 2;
  }

  void check_object(const SchemaNode& node, const json::Object& object, const json::Value* before,
                    const Place& at, Outcome& out) const {
    const auto count = static_cast<std::int64_t>(object.size());
    if (node.min_properties && count < *node.min_properties) {
      add_invalid(fmt::format("{}", count),
                  fmt::format("should have at least {} properties", *node.min_properties), at, out);
    }
    if (node.max_properties && count > *node.max_properties) {
      out.problems.push_back(too_many(field_of(text_of(at)), count, *node.max_properties));
    }
    const OldMembers old(before);
    for (const auto& [name, value] : object) {
      const SchemaNode* property = node.find_property(name);
      const SchemaNode* below = property != nullptr ? property : node.others;
      if (property == nullptr && node.forbids_others) {
        add_forbidden(name, at, out);
      }
      if (below == nullptr) {
        continue;
      }
      const Place place{.outer = &at,
                        .name = name,
                        .sort = property != nullptr ? Place::Sort::Property : Place::Sort::Other};
      // What an API server makes of its version cannot have been wrong before.
      const bool is_type = at.sort == Place::Sort::Root && (name == "kind" || name == "apiVersion");
      check_child(*below, value, is_type ? nullptr : old.find(name), place, out);
    }
    for (const std::string& name : node.required) {
      if (!object.contains(name)) {
        const Place place{.outer = &at, .name = name, .sort = Place::Sort::Other};
        out.problems.push_back(json::required_value(json::FieldPath(field_of(text_of(place))), ""));
      }
    }
  }

  /// A value that an update leaves as it was is not held against it.
  void check_child(const SchemaNode& node, const json::Value& value, const json::Value* before,
                   const Place& at, Outcome& out) const {
    const std::size_t known = out.problems.size();
    check(node, value, before, at, out);
    if (before != nullptr && out.problems.size() > known && is_unchanged(node, *before, value)) {
      out.problems.resize(known);
    }
  }

  void add_junctor(std::string said, const Place& at, Outcome& out) const {
    out.problems.push_back(
        json::invalid_value(json::FieldPath(prefix_.empty() ? "<nil>" : std::string(prefix_)),
                            "\"\"", fmt::format("{} {}", json::quoted(text_of(at)), said)));
  }

  static void merge(Outcome from, Outcome& into) {
    into.matches += from.matches;
    std::ranges::move(from.problems, std::back_inserter(into.problems));
  }

  Outcome outcome_of(const SchemaNode& node, const json::Value& value, const Place& at) const {
    Outcome outcome;
    check(node, value, nullptr, at, outcome);
    return outcome;
  }

  void check_junctors(const SchemaNode& node, const json::Value& value, const Place& at,
                      Outcome& out) const {
    ++out.matches;
    if (!node.any_of.empty()) {
      check_any(node, value, at, out);
    }
    if (!node.one_of.empty()) {
      check_one(node, value, at, out);
    }
    if (!node.all_of.empty()) {
      check_all(node, value, at, out);
    }
    if (node.none_of != nullptr && outcome_of(*node.none_of, value, at).problems.empty()) {
      add_junctor("must not validate the schema (not)", at, out);
    }
  }

  void check_any(const SchemaNode& node, const json::Value& value, const Place& at,
                 Outcome& out) const {
    std::optional<Outcome> best;
    for (const SchemaNode* each : node.any_of) {
      Outcome outcome = outcome_of(*each, value, at);
      if (outcome.problems.empty()) {
        out.matches += outcome.matches;
        return;
      }
      if (!best || outcome.matches > best->matches) {
        best = std::move(outcome);
      }
    }
    add_junctor("must validate at least one schema (anyOf)", at, out);
    if (best) {
      merge(*std::move(best), out);
    }
  }

  void check_one(const SchemaNode& node, const json::Value& value, const Place& at,
                 Outcome& out) const {
    std::optional<Outcome> best;
    std::size_t valid = 0;
    std::int64_t matches = 0;
    for (const SchemaNode* each : node.one_of) {
      Outcome outcome = outcome_of(*each, value, at);
      if (outcome.problems.empty()) {
        matches = valid == 0 ? outcome.matches : matches;
        ++valid;
        best.reset();
      } else if (valid == 0 && (!best || outcome.matches > best->matches)) {
        best = std::move(outcome);
      }
    }
    if (valid == 1) {
      out.matches += matches;
      return;
    }
    add_junctor(fmt::format("must validate one and only one schema (oneOf). {}",
                            valid == 0 ? std::string("Found none valid")
                                       : fmt::format("Found {} valid alternatives", valid)),
                at, out);
    if (best) {
      merge(*std::move(best), out);
    }
  }

  void check_all(const SchemaNode& node, const json::Value& value, const Place& at,
                 Outcome& out) const {
    std::size_t valid = 0;
    for (const SchemaNode* each : node.all_of) {
      Outcome outcome = outcome_of(*each, value, at);
      valid += outcome.problems.empty() ? 1 : 0;
      merge(std::move(outcome), out);
    }
    if (valid != node.all_of.size()) {
      add_junctor(fmt::format("must validate all the schemas (allOf){}",
                              valid == 0 ? ". None validated" : ""),
                  at, out);
    }
  }

  std::string_view prefix_;
};

/// kube-openapi reports an error once, however many ways lead to it.
void drop_repeated(std::vector<json::Problem>& problems) {
  std::unordered_set<std::string> seen;
  std::erase_if(problems, [&](const json::Problem& problem) {
    return !seen.insert(problem.to_string()).second;
  });
}

}  // namespace

void check_value(const SchemaNode& node, const json::Value& value, const json::Value* before,
                 std::string_view prefix, std::vector<json::Problem>& problems) {
  const Checker checker(prefix);
  const Place root;
  Outcome outcome;
  // Most objects are good, and then the old one need not be looked at.
  checker.check(node, value, nullptr, root, outcome);
  if (outcome.problems.empty()) {
    return;
  }
  if (before != nullptr) {
    outcome = {};
    checker.check(node, value, before, root, outcome);
    if (!outcome.problems.empty() && is_unchanged(node, *before, value)) {
      return;
    }
  }
  drop_repeated(outcome.problems);
  std::ranges::move(outcome.problems, std::back_inserter(problems));
}

}  // namespace kthena::apiserver
