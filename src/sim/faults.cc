#include "sim/faults.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <utility>

#include "base/error.h"
#include "base/result.h"
#include "json/value.h"

namespace kthena::sim {
namespace {

constexpr std::array<std::pair<std::string_view, FaultKind>, 12> kKinds = {{
    {"refuse", FaultKind::Refuse},
    {"hang", FaultKind::Hang},
    {"slow_first_token", FaultKind::SlowFirstToken},
    {"slow_tokens", FaultKind::SlowTokens},
    {"close", FaultKind::Close},
    {"reset", FaultKind::Reset},
    {"truncate", FaultKind::Truncate},
    {"status", FaultKind::Status},
    {"malformed_sse", FaultKind::MalformedSse},
    {"crash", FaultKind::Crash},
    {"stuck_metrics", FaultKind::StuckMetrics},
    {"drain", FaultKind::Drain},
}};
constexpr std::size_t kMaxFaults = 100;

std::unexpected<Error> wrong(std::string_view field, std::string_view why) {
  return fail(ErrorCode::InvalidArgument, fmt::format("{}: {}", field, why));
}

Result<FaultKind> parse_kind(const json::Value& value) {
  if (value.is_string()) {
    for (const auto& [name, kind] : kKinds) {
      if (value.as_string() == name) {
        return kind;
      }
    }
  }
  std::string names;
  for (const auto& [name, kind] : kKinds) {
    names += fmt::format("{}{}", names.empty() ? "" : ", ", name);
  }
  return wrong("kind", fmt::format("must be one of {}", names));
}

Result<> set_field(Fault& fault, const json::Member& member) {
  const json::Value& value = member.value;
  if (member.key == "kind") {
    fault.kind = TRY(parse_kind(value));
  } else if (member.key == "share") {
    if (!value.is_number() || value.as_double() < 0 || value.as_double() > 1) {
      return wrong("share", "must be a number from 0 to 1");
    }
    fault.share = value.as_double();
  } else if (member.key == "count") {
    fault.count = value.to_uint64();
    if (!fault.count) {
      return wrong("count", "must be a whole number");
    }
  } else if (member.key == "after_tokens") {
    const auto tokens = value.to_uint64();
    if (!tokens) {
      return wrong("after_tokens", "must be a whole number");
    }
    fault.after_tokens = *tokens;
  } else if (member.key == "delay_ms") {
    if (!value.is_number() || value.as_double() < 0 || value.as_double() > 86'400'000) {
      return wrong("delay_ms", "must be a number from 0 to 86400000");
    }
    fault.delay = Duration(static_cast<Duration::rep>(value.as_double() * 1e6));
  } else if (member.key == "status") {
    const auto status = value.to_int64();
    if (!status || (*status != 0 && (*status < 200 || *status > 599))) {
      return wrong("status", "must be 0 or from 200 to 599");
    }
    fault.status = static_cast<int>(*status);
  } else if (member.key == "path") {
    if (!value.is_string() || !value.as_string().starts_with('/')) {
      return wrong("path", "must be a text that begins with /");
    }
    fault.path = value.as_string();
  } else if (member.key != "id") {
    return wrong(member.key, "no such field");
  }
  return {};
}

}  // namespace

std::string_view to_string(FaultKind kind) noexcept {
  const auto* found =
      std::ranges::find(kKinds, kind, &std::pair<std::string_view, FaultKind>::second);
  return found->first;
}

json::Value Fault::to_json() const {
  json::Value value;
  value.set("id", id);
  value.set("kind", to_string(kind));
  value.set("share", share);
  value.set("count", count ? json::Value(*count) : json::Value());
  value.set("after_tokens", after_tokens);
  value.set("delay_ms", static_cast<double>(delay.count()) / 1e6);
  value.set("status", status);
  value.set("path", path.empty() ? json::Value() : json::Value(path));
  return value;
}

Result<Fault> parse_fault(const json::Value& value) {
  const json::Value* kind = value.find("kind");
  if (kind == nullptr || kind->is_null()) {
    return wrong("kind", "is missing: a fault is an object such as {\"kind\": \"hang\"}");
  }
  Fault fault;
  fault.status = -1;
  for (const json::Member& member : value.as_object()) {
    if (!member.value.is_null()) {
      TRY(set_field(fault, member));
    }
  }
  if (fault.status == -1) {
    fault.status = fault.kind == FaultKind::Refuse   ? 503
                   : fault.kind == FaultKind::Status ? 500
                                                     : 0;
  }
  if (fault.kind == FaultKind::Status && fault.status == 0) {
    return wrong("status", "must be from 200 to 599");
  }
  const bool needs_delay =
      fault.kind == FaultKind::SlowFirstToken || fault.kind == FaultKind::SlowTokens;
  if (needs_delay && fault.delay == Duration::zero()) {
    return wrong("delay_ms", fmt::format("is required for {}", to_string(fault.kind)));
  }
  return fault;
}

Result<std::uint64_t> FaultSet::add(Fault fault) {
  if (faults_.size() >= kMaxFaults) {
    return fail(ErrorCode::TooLarge, fmt::format("there are {} faults already", kMaxFaults));
  }
  fault.id = next_id_++;
  faults_.push_back(std::move(fault));
  return faults_.back().id;
}

json::Value FaultSet::to_json() const {
  json::Array items;
  for (const Fault& fault : faults_) {
    items.push_back(fault.to_json());
  }
  json::Value value;
  value.set("faults", std::move(items));
  return value;
}

bool FaultSet::has(FaultKind kind) const noexcept {
  return std::ranges::find(faults_, kind, &Fault::kind) != faults_.end();
}

namespace {

void apply(const Fault& fault, RequestFaults& faults) {
  using Cut = RequestFaults::Cut;
  const auto cut = [&](Cut how) {
    faults.cut = how;
    faults.cut_after = fault.after_tokens;
  };
  switch (fault.kind) {
    case FaultKind::Refuse:
    case FaultKind::Status:
      faults.status = fault.status;
      break;
    case FaultKind::Drain:
      faults.status = 503;
      break;
    case FaultKind::Hang:
      if (fault.after_tokens == 0) {
        faults.hang = true;
      } else {
        cut(Cut::Stall);
      }
      break;
    case FaultKind::SlowFirstToken:
      faults.first_token_delay += fault.delay;
      break;
    case FaultKind::SlowTokens:
      faults.token_delay += fault.delay;
      break;
    case FaultKind::Close:
      cut(Cut::Close);
      break;
    case FaultKind::Reset:
      cut(Cut::Reset);
      break;
    case FaultKind::Truncate:
      cut(Cut::Truncate);
      break;
    case FaultKind::MalformedSse:
      faults.malformed_after = fault.after_tokens;
      break;
    case FaultKind::Crash:
      cut(Cut::Crash);
      break;
    case FaultKind::StuckMetrics:
      break;
  }
}

}  // namespace

RequestFaults FaultSet::hit(std::string_view path, bool generates) {
  RequestFaults faults;
  for (Fault& fault : faults_) {
    const bool concerned = fault.path.empty() ? generates : fault.path == path;
    if (!concerned || fault.count == 0U || fault.kind == FaultKind::StuckMetrics) {
      continue;
    }
    if (fault.share < 1 && !random_.chance(fault.share)) {
      continue;
    }
    if (fault.count) {
      --*fault.count;
    }
    apply(fault, faults);
  }
  return faults;
}

}  // namespace kthena::sim
