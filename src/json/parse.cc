#include "json/parse.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <numeric>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/result.h"
#include "base/utf8.h"
#include "json/number.h"
#include "json/print.h"
#include "json/source_map.h"
#include "json/unescape.h"
#include "json/value.h"

namespace kthena::json {
namespace {

class Parser {
 public:
  Parser(std::string_view text, const ParseOptions& options, SourceMap* sources)
      : text_(text), options_(options), sources_(sources) {}

  Result<Value> parse_document() {
    if (text_.size() > options_.max_bytes) {
      return fail(ErrorCode::TooLarge, fmt::format("{} bytes of JSON, at most {} are read",
                                                   text_.size(), options_.max_bytes));
    }
    if (const auto bad = find_invalid_utf8(text_); bad != std::string_view::npos) {
      at_ = bad;
      return error("invalid UTF-8");
    }
    skip_space();
    Value value = TRY(parse_value(0, line_));
    skip_space();
    if (at_ < text_.size()) {
      return error(fmt::format("expected the end of the text, found {}", found()));
    }
    return value;
  }

 private:
  Result<Value> parse_value(std::size_t depth, std::uint32_t line) {
    const std::size_t node = sources_ != nullptr ? sources_->open(line) : 0;
    Value value = TRY(parse_content(depth));
    if (sources_ != nullptr) {
      sources_->close(node);
    }
    return value;
  }

  Result<Value> parse_content(std::size_t depth) {
    switch (peek()) {
      case '{':
        return parse_object(depth + 1);
      case '[':
        return parse_array(depth + 1);
      case '"':
        return Value(TRY(parse_string()));
      case 't':
        return parse_word("true", true);
      case 'f':
        return parse_word("false", false);
      case 'n':
        return parse_word("null", nullptr);
      default:
        return parse_number();
    }
  }

  Result<Value> parse_word(std::string_view word, Value value) {
    const std::string_view rest = text_.substr(at_);
    if (!rest.starts_with(word)) {
      const bool cut = word.starts_with(rest);
      return error(cut ? fmt::format("unexpected EOF in {}", word)
                       : fmt::format("expected {}", word));
    }
    at_ += word.size();
    return value;
  }

  Result<Value> parse_number() {
    const std::string_view rest = text_.substr(at_);
    const std::size_t length = number_length(rest);
    if (length == 0) {
      if (rest == "-") {
        at_ = text_.size();
      }
      return error(expected("a value"));
    }
    auto value = Value::from_number_literal(rest.substr(0, length));
    if (!value) {
      return error("the number is too large");
    }
    at_ += length;
    return *std::move(value);
  }

  Result<std::string> parse_string() {
    const std::size_t start = at_ + 1;
    std::size_t end = start;
    while (end < text_.size() && text_[end] != '"') {
      end += text_[end] == '\\' ? 2 : 1;
    }
    if (end >= text_.size()) {
      at_ = text_.size();
      return error("unexpected EOF in a string");
    }
    std::string out;
    const auto fault = unescape(text_.substr(start, end - start), out);
    if (fault) {
      at_ = start + fault->offset;
      return error(fault->what);
    }
    at_ = end + 1;
    return out;
  }

  Result<Value> parse_array(std::size_t depth) {
    TRY(check_depth(depth));
    Array items;
    ++at_;
    skip_space();
    if (peek() == ']') {
      ++at_;
      return Value(std::move(items));
    }
    while (true) {
      items.push_back(TRY(parse_value(depth, line_)));
      skip_space();
      if (peek() == ']') {
        ++at_;
        return Value(std::move(items));
      }
      TRY(take(',', "',' or ']'"));
      skip_space();
    }
  }

  Result<Value> parse_object(std::size_t depth) {
    TRY(check_depth(depth));
    Object object;
    std::vector<std::size_t> offsets;  // of the names
    ++at_;
    skip_space();
    if (peek() == '}') {
      ++at_;
      return Value(std::move(object));
    }
    while (true) {
      if (peek() != '"') {
        return error(expected("a name in quotes"));
      }
      const std::uint32_t line = line_;
      offsets.push_back(at_);
      std::string key = TRY(parse_string());
      skip_space();
      TRY(take(':', "':'"));
      skip_space();
      object.append_new(std::move(key), TRY(parse_value(depth, line)));
      skip_space();
      if (peek() == '}') {
        ++at_;
        return resolve_duplicates(std::move(object), offsets);
      }
      TRY(take(',', "',' or '}'"));
      skip_space();
    }
  }

  Result<Value> resolve_duplicates(Object object, const std::vector<std::size_t>& offsets) {
    // Sorted by name, then place, repeated names stand side by side.
    std::vector<std::size_t> order(offsets.size());
    std::iota(order.begin(), order.end(), 0);  // NOLINT: libstdc++ 12 has no ranges::iota
    const auto members = object.begin();
    const auto key = [members](std::size_t i) -> const std::string& {
      return (members + static_cast<std::ptrdiff_t>(i))->key;
    };
    std::ranges::sort(order, [&key](std::size_t a, std::size_t b) {
      const int compared = key(a).compare(key(b));
      return compared != 0 ? compared < 0 : a < b;
    });
    std::vector<bool> drop(offsets.size());
    std::size_t dropped = 0;
    std::size_t first = 0;
    for (std::size_t i = 1; i < order.size(); ++i) {
      if (key(order[i]) != key(order[first])) {
        first = i;
        continue;
      }
      if (options_.duplicate_keys == DuplicateKeys::Error || sources_ != nullptr) {
        at_ = offsets[order[i]];
        return error(fmt::format("the name {} is repeated", quote(key(order[i]))));
      }
      (members + static_cast<std::ptrdiff_t>(order[first]))->value =
          std::move((members + static_cast<std::ptrdiff_t>(order[i]))->value);
      drop[order[i]] = true;
      ++dropped;
    }
    if (dropped == 0) {
      return Value(std::move(object));
    }
    Object kept;
    std::size_t index = 0;
    for (auto& [name, value] : object) {
      if (!drop[index++]) {
        kept.append_new(std::move(name), std::move(value));
      }
    }
    return Value(std::move(kept));
  }

  Result<> check_depth(std::size_t depth) {
    if (depth > options_.max_depth) {
      return error(fmt::format("nested deeper than {} levels", options_.max_depth));
    }
    return {};
  }

  Result<> take(char wanted, std::string_view name) {
    if (peek() != wanted) {
      return error(expected(name));
    }
    ++at_;
    return {};
  }

  char peek() const noexcept { return at_ < text_.size() ? text_[at_] : '\0'; }

  void skip_space() noexcept {
    for (; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (c == '\n') {
        ++line_;
      } else if (c != ' ' && c != '\t' && c != '\r') {
        return;
      }
    }
  }

  std::string expected(std::string_view what) const {
    if (at_ >= text_.size()) {
      return fmt::format("unexpected EOF, expected {}", what);
    }
    return fmt::format("expected {}, found {}", what, found());
  }

  std::string found() const {
    std::size_t end = at_ + 1;
    while (end < text_.size() && (static_cast<unsigned char>(text_[end]) & 0xC0U) == 0x80U) {
      ++end;
    }
    return quote(text_.substr(at_, end - at_));
  }

  std::unexpected<Error> error(std::string_view what) const {
    const std::string_view before = text_.substr(0, at_);
    const auto line = 1 + std::ranges::count(before, '\n');
    const std::size_t line_start = before.rfind('\n') + 1;  // 0 if there is none
    const auto column = 1 + std::ranges::count_if(before.substr(line_start), [](char c) {
                          return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
                        });
    return fail(ErrorCode::InvalidArgument, fmt::format("line {}:{}: {}", line, column, what));
  }

  std::string_view text_;
  const ParseOptions& options_;
  SourceMap* sources_;
  std::size_t at_ = 0;
  std::uint32_t line_ = 1;
};

}  // namespace

Result<Value> parse(std::string_view text, const ParseOptions& options) {
  return Parser(text, options, nullptr).parse_document();
}

Result<Located> parse_located(std::string_view text, const ParseOptions& options) {
  Located located;
  located.value = TRY(Parser(text, options, &located.sources).parse_document());
  return located;
}

}  // namespace kthena::json
