#include "apiserver/built_in/event_versions.h"

#include <array>
#include <string_view>
#include <utility>

#include "apiserver/built_in/access.h"
#include "apiserver/built_in/structs.h"
#include "json/value.h"
#include "kube/shapes/shape.h"

namespace kthena::apiserver {

namespace {

struct Names {
  std::string_view core;
  std::string_view events;
};

constexpr std::array kNames{
    Names{"involvedObject", "regarding"},
    Names{"message", "note"},
    Names{"source", "deprecatedSource"},
    Names{"firstTimestamp", "deprecatedFirstTimestamp"},
    Names{"lastTimestamp", "deprecatedLastTimestamp"},
    Names{"count", "deprecatedCount"},
    Names{"reportingComponent", "reportingController"},
};

std::string_view renamed(std::string_view name, bool to_core) {
  for (const Names& names : kNames) {
    if (name == (to_core ? names.events : names.core)) {
      return to_core ? names.core : names.events;
    }
  }
  return name;
}

}  // namespace

json::Value event_as(std::string_view api_version, json::Value event) {
  const kube::shapes::Type* type = kube::shapes::find_kind(api_version, "Event");
  if (type == nullptr || !event.is_object() || text_at(event, {"apiVersion"}) == api_version) {
    return event;
  }
  json::Object out;
  for (json::Member& member : event.as_object()) {
    out.set(renamed(member.key, api_version == "v1"), std::move(member.value));
  }
  json::Value other = std::move(out);
  other.set("apiVersion", api_version);
  as_printed(*type, other);
  return other;
}

}  // namespace kthena::apiserver
