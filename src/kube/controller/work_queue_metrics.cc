#include "kube/controller/work_queue_metrics.h"

namespace kthena::kube {

namespace {

constexpr double kSeconds[] = {1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 0.1, 1, 10, 100, 1000};

}  // namespace

WorkQueueMetricFamilies::WorkQueueMetricFamilies(telemetry::Registry& registry)
    : depth_(registry.gauges("workqueue_depth", "Keys that are ready to be looked at.", {"name"})),
      adds_(registry.counters("workqueue_adds_total", "Keys that were added.", {"name"})),
      queue_seconds_(registry.histograms("workqueue_queue_duration_seconds",
                                         "How long keys waited to be looked at.", {"name"},
                                         kSeconds)),
      work_seconds_(registry.histograms("workqueue_work_duration_seconds",
                                        "How long it took to look at a key.", {"name"}, kSeconds)),
      retries_(
          registry.counters("workqueue_retries_total", "Keys that were tried again.", {"name"})) {}

WorkQueueMetrics WorkQueueMetricFamilies::of(std::string_view queue) const {
  return {.depth = depth_.with({queue}),
          .adds = adds_.with({queue}),
          .queue_seconds = queue_seconds_.with({queue}),
          .work_seconds = work_seconds_.with({queue}),
          .retries = retries_.with({queue})};
}

}  // namespace kthena::kube
