#include "telemetry/metrics_parse.h"

#include <charconv>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "base/strings.h"

namespace kthena::telemetry {
namespace {

constexpr bool is_blank(char c) { return c == ' ' || c == '\t'; }

void skip_blanks(std::string_view& rest) {
  while (!rest.empty() && is_blank(rest.front())) {
    rest.remove_prefix(1);
  }
}

bool take(std::string_view& rest, char c) {
  if (!rest.starts_with(c)) {
    return false;
  }
  rest.remove_prefix(1);
  return true;
}

constexpr bool is_name_character(char c) { return is_ascii_alnum(c) || c == '_' || c == ':'; }

/// Takes an unquoted name; empty if there is none.
std::string_view take_name(std::string_view& rest) {
  std::size_t length = 0;
  while (length < rest.size() && is_name_character(rest[length])) {
    ++length;
  }
  if (length > 0 && is_ascii_digit(rest[0])) {
    length = 0;
  }
  const std::string_view name = rest.substr(0, length);
  rest.remove_prefix(length);
  return name;
}

std::string_view take_word(std::string_view& rest) {
  std::size_t length = 0;
  while (length < rest.size() && !is_blank(rest[length])) {
    ++length;
  }
  const std::string_view word = rest.substr(0, length);
  rest.remove_prefix(length);
  skip_blanks(rest);
  return word;
}

/// A number as Go and Python write it: also "+Inf", "NaN", "+1".
std::optional<double> read_number(std::string_view word) {
  if (word.starts_with('+')) {
    word.remove_prefix(1);
    if (word.starts_with('-')) {
      return std::nullopt;
    }
  }
  double number = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
  if (error != std::errc{} || end != word.data() + word.size()) {
    return std::nullopt;
  }
  return number;
}

}  // namespace

MetricLineReader::Line MetricLineReader::read(std::string_view line) {
  sample_ = {};
  labels_.clear();
  unescaped_.clear();
  unescaped_.reserve(line.size());
  if (line.ends_with('\r')) {
    line.remove_suffix(1);
  }
  skip_blanks(line);
  if (line.empty() || line.front() == '#') {
    return Line::Comment;
  }
  sample_.name = take_name(line);
  skip_blanks(line);
  if (take(line, '{') && !read_labels(line)) {
    return Line::Malformed;
  }
  if (sample_.name.empty()) {
    return malformed("no name");
  }
  if (!read_numbers(line)) {
    return Line::Malformed;
  }
  sample_.labels = labels_;
  return Line::Sample;
}

/// Reads `name="value",…}`; a name in quotes without a value is that of the metric.
bool MetricLineReader::read_labels(std::string_view& rest) {
  skip_blanks(rest);
  while (!take(rest, '}')) {
    if (!read_label(rest)) {
      return false;
    }
    skip_blanks(rest);
    if (!take(rest, ',') && !rest.starts_with('}')) {
      return wrong("no comma or brace after a label");
    }
    skip_blanks(rest);
  }
  return true;
}

bool MetricLineReader::read_label(std::string_view& rest) {
  MetricSample::Label label;
  const bool is_quoted = rest.starts_with('"');
  if (is_quoted) {
    if (!read_quoted(rest, label.name)) {
      return false;
    }
  } else {
    label.name = take_name(rest);
  }
  skip_blanks(rest);
  if (!take(rest, '=')) {
    if (is_quoted && sample_.name.empty()) {
      sample_.name = label.name;
      return !label.name.empty() || wrong("no name");
    }
    return wrong("no = after a label's name");
  }
  if (label.name.empty()) {
    return wrong("no label name");
  }
  skip_blanks(rest);
  if (!read_quoted(rest, label.value)) {
    return false;
  }
  if (labels_.size() == kMostLabels) {
    return wrong("too many labels");
  }
  labels_.push_back(label);
  return true;
}

/// Reads "text" with the escapes \\ \" \n; another character after a backslash stays as it is, with
/// the backslash.
bool MetricLineReader::read_quoted(std::string_view& rest, std::string_view& text) {
  if (!take(rest, '"')) {
    return wrong("no quote");
  }
  const std::size_t plain = rest.find_first_of("\"\\");
  if (plain == std::string_view::npos) {
    return wrong("no closing quote");
  }
  if (rest[plain] == '"') {
    text = rest.substr(0, plain);
    rest.remove_prefix(plain + 1);
    return true;
  }
  const std::size_t start = unescaped_.size();
  while (!rest.empty() && rest.front() != '"') {
    char c = rest.front();
    rest.remove_prefix(1);
    if (c == '\\' && !rest.empty()) {
      const char escaped = rest.front();
      if (escaped == 'n' || escaped == '"' || escaped == '\\') {
        c = escaped == 'n' ? '\n' : escaped;
        rest.remove_prefix(1);
      }
    }
    unescaped_ += c;
  }
  text = std::string_view(unescaped_).substr(start);
  return take(rest, '"') || wrong("no closing quote");
}

bool MetricLineReader::read_numbers(std::string_view rest) {
  skip_blanks(rest);
  const std::string_view word = take_word(rest);
  if (word.empty()) {
    return wrong("no value");
  }
  const std::optional<double> value = read_number(word);
  if (!value) {
    return wrong("the value is not a number");
  }
  sample_.value = *value;
  if (rest.empty() || rest.front() == '#') {
    return true;
  }
  sample_.timestamp = read_number(take_word(rest));
  if (!sample_.timestamp) {
    return wrong("the timestamp is not a number");
  }
  return rest.empty() || rest.front() == '#' || wrong("something after the timestamp");
}

/// Takes the next whole line out of `piece`; false when only a part of one is left, which is kept.
bool MetricReader::next_line(std::string_view& piece, std::string_view& line) {
  if (is_partial_taken_) {
    partial_.clear();
    is_partial_taken_ = false;
  }
  while (true) {
    const std::size_t end = piece.find('\n');
    const std::string_view part = piece.substr(0, end);
    if (is_too_long_ || partial_.size() + part.size() > MetricLineReader::kMostLineBytes) {
      partial_.clear();
      is_too_long_ = end == std::string_view::npos;
      if (is_too_long_) {
        return false;
      }
      ++line_number_;
      skip("the line is too long");
      piece.remove_prefix(end + 1);
      continue;
    }
    if (end == std::string_view::npos) {
      partial_ += part;
      return false;
    }
    piece.remove_prefix(end + 1);
    if (partial_.empty()) {
      line = part;
    } else {
      partial_ += part;
      line = partial_;
      is_partial_taken_ = true;
    }
    return true;
  }
}

bool MetricReader::last_line(std::string_view& line) {
  if (is_partial_taken_) {
    partial_.clear();
  }
  const bool has_line = !partial_.empty();
  if (std::exchange(is_too_long_, false)) {
    ++line_number_;
    skip("the line is too long");
  }
  line = partial_;
  is_partial_taken_ = true;  // cleared by the next call
  return has_line;
}

bool MetricReader::read(std::string_view line) {
  ++line_number_;
  const MetricLineReader::Line kind = line_reader_.read(line);
  if (kind == MetricLineReader::Line::Malformed) {
    skip(line_reader_.reason());
  }
  return kind == MetricLineReader::Line::Sample;
}

void MetricReader::skip(std::string_view reason) {
  if (skipped_++ == 0) {
    first_problem_ = "line " + std::to_string(line_number_) + ": ";
    first_problem_ += reason;
  }
}

}  // namespace kthena::telemetry
