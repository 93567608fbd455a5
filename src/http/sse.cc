#include "http/sse.h"

#include <utility>

#include "http/scan.h"

namespace kthena::http {

namespace {

/// The first CR or LF in [at, end), or `end`.
const char* find_line_end(const char* at, const char* end) noexcept {
  while (true) {
    at = find_below<0x0e>(at, end);
    if (at == end || *at == '\n' || *at == '\r') {
      return at;
    }
    ++at;
  }
}

/// The next line without its end; `bytes` goes on behind it.
std::string_view take_line(std::string_view& bytes) noexcept {
  const char* const begin = bytes.data();
  const char* const end = begin + bytes.size();
  const char* at = find_line_end(begin, end);
  const std::string_view line(begin, at);
  if (at != end) {
    at += at[0] == '\r' && at + 1 != end && at[1] == '\n' ? 2 : 1;
  }
  bytes = {at, end};
  return line;
}

/// The value of a field line: what follows the colon, without one blank.
std::string_view value_behind(std::string_view line, std::size_t colon) noexcept {
  line.remove_prefix(colon + 1);
  if (line.starts_with(' ')) {
    line.remove_prefix(1);
  }
  return line;
}

}  // namespace

std::size_t SseScanner::find_end(std::string_view bytes) noexcept {
  const char* const begin = bytes.data();
  const char* const end = begin + bytes.size();
  const char* at = begin;
  if (after_cr_ && at != end) {
    after_cr_ = false;
    if (*at == '\n') {
      ++at;
      last_end_is_cr_ = false;
    }
    if (std::exchange(awaits_lf_, false)) {
      return static_cast<std::size_t>(at - begin);
    }
  }
  while (true) {
    const char* line_end = find_line_end(at, end);
    const bool empty = at_line_start_ && line_end == at;
    if (line_end == end) {
      at_line_start_ = empty;
      return kNone;
    }
    at_line_start_ = true;
    at = line_end + 1;
    const bool bare_cr_before = last_end_is_cr_;
    last_end_is_cr_ = *line_end == '\r';
    if (last_end_is_cr_) {
      after_cr_ = at == end;
      if (at != end && *at == '\n') {
        ++at;
        last_end_is_cr_ = false;
      }
    }
    if (empty) {
      // Half of a CR LF, unless the line before ended in CR alone: then nothing more need come.
      awaits_lf_ = after_cr_ && !bare_cr_before;
      return awaits_lf_ ? kNone : static_cast<std::size_t>(at - begin);
    }
  }
}

std::optional<SseSplitter::Piece> SseSplitter::next() {
  if (std::exchange(given_, false)) {
    held_ = {};  // a stream between two events should cost nothing
  }
  if (input_.empty()) {
    return std::nullopt;
  }
  const std::size_t size = scanner_.find_end(input_);
  const bool ends = size != SseScanner::kNone;
  const std::string_view bytes = input_.substr(0, ends ? size : input_.size());
  input_.remove_prefix(bytes.size());
  const bool whole = ends && !within_event_;
  if (!ends && !within_event_) {
    if (held_.size() + bytes.size() <= max_held_) {
      held_.append(bytes);
      return std::nullopt;
    }
  }
  within_event_ = !ends;
  if (held_.empty()) {
    return Piece{.bytes = bytes, .whole = whole};
  }
  held_.append(bytes);
  given_ = true;
  return Piece{.bytes = held_, .whole = whole};
}

SseEvent parse_sse_event(std::string_view bytes, std::string& joined) {
  SseEvent event;
  bool is_joined = false;
  if (bytes.starts_with("\xef\xbb\xbf")) {
    bytes.remove_prefix(3);
  }
  while (!bytes.empty()) {
    const std::string_view line = take_line(bytes);
    const std::size_t colon = line.find(':');
    const std::string_view name = line.substr(0, colon);
    const std::string_view value =
        colon == std::string_view::npos ? std::string_view{} : value_behind(line, colon);
    if (name == "data") {
      if (!event.has_data) {
        event.data = value;
        event.has_data = true;
        continue;
      }
      if (!std::exchange(is_joined, true)) {
        joined.assign(event.data);
      }
      joined.push_back('\n');
      joined.append(value);
      event.data = joined;
    } else if (name == "event") {
      event.type = value;
    } else if (name == "id" && !value.contains('\0')) {
      event.id = value;
    }
  }
  return event;
}

namespace {

/// Appends one field for each line of `value`.
void append_lines(std::string& out, std::string_view field, std::string_view value) {
  bool more = true;
  while (more) {
    const std::size_t before = value.size();
    const std::string_view line = take_line(value);
    more = before != line.size();  // a line end stood behind it, so another line follows
    out.append(field);
    out.append(line);
    out.push_back('\n');
  }
}

}  // namespace

void append_sse_event(std::string& out, std::string_view type, std::string_view data) {
  if (!type.empty()) {
    out.append("event: ");
    for (const char c : type) {
      out.push_back(c == '\r' || c == '\n' ? ' ' : c);
    }
    out.push_back('\n');
  }
  append_lines(out, "data: ", data);
  out.push_back('\n');
}

void append_sse_comment(std::string& out, std::string_view text) {
  append_lines(out, ": ", text);
  out.push_back('\n');
}

}  // namespace kthena::http
