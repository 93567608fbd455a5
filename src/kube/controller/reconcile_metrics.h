// What controllers count, under the names that dashboards for Kubernetes controllers know.
#pragma once

#include <string_view>

#include "telemetry/metrics.h"

namespace kthena::kube {

/// The series of one controller. An empty one counts nothing.
struct ReconcileMetrics {
  telemetry::Counter succeeded;  ///< result="success"
  telemetry::Counter requeued;   ///< result="requeue_after"
  telemetry::Counter conflicts;  ///< result="requeue": Conflict or Expired
  telemetry::Counter failed;     ///< result="error"
  telemetry::Counter panics;     ///< exceptions: bugs
  telemetry::Histogram seconds;
  telemetry::Gauge active;
};

class ReconcileMetricFamilies {
 public:
  explicit ReconcileMetricFamilies(telemetry::Registry& registry);
  /// @param controller  the controller's name, for example "modelserving"
  ReconcileMetrics of(std::string_view controller) const;

 private:
  telemetry::CounterFamily<2> total_;
  telemetry::CounterFamily<1> panics_;
  telemetry::HistogramFamily<1> seconds_;
  telemetry::GaugeFamily<1> active_;
};

}  // namespace kthena::kube
