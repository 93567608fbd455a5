// What work queues count, under the names that dashboards for Kubernetes controllers know.
#pragma once

#include <string_view>

#include "telemetry/metrics.h"

namespace kthena::kube {

/// The series of one queue. An empty one counts nothing.
/// Source: docs/reference/metrics.md; the names are those of Kubernetes' own controllers.
struct WorkQueueMetrics {
  telemetry::Gauge depth;
  telemetry::Counter adds;
  telemetry::Histogram queue_seconds;  ///< from the add to the take
  telemetry::Histogram work_seconds;   ///< from the take to the done
  telemetry::Counter retries;
};

/// The families of all queues of a process, told apart by `name`.
class WorkQueueMetricFamilies {
 public:
  explicit WorkQueueMetricFamilies(telemetry::Registry& registry);
  /// @param queue  the queue's name, for example "modelserving"
  WorkQueueMetrics of(std::string_view queue) const;

 private:
  telemetry::GaugeFamily<1> depth_;
  telemetry::CounterFamily<1> adds_;
  telemetry::HistogramFamily<1> queue_seconds_;
  telemetry::HistogramFamily<1> work_seconds_;
  telemetry::CounterFamily<1> retries_;
};

}  // namespace kthena::kube
