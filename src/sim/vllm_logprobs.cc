#include "sim/vllm_logprobs.h"

#include <fmt/format.h>

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string>
#include <string_view>

#include "json/print.h"
#include "sim/answer_text.h"
#include "sim/tokenizer.h"

namespace kthena::sim {
namespace {

/// The chosen token has rank 0; what follows is less and less likely.
double logprob(TokenId id, std::uint32_t rank) {
  return -0.001 - 0.25 * rank - static_cast<double>(id % 997) / 4096;
}

std::string token_text(const AnswerText& text, std::uint32_t index, std::uint32_t rank) {
  std::string result;
  if (rank == 0) {
    text.append(index, result);
  } else {
    append_token_text(kFirstSpacedWord + (text.id(index) + rank * 997) % kWords, result);
  }
  return result;
}

void append_chat_entry(std::string& out, std::string_view token, double value) {
  out += R"({"token":)";
  json::append_quoted(out, token);
  fmt::format_to(std::back_inserter(out), R"(,"logprob":{},"bytes":[)", value);
  for (std::size_t i = 0; i < token.size(); ++i) {
    fmt::format_to(std::back_inserter(out), "{}{}", i == 0 ? "" : ",",
                   static_cast<unsigned char>(token[i]));
  }
  out += ']';
}

}  // namespace

void append_chat_logprobs(std::string& out, const AnswerText& text, TokenRange range,
                          std::uint32_t alternatives) {
  out += R"({"content":[)";
  for (std::uint32_t i = range.first; i < range.first + range.count; ++i) {
    out += i == range.first ? "" : ",";
    append_chat_entry(out, token_text(text, i, 0), logprob(text.id(i), 0));
    out += R"(,"top_logprobs":[)";
    for (std::uint32_t rank = 0; rank < alternatives; ++rank) {
      out += rank == 0 ? "" : ",";
      append_chat_entry(out, token_text(text, i, rank), logprob(text.id(i), rank));
      out += '}';
    }
    out += "]}";
  }
  out += "]}";
}

void append_completion_logprobs(std::string& out, const AnswerText& text, TokenRange range,
                                std::uint32_t alternatives, std::uint32_t offset) {
  std::string logprobs;
  std::string tokens;
  std::string tops;
  out += R"({"text_offset":[)";
  for (std::uint32_t i = range.first; i < range.first + range.count; ++i) {
    const std::string_view comma = i == range.first ? "" : ",";
    const std::string token = token_text(text, i, 0);
    fmt::format_to(std::back_inserter(out), "{}{}", comma, offset);
    offset += static_cast<std::uint32_t>(token.size());
    fmt::format_to(std::back_inserter(logprobs), "{}{}", comma, logprob(text.id(i), 0));
    tokens += comma;
    json::append_quoted(tokens, token);
    tops += comma;
    tops += '{';
    for (std::uint32_t rank = 0; rank <= alternatives; ++rank) {
      tops += rank == 0 ? "" : ",";
      json::append_quoted(tops, token_text(text, i, rank));
      fmt::format_to(std::back_inserter(tops), ":{}", logprob(text.id(i), rank));
    }
    tops += '}';
  }
  fmt::format_to(std::back_inserter(out),
                 R"(],"token_logprobs":[{}],"tokens":[{}],"top_logprobs":[{}]}})", logprobs, tokens,
                 tops);
}

}  // namespace kthena::sim
