#include "apiserver/read/stored_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "base/check.h"
#include "json/on_demand.h"
#include "json/print.h"

namespace kthena::apiserver {

std::string text_head(const Kind& kind) {
  return kind.is_custom()
             ? fmt::format(R"({{"apiVersion":"{}","kind":"{}")", kind.api_version, kind.kind)
             : fmt::format(R"({{"kind":"{}","apiVersion":"{}")", kind.kind, kind.api_version);
}

std::string print_stored(const Kind& kind, const json::Value& object) {
  std::string text = text_head(kind);
  for (const json::Member& member : object.as_object()) {
    if (member.key != "kind" && member.key != "apiVersion") {
      text += ',';
      json::append_quoted(text, member.key);
      text += ':';
      text += json::print(member.value);
    }
  }
  text += '}';
  return text;
}

std::string_view text_tail(std::string_view stored) {
  // Two names and two values, none of which has an escape.
  std::size_t at = 0;
  for (int quotes = 0; quotes < 8; ++quotes) {
    at = stored.find('"', at);
    CHECK(at != std::string_view::npos);
    ++at;
  }
  return stored.substr(at);
}

std::string_view metadata_text(std::string_view stored) {
  const auto field = json::find_field(stored, "metadata");
  return field ? field->in(stored) : std::string_view("{}");
}

void append_object(std::string& out, const Kind& kind, std::string_view stored) {
  out += text_head(kind);
  out += text_tail(stored);
}

void append_item(std::string& out, const Kind& kind, std::string_view stored) {
  if (kind.is_custom()) {
    append_object(out, kind, stored);
    return;
  }
  out += '{';
  std::string_view tail = text_tail(stored);
  out += tail.starts_with(',') ? tail.substr(1) : tail;
}

void append_partial(std::string& out, std::string_view stored) {
  out += R"({"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/v1","metadata":)";
  out += metadata_text(stored);
  out += '}';
}

}  // namespace kthena::apiserver
