#include "app/flags.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/clock.h"
#include "base/duration.h"
#include "base/error.h"
#include "base/result.h"
#include "base/spelling.h"
#include "net/address.h"

namespace kthena::app {
namespace {

std::string canonical(std::string_view name) {
  std::string result(name);
  std::ranges::replace(result, '_', '-');
  return result;
}

template <class T>
bool parse_number(std::string_view text, T& value) {
  const char* end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, value);
  return error == std::errc() && stopped == end;
}

/// Go's words, in which users of other programs write it, and a few more.
Result<> store_bool(bool& value, std::string_view text) {
  constexpr std::array<std::string_view, 8> kTrue = {"1",    "t",    "T",   "TRUE",
                                                     "true", "True", "yes", "on"};
  constexpr std::array<std::string_view, 8> kFalse = {"0",     "f",     "F",  "FALSE",
                                                      "false", "False", "no", "off"};
  if (std::ranges::find(kTrue, text) != kTrue.end()) {
    value = true;
  } else if (std::ranges::find(kFalse, text) != kFalse.end()) {
    value = false;
  } else {
    return fail(ErrorCode::InvalidArgument, fmt::format("'{}' is neither true nor false", text));
  }
  return {};
}

/// Appends `text` to `out`, broken into lines of at most `width` that start at column `indent`.
void append_wrapped(std::string& out, std::string_view text, std::size_t indent,
                    std::size_t width) {
  std::size_t column = indent;
  while (!text.empty()) {
    const std::size_t space = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, space);
    if (column > indent && column + 1 + word.size() > width) {
      out += '\n';
      out.append(indent, ' ');
      column = indent;
    } else if (column > indent) {
      out += ' ';
      ++column;
    }
    out += word;
    column += word.size();
    text.remove_prefix(std::min(space + 1, text.size()));
  }
  out += '\n';
}

}  // namespace

Flags::Flag& Flags::Flag::env(std::string_view variable) {
  env_ = variable;
  return *this;
}
Flags::Flag& Flags::Flag::lenient_env(std::string_view variable) {
  lenient_ = true;
  return env(variable);
}
Flags::Flag& Flags::Flag::placeholder(std::string_view text) {
  placeholder_ = text;
  return *this;
}
Flags::Flag& Flags::Flag::alias(std::string_view name) {
  names_.push_back(canonical(name));
  return *this;
}
Flags::Flag& Flags::Flag::required() {
  required_ = true;
  return *this;
}
Flags::Flag& Flags::Flag::many() {
  many_ = true;
  return *this;
}
Flags::Flag& Flags::Flag::positive() {
  positive_ = true;
  return *this;
}
Flags::Flag& Flags::Flag::within(std::uint64_t least, std::uint64_t most) {
  CHECK(least <= most);
  least_ = least;
  most_ = most;
  return *this;
}
Flags::Flag& Flags::Flag::hidden() {
  hidden_ = true;
  return *this;
}

Flags::Flags(std::string_view program, std::string_view summary)
    : program_(program), summary_(summary), section_("Flags") {}

void Flags::section(std::string_view heading) { section_ = heading; }

Flags::Flag& Flags::declare(std::string_view name, Flag::Kind kind, std::string_view help,
                            std::string default_text, std::string_view placeholder) {
  CHECK(find(name) == nullptr);
  Flag& flag = *flags_.emplace_back(std::make_unique<Flag>());
  flag.names_.push_back(canonical(name));
  flag.kind_ = kind;
  flag.help_ = help;
  flag.default_text_ = std::move(default_text);
  flag.placeholder_ = placeholder;
  flag.section_ = section_;
  return flag;
}

Flags::Flag& Flags::add(std::string_view name, bool& value, std::string_view help) {
  Flag& flag = declare(name, Flag::Kind::Bool, help, value ? "true" : "", "");
  flag.set_ = [&value](std::string_view text) { return store_bool(value, text); };
  return flag;
}

Flags::Flag& Flags::add(std::string_view name, std::string& value, std::string_view help) {
  Flag& flag = declare(name, Flag::Kind::Value, help, value, "TEXT");
  flag.set_ = [&value](std::string_view text) -> Result<> {
    value = text;
    return {};
  };
  return flag;
}

Flags::Flag& Flags::add(std::string_view name, double& value, std::string_view help) {
  Flag& flag = declare(name, Flag::Kind::Value, help, fmt::format("{}", value), "NUMBER");
  flag.set_ = [&value, &flag](std::string_view text) -> Result<> {
    double number = 0;
    if (!parse_number(text, number) || !std::isfinite(number)) {
      return fail(ErrorCode::InvalidArgument, fmt::format("'{}' is not a number", text));
    }
    if (flag.positive_ && number <= 0) {
      return fail(ErrorCode::InvalidArgument, fmt::format("'{}' is not more than 0", text));
    }
    value = number;
    return {};
  };
  return flag;
}

Flags::Flag& Flags::add(std::string_view name, Duration& value, std::string_view help) {
  Flag& flag = declare(name, Flag::Kind::Value, help, print_duration(value), "DURATION");
  flag.set_ = [&value, &flag](std::string_view text) -> Result<> {
    const Result<Duration> duration = parse_duration(text);
    if (!duration) {
      return fail(ErrorCode::InvalidArgument,
                  duration.error().message() + " (500ms, 30s and 1h30m are durations)");
    }
    if (*duration < Duration::zero() || (flag.positive_ && *duration == Duration::zero())) {
      return fail(
          ErrorCode::InvalidArgument,
          fmt::format("'{}' is not {} 0s", text, flag.positive_ ? "more than" : "at least"));
    }
    value = *duration;
    return {};
  };
  return flag;
}

Flags::Flag& Flags::add(std::string_view name, net::IpAddress& value, std::string_view help) {
  Flag& flag = declare(name, Flag::Kind::Value, help, value.to_string(), "IP");
  flag.set_ = [&value](std::string_view text) -> Result<> {
    const auto address = net::parse_ip(text == "localhost" ? "127.0.0.1" : text);
    if (!address) {
      return fail(ErrorCode::InvalidArgument,
                  fmt::format("'{}' is neither an IP address nor localhost", text));
    }
    value = *address;
    return {};
  };
  return flag;
}

Flags::Flag& Flags::add(std::string_view name, std::vector<std::string>& value,
                        std::string_view help) {
  Flag& flag =
      declare(name, Flag::Kind::List, help, fmt::format("{}", fmt::join(value, " ")), "TEXT");
  flag.set_ = [&value, &flag](std::string_view text) -> Result<> {
    if (!flag.seen_) {
      value.clear();
    }
    value.emplace_back(text);
    return {};
  };
  return flag;
}

Flags::Flag& Flags::add_integer(std::string_view name, bool is_signed, std::size_t bytes,
                                std::string_view help, std::string default_text,
                                std::function<void(std::int64_t)> set) {
  Flag& flag = declare(name, Flag::Kind::Value, help, std::move(default_text), "N");
  flag.set_ = [&flag, is_signed, bytes, set = std::move(set)](std::string_view text) -> Result<> {
    const std::size_t bits = bytes * 8;
    if (is_signed) {
      std::int64_t number = 0;
      const std::int64_t most = std::numeric_limits<std::int64_t>::max() >> (64 - bits);
      if (!parse_number(text, number) || number > most || number < -most - 1) {
        return fail(ErrorCode::InvalidArgument,
                    fmt::format("'{}' is not an integer from {} to {}", text, -most - 1, most));
      }
      set(number);
      return {};
    }
    std::uint64_t number = 0;
    const std::uint64_t most =
        std::min(flag.most_, std::numeric_limits<std::uint64_t>::max() >> (64 - bits));
    if (!parse_number(text, number) || number < flag.least_ || number > most) {
      return fail(ErrorCode::InvalidArgument,
                  fmt::format("'{}' is not an integer from {} to {}", text, flag.least_, most));
    }
    set(static_cast<std::int64_t>(number));
    return {};
  };
  return flag;
}

Flags::Flag& Flags::add_choice(std::string_view name, std::vector<std::string> words,
                               std::string_view help, std::string default_text,
                               std::function<void(std::size_t)> set) {
  Flag& flag = declare(name, Flag::Kind::Value, help, std::move(default_text),
                       fmt::format("{}", fmt::join(words, "|")));
  flag.set_ = [words = std::move(words), set = std::move(set)](std::string_view text) -> Result<> {
    const auto found = std::ranges::find(words, text);
    if (found == words.end()) {
      return fail(ErrorCode::InvalidArgument,
                  fmt::format("'{}' is not one of {}", text, fmt::join(words, ", ")));
    }
    set(static_cast<std::size_t>(found - words.begin()));
    return {};
  };
  return flag;
}

Flags::Flag& Flags::add_custom(std::string_view name, std::string_view help,
                               std::string default_text,
                               std::function<Result<>(std::string_view)> set) {
  Flag& flag = declare(name, Flag::Kind::Value, help, std::move(default_text), "TEXT");
  flag.set_ = std::move(set);
  return flag;
}

Flags::Flag* Flags::find(std::string_view name) const {
  const std::string wanted = canonical(name);
  for (const auto& flag : flags_) {
    if (std::ranges::find(flag->names_, wanted) != flag->names_.end()) {
      return flag.get();
    }
  }
  return nullptr;
}

bool Flags::given(std::string_view name) const {
  const Flag* flag = find(name);
  CHECK(flag != nullptr);
  return flag->seen_;
}

std::string Flags::nearest(std::string_view name) const {
  const std::string wanted = canonical(name);
  std::string best;
  std::size_t best_distance = std::max<std::size_t>(wanted.size() / 3, 2) + 1;
  for (const auto& flag : flags_) {
    for (const std::string& candidate : flag->names_) {
      const std::size_t distance = edit_distance(wanted, candidate);
      if (distance < best_distance) {
        best_distance = distance;
        best = candidate;
      }
    }
  }
  return best;
}

Result<> Flags::set(Flag& flag, std::string_view value, std::string_view origin) {
  if (Result<> result = flag.set_(value); !result) {
    return fail(std::move(result).error().with_context(origin));
  }
  flag.seen_ = true;
  return {};
}

Result<std::size_t> Flags::parse_one(std::span<const char* const> arguments, std::size_t index) {
  std::string_view argument = arguments[index++];
  if (!argument.starts_with("--") || argument.size() == 2) {
    return fail(ErrorCode::InvalidArgument,
                fmt::format("unexpected argument '{}': flags begin with --", argument));
  }
  argument.remove_prefix(2);
  const std::size_t equals = argument.find('=');
  const std::string_view name = argument.substr(0, equals);
  const std::string shown = fmt::format("--{}", name);
  Flag* flag = find(name);
  if (flag == nullptr && name.starts_with("no-") && equals == std::string_view::npos) {
    flag = find(name.substr(3));
    if (flag != nullptr && flag->kind_ == Flag::Kind::Bool) {
      TRY(set(*flag, "false", shown));
      return index;
    }
    flag = nullptr;
  }
  if (flag == nullptr) {
    const std::string other = nearest(name);
    return fail(ErrorCode::InvalidArgument,
                other.empty() ? fmt::format("unknown flag {}", shown)
                              : fmt::format("unknown flag {}; did you mean --{}?", shown, other));
  }
  if (equals != std::string_view::npos) {
    TRY(set(*flag, argument.substr(equals + 1), shown));
    return index;
  }
  if (flag->kind_ == Flag::Kind::Bool) {
    TRY(set(*flag, "true", shown));
    return index;
  }
  if (index == arguments.size()) {
    return fail(ErrorCode::InvalidArgument, fmt::format("{}: needs a value", shown));
  }
  do {
    TRY(set(*flag, arguments[index++], shown));
  } while (flag->many_ && index < arguments.size() &&
           !std::string_view(arguments[index]).starts_with("--"));
  return index;
}

Result<> Flags::apply_environment() {
  for (const auto& flag : flags_) {
    if (flag->seen_) {
      continue;
    }
    const char* value = flag->env_.empty() ? nullptr : std::getenv(flag->env_.c_str());
    if (value != nullptr && *value != '\0') {
      Result<> result = set(*flag, value, fmt::format("environment variable {}", flag->env_));
      if (!result && flag->lenient_) {
        warnings_.emplace_back(result.error().message());
      } else if (!result) {
        return result;
      }
    } else if (flag->required_) {
      return fail(ErrorCode::InvalidArgument, fmt::format("--{} is required", flag->names_[0]));
    }
  }
  return {};
}

Result<ParseOutcome> Flags::parse(std::span<const char* const> arguments) {
  for (const std::string_view argument : arguments) {
    if (argument == "--help" || argument == "-h") {
      return ParseOutcome::Help;
    }
  }
  for (std::size_t index = 0; index < arguments.size();) {
    index = TRY(parse_one(arguments, index));
  }
  TRY(apply_environment());
  return ParseOutcome::Run;
}

void Flags::parse_or_exit(int argc, const char* const* argv) {
  const std::span<const char* const> all(argv, static_cast<std::size_t>(argc));
  const Result<ParseOutcome> outcome = parse(all.subspan(all.empty() ? 0 : 1));
  if (!outcome) {
    fmt::print(stderr, "{}: {}\nTry {} --help\n", program_, outcome.error().message(), program_);
    std::exit(2);
  }
  if (*outcome == ParseOutcome::Help) {
    fmt::print("{}", help());
    std::fflush(stdout);
    std::exit(0);
  }
}

std::string Flags::help() const {
  constexpr std::size_t kIndent = 34;
  constexpr std::size_t kWidth = 100;
  std::string out = fmt::format("{}: {}\n\nUsage: {} [flags]\n", program_, summary_, program_);
  std::string_view section;
  for (const auto& flag : flags_) {
    if (flag->hidden_) {
      continue;
    }
    if (flag->section_ != section) {
      section = flag->section_;
      out += fmt::format("\n{}:\n", section);
    }
    std::string left = fmt::format("  --{}", flag->names_[0]);
    if (flag->kind_ != Flag::Kind::Bool) {
      left += fmt::format(" {}{}", flag->placeholder_, flag->many_ ? "..." : "");
    }
    out += left;
    if (left.size() + 2 > kIndent) {
      out += '\n';
      out.append(kIndent, ' ');
    } else {
      out.append(kIndent - left.size(), ' ');
    }
    std::string text = flag->help_;
    if (flag->required_) {
      text += " (required)";
    } else if (!flag->default_text_.empty()) {
      text += fmt::format(" (default {})", flag->default_text_);
    }
    if (flag->kind_ == Flag::Kind::List && !flag->many_) {
      text += "; may be repeated";
    }
    if (!flag->env_.empty()) {
      text += fmt::format(" [env {}]", flag->env_);
    }
    append_wrapped(out, text, kIndent, kWidth);
  }
  return out + "\n  --help                          print this and exit\n";
}

}  // namespace kthena::app
