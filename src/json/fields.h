// The one list of fields of a typed struct: parsing, printing, defaults, checks and the printed CRD
// schema read it.
//
//   struct WorkloadPort {
//     std::int32_t port = 0;
//     Protocol protocol = Protocol::Http;
//     static constexpr auto fields() {
//       using namespace json::field;
//       return std::tuple{
//           Field{"port", &WorkloadPort::port, "Port of the engine.", required, minimum(1),
//           maximum(65535)}, Field{"protocol", &WorkloadPort::protocol, "How the engine is spoken
//           to.", defaulted}};
//     }
//   };
//
// How a member's type says what may be absent:
//  - `std::optional<T>`: absent and zero differ.
//  - plain `T`: absent reads as the member's initialiser, which is zero (empty, false) unless the
//  field is `required`
//    or `defaulted`. A zero is not written, unless the field is `required` or `defaulted`.
//
// A struct that models only a part of a built-in kind says `static constexpr bool kPartial =
// true;`: fields it does not know are then none of its business.
#pragma once

#include <array>
#include <concepts>
#include <cstdint>
#include <optional>
#include <string_view>
#include <tuple>

namespace kthena::json {

/// How lists merge, as x-kubernetes-list-type says it.
enum class ListType : std::uint8_t { Unsaid, Atomic, Set, Map };
/// How objects merge, as x-kubernetes-map-type says it.
enum class MapType : std::uint8_t { Unsaid, Granular, Atomic };

/// A rule in the Common Expression Language, for the printed schema; the API server evaluates it.
struct Cel {
  std::string_view rule;
  std::string_view message;
};

/// A default as the field list states it; `json` is any JSON text, for lists and objects.
struct DefaultValue {
  enum class Kind : std::uint8_t { None, Bool, Integer, Text, Json };
  Kind kind = Kind::None;
  std::int64_t number = 0;  ///< Integer, and 0 or 1 for Bool
  std::string_view text{};  ///< Text and Json
};

/// All that is known of a field beside its name and its type.
struct FieldRules {
  std::string_view help;  ///< a sentence or two for the schema and the reference
  bool required = false;
  bool initialised = false;  ///< the default is what the struct initialises the member to
  bool inlined = false;      ///< the member's fields stand in this object, not in one of their own
  DefaultValue default_value;
  std::optional<std::int64_t> minimum;
  std::optional<std::int64_t> maximum;
  std::optional<std::uint32_t> min_length;  ///< of a string, in characters
  std::optional<std::uint32_t> max_length;
  std::optional<std::uint32_t> min_items;  ///< of a list
  std::optional<std::uint32_t> max_items;
  std::optional<std::uint32_t> min_properties;  ///< of a map
  std::optional<std::uint32_t> max_properties;
  std::string_view pattern;  ///< RE2, found anywhere unless anchored
  std::string_view
      format;  ///< an OpenAPI format beyond the one the type implies, for example "uri"
  ListType list_type = ListType::Unsaid;
  std::array<std::string_view, 3> list_keys;  ///< of list type Map
  MapType map_type = MapType::Unsaid;
  std::string_view immutable;  ///< message when a set value is changed; empty: may change
  std::array<Cel, 2> cel;      ///< rules about this one value
  std::array<std::string_view, 2> old_names;  ///< still read where the name itself is absent
  std::string_view deprecated;                ///< what to use instead
  std::string_view
      shape;  ///< a built-in type that describes a free-form value, for example "PodTemplateSpec"
};

/// One thing a field list says of a field; made by the functions in namespace `field` below. All
/// options have this one type, so that a new field costs the compiler next to nothing.
struct Option {
  void (*apply)(const Option&, FieldRules&);
  std::int64_t number = 0;
  std::array<std::string_view, 3> texts{};
};

/// A field of S stored in a member of type M.
template <class S, class M>
struct Field {
  template <std::same_as<Option>... Options>
  constexpr Field(std::string_view name_in, M S::* member_in, std::string_view help,
                  Options... options)
      : name(name_in), member(member_in) {
    rules.help = help;
    (options.apply(options, rules), ...);
  }
  template <std::same_as<Option>... Options>
  constexpr Field(std::string_view name_in, M S::* member_in, Options... options)
      : Field(name_in, member_in, std::string_view{}, options...) {}

  std::string_view name;
  M S::* member;
  FieldRules rules;
};

/// A field that always has the same text: written first, and refused when something else stands
/// there.
struct Constant {
  std::string_view name;
  std::string_view text;
  std::string_view help = {};
};

/// A field that is known and neither kept nor checked.
struct Ignored {
  std::string_view name;
};

/// A rule over a whole object: the CEL text for the schema, and what it means in C++ for our own
/// checks. A struct that has some states them so:
///   static constexpr auto object_rules() { return
///   std::tuple{ObjectRule<MetricSource>{"has(self.pod) || …", "one … is required", [](const
///   MetricSource& m) { return m.pod || m.prometheus; }}}; }
template <class S>
struct ObjectRule {
  std::string_view rule;
  std::string_view message;
  bool (*holds)(const S&);
};

/// One enumerator and its text. Beside an enum stands
///   constexpr auto enum_names(Protocol) { return std::array{EnumName{Protocol::Http, "http"}, …};
///   }
template <class E>
struct EnumName {
  E value;
  std::string_view text;
};
template <class E>
EnumName(E, const char*) -> EnumName<E>;

/// The options of a Field. `using namespace json::field;` inside fields() brings them in.
namespace field {

/// Must be there (after defaulting), and is written even when zero.
inline constexpr Option required{[](const Option&, FieldRules& r) { r.required = true; }};
/// Absent means the member's initialiser, which the schema states as the default.
inline constexpr Option defaulted{[](const Option&, FieldRules& r) { r.initialised = true; }};
/// The same, where the schema writes that value differently: "60s" and not "1m0s".
constexpr Option defaulted_as(std::string_view text) {
  return {[](const Option& o, FieldRules& r) {
            r.initialised = true;
            r.default_value = {.kind = DefaultValue::Kind::Text, .text = o.texts[0]};
          },
          0,
          {text}};
}
/// The member's own fields belong to the object around it.
inline constexpr Option inlined{[](const Option&, FieldRules& r) { r.inlined = true; }};

/// The default of an optional member.
constexpr Option default_text(std::string_view text) {
  return {[](const Option& o, FieldRules& r) {
            r.default_value = {.kind = DefaultValue::Kind::Text, .text = o.texts[0]};
          },
          0,
          {text}};
}
constexpr Option default_integer(std::int64_t value) {
  return {[](const Option& o, FieldRules& r) {
            r.default_value = {.kind = DefaultValue::Kind::Integer, .number = o.number};
          },
          value};
}
constexpr Option default_bool(bool value) {
  return {[](const Option& o, FieldRules& r) {
            r.default_value = {.kind = DefaultValue::Kind::Bool, .number = o.number};
          },
          value ? 1 : 0};
}
/// A list or an object as JSON text, for example "{}".
constexpr Option default_json(std::string_view json) {
  return {[](const Option& o, FieldRules& r) {
            r.default_value = {.kind = DefaultValue::Kind::Json, .text = o.texts[0]};
          },
          0,
          {json}};
}

constexpr Option minimum(std::int64_t value) {
  return {[](const Option& o, FieldRules& r) { r.minimum = o.number; }, value};
}
constexpr Option maximum(std::int64_t value) {
  return {[](const Option& o, FieldRules& r) { r.maximum = o.number; }, value};
}
constexpr Option min_length(std::uint32_t characters) {
  return {[](const Option& o, FieldRules& r) { r.min_length = o.number; }, characters};
}
constexpr Option max_length(std::uint32_t characters) {
  return {[](const Option& o, FieldRules& r) { r.max_length = o.number; }, characters};
}
constexpr Option min_items(std::uint32_t count) {
  return {[](const Option& o, FieldRules& r) { r.min_items = o.number; }, count};
}
constexpr Option max_items(std::uint32_t count) {
  return {[](const Option& o, FieldRules& r) { r.max_items = o.number; }, count};
}
constexpr Option min_properties(std::uint32_t count) {
  return {[](const Option& o, FieldRules& r) { r.min_properties = o.number; }, count};
}
constexpr Option max_properties(std::uint32_t count) {
  return {[](const Option& o, FieldRules& r) { r.max_properties = o.number; }, count};
}
constexpr Option pattern(std::string_view regex) {
  return {[](const Option& o, FieldRules& r) { r.pattern = o.texts[0]; }, 0, {regex}};
}
constexpr Option format(std::string_view name) {
  return {[](const Option& o, FieldRules& r) { r.format = o.texts[0]; }, 0, {name}};
}

inline constexpr Option atomic_list{
    [](const Option&, FieldRules& r) { r.list_type = ListType::Atomic; }};
inline constexpr Option set_list{[](const Option&, FieldRules& r) { r.list_type = ListType::Set; }};
/// A list whose items are told apart by the fields named.
constexpr Option map_list(std::string_view key, std::string_view second = {},
                          std::string_view third = {}) {
  return {[](const Option& o, FieldRules& r) {
            r.list_type = ListType::Map;
            r.list_keys = o.texts;
          },
          0,
          {key, second, third}};
}
inline constexpr Option atomic_map{
    [](const Option&, FieldRules& r) { r.map_type = MapType::Atomic; }};

/// Once set it keeps its value; the message is what an attempt to change it is told.
constexpr Option immutable(std::string_view message) {
  return {[](const Option& o, FieldRules& r) { r.immutable = o.texts[0]; }, 0, {message}};
}
/// A rule about this value alone; up to two.
constexpr Option cel(std::string_view rule, std::string_view message) {
  return {[](const Option& o, FieldRules& r) {
            r.cel[r.cel[0].rule.empty() ? 0 : 1] = {o.texts[0], o.texts[1]};
          },
          0,
          {rule, message}};
}
/// A name of an earlier version, read when the field itself is absent; up to two.
constexpr Option old_name(std::string_view name) {
  return {[](const Option& o, FieldRules& r) {
            r.old_names[r.old_names[0].empty() ? 0 : 1] = o.texts[0];
          },
          0,
          {name}};
}
constexpr Option deprecated(std::string_view use_instead) {
  return {[](const Option& o, FieldRules& r) { r.deprecated = o.texts[0]; }, 0, {use_instead}};
}
constexpr Option shape(std::string_view builtin_type) {
  return {[](const Option& o, FieldRules& r) { r.shape = o.texts[0]; }, 0, {builtin_type}};
}

}  // namespace field

}  // namespace kthena::json
