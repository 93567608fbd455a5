// What an update may not change.
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "json/checks.h"
#include "json/codec.h"
#include "json/fields.h"
#include "json/problem.h"
#include "json/type.h"
#include "json/value.h"

namespace kthena::json::detail {

namespace {

class ChangeCheck {
 public:
  explicit ChangeCheck(std::vector<Problem>& problems) : findings_(problems, kMaxProblems) {}

  void compare(const TypeInfo& type, const FieldRules* rules, const void* before, const void* after,
               const Step* at);

 private:
  static constexpr std::size_t kMaxProblems = 64;

  void compare_objects(const TypeInfo& type, const void* before, const void* after, const Step* at);
  void compare_lists(const TypeInfo& type, const FieldRules& rules, const void* before,
                     const void* after, const Step* at);
  void compare_maps(const TypeInfo& type, const void* before, const void* after, const Step* at);

  Findings findings_;
};

/// The items' values of the list's key fields.
Value identity(const TypeInfo& type, const FieldRules& rules, const void* item) {
  const Value encoded = encode_from(type, item);
  Value keys;
  for (const std::string_view key : rules.list_keys) {
    const Value* value = key.empty() ? nullptr : encoded.find(key);
    if (value != nullptr) {
      keys.set(key, *value);
    }
  }
  return keys;
}

void ChangeCheck::compare_objects(const TypeInfo& type, const void* before, const void* after,
                                  const Step* at) {
  for (const FieldInfo& field : type.fields) {
    const Step step{.parent = at, .kind = Step::Kind::Field, .name = field.name};
    const auto* member_before = static_cast<const std::byte*>(before) + field.offset;
    const auto* member_after = static_cast<const std::byte*>(after) + field.offset;
    const TypeInfo& member = field.type();
    // The rule holds a value against its predecessor: it says nothing when the field comes or goes.
    if (!field.rules.immutable.empty() && !is_zero(member, member_before) &&
        !is_zero(member, member_after)) {
      const Value now = encode_from(member, member_after);
      if (now != encode_from(member, member_before)) {
        findings_.add(Problem::Kind::Invalid, &step, [&](const std::string&) {
          const std::string_view message = field.rules.immutable;
          return now.is_object() || now.is_array()
                     ? invalid_value(FieldPath(), message, {}).message
                     : invalid_value(FieldPath(), shown(now), message).message;
        });
      }
    }
    compare(member, &field.rules, member_before, member_after, &step);
  }
}

/// Only items that can be told apart have a predecessor.
void ChangeCheck::compare_lists(const TypeInfo& type, const FieldRules& rules, const void* before,
                                const void* after, const Step* at) {
  const TypeInfo& element = type.element();
  if (rules.list_type != ListType::Map || element.kind != Kind::Object) {
    return;
  }
  for (std::size_t i = 0; i < type.list.size(after); ++i) {
    const Value wanted = identity(element, rules, type.list.at(after, i));
    for (std::size_t j = 0; j < type.list.size(before); ++j) {
      if (identity(element, rules, type.list.at(before, j)) == wanted) {
        const Step step{.parent = at, .kind = Step::Kind::Index, .index = i};
        compare(element, nullptr, type.list.at(before, j), type.list.at(after, i), &step);
        break;
      }
    }
  }
}

void ChangeCheck::compare_maps(const TypeInfo& type, const void* before, const void* after,
                               const Step* at) {
  struct Context {
    ChangeCheck& check;
    const TypeInfo& type;
    const void* before;
    const Step* at;
  };
  Context context{.check = *this, .type = type, .before = before, .at = at};
  type.map.visit(after, &context, [](void* opaque, std::string_view key, const void* now) {
    const auto& [check, map_type, old_map, parent] = *static_cast<Context*>(opaque);
    if (const void* predecessor = map_type.map.find(old_map, key)) {
      const Step step{.parent = parent, .kind = Step::Kind::Key, .name = key};
      check.compare(map_type.element(), nullptr, predecessor, now, &step);
    }
  });
}

void ChangeCheck::compare(const TypeInfo& type, const FieldRules* rules, const void* before,
                          const void* after, const Step* at) {
  switch (type.kind) {
    case Kind::Optional: {
      const void* old_value = type.optional.get(before);
      const void* new_value = type.optional.get(after);
      if (old_value != nullptr && new_value != nullptr) {
        compare(type.element(), rules, old_value, new_value, at);
      }
      return;
    }
    case Kind::List:
      if (rules != nullptr) {
        compare_lists(type, *rules, before, after, at);
      }
      return;
    case Kind::Map:
      compare_maps(type, before, after, at);
      return;
    case Kind::Object:
      compare_objects(type, before, after, at);
      return;
    default:
      return;
  }
}

}  // namespace

void check_change(const TypeInfo& type, const void* before, const void* after,
                  std::vector<Problem>& problems) {
  ChangeCheck(problems).compare(type, nullptr, before, after, nullptr);
}

}  // namespace kthena::json::detail
