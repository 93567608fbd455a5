#include "telemetry/exposition.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/strings.h"

namespace kthena::telemetry {
namespace {

/// The shortest text that reads back to the number, with an exponent below 1e-4 and from 1e6 on.
std::string_view shortest(double number, std::array<char, 40>& buffer) {
  char* const first = buffer.data();
  char* const last = first + buffer.size();
  const auto scientific = std::to_chars(first, last, number, std::chars_format::scientific);
  const std::string_view text(first, scientific.ptr);
  const int exponent = std::atoi(std::string(text.substr(text.rfind('e') + 1)).c_str());
  if (exponent >= -4 && exponent < 6) {
    const auto fixed = std::to_chars(first, last, number, std::chars_format::fixed);
    return {first, fixed.ptr};
  }
  return text;
}

/// What an Accept header says about one media type.
struct Wish {
  double quality = 0;
  bool is_named = false;
};

/// Takes one entry, "type/subtype;parameter=value;q=0.5", into account.
void read_entry(std::string_view entry, Wish& open_metrics, Wish& text) {
  std::string_view type;
  double quality = 1;
  bool is_known_version = true;
  bool is_first = true;
  for_each_part(entry, ';', [&](std::string_view part) {
    part = trim(part);
    if (is_first) {
      type = part;
      is_first = false;
    } else if (starts_with_ignore_case(part, "q=")) {
      quality = parse_double(trim(part.substr(2))).value_or(0);
    } else if (starts_with_ignore_case(part, "version=")) {
      const std::string_view version = trim(part.substr(8));
      is_known_version = version == "1.0.0" || version == "0.0.1" || version == "0.0.4";
    }
  });
  Wish* wish = nullptr;
  if (equals_ignore_case(type, "application/openmetrics-text")) {
    wish = &open_metrics;
  } else if (equals_ignore_case(type, "text/plain")) {
    wish = &text;
  }
  if (wish != nullptr && is_known_version && quality > 0) {
    wish->quality = std::max(wish->quality, quality);
    wish->is_named = true;
  }
}

void append_help(std::string& out, std::string_view help, Exposition format) {
  for (const char c : help) {
    if (c == '\\') {
      out += "\\\\";
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '"' && format == Exposition::OpenMetrics) {
      out += "\\\"";
    } else {
      out += c;
    }
  }
}

}  // namespace

Exposition choose_exposition(std::string_view accept) {
  Wish open_metrics;
  Wish text;
  for_each_part(accept, ',',
                [&](std::string_view entry) { read_entry(entry, open_metrics, text); });
  return open_metrics.is_named && open_metrics.quality >= text.quality ? Exposition::OpenMetrics
                                                                       : Exposition::Text;
}

std::string_view content_type(Exposition format) {
  return format == Exposition::OpenMetrics
             ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
             : "text/plain; version=0.0.4; charset=utf-8";
}

void append_number(std::string& out, double number, Exposition format) {
  if (std::isnan(number)) {
    out += "NaN";
    return;
  }
  if (std::isinf(number)) {
    out += number > 0 ? "+Inf" : "-Inf";
    return;
  }
  std::array<char, 40> buffer;
  const std::string_view text = number == 0 ? "0" : shortest(number, buffer);
  out += text;
  if (format == Exposition::OpenMetrics && text.find_first_of(".e") == std::string_view::npos) {
    out += ".0";
  }
}

void append_label_value(std::string& out, std::string_view value) {
  for (const char c : value) {
    switch (c) {
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      case '"':
        out += "\\\"";
        break;
      default:
        out += c;
    }
  }
}

void append_family_head(std::string& out, std::string_view name, std::string_view help,
                        std::string_view type, Exposition format) {
  if (format == Exposition::OpenMetrics && type == "counter" && name.ends_with("_total")) {
    name.remove_suffix(6);
  }
  out += "# HELP ";
  out += name;
  out += ' ';
  append_help(out, help, format);
  out += "\n# TYPE ";
  out += name;
  out += ' ';
  out += type;
  out += '\n';
}

void append_sample(std::string& out, std::string_view name, std::string_view labels, double number,
                   Exposition format, Whole whole) {
  out += name;
  if (!labels.empty()) {
    out += '{';
    out += labels;
    out += '}';
  }
  out += ' ';
  if (whole == Whole::Yes && format == Exposition::OpenMetrics) {
    out += std::to_string(static_cast<std::uint64_t>(number));
  } else {
    append_number(out, number, format);
  }
  out += '\n';
}

void append_end(std::string& out, Exposition format) {
  if (format == Exposition::OpenMetrics) {
    out += "# EOF\n";
  }
}

}  // namespace kthena::telemetry
