#include "bench/common/content.h"

#include <fmt/format.h>
#include <xxhash.h>

#include <array>
#include <charconv>

#include "base/check.h"

namespace kthena::bench {
namespace {

constexpr std::string_view kEventStart = R"(data: {"id":"chatcmpl-)";  // backend-id
constexpr std::string_view kEventMiddle =
    R"(","object":"chat.completion.chunk","created":1750000000,"model":"bench-model",)"
    R"("choices":[{"index":0,"delta":{"content":")";
constexpr std::string_view kEventEnd = "\"},\"finish_reason\":null}]}\n\n";
constexpr std::size_t kBackendDigits = 3;
constexpr std::size_t kIdDigits = 8;
constexpr std::size_t kStampDigits = 16;  // nanoseconds since the start of the machine: 115 days
constexpr std::size_t kIndexDigits = 6;

constexpr std::size_t kIdOffset = kEventStart.size() + kBackendDigits + 1;
constexpr std::size_t kStampOffset = kIdOffset + kIdDigits + kEventMiddle.size();
constexpr std::size_t kTextOffset = kStampOffset + kStampDigits + 1 + kIndexDigits + 1;
static_assert(kTextOffset + kEventEnd.size() < kSmallestEvent);

constexpr std::string_view kReplyStart = R"({"id":"chatcmpl-)";
constexpr std::string_view kReplyEnd =
    R"(","object":"chat.completion","created":1750000000,"model":"bench-model","choices":[{"index":0,)"
    R"("message":{"role":"assistant","content":"Paris is the capital of France.\nIt lies on the )"
    R"(Seine, and about 2.1 million people live there."},"logprobs":null,"finish_reason":"stop"}],)"
    R"("usage":{"prompt_tokens":24,"completion_tokens":18,"total_tokens":42}})";

std::uint64_t split_mix(std::uint64_t x) noexcept {
  x += 0x9E3779B97F4A7C15ULL;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9ULL;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBULL;
  return x ^ (x >> 31);
}

void put_digits(char* out, std::size_t digits, std::uint64_t value) noexcept {
  for (std::size_t i = digits; i-- > 0; value /= 10) {
    out[i] = static_cast<char>('0' + (value % 10));
  }
}

/// Text that depends on stream and event alone.
void put_text(char* out, std::size_t size, std::uint32_t id, std::uint32_t index) noexcept {
  static constexpr std::string_view kAlphabet =
      "abcdefghijklmnopqrstuvwxyz ABCDEFGHIJKLMNOPQRSTUVWXYZ.0123456789";
  static_assert(kAlphabet.size() == 64);
  std::uint64_t seed = (static_cast<std::uint64_t>(id) << 32) | index;
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < size; ++i, bits >>= 6) {
    if (i % 10 == 0) {
      seed = bits = split_mix(seed);
    }
    out[i] = kAlphabet[bits & 63];
  }
}

Result<void> set_field(StreamSpec& spec, std::string_view name, std::uint32_t value) {
  if (name == "id" && value < 100'000'000) {
    spec.id = value;
  } else if (name == "events" && value >= 1 && value < 1'000'000) {
    spec.events = value;
  } else if (name == "interval_us") {
    spec.interval_us = value;
  } else if (name == "first_us") {
    spec.first_us = value;
  } else if (name == "size" && value >= kSmallestEvent && value <= kLargestEvent) {
    spec.size = value;
  } else {
    return fail(ErrorCode::InvalidArgument,
                fmt::format("{}: {}={} is unknown or out of range", kSpecHeader, name, value));
  }
  return {};
}

constexpr std::array<std::string_view, 8> kSentences = {
    R"(Explain the difference between a process and a thread.\n)",
    R"(The customer wrote: \"my order number 4711 has not arrived yet\". )",
    R"(    for (int i = 0; i < n; ++i) {\n        total += values[i];\n    }\n)",
    "Die Lieferung nach M\u00fcnchen dauert etwa drei Tage. ",
    R"(Summarise the paragraph above in two sentences, without lists. )",
    R"(| column | value |\n|---|---|\n| latency | 12.5 ms |\n)",
    R"(See https:\/\/example.com\/docs?page=2&sort=asc for details. )",
    R"(Caf\u00e9 and na\u00efve are loan words; \ud83d\ude00 is not a word.\t)",
};

/// Escaped JSON text of exactly `size` bytes, whole sentences first, then plain letters.
void append_prose(std::string& out, std::size_t size, std::size_t& sentence) {
  const std::size_t end = out.size() + size;
  while (out.size() + kSentences.at(sentence % kSentences.size()).size() <= end) {
    out += kSentences.at(sentence++ % kSentences.size());
  }
  out.append(end - out.size(), 'x');
}

}  // namespace

const EventField kBackendInEvent{.offset = kEventStart.size(), .size = kBackendDigits};
const EventField kStampInEvent{.offset = kStampOffset, .size = kStampDigits};
const EventField kBackendInReply{.offset = kReplyStart.size(), .size = kBackendDigits};

Result<StreamSpec> parse_stream_spec(std::string_view header_value) {
  StreamSpec spec;
  while (!header_value.empty()) {
    const std::size_t comma = header_value.find(',');
    const std::string_view part = header_value.substr(0, comma);
    const std::size_t equals = part.find('=');
    std::uint32_t value = 0;
    const std::string_view digits =
        equals == std::string_view::npos ? std::string_view{} : part.substr(equals + 1);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (error != std::errc{} || end != digits.data() + digits.size()) {
      return fail(ErrorCode::InvalidArgument,
                  fmt::format("{}: '{}' is not name=number", kSpecHeader, part));
    }
    TRY(set_field(spec, part.substr(0, equals), value));
    header_value.remove_prefix(comma == std::string_view::npos ? header_value.size() : comma + 1);
  }
  return spec;
}

std::string to_string(const StreamSpec& spec) {
  return fmt::format("id={},events={},interval_us={},first_us={},size={}", spec.id, spec.events,
                     spec.interval_us, spec.first_us, spec.size);
}

void append_event(std::string& out, const StreamSpec& spec, std::uint32_t index, int backend,
                  Nanos sent) {
  const std::size_t begin = out.size();
  out.resize(begin + spec.size);
  char* event = out.data() + begin;
  kEventStart.copy(event, kEventStart.size());
  put_digits(event + kBackendInEvent.offset, kBackendDigits, static_cast<std::uint64_t>(backend));
  event[kIdOffset - 1] = '-';
  put_digits(event + kIdOffset, kIdDigits, spec.id);
  kEventMiddle.copy(event + kIdOffset + kIdDigits, kEventMiddle.size());
  put_digits(event + kStampOffset, kStampDigits, static_cast<std::uint64_t>(sent));
  event[kStampOffset + kStampDigits] = ' ';
  put_digits(event + kStampOffset + kStampDigits + 1, kIndexDigits, index);
  event[kTextOffset - 1] = ' ';
  const std::size_t text = spec.size - kTextOffset - kEventEnd.size();
  put_text(event + kTextOffset, text, spec.id, index);
  kEventEnd.copy(event + kTextOffset + text, kEventEnd.size());
}

std::string plain_reply(int backend) {
  std::string reply(kReplyStart);
  reply.resize(reply.size() + kBackendDigits);
  put_digits(reply.data() + kBackendInReply.offset, kBackendDigits,
             static_cast<std::uint64_t>(backend));
  reply += kReplyEnd;
  return reply;
}

std::string chat_body(std::size_t size, bool stream) {
  constexpr std::string_view kStart =
      R"({"messages":[{"role":"system","content":"You are a helpful assistant.\nAnswer briefly."})";
  constexpr std::string_view kUser = R"(,{"role":"user","content":")";
  constexpr std::string_view kAssistant = R"(,{"role":"assistant","content":")";
  constexpr std::string_view kTurnEnd = R"("})";
  constexpr std::size_t kTurn = 2000;
  const std::string_view end =
      stream ? R"(],"model":"bench-model","stream":true})" : R"(],"model":"bench-model"})";
  CHECK_GE(size, std::size_t{256});
  std::string body;
  body.reserve(size);
  body += kStart;
  std::size_t sentence = 0;
  const std::size_t fixed = kUser.size() + kAssistant.size() + (2 * kTurnEnd.size()) + end.size();
  while (size - body.size() > fixed + (3 * kTurn)) {
    body += kUser;
    append_prose(body, kTurn / 4, sentence);
    body += kTurnEnd;
    body += kAssistant;
    append_prose(body, kTurn, sentence);
    body += kTurnEnd;
  }
  body += kUser;
  append_prose(body, size - body.size() - kTurnEnd.size() - end.size(), sentence);
  body += kTurnEnd;
  body += end;
  return body;
}

void BodyHash::Free::operator()(XXH3_state_s* state) const noexcept { XXH3_freeState(state); }

BodyHash::BodyHash() : state_(XXH3_createState()) { reset(); }

void BodyHash::add(std::string_view piece) noexcept {
  XXH3_64bits_update(state_.get(), piece.data(), piece.size());
}

std::uint64_t BodyHash::value() const noexcept { return XXH3_64bits_digest(state_.get()); }

void BodyHash::reset() noexcept { XXH3_64bits_reset(state_.get()); }

}  // namespace kthena::bench
