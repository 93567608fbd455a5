#include "bench/common/message_reader.h"

#include <strings.h>

#include <algorithm>
#include <charconv>

namespace kthena::bench {
namespace {

constexpr std::size_t kHeadLimit = 64UL * 1024;
constexpr std::size_t kLineLimit = 4096;

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return a.size() == b.size() && ::strncasecmp(a.data(), b.data(), a.size()) == 0;
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) {
    text.remove_prefix(1);
  }
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) {
    text.remove_suffix(1);
  }
  return text;
}

template <class Number>
std::optional<Number> parse_number(std::string_view text, int base) {
  Number value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc{} || end != text.data() + text.size()) {
    return std::nullopt;
  }
  return value;
}

/// Calls `visit(name, value)` for each line until it answers false; false if a line is no field.
template <class Visit>
bool for_each_field(std::string_view fields, Visit&& visit) {
  while (!fields.empty()) {
    const std::size_t end = fields.find("\r\n");
    const std::string_view line = fields.substr(0, end);
    const std::size_t colon = line.find(':');
    if (end == std::string_view::npos || colon == std::string_view::npos) {
      return false;
    }
    if (!visit(line.substr(0, colon), trim(line.substr(colon + 1)))) {
      return true;
    }
    fields.remove_prefix(end + 2);
  }
  return true;
}

}  // namespace

std::optional<std::string_view> Head::find(std::string_view name) const {
  std::optional<std::string_view> found;
  for_each_field(fields, [&](std::string_view field, std::string_view value) {
    if (equal_ignoring_case(field, name)) {
      found = value;
    }
    return !found;
  });
  return found;
}

MessageReader::Event MessageReader::next(std::string_view& input) {
  if (clear_partial_) {
    partial_.clear();
    clear_partial_ = false;
  }
  while (true) {
    switch (state_) {
      case State::Head:
        return input.empty() ? Event::NeedMore : read_head(input);
      case State::BodyStart:
        start_body();
        break;
      case State::Counted:
        return left_ == 0 ? finish() : read_counted(input, State::Counted);
      case State::ChunkSize:
        if (const Event event = read_chunk_size(input); event != Event::Body) {
          return event;
        }
        break;
      case State::ChunkData:
        return read_counted(input, State::ChunkEnd);
      case State::ChunkEnd: {
        const auto line = take_line(input);
        if (!line || !line->empty()) {
          return line ? Event::Malformed : Event::NeedMore;
        }
        state_ = State::ChunkSize;
        break;
      }
      case State::Trailer:
        return read_trailer(input);
      case State::UntilClose:
        piece_ = input;
        input = {};
        return piece_.empty() ? Event::NeedMore : Event::Body;
    }
  }
}

MessageReader::Event MessageReader::read_head(std::string_view& input) {
  std::string_view text;
  if (partial_.empty()) {
    const std::size_t end = input.find("\r\n\r\n");
    if (end != std::string_view::npos) {
      text = input.substr(0, end + 4);
      input.remove_prefix(end + 4);
    }
  }
  if (text.empty()) {
    const std::size_t before = partial_.size();
    partial_ += input;
    const std::size_t end = partial_.find("\r\n\r\n", before < 3 ? 0 : before - 3);
    if (end == std::string::npos) {
      input = {};
      return partial_.size() > kHeadLimit ? Event::Malformed : Event::NeedMore;
    }
    input.remove_prefix(end + 4 - before);
    partial_.resize(end + 4);
    text = partial_;
    clear_partial_ = true;
  }
  if (!parse_head(text)) {
    return Event::Malformed;
  }
  state_ = State::BodyStart;
  return Event::Head;
}

bool MessageReader::parse_head(std::string_view text) {
  head_ = Head{};
  const std::size_t end = text.find("\r\n");
  head_.start_line = text.substr(0, end);
  head_.fields = text.substr(end + 2, text.size() - end - 4);
  bool good = true;
  good = for_each_field(head_.fields,
                        [&](std::string_view name, std::string_view value) {
                          if (equal_ignoring_case(name, "content-length")) {
                            const auto length = parse_number<std::uint64_t>(value, 10);
                            good = good && length && !head_.content_length;
                            head_.content_length = length;
                          } else if (equal_ignoring_case(name, "transfer-encoding")) {
                            head_.chunked = equal_ignoring_case(value, "chunked");
                          } else if (equal_ignoring_case(name, "connection")) {
                            head_.close = equal_ignoring_case(value, "close");
                          } else if (equal_ignoring_case(name, "expect")) {
                            head_.expects_continue = true;
                          }
                          return true;
                        }) &&
         good;
  return good && !(head_.chunked && head_.content_length);
}

int Head::status() const {
  const std::size_t space = start_line.find(' ');
  return space == std::string_view::npos
             ? 0
             : parse_number<int>(start_line.substr(space + 1, 3), 10).value_or(0);
}

void MessageReader::start_body() {
  if (head_.chunked) {
    state_ = State::ChunkSize;
  } else if (head_.content_length) {
    left_ = *head_.content_length;
    state_ = State::Counted;
  } else if (kind_ == Kind::Request) {
    left_ = 0;
    state_ = State::Counted;
  } else if (head_.status() / 100 == 1) {
    state_ = State::Head;  // an interim response: the real one follows
  } else {
    state_ = State::UntilClose;
  }
}

MessageReader::Event MessageReader::read_counted(std::string_view& input, State after) {
  if (input.empty()) {
    return Event::NeedMore;
  }
  piece_ = input.substr(0, std::min<std::uint64_t>(left_, input.size()));
  input.remove_prefix(piece_.size());
  left_ -= piece_.size();
  if (left_ == 0) {
    state_ = after;
  }
  return Event::Body;
}

std::optional<std::string_view> MessageReader::take_line(std::string_view& input) {
  if (clear_partial_) {
    partial_.clear();
    clear_partial_ = false;
  }
  const std::size_t end = input.find('\n');
  if (end == std::string_view::npos) {
    partial_ += input;
    input = {};
    return std::nullopt;
  }
  std::string_view line = input.substr(0, end);
  if (!partial_.empty()) {
    partial_ += line;
    line = partial_;
    clear_partial_ = true;
  }
  input.remove_prefix(end + 1);
  if (line.empty() || line.back() != '\r') {
    return "bare line feed";  // no framing line reads so: the callers call it malformed
  }
  return line.substr(0, line.size() - 1);
}

/// Event::Body means "go on": the data of a chunk follows.
MessageReader::Event MessageReader::read_chunk_size(std::string_view& input) {
  const auto line = take_line(input);
  if (!line) {
    return partial_.size() > kLineLimit ? Event::Malformed : Event::NeedMore;
  }
  const auto size = parse_number<std::uint64_t>(trim(line->substr(0, line->find(';'))), 16);
  if (!size) {
    return Event::Malformed;
  }
  left_ = *size;
  state_ = left_ == 0 ? State::Trailer : State::ChunkData;
  return Event::Body;
}

MessageReader::Event MessageReader::read_trailer(std::string_view& input) {
  while (const auto line = take_line(input)) {
    if (line->empty()) {
      return finish();
    }
  }
  return partial_.size() > kLineLimit ? Event::Malformed : Event::NeedMore;
}

MessageReader::Event MessageReader::finish() {
  state_ = State::Head;
  piece_ = {};
  return Event::End;
}

}  // namespace kthena::bench
