// What reflectors count, under the names that dashboards for Kubernetes clients know.
#pragma once

#include <string_view>

#include "kube/cache/reflector.h"
#include "telemetry/metrics.h"

namespace kthena::kube {

class ReflectorMetricFamilies {
 public:
  explicit ReflectorMetricFamilies(telemetry::Registry& registry);
  /// @param kind  "Pod"
  ReflectorMetrics of(std::string_view kind) const;

 private:
  telemetry::CounterFamily<1> lists_;
  telemetry::CounterFamily<1> watches_;
  telemetry::CounterFamily<1> events_;
  telemetry::CounterFamily<1> failures_;
  telemetry::CounterFamily<1> unreadable_;
};

}  // namespace kthena::kube
