// Events: what has happened to an object, for people; `kubectl describe` shows them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <tuple>

#include "json/fields.h"
#include "json/type.h"
#include "kube/meta/object.h"
#include "kube/meta/reference.h"
#include "kube/meta/resource.h"
#include "kube/meta/scalars.h"

namespace kthena::kube {

struct EventSource {
  std::string component;  ///< "modelserving-controller"
  std::string host;

  static constexpr bool kPartial = true;
  static constexpr auto fields() {
    using S = EventSource;
    return std::tuple{json::Field{"component", &S::component}, json::Field{"host", &S::host}};
  }
  friend bool operator==(const EventSource&, const EventSource&) = default;
};

/// Source: Kubernetes API, core v1.
struct Event {
  ObjectMeta metadata;
  ObjectReference involved_object;
  std::string reason;   ///< one word, for programs
  std::string message;  ///< for people
  std::string type;     ///< "Normal" or "Warning"
  EventSource source;
  std::int32_t count = 0;  ///< how often it has happened
  std::optional<Time> first_timestamp;
  std::optional<Time> last_timestamp;

  static constexpr ResourceType kResource{.api_version = "v1",
                                          .kind = "Event",
                                          .plural = "events",
                                          .singular = "event",
                                          .has_status = false};
  static constexpr bool kPartial = true;
  static constexpr auto fields() {
    using E = Event;
    return std::tuple{json::Constant{"apiVersion", "v1"},
                      json::Constant{"kind", "Event"},
                      json::Field{"metadata", &E::metadata},
                      json::Field{"involvedObject", &E::involved_object},
                      json::Field{"reason", &E::reason},
                      json::Field{"message", &E::message},
                      json::Field{"type", &E::type},
                      json::Field{"source", &E::source},
                      json::Field{"count", &E::count},
                      json::Field{"firstTimestamp", &E::first_timestamp},
                      json::Field{"lastTimestamp", &E::last_timestamp}};
  }
  friend bool operator==(const Event&, const Event&) = default;
};

}  // namespace kthena::kube

KTHENA_JSON_EXTERN_TYPE(kthena::kube::Event);
