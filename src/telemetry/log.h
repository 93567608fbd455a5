// The structured log: a constant message, then values.
//
//   log::info("endpoint removed", kv("endpoint", address), kv("reason", error));
//
// error: someone must act; warn: degraded; info: a change of state; debug: the rest. Nothing per
// token, no prompt, no secret. What the task is about comes with its tags (log_tags.h).
#pragma once

#include <atomic>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"

namespace kthena::log {

/// A value that is above another is wanted less often.
enum class Level : std::uint8_t { Error, Warn, Info, Debug };

/// "error", "warn", "info", "debug".
std::string_view to_string(Level level) noexcept;
/// Reads what to_string() gives, in any case. Errors: InvalidArgument.
Result<Level> parse_level(std::string_view text);

/// A text that is written in the program: what comes from outside is a value, never a message or a
/// key.
class Constant {
 public:
  consteval Constant(const char* text) : text_(text) {}  // NOLINT(google-explicit-constructor)
  constexpr std::string_view view() const { return text_; }

 private:
  std::string_view text_;
};

/// A key and a reference to a value. Made by kv() inside the call that logs it.
struct Field {
  /// Appends the text of the value at `object`.
  using Append = void (*)(std::string& out, const void* object);
  enum class Kind : std::uint8_t { Bool, Int, Uint, Double, Duration, Text, Object };
  struct Object {
    const void* address;
    Append append;
  };

  std::string_view key;
  Kind kind = Kind::Bool;
  union {
    bool boolean;
    std::int64_t integer;  // also nanoseconds of a Duration
    std::uint64_t unsigned_integer;
    double number;
    std::string_view text;
    Object object;
  };

  constexpr Field() noexcept : boolean(false) {}
};

namespace detail {

inline constinit std::atomic<Level> most{Level::Info};

void emit(Level level, std::string_view message, const Field* fields, std::size_t count) noexcept;

template <class T>
constexpr bool kIsDuration = false;
template <class Rep, class Period>
constexpr bool kIsDuration<std::chrono::duration<Rep, Period>> = true;

template <class T>
concept HasToStringMember = requires(const T& value) { value.to_string(); };

template <class T>
void append_object(std::string& out, const void* object) {
  const T& value = *static_cast<const T*>(object);
  if constexpr (HasToStringMember<T>) {
    out += value.to_string();
  } else {
    out += to_string(value);
  }
}

template <std::same_as<Field>... Fields>
void write(Level level, Constant message, const Fields&... fields) noexcept {
  const Field list[sizeof...(fields) + 1] = {fields..., Field()};
  emit(level, message.view(), list, sizeof...(fields));
}

}  // namespace detail

/// One relaxed load: for what is costly to gather before it is logged.
inline bool enabled(Level level) noexcept {
  return level <= detail::most.load(std::memory_order_relaxed);
}

/// Whether lines of a level are written, from here on, by any thread.
inline void set_level(Level level) noexcept {
  detail::most.store(level, std::memory_order_relaxed);
}

template <std::same_as<Field>... Fields>
void error(Constant message, const Fields&... fields) noexcept {
  detail::write(Level::Error, message, fields...);
}
template <std::same_as<Field>... Fields>
void warn(Constant message, const Fields&... fields) noexcept {
  if (enabled(Level::Warn)) {
    detail::write(Level::Warn, message, fields...);
  }
}
template <std::same_as<Field>... Fields>
void info(Constant message, const Fields&... fields) noexcept {
  if (enabled(Level::Info)) {
    detail::write(Level::Info, message, fields...);
  }
}
template <std::same_as<Field>... Fields>
void debug(Constant message, const Fields&... fields) noexcept {
  if (enabled(Level::Debug)) [[unlikely]] {
    detail::write(Level::Debug, message, fields...);
  }
}

enum class Format : std::uint8_t {
  Text,  ///< 2026-04-16T07:33:08.435627Z INFO  endpoint removed endpoint=10.0.0.1:8000
  Json,  ///< one object a line: ts, level, msg, then the values, then the tags
};

/// "text" or "json". Errors: InvalidArgument.
Result<Format> parse_format(std::string_view text);

struct Options {
  std::string destination = "stderr";  ///< "stdout", "stderr" or a path
  Format format = Format::Text;
  Level level = Level::Info;
  std::size_t capacity = std::size_t{1} << 20;  ///< bytes of lines that may wait for the writer
  const Clock* clock = nullptr;                 ///< for the timestamps; null: the machine's
};

/// Where lines go while it lives. There is one at a time; main() owns it, and it outlives all
/// threads that log. Before the first one and after the last, lines go to stderr at once.
class Output {
 public:
  /// Sends lines to a thread that writes them; callers never wait, and lines that do not fit are
  /// counted and told of in the log.
  /// Errors: the destination cannot be opened.
  static Result<std::unique_ptr<Output>> start(const Options& options);
  /// Writes what is there, within a second.
  ~Output();
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;

  /// Opens the file again, after logrotate renamed it.
  void reopen() noexcept;
  /// False if not everything was written in the given time.
  bool flush(Duration at_most);
  std::uint64_t dropped() const noexcept;

 private:
  class Target;
  explicit Output(Target* target) : target_(target) {}
  Target* target_;
};

}  // namespace kthena::log

namespace kthena {

/// A value of a log line: a truth value, a number, a duration, text, or anything with to_string().
/// The object is only referred to, and turned into text only if the line is written.
template <class T>
[[nodiscard]] constexpr log::Field kv(log::Constant key,
                                      const T& value [[clang::lifetimebound]]) noexcept {
  static_assert(!std::same_as<T, char>, "a character would be logged as a number");
  using log::Field;
  Field field;
  field.key = key.view();
  if constexpr (std::same_as<T, bool>) {
    field.kind = Field::Kind::Bool;
    field.boolean = value;
  } else if constexpr (std::signed_integral<T>) {
    field.kind = Field::Kind::Int;
    field.integer = value;
  } else if constexpr (std::unsigned_integral<T>) {
    field.kind = Field::Kind::Uint;
    field.unsigned_integer = value;
  } else if constexpr (std::floating_point<T>) {
    field.kind = Field::Kind::Double;
    field.number = static_cast<double>(value);
  } else if constexpr (log::detail::kIsDuration<T>) {
    field.kind = Field::Kind::Duration;
    field.integer = std::chrono::duration_cast<Duration>(value).count();
  } else if constexpr (std::convertible_to<const T&, std::string_view>) {
    field.kind = Field::Kind::Text;
    field.text = std::string_view(value);
  } else {
    field.kind = Field::Kind::Object;
    field.object = {.address = &value, .append = &log::detail::append_object<T>};
  }
  return field;
}

}  // namespace kthena
