#include "apiserver/built_in/pod_resources.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "apiserver/built_in/access.h"
#include "json/value.h"
#include "kube/meta/quantity.h"

namespace kthena::apiserver {

namespace {

using json::Value;
using Wide = kube::Quantity::Wide;

Wide amount_of(const Value& quantity) {
  const auto read = kube::Quantity::from_json(quantity);
  return read ? read->nanos() : 0;
}

bool is_counted(std::string_view resource) { return resource == "cpu" || resource == "memory"; }

/// A sum that prints in the suffixes of what was added first.
struct Sum {
  Wide nanos = 0;
  bool is_binary = false;

  void add(const Value& quantity) {
    if (nanos == 0) {
      is_binary = text_of(&quantity).ends_with('i');
    }
    nanos += amount_of(quantity);
  }
  std::string text() const {
    constexpr Wide kKibi = Wide{1024} * 1'000'000'000;
    const bool in_kibi = is_binary && nanos % kKibi == 0;
    const auto number = static_cast<std::int64_t>(in_kibi ? nanos / kKibi : nanos / 1'000'000);
    const auto read = kube::Quantity::parse(fmt::format("{}{}", number, in_kibi ? "Ki" : "m"));
    return read ? read->canonical() : "0";
  }
};
using Sums = std::map<std::string, Sum, std::less<>>;

bool is_sidecar(const Value& container) {
  return text_at(container, {"restartPolicy"}) == "Always";
}

/// What all containers request together, as the scheduler counts: sidecars run beside the others,
/// other init containers one after the other.
Sums requested_together(const Value& spec) {
  Sums sums;
  Sums sidecars;
  Sums highest;
  const auto requests = [](const Value& container) -> const json::Object& {
    return members_of(at(container, {"resources", "requests"}));
  };
  for (const Value& container : items_of(at(spec, {"containers"}))) {
    for (const json::Member& member : requests(container)) {
      sums[member.key].add(member.value);
    }
  }
  for (const Value& container : items_of(at(spec, {"initContainers"}))) {
    for (const json::Member& member : requests(container)) {
      Sum now = sidecars[member.key];
      now.add(member.value);
      if (is_sidecar(container)) {
        sidecars[member.key] = now;
        sums[member.key].add(member.value);
      }
      if (now.nanos > highest[member.key].nanos) {
        highest[member.key] = now;
      }
    }
  }
  for (const auto& [resource, most] : highest) {
    if (most.nanos > sums[resource].nanos) {
      sums[resource] = most;
    }
  }
  return sums;
}

/// Amounts that count for the quality of service, and whether each container limits both.
struct Quality {
  std::map<std::string, Wide, std::less<>> requests;
  std::map<std::string, Wide, std::less<>> limits;
  bool is_guaranteed = true;

  void add(const Value* resources) {
    std::size_t limited = 0;
    for (const json::Member& member : members_of(at(resources, "requests"))) {
      if (is_counted(member.key) && amount_of(member.value) > 0) {
        requests[member.key] += amount_of(member.value);
      }
    }
    for (const json::Member& member : members_of(at(resources, "limits"))) {
      if (is_counted(member.key) && amount_of(member.value) > 0) {
        limits[member.key] += amount_of(member.value);
        ++limited;
      }
    }
    is_guaranteed = is_guaranteed && limited == 2;
  }
};

}  // namespace

std::string_view quality_of_service(const Value& pod) {
  Quality quality;
  const Value* whole = at(pod, {"spec", "resources"});
  if (whole != nullptr) {
    quality.add(whole);
  } else {
    for (const std::string_view list : {"containers", "initContainers"}) {
      for (const Value& container : items_of(at(pod, {"spec", list}))) {
        quality.add(at(container, {"resources"}));
      }
    }
  }
  if (quality.requests.empty() && quality.limits.empty()) {
    return "BestEffort";
  }
  return quality.is_guaranteed && quality.requests == quality.limits ? "Guaranteed" : "Burstable";
}

void default_pod_resources(Value& spec) {
  const Value* limits = at(spec, {"resources", "limits"});
  if (is_nothing(limits)) {
    return;
  }
  const json::Object whole = limits->as_object();
  Value requests = json::Object(members_of(at(spec, {"resources", "requests"})));
  for (const auto& [resource, sum] : requested_together(spec)) {
    if (is_counted(resource) && requests.find(resource) == nullptr) {
      requests.set(resource, sum.text());
    }
  }
  for (const json::Member& limit : whole) {
    const bool is_known = is_counted(limit.key) || limit.key.starts_with("hugepages-");
    if (is_known && requests.find(limit.key) == nullptr) {
      requests.set(limit.key, limit.value);
    }
  }
  if (!requests.as_object().empty()) {
    object_at(spec, "resources").set("requests", std::move(requests));
  }
}

}  // namespace kthena::apiserver
