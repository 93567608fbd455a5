#include "kube/cache/reflector_metrics.h"

namespace kthena::kube {

ReflectorMetricFamilies::ReflectorMetricFamilies(telemetry::Registry& registry)
    : lists_(registry.counters("reflector_lists_total",
                               "Lists of a kind of object that were asked for.", {"kind"})),
      watches_(registry.counters("reflector_watches_total",
                                 "Watches of a kind of object that were begun.", {"kind"})),
      events_(
          registry.counters("reflector_events_total", "Changes that watches told of.", {"kind"})),
      failures_(registry.counters("reflector_failures_total",
                                  "Lists and watches that failed, and were tried again.",
                                  {"kind"})),
      unreadable_(registry.counters("reflector_unreadable_objects_total",
                                    "Objects that were left out because they could not be read.",
                                    {"kind"})) {}

ReflectorMetrics ReflectorMetricFamilies::of(std::string_view kind) const {
  return {.lists = lists_.with({kind}),
          .watches = watches_.with({kind}),
          .events = events_.with({kind}),
          .failures = failures_.with({kind}),
          .unreadable = unreadable_.with({kind})};
}

}  // namespace kthena::kube
