// A JSON value for cold paths: exact numbers, objects that keep their order, no exceptions.
// Reading is in parse.h and yaml.h, writing in print.h, the hot path in on_demand.h.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace kthena::json {

class Value;
struct Member;

enum class Type : std::uint8_t { Null, Bool, Number, String, Array, Object };

/// The type's name in messages: "null", "bool", "number", "string", "array" or "object".
std::string_view to_string(Type type) noexcept;

using Array = std::vector<Value>;

/// Members in the order they were added. Lookup is a linear scan: cold paths, mostly few members.
class Object {
 public:
  Object() noexcept;
  Object(std::initializer_list<Member> members);
  Object(const Object&);
  Object(Object&&) noexcept;
  Object& operator=(const Object&);
  Object& operator=(Object&&) noexcept;
  ~Object();

  bool empty() const noexcept { return members_.empty(); }
  std::size_t size() const noexcept;

  const Value* find(std::string_view key) const noexcept;
  Value* find(std::string_view key) noexcept;
  bool contains(std::string_view key) const noexcept { return find(key) != nullptr; }

  /// Replaces the member in its place, or adds it at the end. Returns the value set.
  Value& set(std::string_view key, Value value);

  /// Adds at the end without looking for `key`, which the caller knows to be new.
  Value& append_new(std::string key, Value value);

  /// Whether there was such a member.
  bool erase(std::string_view key);

  std::vector<Member>::const_iterator begin() const noexcept;
  std::vector<Member>::const_iterator end() const noexcept;
  std::vector<Member>::iterator begin() noexcept;
  std::vector<Member>::iterator end() noexcept;

  /// The same members, in whatever order.
  friend bool operator==(const Object& a, const Object& b);

 private:
  std::vector<Member> members_;
};

/// A number that does not fit an int64 or uint64, in the words it was written in: "1.10", "1e3",
/// "9007199254740993123456", "-0". Always valid JSON.
struct Decimal {
  std::string literal;
};

/// Any JSON value. Copies deeply, moves cheaply, compares by content: numbers by their exact value
/// (1 == 1.0, but 9007199254740993 != 9007199254740992.0), objects whatever the order of members.
class Value {
 public:
  Value() noexcept = default;
  Value(std::nullptr_t) noexcept {}  // NOLINT: implicit is meant
  Value(std::same_as<bool> auto value) noexcept
      : data_(bool{value}) {}  // NOLINT: implicit is meant
  template <std::integral T>
    requires(!std::same_as<T, bool>)
  Value(T value) noexcept {  // NOLINT: implicit is meant
    if (std::in_range<std::int64_t>(value)) {
      data_ = static_cast<std::int64_t>(value);
    } else {
      data_ = static_cast<std::uint64_t>(value);
    }
  }
  /// The shortest text that reads back as `value`. JSON has no NaN and no infinity: they become
  /// null.
  Value(double value);                                           // NOLINT: implicit is meant
  Value(const char* text) : data_(std::string(text)) {}          // NOLINT: implicit is meant
  Value(std::string_view text) : data_(std::string(text)) {}     // NOLINT: implicit is meant
  Value(std::string text) noexcept : data_(std::move(text)) {}   // NOLINT: implicit is meant
  Value(Array items) noexcept : data_(std::move(items)) {}       // NOLINT: implicit is meant
  Value(Object members) noexcept : data_(std::move(members)) {}  // NOLINT: implicit is meant

  /// The number that `literal` spells, kept as written unless it is an integer of 64 bits.
  /// Nothing if `literal` is not a JSON number or its size is beyond that of a double.
  static std::optional<Value> from_number_literal(std::string_view literal);

  Type type() const noexcept;
  bool is_null() const noexcept { return data_.index() == 0; }
  bool is_bool() const noexcept { return std::holds_alternative<bool>(data_); }
  bool is_number() const noexcept { return type() == Type::Number; }
  bool is_string() const noexcept { return std::holds_alternative<std::string>(data_); }
  bool is_array() const noexcept { return std::holds_alternative<Array>(data_); }
  bool is_object() const noexcept { return std::holds_alternative<Object>(data_); }

  // The content; the type must be right (CHECK).
  bool as_bool() const;
  const std::string& as_string() const;
  std::string& as_string();
  const Array& as_array() const;
  Array& as_array();
  const Object& as_object() const;
  Object& as_object();
  /// The nearest double. Integers beyond 2^53 lose their last digits.
  double as_double() const;

  /// The number if it is written as an integer and fits ("1.0" is not: Go refuses it for an int
  /// too).
  std::optional<std::int64_t> to_int64() const noexcept;
  std::optional<std::uint64_t> to_uint64() const noexcept;
  /// The number as it prints. CHECKs that it is one.
  std::string number_text() const;

  /// The member of that name, or nothing if there is none or this is no object.
  const Value* find(std::string_view key) const noexcept;
  Value* find(std::string_view key) noexcept;

  /// Sets a member; null becomes an object first. CHECKs that this is an object or null.
  Value& set(std::string_view key, Value value);
  /// Removes a member. Whether it was there.
  bool erase(std::string_view key);
  /// Adds an item; null becomes an array first. CHECKs that this is an array or null.
  Value& push_back(Value item);

  friend bool operator==(const Value& a, const Value& b);

 private:
  std::variant<std::monostate, bool, std::int64_t, std::uint64_t, Decimal, std::string, Array,
               Object>
      data_;  // uint64_t only above the largest int64_t
};

/// A name and its value in an object.
struct Member {
  std::string key;
  Value value;

  friend bool operator==(const Member&, const Member&) = default;
};

}  // namespace kthena::json
