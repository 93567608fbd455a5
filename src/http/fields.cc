#include "http/fields.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>

#include "http/scan.h"

namespace kthena::http {

std::optional<std::string_view> next_list_element(std::string_view& list) noexcept {
  while (!list.empty()) {
    const std::size_t comma = std::min(list.find(','), list.size());
    const std::string_view element = trim_blanks(list.substr(0, comma));
    list.remove_prefix(std::min(comma + 1, list.size()));
    if (!element.empty()) {
      return element;
    }
  }
  return std::nullopt;
}

bool list_has_token(std::string_view list, std::string_view token) noexcept {
  while (const auto element = next_list_element(list)) {
    if (equals_ignore_case(*element, token)) {
      return true;
    }
  }
  return false;
}

bool has_token(const Headers& headers, std::string_view name, std::string_view token) noexcept {
  for (const auto [field, value] : headers) {
    if (field.size() == name.size() && equals_ignore_case(field, name) &&
        list_has_token(value, token)) {
      return true;
    }
  }
  return false;
}

bool is_framing_field(std::string_view name) noexcept {
  switch (name.size()) {
    case 7:
      return equals_ignore_case(name, "Trailer");
    case 10:
      return equals_ignore_case(name, "Connection") || equals_ignore_case(name, "Keep-Alive");
    case 14:
      return equals_ignore_case(name, "Content-Length");
    case 16:
      return equals_ignore_case(name, "Proxy-Connection");
    case 17:
      return equals_ignore_case(name, "Transfer-Encoding");
    default:
      return false;
  }
}

bool is_hop_by_hop(std::string_view name) noexcept {
  switch (name.size()) {
    case 2:
      return equals_ignore_case(name, "TE");
    case 6:
      return equals_ignore_case(name, "Expect");
    case 7:
      return equals_ignore_case(name, "Trailer") || equals_ignore_case(name, "Upgrade");
    case 10:
      return equals_ignore_case(name, "Connection") || equals_ignore_case(name, "Keep-Alive");
    case 16:
      return equals_ignore_case(name, "Proxy-Connection");
    case 17:
      return equals_ignore_case(name, "Transfer-Encoding");
    case 18:
      return equals_ignore_case(name, "Proxy-Authenticate");
    case 19:
      return equals_ignore_case(name, "Proxy-Authorization");
    default:
      return false;
  }
}

namespace {

/// Connection may name what it likes, but never fields that the rest of the chain relies on.
bool is_named_by_connection(const Headers& headers, std::string_view name) noexcept {
  return has_token(headers, "Connection", name) && !equals_ignore_case(name, "Host") &&
         !equals_ignore_case(name, "Content-Type");
}

/// Connection fields name nothing but themselves in all usual messages.
bool connection_names_fields(const Headers& headers) noexcept {
  for (const auto [name, value] : headers) {
    if (name.size() != 10 || !equals_ignore_case(name, "Connection")) {
      continue;
    }
    std::string_view list = value;
    while (const auto element = next_list_element(list)) {
      if (!equals_ignore_case(*element, "keep-alive") && !equals_ignore_case(*element, "close")) {
        return true;
      }
    }
  }
  return false;
}

}  // namespace

void keep_end_to_end(Headers& headers) {
  const auto ends_here = [](std::string_view name) {
    return is_hop_by_hop(name) || (name.size() == 14 && equals_ignore_case(name, "Content-Length"));
  };
  if (!connection_names_fields(headers)) [[likely]] {
    headers.remove_if([&](const Headers::Field& field) { return ends_here(field.name); });
    return;
  }
  const Headers received = headers;
  headers.remove_if([&](const Headers::Field& field) {
    return ends_here(field.name) || is_named_by_connection(received, field.name);
  });
}

bool is_media_type(std::string_view content_type, std::string_view type) noexcept {
  return equals_ignore_case(trim_blanks(content_type.substr(0, content_type.find(';'))), type);
}

bool is_event_stream(std::string_view content_type) noexcept {
  return is_media_type(content_type, "text/event-stream");
}

std::string format_http_date(WallTime time) {
  constexpr std::array<std::string_view, 7> kDays = {"Sun", "Mon", "Tue", "Wed",
                                                     "Thu", "Fri", "Sat"};
  constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                        "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(std::chrono::floor<std::chrono::seconds>(time - day));
  return fmt::format(
      "{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT", kDays[std::chrono::weekday(day).c_encoding()],
      static_cast<unsigned>(date.day()), kMonths[static_cast<unsigned>(date.month()) - 1],
      static_cast<int>(date.year()), clock.hours().count(), clock.minutes().count(),
      clock.seconds().count());
}

std::string_view cached_http_date(WallTime time) {
  thread_local std::string text;
  thread_local std::chrono::sys_seconds second;
  const auto now = std::chrono::floor<std::chrono::seconds>(time);
  if (text.empty() || now != second) {
    text = format_http_date(time);
    second = now;
  }
  return text;
}

}  // namespace kthena::http
