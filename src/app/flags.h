// The command line of a daemon: named, typed flags bound to the fields of an options struct.
#pragma once

#include <concepts>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "net/address.h"

namespace kthena::app {

/// What parse() found.
enum class ParseOutcome : std::uint8_t {
  Run,   ///< the options are set
  Help,  ///< --help was given: print help() and end
};

/// Declares flags, each bound to a variable whose present value is the default:
///
///     ServerOptions options;
///     app::Flags flags("kthena-router", "routes model requests to inference engines");
///     flags.section("Server");
///     flags.add("port", options.port, "port to listen on; 0 takes a free one").env("KTHENA_PORT");
///     flags.add("verbose", options.verbose, "log every request");
///     flags.parse_or_exit(argc, argv);
///
/// On the command line: `--name value`, `--name=value`; a bool is set by `--name`, cleared by
/// `--no-name` or `--name=false` (also 1 0, t f, yes no, on off). `-` and `_` in names are the
/// same. The command line wins over the environment, which wins over the default. For main() only;
/// the bound variables must outlive parse().
class Flags {
 public:
  /// More about one flag; returned by add().
  class Flag {
   public:
    /// An environment variable that gives the value when the flag is absent. Empty counts as unset.
    Flag& env(std::string_view variable);
    /// The same, but a value that cannot be read counts as unset, with a warning.
    Flag& lenient_env(std::string_view variable);
    /// What help() shows in place of the value, for example "DIR".
    Flag& placeholder(std::string_view text);
    /// Another name for the same flag.
    Flag& alias(std::string_view name);
    /// parse() fails when neither the command line nor the environment gives it.
    Flag& required();
    /// For lists: one flag takes all arguments up to the next flag, `--names a b c`.
    Flag& many();
    /// For durations and doubles: 0 is refused.
    Flag& positive();
    /// For unsigned integers: refuses what lies outside of these, both of which are taken.
    Flag& within(std::uint64_t least, std::uint64_t most);
    /// Not shown by help(): accepted for the sake of other programs' command lines.
    Flag& hidden();

   private:
    friend class Flags;
    enum class Kind : std::uint8_t { Bool, Value, List };
    std::vector<std::string> names_;  ///< the first is the one shown
    std::string help_;
    std::string env_;
    std::string placeholder_;
    std::string default_text_;
    std::string section_;
    std::function<Result<>(std::string_view)> set_;
    Kind kind_ = Kind::Value;
    bool required_ = false;
    bool many_ = false;
    bool lenient_ = false;
    bool hidden_ = false;
    bool positive_ = false;
    std::uint64_t least_ = 0;
    std::uint64_t most_ = std::numeric_limits<std::uint64_t>::max();
    bool seen_ = false;
  };

  /// @param summary  one line, what the program is for
  Flags(std::string_view program, std::string_view summary);

  /// Flags declared from here on stand under this heading in help().
  void section(std::string_view heading);

  Flag& add(std::string_view name, bool& value, std::string_view help);
  Flag& add(std::string_view name, std::string& value, std::string_view help);
  /// A finite number.
  Flag& add(std::string_view name, double& value, std::string_view help);
  /// Never negative.
  Flag& add(std::string_view name, Duration& value, std::string_view help);
  /// An address, not a name, but for `localhost`, which is 127.0.0.1.
  Flag& add(std::string_view name, net::IpAddress& value, std::string_view help);
  /// May be given several times; the first use replaces the default.
  Flag& add(std::string_view name, std::vector<std::string>& value, std::string_view help);
  /// Integers; a value outside of the type's range is an error.
  template <std::integral T>
    requires(!std::same_as<T, bool>)
  Flag& add(std::string_view name, T& value, std::string_view help) {
    return add_integer(name, std::is_signed_v<T>, sizeof(T), help, std::to_string(value),
                       [&value](std::int64_t number) {
                         value = static_cast<T>(static_cast<std::uint64_t>(number));
                       });
  }
  /// One of a few words: `flags.add("log-format", options.format, {{"text", Format::Text}, …}, …)`.
  template <class T>
  Flag& add(std::string_view name, T& value,
            std::type_identity_t<std::vector<std::pair<std::string_view, T>>> choices,
            std::string_view help) {
    std::string present;
    std::vector<std::string> words;
    for (const auto& [word, meaning] : choices) {
      words.emplace_back(word);
      if (meaning == value) {
        present = word;
      }
    }
    return add_choice(name, std::move(words), help, present,
                      [&value, choices = std::move(choices)](std::size_t index) {
                        value = choices[index].second;
                      });
  }
  /// A value of any other kind: `set` parses it and stores it, or says what is wrong with it.
  Flag& add_custom(std::string_view name, std::string_view help, std::string default_text,
                   std::function<Result<>(std::string_view)> set);

  /// Sets the bound variables. `arguments` is without the program's name.
  /// Errors: InvalidArgument naming the flag, the value and what is allowed; for an unknown flag,
  /// with the nearest name.
  Result<ParseOutcome> parse(std::span<const char* const> arguments);

  /// parse() for main(): on --help prints help() and exits with 0, on an error prints it to stderr
  /// and exits with 2.
  void parse_or_exit(int argc, const char* const* argv);

  /// What parse() passed over, a sentence each: to be logged.
  const std::vector<std::string>& warnings() const noexcept { return warnings_; }

  /// All flags with their meaning and default, for a terminal 100 columns wide.
  std::string help() const;

  /// Whether the command line or the environment gave the flag; after parse().
  bool given(std::string_view name) const;

 private:
  Flag& declare(std::string_view name, Flag::Kind kind, std::string_view help,
                std::string default_text, std::string_view placeholder);
  Flag& add_integer(std::string_view name, bool is_signed, std::size_t bytes, std::string_view help,
                    std::string default_text, std::function<void(std::int64_t)> set);
  Flag& add_choice(std::string_view name, std::vector<std::string> words, std::string_view help,
                   std::string default_text, std::function<void(std::size_t)> set);
  Flag* find(std::string_view name) const;
  std::string nearest(std::string_view name) const;
  Result<> set(Flag& flag, std::string_view value, std::string_view origin);
  Result<std::size_t> parse_one(std::span<const char* const> arguments, std::size_t index);
  Result<> apply_environment();

  std::string program_;
  std::string summary_;
  std::string section_;
  std::vector<std::unique_ptr<Flag>> flags_;
  std::vector<std::string> warnings_;
};

}  // namespace kthena::app
