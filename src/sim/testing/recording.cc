#include "sim/testing/recording.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>

#include "base/strings.h"
#include "json/parse.h"
#include "json/print.h"

namespace kthena::sim::testing {
namespace {

bool is_hex(std::string_view text, std::size_t length) {
  return text.size() == length &&
         text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

/// Replaces a random ending of an identifier: "cmpl-0123456789abcdef" becomes "cmpl-<16 digits>".
std::string normal_id(std::string_view id) {
  const std::size_t dash = id.rfind('-');
  const std::string_view last = id.substr(dash == std::string_view::npos ? 0 : dash + 1);
  for (const std::size_t length : {8, 16, 32}) {
    if (is_hex(last, length)) {
      return fmt::format("{}<{} digits>", id.substr(0, id.size() - last.size()), length);
    }
  }
  return std::string(id);
}

/// Walks over an answer's JSON and replaces what differs by nature.
class Normaliser {
 public:
  explicit Normaliser(bool stopped) : stopped_(stopped) {}

  void walk(json::Value& value) {
    if (value.is_array()) {
      for (json::Value& item : value.as_array()) {
        walk(item);
      }
    } else if (value.is_object()) {
      const bool in_delta_with_role =
          value.find("role") != nullptr && value.as_object().size() == 2;
      for (json::Member& member : value.as_object()) {
        member_of(member, in_delta_with_role);
      }
    }
  }

 private:
  void member_of(json::Member& member, bool in_delta_with_role) {
    const std::string& key = member.key;
    json::Value& value = member.value;
    if (value.is_string()) {
      text_member(key, value, in_delta_with_role);
    } else if (value.is_number()) {
      number_member(key, value);
    } else if (key == "top_logprobs" && value.is_array()) {
      walk_top_logprobs(value.as_array());
    } else if (value.is_array() && is_token_list(key)) {
      json::Array& items = value.as_array();
      // One entry a token of the answer is decided by the engine; the number of a prompt's tokens,
      // or of a token's bytes, is not.
      const bool per_token = key == "token_ids" || key == "text_offset" ||
                             key == "token_logprobs" || (key == "tokens" && in_logprobs_);
      value = per_token ? fmt::format("<{} values>", items.size()) : std::string("<values>");
    } else if (key == "logprobs" && value.is_object()) {
      in_logprobs_ = true;
      walk(value);
      in_logprobs_ = false;
    } else {
      walk(value);
    }
  }

  static bool is_token_list(std::string_view key) {
    return key == "token_ids" || key == "prompt_token_ids" || key == "tokens" ||
           key == "token_strs" || key == "text_offset" || key == "token_logprobs" || key == "bytes";
  }

  void text_member(std::string_view key, json::Value& value, bool in_delta_with_role) const {
    if (key == "id" || key == "system_fingerprint") {
      value = normal_id(value.as_string());
    } else if (key == "text" || (key == "content" && !in_delta_with_role) || key == "stop_reason" ||
               key == "prompt" || key == "token") {
      value = "<text>";
    }
  }

  void number_member(std::string_view key, json::Value& value) const {
    if (key == "created") {
      value = "<time>";
    } else if (key == "prompt_tokens" || key == "total_tokens" || key == "logprob" ||
               key == "count" || (key == "completion_tokens" && stopped_)) {
      value = "<number>";
    }
  }

  /// Chat has a list of entries for each token, completions a map from text to number.
  void walk_top_logprobs(json::Array& items) {
    for (json::Value& item : items) {
      if (item.find("token") != nullptr) {
        walk(item);
      } else {
        item = "<text to number>";
      }
    }
  }

  bool stopped_;  ///< where the text ended by itself, its length differs by nature
  bool in_logprobs_ = false;
};

std::string normal_json(std::string_view text) {
  Result<json::Value> value = json::parse(text);
  if (!value) {
    return fmt::format("not JSON: {}", text);
  }
  const bool stopped = text.contains(R"("finish_reason":"stop")");
  Normaliser(stopped).walk(*value);
  return json::print(*value);
}

/// The choice that a chunk's event is about; none for usage and [DONE].
std::optional<std::int64_t> choice_of(std::string_view chunk) {
  constexpr std::string_view kMark = R"("choices":[{"index":)";
  const std::size_t at = chunk.find(kMark);
  if (at == std::string_view::npos) {
    return std::nullopt;
  }
  return chunk[at + kMark.size()] - '0';
}

/// The chunks' indexes by choice, what is about none at the end.
std::vector<std::size_t> order_of_choices(const std::vector<std::string>& chunks) {
  std::vector<std::pair<std::int64_t, std::size_t>> keys;
  for (std::size_t i = 0; i < chunks.size(); ++i) {
    keys.emplace_back(choice_of(chunks[i]).value_or(INT64_MAX), i);
  }
  std::ranges::sort(keys);
  std::vector<std::size_t> order;
  for (const auto& [choice, index] : keys) {
    order.push_back(index);
  }
  return order;
}

std::string normal_event_chunk(std::string_view chunk) {
  if (!chunk.starts_with("data: ") || !chunk.ends_with("\n\n") ||
      chunk.find("\n\n") + 2 != chunk.size()) {
    return fmt::format("not one event: {}", chunk);
  }
  chunk.remove_prefix(6);
  chunk.remove_suffix(2);
  return fmt::format("event {}\n", chunk == "[DONE]" ? std::string(chunk) : normal_json(chunk));
}

std::string normal_header(const std::string& name, const std::string& value) {
  if (name == "date") {
    // "Sat, 21 Nov 2026 15:22:12 GMT"
    return value.size() == 29 && value.ends_with(" GMT") ? "<date>" : value;
  }
  return name == "x-request-id" ? normal_id(value) : value;
}

}  // namespace

Result<Exchange> read_exchange(const std::string& directory, const std::string& name) {
  std::ifstream file(directory + "/" + name, std::ios::binary);
  if (!file) {
    return fail(ErrorCode::NotFound, fmt::format("no recording {}", name));
  }
  const std::string text((std::istreambuf_iterator<char>(file)), {});
  constexpr std::string_view kBetween = "\n----- response -----\n";
  const std::size_t at = text.find(kBetween);
  if (at == std::string::npos) {
    return fail(ErrorCode::InvalidArgument, fmt::format("{}: no line before the response", name));
  }
  return Exchange{name, text.substr(0, at), text.substr(at + kBetween.size())};
}

std::vector<std::string> find_exchanges(const std::string& directory) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(directory)) {
    if (entry.path().extension() == ".http") {
      names.push_back(std::filesystem::relative(entry.path(), directory).string());
    }
  }
  std::ranges::sort(names);
  return names;
}

WireResponse parse_response(std::string_view bytes, bool head) {
  WireResponse response;
  const std::size_t end = bytes.find("\r\n\r\n");
  if (end == std::string_view::npos) {
    return response;
  }
  std::size_t length = 0;
  for (const std::string_view line : split(bytes.substr(0, end), '\n')) {
    const std::string_view text = trim(line);
    const auto field = split_once(text, ':');
    if (response.status_line.empty()) {
      response.status_line = text;
    } else if (field) {
      response.headers.emplace_back(to_lower(field->first), trim(field->second));
      const auto& [name, value] = response.headers.back();
      response.chunked = response.chunked || name == "transfer-encoding";
      length = name == "content-length" ? parse_int<std::size_t>(value).value_or(0) : length;
    }
  }
  std::string_view body = bytes.substr(end + 4);
  if (head || !response.chunked) {
    length = head ? 0 : length;
    response.complete = body.size() >= length;
    if (length > 0) {
      response.chunks.emplace_back(body.substr(0, length));
    }
    return response;
  }
  while (true) {
    const std::size_t line = body.find("\r\n");
    const auto size = parse_int<std::size_t>(body.substr(0, std::min(line, body.size())), 16);
    if (line == std::string_view::npos || !size || body.size() < line + 2 + *size + 2) {
      return response;
    }
    if (*size == 0) {
      response.complete = true;
      return response;
    }
    response.chunks.emplace_back(body.substr(line + 2, *size));
    body.remove_prefix(line + 2 + *size + 2);
  }
}

std::string normal_form(std::string_view bytes, bool head) {
  WireResponse response = parse_response(bytes, head);
  std::string form = response.status_line + "\n";
  // Framing fields are written by the HTTP layer, in a place of its own.
  std::string framing;
  for (const auto& [name, value] : response.headers) {
    if (name == "content-length") {
      framing += "content-length\n";
    } else if (name == "transfer-encoding" || name == "connection") {
      framing += fmt::format("{}: {}\n", name, value);
    } else {
      form += fmt::format("{}: {}\n", name, normal_header(name, value));
    }
  }
  std::vector<std::string_view> lines = split(framing, '\n');
  std::ranges::sort(lines);
  form += fmt::format("{}\n{}\n", join(lines, "\n"), response.complete ? "complete" : "incomplete");
  if (response.chunked) {
    for (const std::size_t index : order_of_choices(response.chunks)) {
      form += normal_event_chunk(response.chunks[index]);
    }
  } else if (!response.chunks.empty()) {
    const std::string& body = response.chunks.front();
    form += body.starts_with('{') ? normal_json(body) : body;
  }
  return form;
}

}  // namespace kthena::sim::testing
