#include "kube/controller/reconcile_metrics.h"

namespace kthena::kube {

namespace {

constexpr double kSeconds[] = {0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25,
                               0.5,   1,      2.5,   5,    10,    30,   60};

}  // namespace

ReconcileMetricFamilies::ReconcileMetricFamilies(telemetry::Registry& registry)
    : total_(registry.counters("controller_runtime_reconcile_total",
                               "Keys that were reconciled, by how that ended.",
                               {"controller", "result"})),
      panics_(registry.counters("controller_runtime_reconcile_panics_total",
                                "Reconciles that ended by an exception: bugs.", {"controller"})),
      seconds_(registry.histograms("controller_runtime_reconcile_time_seconds",
                                   "How long a reconcile took.", {"controller"}, kSeconds)),
      active_(registry.gauges("controller_runtime_active_workers", "Reconciles that run now.",
                              {"controller"})) {}

ReconcileMetrics ReconcileMetricFamilies::of(std::string_view controller) const {
  return {.succeeded = total_.with({controller, "success"}),
          .requeued = total_.with({controller, "requeue_after"}),
          .conflicts = total_.with({controller, "requeue"}),
          .failed = total_.with({controller, "error"}),
          .panics = panics_.with({controller}),
          .seconds = seconds_.with({controller}),
          .active = active_.with({controller})};
}

}  // namespace kthena::kube
