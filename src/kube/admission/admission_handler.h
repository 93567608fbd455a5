// Webhooks over HTTP: which path asks which policy, and how the server is.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/server.h"
#include "kube/admission/review.h"
#include "telemetry/metrics.h"

namespace kthena::kube {

struct AdmissionRoute {
  std::string path;  ///< "/validate/widget"
  AdmissionPolicy policy;
};

/// Under the names that dashboards for Kubernetes webhooks know. An empty one counts nothing.
struct AdmissionMetrics {
  telemetry::CounterFamily<2> reviews;    ///< webhook, outcome
  telemetry::HistogramFamily<1> seconds;  ///< webhook

  explicit AdmissionMetrics(telemetry::Registry& registry);
};

/// Answers reviews by POST, `/healthz` and `/readyz` by GET; all else is an error, which the API
/// server takes for a refusal. One shard.
class AdmissionHandler final : public http::Handler {
 public:
  /// @param ready  asked by /readyz; must outlive the handler
  AdmissionHandler(std::vector<AdmissionRoute> routes, const AdmissionMetrics& metrics,
                   std::function<bool()> ready);

  async::Task<http::Response> handle(http::Request& request) override;

 private:
  std::map<std::string, AdmissionPolicy, std::less<>> routes_;
  const AdmissionMetrics& metrics_;
  std::function<bool()> ready_;
};

/// `/healthz` and `/readyz`, the same on every port; 404 else.
http::Response health_page(const http::Request& request, bool ready);

/// For the server of an AdmissionHandler.
/// @param timeout  without a byte read or written, a connection is given up
http::ServerOptions admission_server_options(Duration timeout);

}  // namespace kthena::kube
