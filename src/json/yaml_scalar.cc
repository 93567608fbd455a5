#include "json/yaml_scalar.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "json/number.h"
#include "json/value.h"

namespace kthena::json {
namespace {

struct Word {
  std::string_view text;
  ScalarKind kind;
  bool value = false;
};

constexpr std::array kWords = {
    Word{"", ScalarKind::Null},           Word{"~", ScalarKind::Null},
    Word{"null", ScalarKind::Null},       Word{"Null", ScalarKind::Null},
    Word{"NULL", ScalarKind::Null},       Word{"y", ScalarKind::Bool, true},
    Word{"Y", ScalarKind::Bool, true},    Word{"yes", ScalarKind::Bool, true},
    Word{"Yes", ScalarKind::Bool, true},  Word{"YES", ScalarKind::Bool, true},
    Word{"on", ScalarKind::Bool, true},   Word{"On", ScalarKind::Bool, true},
    Word{"ON", ScalarKind::Bool, true},   Word{"true", ScalarKind::Bool, true},
    Word{"True", ScalarKind::Bool, true}, Word{"TRUE", ScalarKind::Bool, true},
    Word{"n", ScalarKind::Bool},          Word{"N", ScalarKind::Bool},
    Word{"no", ScalarKind::Bool},         Word{"No", ScalarKind::Bool},
    Word{"NO", ScalarKind::Bool},         Word{"off", ScalarKind::Bool},
    Word{"Off", ScalarKind::Bool},        Word{"OFF", ScalarKind::Bool},
    Word{"false", ScalarKind::Bool},      Word{"False", ScalarKind::Bool},
    Word{"FALSE", ScalarKind::Bool},      Word{".nan", ScalarKind::NonFinite},
    Word{".NaN", ScalarKind::NonFinite},  Word{".NAN", ScalarKind::NonFinite},
    Word{".inf", ScalarKind::NonFinite},  Word{".Inf", ScalarKind::NonFinite},
    Word{".INF", ScalarKind::NonFinite},  Word{"+.inf", ScalarKind::NonFinite},
    Word{"+.Inf", ScalarKind::NonFinite}, Word{"+.INF", ScalarKind::NonFinite},
    Word{"-.inf", ScalarKind::NonFinite}, Word{"-.Inf", ScalarKind::NonFinite},
    Word{"-.INF", ScalarKind::NonFinite},
};

bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

std::optional<YamlScalar> resolve_word(std::string_view text) {
  const auto* word = std::ranges::find(kWords, text, &Word::text);
  if (word == kWords.end()) {
    return std::nullopt;
  }
  switch (word->kind) {
    case ScalarKind::Null:
      return YamlScalar{word->kind, nullptr};
    case ScalarKind::Bool:
      return YamlScalar{word->kind, word->value};
    default:
      return YamlScalar{word->kind, text};
  }
}

/// The base that a prefix names, which is taken off; a leading zero means octal.
int take_base(std::string_view& digits) noexcept {
  if (digits.size() < 2 || digits.front() != '0') {
    return 10;
  }
  switch (digits[1]) {
    case 'x':
    case 'X':
      digits.remove_prefix(2);
      return 16;
    case 'b':
    case 'B':
      digits.remove_prefix(2);
      return 2;
    case 'o':
    case 'O':
      digits.remove_prefix(2);
      return 8;
    default:
      digits.remove_prefix(1);
      return 8;
  }
}

/// An integer of 64 bits; an explicit sign leaves 63 of them.
std::optional<Value> read_integer(std::string_view plain) noexcept {
  const bool negative = plain.starts_with('-');
  const bool is_signed = negative || plain.starts_with('+');
  if (is_signed) {
    plain.remove_prefix(1);
  }
  const int base = take_base(plain);
  std::uint64_t magnitude = 0;
  const char* end = plain.data() + plain.size();
  const auto [stop, error] = std::from_chars(plain.data(), end, magnitude, base);
  if (error != std::errc{} || stop != end) {
    return std::nullopt;
  }
  constexpr std::uint64_t kLargest = std::numeric_limits<std::int64_t>::max();
  if (negative) {
    return magnitude <= kLargest + 1 ? std::optional<Value>(static_cast<std::int64_t>(-magnitude))
                                     : std::nullopt;
  }
  return is_signed && magnitude > kLargest ? std::nullopt : std::optional<Value>(magnitude);
}

/// Whether `text` is [-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?
bool looks_like_float(std::string_view text) noexcept {
  const auto take_digits = [&text] {
    const auto end = std::ranges::find_if_not(text, is_digit);
    const auto count = static_cast<std::size_t>(end - text.begin());
    text.remove_prefix(count);
    return count;
  };
  const auto take_any = [&text](std::string_view chars) {
    if (text.empty() || !chars.contains(text.front())) {
      return false;
    }
    text.remove_prefix(1);
    return true;
  };
  take_any("+-");
  const std::size_t whole = take_digits();
  const std::size_t fraction = take_any(".") ? take_digits() : 0;
  if (whole + fraction == 0) {
    return false;
  }
  if (take_any("eE")) {
    take_any("+-");
    if (take_digits() == 0) {
      return false;
    }
  }
  return text.empty();
}

/// Whether every underscore stands between two digits.
bool underscores_separate_digits(std::string_view text) noexcept {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '_' &&
        (i == 0 || i + 1 == text.size() || !is_digit(text[i - 1]) || !is_digit(text[i + 1]))) {
      return false;
    }
  }
  return true;
}

std::optional<YamlScalar> resolve_number(std::string_view text) {
  std::string plain(text);
  std::erase(plain, '_');
  if (text.front() == '.') {
    if (!underscores_separate_digits(text)) {
      return std::nullopt;
    }
  } else {
    if (auto integer = read_integer(plain)) {
      return YamlScalar{ScalarKind::Int, *std::move(integer)};
    }
  }
  if (!looks_like_float(plain)) {
    return std::nullopt;
  }
  const std::string_view unsigned_plain =
      plain.starts_with('+') ? std::string_view(plain).substr(1) : plain;
  // Whole floats become integers, as they do on their way through JSON.
  auto value = Value::from_number_literal(canonical_number(unsigned_plain));
  if (!value) {
    return std::nullopt;
  }
  return YamlScalar{ScalarKind::Float, *std::move(value)};
}

}  // namespace

YamlScalar resolve_plain_scalar(std::string_view text) {
  if (auto word = resolve_word(text)) {
    return *std::move(word);
  }
  const char first = text.front();
  if (is_digit(first) || first == '+' || first == '-' || first == '.') {
    if (auto number = resolve_number(text)) {
      return *std::move(number);
    }
  }
  return {ScalarKind::String, text};
}

}  // namespace kthena::json
