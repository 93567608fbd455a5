#include "router/connectors/stream_relay.h"

#include <utility>

#include "json/on_demand.h"
#include "json/print.h"
#include "router/rejection.h"

namespace kthena::router {
namespace {

constexpr std::string_view kDeathMessage =
    "the engine stopped before the answer was complete; retry the request";

/// The data of an event: in place if it has one line, as engines send them; else from all its
/// fields, by way of `joined` if need be.
std::string_view data_of(std::string_view event, std::string& joined) {
  if (event.starts_with("data:")) {
    std::string_view line = event.substr(event.starts_with("data: ") ? 6 : 5);
    const auto end = line.find_last_not_of("\r\n");
    line = line.substr(0, end == std::string_view::npos ? 0 : end + 1);
    if (line.find_first_of("\r\n") == std::string_view::npos) {
      return line;
    }
  }
  return http::parse_sse_event(event, joined).data;
}

/// Sorts out nearly all events by their first bytes.
bool may_be_done(std::string_view event) {
  return event.starts_with("data: ") ? event.substr(6).starts_with("[DONE]")
                                     : event.contains("[DONE]");
}

/// The type that an event of the Responses or the Messages API names in its `event` field, or else
/// in its data. A view into the event or `scratch`.
std::string_view type_of(std::string_view event, std::string& scratch) {
  if (event.starts_with("event: ")) {  // as engines send them
    return event.substr(7, event.find_first_of("\r\n", 7) - 7);
  }
  std::string joined;
  const http::SseEvent parsed = http::parse_sse_event(event, joined);
  if (!parsed.type.empty()) {
    return parsed.type;
  }
  const auto field = json::find_field(parsed.data, "type");
  if (!field || field->type != json::Type::String) {
    return {};
  }
  std::string unescaped;
  scratch = json::read_string(field->in(parsed.data), unescaped).value_or("");
  return scratch;
}

std::optional<json::TokenUsage> usage_of(std::string_view event) {
  std::string joined;
  const auto read = json::read_stream_event(data_of(event, joined));
  return read ? read->usage : std::nullopt;
}

/// A comment, a blank line, a field without data: no client sees an event, and no engine has begun
/// to answer.
bool is_keep_alive(std::string_view event) {
  if (event.starts_with("data: {")) {  // as nearly all begin
    return false;
  }
  if (event.starts_with("event: ")) {
    return !event.contains("data:");
  }
  std::string joined;
  return http::parse_sse_event(event, joined).data.empty();
}

bool is_within(std::string_view part, std::string_view whole) {
  return part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size();
}

}  // namespace

StreamDialect stream_dialect(std::string_view path) noexcept {
  if (path == "/v1/responses") {
    return StreamDialect::Responses;
  }
  if (path == "/v1/messages") {
    return StreamDialect::Messages;
  }
  const bool has_marker = path == "/v1/chat/completions" || path == "/v1/completions";
  return has_marker ? StreamDialect::OpenAi : StreamDialect::Other;
}

StreamRelay::StreamRelay(async::Loop& loop, std::unique_ptr<http::BodySource> upstream,
                         Options options, Outcome& outcome, Timings& timings)
    : upstream_(std::move(upstream)),
      options_(options),
      outcome_(outcome),
      timings_(timings),
      loop_(loop),
      idle_(loop, *upstream_, options.idle_timeout) {}

async::Task<Result<>> StreamRelay::wait_first() {
  while (true) {
    const auto data = CO_TRY(co_await http::next(*this));
    if (!data) {
      co_return fail(ErrorCode::Disconnected, "the stream ended before its first event");
    }
    if (dead_) {
      co_return fail(*death_);
    }
    if (!data->empty()) {
      first_ = *data;
      has_first_ = true;
      co_return {};
    }
  }
}

http::Pulled StreamRelay::pull() {
  idle_.pulling();
  if (std::exchange(has_first_, false)) {
    output_ = std::move(first_);
    first_.clear();
    return {.kind = http::Pulled::Kind::Data, .data = output_};
  }
  if (dead_) {
    return failed(*death_);
  }
  if (!output_.empty()) {
    output_ = {};  // rarely used: thousands of streams need not keep its memory
  }
  // What was given last has been sent by now.
  outcome_.stream_complete = terminal_;
  return pull_events();
}

http::Pulled StreamRelay::pull_events() {
  while (true) {
    const http::Pulled pulled = upstream_->pull();
    switch (pulled.kind) {
      case http::Pulled::Kind::Data: {
        idle_.heard();
        const std::string_view out = take_events(pulled.data);
        if (!out.empty()) {
          return {.kind = http::Pulled::Kind::Data, .data = out};
        }
        break;
      }
      case http::Pulled::Kind::WouldBlock:
        if (idle_.waited_too_long()) {
          if (terminal_) {
            idle_.stop();
            return {.kind = http::Pulled::Kind::End};  // an engine that forgets to end its answer
          }
          return died("upstream_timeout",
                      Error(ErrorCode::DeadlineExceeded, "the engine was silent for too long"));
        }
        return pulled;
      case http::Pulled::Kind::End:
        if (terminal_ || options_.dialect == StreamDialect::Other) {
          idle_.stop();
          outcome_.stream_complete = true;
          return pulled;
        }
        if (held_marker()) {
          terminal_ = true;
          output_.assign(splitter_.held());
          return {.kind = http::Pulled::Kind::Data, .data = output_};
        }
        return died("upstream_disconnected",
                    Error(ErrorCode::Disconnected, "the stream ended before its terminal event"));
      case http::Pulled::Kind::Failed:
        if (terminal_) {
          idle_.stop();
          return {.kind = http::Pulled::Kind::End};  // after the marker nothing is missing
        }
        return died("upstream_disconnected", upstream_->error());
    }
  }
}

bool StreamRelay::held_marker() const {
  // Some engines leave out the blank line behind their last event.
  std::string joined;
  const std::string_view held = splitter_.held();
  return options_.dialect == StreamDialect::OpenAi && may_be_done(held) &&
         data_of(held, joined) == "[DONE]";
}

std::string_view StreamRelay::take_events(std::string_view bytes) {
  output_.clear();
  std::string_view range;  // of `bytes`, to be sent as it stands there
  splitter_.feed(bytes);
  while (const auto piece = splitter_.next()) {
    if (piece->whole) {
      if (inspect(piece->bytes) == Verdict::Drop) {
        continue;
      }
    } else if (!splitter_.within_event()) {
      ++events_;  // the end of one that was too long to be looked at
    }
    if (output_.empty() && is_within(piece->bytes, bytes) &&
        (range.empty() || range.data() + range.size() == piece->bytes.data())) {
      range = range.empty() ? piece->bytes
                            : std::string_view(range.data(), range.size() + piece->bytes.size());
      continue;
    }
    // An event that came in two parts, or one behind a gap: gathered instead.
    output_ += range;
    output_ += piece->bytes;
    range = {};
  }
  return output_.empty() ? range : std::string_view(output_);
}

StreamRelay::Verdict StreamRelay::inspect(std::string_view event) {
  if (is_keep_alive(event)) {
    return keep_alive();
  }
  switch (options_.dialect) {
    case StreamDialect::OpenAi:
    case StreamDialect::Other:  // usage, where there is some, looks the same
      ++events_;
      return inspect_openai(event);
    case StreamDialect::Responses:
      return inspect_responses(event);
    case StreamDialect::Messages:
      break;
  }
  return inspect_messages(event);
}

StreamRelay::Verdict StreamRelay::inspect_responses(std::string_view event) {
  ++events_;
  std::string scratch;
  const std::string_view type = type_of(event, scratch);
  if (type == "response.completed" || type == "response.incomplete" || type == "response.failed") {
    terminal_ = true;
    if (const auto usage = usage_of(event)) {
      note_usage(*usage);
    }
  } else if (type.ends_with(".delta")) {
    note_token();
  }
  return Verdict::Pass;
}

StreamRelay::Verdict StreamRelay::inspect_messages(std::string_view event) {
  std::string scratch;
  const std::string_view type = type_of(event, scratch);
  if (type == "ping") {
    return keep_alive();
  }
  ++events_;
  if (type == "content_block_delta") {
    note_token();
  } else if (type == "message_stop") {
    terminal_ = true;
  } else if (type == "message_start") {
    if (auto usage = usage_of(event)) {
      usage->completion = 0;  // what it has at the start says nothing
      note_usage(*usage);
    }
  } else if (type == "message_delta") {
    if (auto usage = usage_of(event)) {
      // Of the prompt it mostly says nothing again.
      usage->prompt = usage->prompt > 0 ? usage->prompt
                                        : static_cast<std::int64_t>(outcome_.usage.prompt_tokens);
      note_usage(*usage);
    }
  }
  return Verdict::Pass;
}

void StreamRelay::note_token() {
  if (outcome_.token_events++ == 0) {
    timings_.first_token = loop_.now();
  }
}

void StreamRelay::note_usage(const json::TokenUsage& usage) {
  outcome_.usage = {.prompt_tokens = static_cast<std::uint64_t>(usage.prompt),
                    .completion_tokens = static_cast<std::uint64_t>(usage.completion)};
  outcome_.has_usage = true;
}

StreamRelay::Verdict StreamRelay::keep_alive() const {
  // In front of the first event nothing is sent; nobody waits for what says nothing.
  return events_ == 0 ? Verdict::Drop : Verdict::Pass;
}

StreamRelay::Verdict StreamRelay::inspect_openai(std::string_view event) {
  std::string joined;
  if (may_be_done(event) && data_of(event, joined).starts_with("[DONE]")) {
    terminal_ = true;
    return Verdict::Pass;
  }
  const bool before_first_token = outcome_.token_events == 0;
  if (!before_first_token && !event.contains("\"usage\"")) {
    note_token();
    return Verdict::Pass;
  }
  const std::string_view data = data_of(event, joined);
  const auto read = json::read_stream_event(data);
  if (!read) {
    return Verdict::Pass;
  }
  // A chat stream opens with an event that carries the role and no token; some tokens have no text
  // of their own.
  if (before_first_token && (read->has_text || events_ > 1)) {
    note_token();
  }
  if (!read->usage) {
    return Verdict::Pass;
  }
  note_usage(*read->usage);
  return options_.hide_usage && read->no_choices && !read->is_error ? Verdict::Drop : Verdict::Pass;
}

http::Pulled StreamRelay::died(std::string_view code, Error error) {
  idle_.stop();
  death_.emplace(std::move(error));
  dead_ = true;
  if (splitter_.within_event() || events_ == 0) {
    return failed(
        *death_);  // an event now would stand inside another one; or nobody has seen anything yet
  }
  output_ = error_event(code, code == "upstream_timeout"
                                  ? "the engine was silent for too long; retry the request"
                                  : kDeathMessage);
  return {.kind = http::Pulled::Kind::Data, .data = output_};
}

std::string_view StreamRelay::last_words() {
  if (splitter_.within_event() || terminal_ || dead_ || events_ == 0) {
    return {};
  }
  output_ = error_event("router_shutdown", "the router is shutting down; retry the request");
  return output_;
}

std::string StreamRelay::error_event(std::string_view code, std::string_view message) const {
  switch (options_.dialect) {
    case StreamDialect::OpenAi:
    case StreamDialect::Other:
      return "data: " + error_body("", 500, code, message) + "\n\n";
    case StreamDialect::Messages:
      return "event: error\ndata: " + error_body("/v1/messages", 500, code, message) + "\n\n";
    case StreamDialect::Responses:
      break;
  }
  const json::Object error{{"type", "error"},
                           {"code", code},
                           {"message", message},
                           {"param", nullptr},
                           {"sequence_number", events_}};
  return "event: error\ndata: " + json::print(error) + "\n\n";
}

}  // namespace kthena::router
