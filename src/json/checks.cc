#include "json/checks.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "json/fields.h"
#include "json/findings.h"
#include "json/print.h"
#include "json/problem.h"
#include "json/type.h"
#include "json/value.h"

namespace kthena::json::detail {

namespace {

std::size_t characters(std::string_view utf8) {
  return static_cast<std::size_t>(std::ranges::count_if(
      utf8, [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

std::string_view plural(std::uint64_t count, std::string_view one, std::string_view many) {
  return count == 1 ? one : many;
}

/// The words of the schema validation of the API server. Source: kube-openapi, package
/// validation/errors, and apiextensions-apiserver's translation to field errors, v1.34.
class FieldCheck {
 public:
  FieldCheck(const FieldInfo& field, const Value& value, const Step* at, Findings& findings)
      : field_(field), rules_(field.rules), value_(value), at_(at), findings_(findings) {}

  void number() {
    const double number = value_.as_double();
    if (rules_.minimum && number < static_cast<double>(*rules_.minimum)) {
      in_body(shown(value_), fmt::format("should be greater than or equal to {}", *rules_.minimum));
    }
    if (rules_.maximum && number > static_cast<double>(*rules_.maximum)) {
      in_body(shown(value_), fmt::format("should be less than or equal to {}", *rules_.maximum));
    }
  }

  void text() {
    const std::string& text = value_.as_string();
    if (rules_.max_length && characters(text) > *rules_.max_length) {
      const std::uint32_t limit = *rules_.max_length;
      findings_.add(Problem::Kind::TooLong, at_, [&](const std::string&) {
        return fmt::format("Too long: may not be more than {} {}", limit,
                           plural(limit, "byte", "bytes"));
      });
    }
    if (rules_.min_length && characters(text) < *rules_.min_length) {
      in_body(shown(value_), fmt::format("should be at least {} chars long", *rules_.min_length));
    }
    if (field_.pattern && !field_.pattern->found_in(text)) {
      in_body(shown(value_), fmt::format("should match '{}'", rules_.pattern));
    }
  }

  void list() {
    const Array& items = value_.as_array();
    if (rules_.max_items && items.size() > *rules_.max_items) {
      too_many(items.size(), *rules_.max_items);
    }
    if (rules_.min_items && items.size() < *rules_.min_items) {
      in_body(fmt::to_string(items.size()),
              fmt::format("should have at least {} items", *rules_.min_items));
    }
    if (rules_.list_type == ListType::Set || rules_.list_type == ListType::Map) {
      duplicates(items);
    }
  }

  void map() {
    const Object& members = value_.as_object();
    if (rules_.max_properties && members.size() > *rules_.max_properties) {
      too_many(members.size(), *rules_.max_properties);
    }
    if (rules_.min_properties && members.size() < *rules_.min_properties) {
      in_body(fmt::to_string(members.size()),
              fmt::format("should have at least {} properties", *rules_.min_properties));
    }
  }

 private:
  void in_body(const std::string& value, const std::string& rule) {
    findings_.add(Problem::Kind::Invalid, at_, [&](const std::string& path) {
      return fmt::format("Invalid value: {}: {} in body {}", value, path, rule);
    });
  }
  void too_many(std::size_t count, std::uint32_t limit) {
    findings_.add(Problem::Kind::TooMany, at_, [&](const std::string&) {
      return fmt::format("Too many: {}: must have at most {} {}", count, limit,
                         plural(limit, "item", "items"));
    });
  }
  /// What tells an item from the others.
  std::string identity(const Value& item) const {
    if (rules_.list_type == ListType::Set) {
      return print_canonical(item);
    }
    Object keys;
    for (const std::string_view key : rules_.list_keys) {
      const Value* value = key.empty() ? nullptr : item.find(key);
      if (value != nullptr) {
        keys.set(key, *value);
      }
    }
    return print_canonical(std::move(keys));
  }
  void duplicates(const Array& items) {
    std::set<std::string> identities;
    for (std::size_t i = 0; i < items.size(); ++i) {
      const auto inserted = identities.insert(identity(items[i]));
      if (!inserted.second) {
        const Step step{.parent = at_, .kind = Step::Kind::Index, .index = i};
        findings_.add(Problem::Kind::Duplicate, &step, [&](const std::string&) {
          return fmt::format("Duplicate value: {}", *inserted.first);
        });
      }
    }
  }

  const FieldInfo& field_;
  const FieldRules& rules_;
  const Value& value_;
  const Step* at_;
  Findings& findings_;
};

}  // namespace

void check_field(const FieldInfo& field, const Value& value, const Step* at, Findings& findings) {
  FieldCheck check(field, value, at, findings);
  switch (value.type()) {
    case Type::Number:
      check.number();
      break;
    case Type::String:
      check.text();
      break;
    case Type::Array:
      check.list();
      break;
    case Type::Object:
      check.map();
      break;
    default:
      break;
  }
}

void check_rules(const TypeInfo& type, const void* object, const Step* at, Findings& findings) {
  for (const RuleInfo& rule : type.rules) {
    if (!rule.call(rule.holds, object)) {
      findings.add(Problem::Kind::Invalid, at, [&](const std::string&) {
        return fmt::format("Invalid value: {}", rule.message);
      });
    }
  }
}

}  // namespace kthena::json::detail
