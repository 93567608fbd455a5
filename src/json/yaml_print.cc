#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>

#include "base/utf8.h"
#include "json/value.h"
#include "json/yaml.h"
#include "json/yaml_scalar.h"

namespace kthena::json {
namespace {

constexpr std::size_t kIndent = 2;
constexpr std::size_t kLongestSimpleKey = 512;  // libyaml takes 1024 characters

bool is_letter_or_digit(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/// Whether `text` can stand without quotes and is read as a string. Says no when in doubt.
bool is_safe_plain(std::string_view text) {
  if (text.empty() || text.size() > kLongestSimpleKey) {
    return false;
  }
  const char first = text.front();
  if (!is_letter_or_digit(first) && first != '_' && first != '/') {
    return false;
  }
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool inside = i + 1 < text.size();
    const bool allowed =
        is_letter_or_digit(c) || std::string_view("_-./+=@%$()").contains(c) ||
        (inside && ((c == ':' && text[i + 1] != ' ') || (c == ' ' && text[i + 1] != ' ')));
    if (!allowed) {
      return false;
    }
  }
  return resolve_plain_scalar(text).kind == ScalarKind::String;
}

/// The code point at the start of valid UTF-8, and its length.
std::pair<char32_t, std::size_t> first_code_point(std::string_view text) noexcept {
  const auto byte = [text](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned lead = byte(0);
  if (lead < 0x80) {
    return {lead, 1};
  }
  const std::size_t length = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  char32_t code_point = lead & (0x7FU >> length);
  for (std::size_t i = 1; i < length; ++i) {
    code_point = (code_point << 6U) | (byte(i) & 0x3FU);
  }
  return {code_point, length};
}

/// Characters that libyaml refuses as they are, takes for a line break or for a byte order mark.
bool needs_escape(char32_t c) noexcept {
  return c < 0x20 || c == '"' || c == '\\' || (c >= 0x7F && c < 0xA0) || c == 0x2028 ||
         c == 0x2029 || c == 0xFEFF || c == 0xFFFE || c == 0xFFFF;
}

void append_double_quoted(std::string& out, std::string_view valid) {
  out += '"';
  while (!valid.empty()) {
    const auto [code_point, length] = first_code_point(valid);
    if (!needs_escape(code_point)) {
      out += valid.substr(0, length);
    } else if (code_point == '"' || code_point == '\\') {
      out += '\\';
      out += static_cast<char>(code_point);
    } else if (code_point == '\n') {
      out += "\\n";
    } else if (code_point == '\t') {
      out += "\\t";
    } else {
      fmt::format_to(std::back_inserter(out), "\\u{:04X}", static_cast<unsigned>(code_point));
    }
    valid.remove_prefix(length);
  }
  out += '"';
}

/// Whether `text` reads well as a literal block and comes back unchanged.
bool is_safe_block(std::string_view text) noexcept {
  if (!text.contains('\n') || text.front() == '\n' || text.front() == ' ' || text.front() == '\t') {
    return false;
  }
  while (!text.empty()) {
    const auto [code_point, length] = first_code_point(text);
    if (code_point != '\n' && code_point != '\t' && code_point != '"' && code_point != '\\' &&
        needs_escape(code_point)) {
      return false;
    }
    text.remove_prefix(length);
  }
  return true;
}

class YamlPrinter {
 public:
  explicit YamlPrinter(std::string& out) : out_(out) {}

  /// Prints a value that begins on the current line, at `indent`.
  void print(const Value& value, std::size_t indent) {
    if (value.is_object() && !value.as_object().empty()) {
      print_object(value.as_object(), indent);
    } else if (value.is_array() && !value.as_array().empty()) {
      print_array(value.as_array(), indent);
    } else {
      print_scalar(value, std::max(indent, kIndent));
      out_ += '\n';
    }
  }

 private:
  void print_object(const Object& object, std::size_t indent) {
    bool first = true;
    for (const auto& [key, value] : object) {
      if (!first) {
        out_.append(indent, ' ');
      }
      first = false;
      print_key(key, indent);
      const bool object_below = value.is_object() && !value.as_object().empty();
      const bool array_below = value.is_array() && !value.as_array().empty();
      if (object_below || array_below) {
        const std::size_t below = indent + (object_below ? kIndent : 0);  // kubectl: "rules:\n- a"
        out_ += '\n';
        out_.append(below, ' ');
        print(value, below);
      } else {
        out_ += ' ';
        print_scalar(value, indent + kIndent);
        out_ += '\n';
      }
    }
  }

  void print_key(const std::string& key, std::size_t indent) {
    if (key.size() <= kLongestSimpleKey) {
      print_string(key);
      out_ += ':';
      return;
    }
    out_ += "? ";
    print_string(key);
    out_ += '\n';
    out_.append(indent, ' ');
    out_ += ':';
  }

  void print_array(const Array& items, std::size_t indent) {
    bool first = true;
    for (const Value& item : items) {
      if (!first) {
        out_.append(indent, ' ');
      }
      first = false;
      out_ += "- ";
      print(item, indent + kIndent);
    }
  }

  void print_scalar(const Value& value, std::size_t indent) {
    switch (value.type()) {
      case Type::Null:
        out_ += "null";
        break;
      case Type::Bool:
        out_ += value.as_bool() ? "true" : "false";
        break;
      case Type::Number:
        out_ += value.number_text();
        break;
      case Type::Array:
        out_ += "[]";
        break;
      case Type::Object:
        out_ += "{}";
        break;
      case Type::String:
        if (find_invalid_utf8(value.as_string()) == std::string_view::npos &&
            is_safe_block(value.as_string())) {
          print_block(value.as_string(), indent);
        } else {
          print_string(value.as_string());
        }
        break;
    }
  }

  void print_string(std::string_view text) {
    if (is_safe_plain(text)) {
      out_ += text;
    } else if (find_invalid_utf8(text) == std::string_view::npos) {
      append_double_quoted(out_, text);
    } else {
      append_double_quoted(out_, make_valid_utf8(text));
    }
  }

  void print_block(std::string_view text, std::size_t indent) {
    const bool ends_line = text.ends_with('\n');
    const bool ends_blank = text.ends_with("\n\n");
    out_ += ends_blank ? "|+" : ends_line ? "|" : "|-";
    if (ends_line) {
      text.remove_suffix(1);
    }
    while (true) {
      const std::size_t end = text.find('\n');
      const std::string_view line = text.substr(0, end);
      out_ += '\n';
      if (!line.empty()) {
        out_.append(indent, ' ');
        out_ += line;
      }
      if (end == std::string_view::npos) {
        break;
      }
      text.remove_prefix(end + 1);
    }
  }

  std::string& out_;
};

}  // namespace

std::string print_yaml(const Value& value) {
  std::string out;
  YamlPrinter(out).print(value, 0);
  return out;
}

}  // namespace kthena::json
