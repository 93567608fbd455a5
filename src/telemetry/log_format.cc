#include "telemetry/log_format.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>

#include "base/clock.h"
#include "base/duration.h"
#include "base/rfc3339.h"
#include "base/utf8.h"
#include "telemetry/escape.h"
#include "telemetry/log.h"
#include "telemetry/log_tags.h"

namespace kthena::log {
namespace {

std::string_view padded_name(Level level) {
  switch (level) {
    case Level::Error:
      return "ERROR ";
    case Level::Warn:
      return "WARN  ";
    case Level::Info:
      return "INFO  ";
    case Level::Debug:
      return "DEBUG ";
  }
  return "";
}

/// The value as bare text, where it is not a string of its own. False for the kinds that are.
bool append_bare(std::string& out, const Field& field) {
  switch (field.kind) {
    case Field::Kind::Bool:
      out += field.boolean ? "true" : "false";
      return true;
    case Field::Kind::Int:
      fmt::format_to(std::back_inserter(out), "{}", field.integer);
      return true;
    case Field::Kind::Uint:
      fmt::format_to(std::back_inserter(out), "{}", field.unsigned_integer);
      return true;
    case Field::Kind::Double:
      if (!std::isfinite(field.number)) {
        return false;
      }
      fmt::format_to(std::back_inserter(out), "{}", field.number);
      return true;
    default:
      return false;
  }
}

/// The text of a value that append_bare() does not know. `scratch` holds it where it has to be
/// made.
std::string_view text_of(const Field& field, std::string& scratch) {
  switch (field.kind) {
    case Field::Kind::Text:
      return field.text;
    case Field::Kind::Duration:
      scratch = print_duration(Duration(field.integer));
      break;
    case Field::Kind::Object:
      field.object.append(scratch, field.object.address);
      break;
    case Field::Kind::Double:
      if (std::isnan(field.number)) {
        return "NaN";
      }
      return field.number > 0 ? "+Inf" : "-Inf";
    default:
      break;
  }
  return scratch;
}

/// At most kMostValueBytes of a text, not cut within a character.
std::string_view shortened(std::string_view text, std::string& scratch) {
  if (text.size() <= kMostValueBytes) {
    return text;
  }
  constexpr std::string_view kEllipsis = "…";
  std::size_t end = kMostValueBytes - kEllipsis.size();
  for (std::size_t back = 1; back <= 3; ++back) {
    // A sequence that begins here and is whole in the text, but not before the end, goes as a
    // whole.
    const std::size_t length = utf8_sequence_length(text.substr(end - back));
    if (length > back) {
      end -= back;
      break;
    }
  }
  std::string cut(text.substr(0, end));
  cut += kEllipsis;
  scratch = std::move(cut);
  return scratch;
}

/// How the two formats differ.
struct TextStyle {
  static void key(std::string& out, std::string_view key) {
    out += ' ';
    out += key;
    out += '=';
  }
  static void string(std::string& out, std::string_view text) {
    telemetry::append_text_value(out, text);
  }
};

struct JsonStyle {
  static void key(std::string& out, std::string_view key) {
    out += ',';
    telemetry::append_json_string(out, key);
    out += ':';
  }
  static void string(std::string& out, std::string_view text) {
    telemetry::append_json_string(out, text);
  }
};

template <class Style>
void append_string(std::string& out, std::string_view text) {
  std::string scratch;
  Style::string(out, shortened(text, scratch));
}

bool is_shadowed(std::string_view key, const Record& record, const telemetry::LogTags* until) {
  const auto has_key = [key](const auto& entry) { return entry.key == key; };
  if (std::ranges::any_of(record.fields, has_key)) {
    return true;
  }
  for (const telemetry::LogTags* tags = record.tags; tags != until; tags = tags->outer()) {
    if (std::ranges::any_of(*tags, has_key)) {
      return true;
    }
  }
  return false;
}

template <class Style>
void append_fields(std::string& out, const Record& record) {
  const std::size_t start = out.size();
  bool is_truncated = false;
  const auto fits = [&] {
    is_truncated = is_truncated || out.size() - start > kMostRecordBytes;
    return !is_truncated;
  };
  for (const Field& field : record.fields) {
    if (!fits()) {
      break;
    }
    Style::key(out, field.key);
    if (!append_bare(out, field)) {
      std::string scratch;
      append_string<Style>(out, text_of(field, scratch));
    }
  }
  for (const telemetry::LogTags* tags = record.tags; tags != nullptr; tags = tags->outer()) {
    for (const telemetry::LogTag& tag : *tags) {
      if (!is_shadowed(tag.key, record, tags) && fits()) {
        Style::key(out, tag.key);
        append_string<Style>(out, tag.value);
      }
    }
  }
  if (is_truncated) {
    Style::key(out, "truncated");
    out += "true";
  }
}

}  // namespace

void append_text(std::string& out, const Record& record) {
  out += print_rfc3339(record.time, Rfc3339Fraction::Micro).view();
  out += ' ';
  out += padded_name(record.level);
  out += record.message;
  append_fields<TextStyle>(out, record);
}

void append_json(std::string& out, const Record& record) {
  out += R"({"ts":")";
  out += print_rfc3339(record.time, Rfc3339Fraction::Micro).view();
  out += R"(","level":")";
  out += to_string(record.level);
  out += R"(","msg":)";
  telemetry::append_json_string(out, record.message);
  append_fields<JsonStyle>(out, record);
  out += '}';
}

}  // namespace kthena::log
