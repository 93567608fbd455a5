#include "base/regex.h"

#include <fmt/format.h>
#include <re2/re2.h>
#include <re2/stringpiece.h>

#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>

#include "base/error.h"
#include "base/result.h"

namespace kthena {

namespace {

/// Programs larger than this are refused; Go's own limit is of the same order.
constexpr std::int64_t kMaxProgramBytes = 4 << 20;

re2::StringPiece piece(std::string_view text) { return {text.data(), text.size()}; }

/// Go's words for the failure. Source: Go standard library, regexp/syntax, ErrorCode.
std::string_view reason(RE2::ErrorCode code) {
  switch (code) {
    case RE2::ErrorBadEscape:
      return "invalid escape sequence";
    case RE2::ErrorBadCharClass:
      return "invalid character class";
    case RE2::ErrorBadCharRange:
      return "invalid character class range";
    case RE2::ErrorMissingBracket:
      return "missing closing ]";
    case RE2::ErrorMissingParen:
      return "missing closing )";
    case RE2::ErrorUnexpectedParen:
      return "unexpected )";
    case RE2::ErrorTrailingBackslash:
      return "trailing backslash at end of expression";
    case RE2::ErrorRepeatArgument:
      return "missing argument to repetition operator";
    case RE2::ErrorRepeatSize:
      return "invalid repeat count";
    case RE2::ErrorRepeatOp:
      return "invalid nested repetition operator";
    case RE2::ErrorBadPerlOp:
      return "invalid or unsupported Perl syntax";
    case RE2::ErrorBadUTF8:
      return "invalid UTF-8";
    case RE2::ErrorBadNamedCapture:
      return "invalid named capture";
    case RE2::ErrorPatternTooLarge:
      return "expression too large";
    default:
      return "internal error";
  }
}

}  // namespace

struct Regex::Compiled {
  Compiled(std::string_view expression, const RE2::Options& options)
      : re(piece(expression), options) {}
  RE2 re;
};

Result<Regex> Regex::create(std::string_view expression) {
  RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(kMaxProgramBytes);
  auto compiled = std::make_shared<const Compiled>(expression, options);
  if (!compiled->re.ok()) {
    return fail(ErrorCode::InvalidArgument,
                fmt::format("error parsing regexp: {}: `{}`", reason(compiled->re.error_code()),
                            compiled->re.error_arg()));
  }
  return Regex(std::move(compiled));
}

bool Regex::found_in(std::string_view text) const {
  return RE2::PartialMatch(piece(text), compiled_->re);
}

}  // namespace kthena
