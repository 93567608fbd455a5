#include "bench/loadgen/outcome.h"

#include <fmt/format.h>

namespace kthena::bench {

std::string_view to_string(OutcomeKind kind) {
  static constexpr std::array<std::string_view, kOutcomeKinds> kNames = {
      "exact",     "error_then_abort", "error_then_end", "truncated_clean", "cut",
      "corrupted", "wrong_status",     "no_reply",       "not_connected",   "unfinished"};
  return kNames.at(static_cast<std::size_t>(kind));
}

std::string json_string(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) >= 0x7F) {
      out += fmt::format("\\u{:04x}", static_cast<unsigned char>(c));
    } else {
      out += c;
    }
  }
  return out + '"';
}

void Tally::add(const Outcome& outcome) {
  constexpr std::size_t kComplaints = 8;
  const auto kind = static_cast<std::size_t>(outcome.kind);
  ++kinds_.at(kind);
  ++backends_[outcome.backend].at(kind);
  ++statuses_[outcome.status];
  if (outcome.kind != OutcomeKind::Exact && complaints_.size() < kComplaints) {
    complaints_.push_back(fmt::format("{} (status {}, backend {}, {} events): {}",
                                      to_string(outcome.kind), outcome.status, outcome.backend,
                                      outcome.events, outcome.detail));
  }
}

std::uint64_t Tally::total() const noexcept {
  std::uint64_t sum = 0;
  for (const std::uint64_t count : kinds_) {
    sum += count;
  }
  return sum;
}

std::string Tally::describe(const Counts& counts) {
  std::string out;
  for (std::size_t i = 0; i < kOutcomeKinds; ++i) {
    if (counts.at(i) > 0) {
      out += fmt::format("{}\"{}\":{}", out.empty() ? "" : ",",
                         to_string(static_cast<OutcomeKind>(i)), counts.at(i));
    }
  }
  return "{" + out + "}";
}

std::string Tally::to_json_fields() const {
  std::string backends;
  for (const auto& [backend, counts] : backends_) {
    backends += fmt::format("{}\"{}\":{}", backends.empty() ? "" : ",", backend, describe(counts));
  }
  std::string statuses;
  for (const auto& [status, count] : statuses_) {
    statuses += fmt::format("{}\"{}\":{}", statuses.empty() ? "" : ",", status, count);
  }
  std::string complaints;
  for (const std::string& complaint : complaints_) {
    complaints += fmt::format("{}{}", complaints.empty() ? "" : ",", json_string(complaint));
  }
  return fmt::format(R"("outcomes":{},"by_backend":{{{}}},"by_status":{{{}}},"complaints":[{}])",
                     describe(kinds_), backends, statuses, complaints);
}

}  // namespace kthena::bench
