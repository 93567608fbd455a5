// Types at run time: what the codec, the defaults, the checks and the schema printer walk. One
// table a type, made from its field list at first use; the walkers are ordinary functions over it,
// so that a new kind costs no template of theirs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <vector>

#include "base/regex.h"
#include "base/result.h"
#include "json/fields.h"
#include "json/value.h"

namespace kthena::json {

struct TypeInfo;
/// Resolved when used: a type may contain itself.
using TypeRef = const TypeInfo& (*)();

/// The table of T. Made at the first call, from any thread; lives as long as the process.
template <class T>
const TypeInfo& type_of();

enum class Kind : std::uint8_t {
  Bool,
  Integer,
  Number,
  String,
  Enum,
  Scalar,    ///< a type of its own that reads and writes one JSON string or number
  Any,       ///< a Value as it stands
  Optional,  ///< std::optional<element>
  List,      ///< std::vector<element>
  Map,       ///< std::map<std::string, element>
  Object,    ///< a struct with fields()
};

/// How the schema describes a Scalar. The type states it as `static constexpr json::ScalarSchema
/// kSchema`, and has `static Result<T> from_json(const Value&)`, `Value to_json() const` and
/// `operator==`.
struct ScalarSchema {
  bool int_or_string = false;  ///< else always a JSON string
  std::string_view format = {};
  std::string_view pattern = {};
  /// A text that cannot be read leaves the field unset and the object usable: the finding is a
  /// warning unless checks are on. For fields whose CRD type is a plain string, so that a server
  /// may have stored anything.
  bool lenient = false;
};

struct EnumEntry {
  std::int64_t value;
  std::string_view text;
};

// What the walkers can do with a container they do not know the type of. `self` is the container.

struct OptionalOps {
  const void* (*get)(const void* self);  ///< null if there is none
  void* (*emplace)(void* self);
  void (*reset)(void* self);
};
struct ListOps {
  std::size_t (*size)(const void* self);
  const void* (*at)(const void* self, std::size_t index);
  void* (*append)(void* self);
  void (*clear)(void* self);
};
struct MapOps {
  using Visitor = void (*)(void* context, std::string_view key, const void* element);
  std::size_t (*size)(const void* self);
  void* (*insert)(void* self, std::string_view key);
  void (*clear)(void* self);
  void (*visit)(const void* self, void* context, Visitor visitor);
  const void* (*find)(const void* self, std::string_view key);  ///< null if there is none
};
struct ScalarOps {
  Result<void> (*read)(const Value& value, void* self);
  Value (*write)(const void* self);
  bool (*is_zero)(const void* self);
};

struct FieldInfo {
  std::string_view name;
  std::size_t offset = 0;  ///< of the member in the object
  TypeRef type = nullptr;
  FieldRules rules;
  std::optional<Value> default_value{};  ///< as the schema states it
  std::optional<Value>
      initial{};  ///< of an Enum or `defaulted` field: what the struct initialises it to
  std::shared_ptr<const Regex> pattern{};  ///< of rules.pattern; null if none
};

struct RuleInfo {
  std::string_view rule;
  std::string_view message;
  bool (*call)(void (*holds)(), const void* object);  ///< knows the true type of `holds`
  void (*holds)();
};

struct TypeInfo {
  Kind kind = Kind::Any;
  std::uint8_t size = 0;      ///< Integer, Enum: bytes
  bool is_signed = true;      ///< Integer
  TypeRef element = nullptr;  ///< Optional, List, Map
  std::span<const EnumEntry> enum_entries{};
  const ScalarSchema* scalar_schema = nullptr;
  ScalarOps scalar{};
  OptionalOps optional{};
  ListOps list{};
  MapOps map{};

  // Object
  std::vector<FieldInfo> fields{};       ///< in the order of the list, inlined ones in place
  std::vector<std::uint16_t> by_name{};  ///< indices of `fields`, sorted by name
  std::vector<Constant> constants{};
  std::vector<std::string_view> ignored{};
  std::vector<RuleInfo> rules{};
  std::uint64_t not_just_absent = 0;  ///< a bit a field: that it is absent means something
  bool has_old_names = false;         ///< of some field
  bool partial = false;  ///< further fields may stand in the object and mean nothing here

  const FieldInfo* find_field(std::string_view name) const;
  std::string_view enum_text(const void* self) const;
};

/// A value of an Integer or Enum, of whatever width.
std::int64_t load_integer(const TypeInfo& type, const void* self);
void store_integer(const TypeInfo& type, void* self, std::int64_t value);
/// False, zero, empty, none; of an object: nothing differs from what its struct initialises it to.
bool is_zero(const TypeInfo& type, const void* self);

namespace detail {

template <class T>
struct IsOptional : std::false_type {};
template <class T>
struct IsOptional<std::optional<T>> : std::true_type {};
template <class T>
struct IsVector : std::false_type {};
template <class T>
struct IsVector<std::vector<T>> : std::true_type {};
template <class T>
struct IsMap : std::false_type {};
template <class T, class C>
struct IsMap<std::map<std::string, T, C>> : std::true_type {};

template <class T>
concept HasFields = requires { T::fields(); };
template <class T>
concept IsScalar = requires(const T& t, const Value& v) {
  T::kSchema;
  { T::from_json(v) } -> std::same_as<Result<T>>;
  { t.to_json() } -> std::same_as<Value>;
};

void add_field(TypeInfo& info, const FieldRules& rules, std::string_view name, TypeRef type,
               const void* prototype, const void* member);
void finish_object(TypeInfo& info);

template <class T, class S, class M>
void add_entry(TypeInfo& info, const T& prototype, const Field<S, M>& field) {
  add_field(info, field.rules, field.name, &type_of<M>, &prototype, &(prototype.*field.member));
}
template <class T>
void add_entry(TypeInfo& info, const T&, const Constant& constant) {
  info.constants.push_back(constant);
}

template <class T>
void add_entry(TypeInfo& info, const T&, const Ignored& field) {
  info.ignored.push_back(field.name);
}

template <class S>
void add_rule(TypeInfo& info, const ObjectRule<S>& rule) {
  info.rules.push_back({.rule = rule.rule,
                        .message = rule.message,
                        .call =
                            [](void (*holds)(), const void* object) {
                              return reinterpret_cast<bool (*)(const S&)>(holds)(
                                  *static_cast<const S*>(object));
                            },
                        .holds = reinterpret_cast<void (*)()>(rule.holds)});
}

template <class T>
TypeInfo describe_object() {
  TypeInfo info{.kind = Kind::Object};
  const T prototype{};
  static constexpr auto kEntries = T::fields();  // data rather than code
  std::apply([&](const auto&... entry) { (add_entry(info, prototype, entry), ...); }, kEntries);
  if constexpr (requires { T::object_rules(); }) {
    std::apply([&](const auto&... rule) { (add_rule(info, rule), ...); }, T::object_rules());
  }
  if constexpr (requires { T::kPartial; }) {
    info.partial = T::kPartial;
  }
  finish_object(info);
  return info;
}

template <class T>
TypeInfo describe_optional() {
  return {
      .kind = Kind::Optional,
      .element = &type_of<typename T::value_type>,
      .optional = {.get = [](const void* self) -> const void* {
                     const auto& o = *static_cast<const T*>(self);
                     return o ? &*o : nullptr;
                   },
                   .emplace = [](void* self) -> void* { return &static_cast<T*>(self)->emplace(); },
                   .reset = [](void* self) { static_cast<T*>(self)->reset(); }}};
}

template <class T>
TypeInfo describe_list() {
  return {
      .kind = Kind::List,
      .element = &type_of<typename T::value_type>,
      .list = {.size = [](const void* self) { return static_cast<const T*>(self)->size(); },
               .at = [](const void* self, std::size_t i) -> const void* {
                 return &(*static_cast<const T*>(self))[i];
               },
               .append = [](void* self) -> void* { return &static_cast<T*>(self)->emplace_back(); },
               .clear = [](void* self) { static_cast<T*>(self)->clear(); }}};
}

template <class T>
TypeInfo describe_map() {
  return {.kind = Kind::Map,
          .element = &type_of<typename T::mapped_type>,
          .map = {.size = [](const void* self) { return static_cast<const T*>(self)->size(); },
                  .insert = [](void* self, std::string_view key) -> void* {
                    return &(*static_cast<T*>(self))[std::string(key)];
                  },
                  .clear = [](void* self) { static_cast<T*>(self)->clear(); },
                  .visit =
                      [](const void* self, void* context, MapOps::Visitor visitor) {
                        for (const auto& [key, element] : *static_cast<const T*>(self)) {
                          visitor(context, key, &element);
                        }
                      },
                  .find = [](const void* self, std::string_view key) -> const void* {
                    const auto& m = *static_cast<const T*>(self);
                    const auto found = m.find(std::string(key));
                    return found == m.end() ? nullptr : &found->second;
                  }}};
}

template <class T>
TypeInfo describe_scalar() {
  return {
      .kind = Kind::Scalar,
      .scalar_schema = &T::kSchema,
      .scalar = {.read = [](const Value& value, void* self) -> Result<void> {
                   *static_cast<T*>(self) = TRY(T::from_json(value));
                   return {};
                 },
                 .write = [](const void* self) { return static_cast<const T*>(self)->to_json(); },
                 .is_zero = [](const void* self) { return *static_cast<const T*>(self) == T{}; }}};
}

template <class T>
std::span<const EnumEntry> enum_entries() {
  static const auto entries = [] {
    constexpr auto names = enum_names(T{});
    std::array<EnumEntry, names.size()> out{};
    for (std::size_t i = 0; i < names.size(); ++i) {
      out[i] = {static_cast<std::int64_t>(names[i].value), names[i].text};
    }
    return out;
  }();
  return entries;
}

template <class T>
TypeInfo describe() {
  if constexpr (std::is_same_v<T, bool>) {
    return {.kind = Kind::Bool};
  } else if constexpr (std::is_integral_v<T>) {
    static_assert(sizeof(T) < 8 || std::is_signed_v<T>,
                  "JSON integers are read as 64 bits, signed");
    return {.kind = Kind::Integer, .size = sizeof(T), .is_signed = std::is_signed_v<T>};
  } else if constexpr (std::is_same_v<T, double>) {
    return {.kind = Kind::Number};
  } else if constexpr (std::is_same_v<T, std::string>) {
    return {.kind = Kind::String};
  } else if constexpr (std::is_enum_v<T>) {
    return {.kind = Kind::Enum,
            .size = sizeof(T),
            .is_signed = std::is_signed_v<std::underlying_type_t<T>>,
            .enum_entries = enum_entries<T>()};
  } else if constexpr (std::is_same_v<T, Value>) {
    return {.kind = Kind::Any};
  } else if constexpr (IsOptional<T>::value) {
    return describe_optional<T>();
  } else if constexpr (IsVector<T>::value) {
    return describe_list<T>();
  } else if constexpr (IsMap<T>::value) {
    return describe_map<T>();
  } else if constexpr (IsScalar<T>) {
    return describe_scalar<T>();
  } else {
    static_assert(HasFields<T>, "the codec does not know this type: give it fields()");
    return describe_object<T>();
  }
}

}  // namespace detail

template <class T>
const TypeInfo& type_of() {
  static const TypeInfo info = detail::describe<T>();
  return info;
}

/// The text of an enumerator, for example "vLLM"; empty for a value that has none.
template <class E>
  requires std::is_enum_v<E>
std::string_view enum_text(E value) {
  return type_of<E>().enum_text(&value);
}

}  // namespace kthena::json

/// After the namespaces of a kind's header: its table is made in the kind's own source file, where
/// KTHENA_JSON_TYPE stands, and other files are spared the work (some 50 ms of compilation a
/// struct).
#define KTHENA_JSON_EXTERN_TYPE(...) \
  extern template const ::kthena::json::TypeInfo& ::kthena::json::type_of<__VA_ARGS__>()
#define KTHENA_JSON_TYPE(...) \
  template const ::kthena::json::TypeInfo& ::kthena::json::type_of<__VA_ARGS__>()
