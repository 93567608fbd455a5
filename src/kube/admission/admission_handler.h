// Webhooks over HTTP: which path asks which policy, and how the server is.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "async/task.h"
#include "http/server.h"
#include "kube/admission/review.h"
#include "kube/client/client.h"
#include "telemetry/metrics.h"

namespace kthena::kube {

struct AdmissionRoute {
  std::string path;  ///< "/validate/widget"
  AdmissionPolicy policy;
  /// How a wrong Content-Type is answered: the reference's two programs differ in a word.
  std::string_view expected_word = "expect";
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
  /// @param client  looks up what policies ask for; outlives the handler. Null: nothing is looked
  /// up
  AdmissionHandler(std::vector<AdmissionRoute> routes, const AdmissionMetrics& metrics,
                   std::function<bool()> ready, Client* client = nullptr);

  async::Task<http::Response> handle(http::Request& request) override;

 private:
  async::Task<AdmissionAnswer> answer(const AdmissionRoute& route, std::string_view content_type,
                                      std::string_view body);
  async::Task<void> look_up(AdmissionDecision& decision);

  std::map<std::string, AdmissionRoute, std::less<>> routes_;
  const AdmissionMetrics& metrics_;
  std::function<bool()> ready_;
  Client* client_;
};

/// `/healthz` and `/readyz`, the same on every port; 404 else.
http::Response health_page(const http::Request& request, bool ready);

/// For the server of an AdmissionHandler.
/// @param timeout  without a byte read or written, a connection is given up
http::ServerOptions admission_server_options(Duration timeout);

}  // namespace kthena::kube
