#include "json/print.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/utf8.h"
#include "json/number.h"
#include "json/value.h"

namespace kthena::json {
namespace {

enum class Style : std::uint8_t { Compact, Pretty, Canonical };

class Printer {
 public:
  Printer(std::string& out, Style style) : out_(out), style_(style) {}

  void print(const Value& value) {
    switch (value.type()) {
      case Type::Null:
        out_ += "null";
        break;
      case Type::Bool:
        out_ += value.as_bool() ? "true" : "false";
        break;
      case Type::Number:
        out_ += style_ == Style::Canonical ? canonical_number(value.number_text())
                                           : value.number_text();
        break;
      case Type::String:
        append_quoted(out_, value.as_string());
        break;
      case Type::Array:
        print_array(value.as_array());
        break;
      case Type::Object:
        print_object(value.as_object());
        break;
    }
  }

 private:
  void print_array(const Array& items) {
    out_ += '[';
    ++depth_;
    bool first = true;
    for (const Value& item : items) {
      start_entry(first);
      print(item);
    }
    end_entries(first);
    out_ += ']';
  }

  void print_object(const Object& object) {
    out_ += '{';
    ++depth_;
    bool first = true;
    if (style_ == Style::Canonical) {
      std::vector<const Member*> members;
      members.reserve(object.size());
      std::ranges::transform(object, std::back_inserter(members),
                             [](const Member& member) { return &member; });
      std::ranges::sort(members, {}, [](const Member* m) -> const std::string& { return m->key; });
      for (const Member* member : members) {
        print_member(*member, first);
      }
    } else {
      for (const Member& member : object) {
        print_member(member, first);
      }
    }
    end_entries(first);
    out_ += '}';
  }

  void print_member(const Member& member, bool& first) {
    start_entry(first);
    append_quoted(out_, member.key);
    out_ += style_ == Style::Pretty ? ": " : ":";
    print(member.value);
  }

  void start_entry(bool& first) {
    if (!std::exchange(first, false)) {
      out_ += ',';
    }
    new_line();
  }

  void end_entries(bool none) {
    --depth_;
    if (!none) {
      new_line();
    }
  }

  void new_line() {
    if (style_ == Style::Pretty) {
      out_ += '\n';
      out_.append(2 * depth_, ' ');
    }
  }

  std::string& out_;
  Style style_;
  std::size_t depth_ = 0;
};

std::string print_as(const Value& value, Style style) {
  std::string out;
  Printer(out, style).print(value);
  return out;
}

void append_escape(std::string& out, char c) {
  switch (c) {
    case '"':
      out += "\\\"";
      break;
    case '\\':
      out += "\\\\";
      break;
    case '\b':
      out += "\\b";
      break;
    case '\f':
      out += "\\f";
      break;
    case '\n':
      out += "\\n";
      break;
    case '\r':
      out += "\\r";
      break;
    case '\t':
      out += "\\t";
      break;
    default:
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned>(c));
      break;
  }
}

void append_escaped(std::string& out, std::string_view valid) {
  std::size_t start = 0;
  for (std::size_t i = 0; i < valid.size(); ++i) {
    const char c = valid[i];
    if (c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20) {
      out += valid.substr(start, i - start);
      append_escape(out, c);
      start = i + 1;
    }
  }
  out += valid.substr(start);
}

}  // namespace

std::string print(const Value& value) { return print_as(value, Style::Compact); }
std::string print_pretty(const Value& value) { return print_as(value, Style::Pretty); }
std::string print_canonical(const Value& value) { return print_as(value, Style::Canonical); }

void append_quoted(std::string& out, std::string_view text) {
  out += '"';
  while (true) {
    const std::size_t bad = find_invalid_utf8(text);
    append_escaped(out, text.substr(0, bad));
    if (bad == std::string_view::npos) {
      break;
    }
    out += kReplacementCharacter;
    text.remove_prefix(bad + 1);
  }
  out += '"';
}

std::string quote(std::string_view text) {
  std::string out;
  out.reserve(text.size() + 2);
  append_quoted(out, text);
  return out;
}

}  // namespace kthena::json
