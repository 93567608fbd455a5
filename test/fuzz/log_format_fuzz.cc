// Log lines with values from outside: always one line, always valid JSON and UTF-8, and the values
// come back from it.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "base/strings.h"
#include "base/utf8.h"
#include "telemetry/escape.h"
#include "telemetry/log_format.h"

namespace {

using namespace kthena;

/// A strict reader of the flat objects that the log writes.
class FlatJsonReader {
 public:
  explicit FlatJsonReader(std::string_view text) : rest_(text) {}

  /// The strings of all values that are strings, in order.
  std::vector<std::string> read_object() {
    std::vector<std::string> values;
    take('{');
    do {
      read_string();
      take(':');
      if (rest_.starts_with('"')) {
        values.push_back(read_string());
      } else {
        read_literal();
      }
    } while (take_if(','));
    take('}');
    CHECK(rest_.empty());
    return values;
  }

 private:
  void take(char c) { CHECK(take_if(c)); }
  bool take_if(char c) {
    if (!rest_.starts_with(c)) {
      return false;
    }
    rest_.remove_prefix(1);
    return true;
  }

  void read_literal() {
    const std::size_t end = rest_.find_first_of(",}");
    CHECK(end != std::string_view::npos);
    const std::string_view literal = rest_.substr(0, end);
    CHECK(literal == "true" || literal == "false" || parse_double(literal).has_value());
    rest_.remove_prefix(end);
  }

  std::string read_string() {
    std::string text;
    take('"');
    while (!take_if('"')) {
      CHECK(!rest_.empty());
      const auto byte = static_cast<unsigned char>(rest_.front());
      CHECK(byte >= 0x20);
      if (byte == '\\') {
        text += read_escape();
      } else {
        text += rest_.front();
        rest_.remove_prefix(1);
      }
    }
    return text;
  }

  std::string read_escape() {
    CHECK(rest_.size() >= 2);
    const char kind = rest_[1];
    rest_.remove_prefix(2);
    switch (kind) {
      case 'n':
        return "\n";
      case 'r':
        return "\r";
      case 't':
        return "\t";
      case '"':
      case '\\':
        return std::string(1, kind);
      default:
        CHECK(kind == 'u' && rest_.size() >= 4);
        const auto code_point = parse_int<std::uint16_t>(rest_.substr(0, 4), 16);
        CHECK(code_point.has_value());
        rest_.remove_prefix(4);
        return encode(*code_point);
    }
  }

  static std::string encode(std::uint16_t code_point) {
    CHECK(code_point < 0xd800 || code_point > 0xdfff);
    const auto tail = [](unsigned bits) { return static_cast<char>(0x80U | (bits & 0x3fU)); };
    if (code_point < 0x80) {
      return std::string(1, static_cast<char>(code_point));
    }
    if (code_point < 0x800) {
      return {static_cast<char>(0xc0U | code_point >> 6U), tail(code_point)};
    }
    return {static_cast<char>(0xe0U | code_point >> 12U), tail(code_point >> 6U), tail(code_point)};
  }

  std::string_view rest_;
};

std::string with_replacements(std::string_view text) {
  std::string valid;
  while (!text.empty()) {
    const std::size_t length = utf8_sequence_length(text);
    valid += length == 0 ? kReplacementCharacter : text.substr(0, length);
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return valid;
}

void check_one_line(std::string_view line) {
  for (const char c : line) {
    CHECK(static_cast<unsigned char>(c) >= 0x20 && c != 0x7f);
  }
  CHECK(is_valid_utf8(line));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::vector<std::string_view> parts = split(text, '\0');
  const std::string_view first = parts.front();
  const std::string_view last = parts.back();

  telemetry::LogTags tags;
  tags.add("tag", last);
  const log::Field fields[] = {kv("first", first), kv("size", size), kv("all", text)};
  const log::Record record{.time = WallTime(Duration(static_cast<std::int64_t>(size))),
                           .level = log::Level::Warn,
                           .message = "message",
                           .fields = fields,
                           .tags = &tags};
  std::string json;
  log::append_json(json, record);
  check_one_line(json);
  const std::vector<std::string> values = FlatJsonReader(json).read_object();
  CHECK_EQ(values.size(), 6U);  // ts, level, msg, first, all, tag
  if (size <= log::kMostValueBytes) {
    CHECK_EQ(values[3], with_replacements(first));
    CHECK_EQ(values[4], with_replacements(text));
    CHECK_EQ(values[5], with_replacements(last));
  }

  std::string line;
  log::append_text(line, record);
  check_one_line(line);
  std::string value;
  telemetry::append_text_value(value, text);
  CHECK(value.starts_with('"') || value == text);
  return 0;
}
