#include "kube/admission/admission_handler.h"

#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "async/loop.h"
#include "base/error.h"
#include "http/body.h"
#include "kube/admission/review.h"
#include "telemetry/log.h"

namespace kthena::kube {

namespace {

constexpr std::string_view kText = "text/plain; charset=utf-8";
constexpr double kSeconds[] = {0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1, 5, 30};
constexpr std::size_t kMaxConnections = 1024;  // API servers keep few, and share them

bool is_read(const http::Request& request) {
  return request.method == http::Method::Get || request.method == http::Method::Head;
}

}  // namespace

AdmissionMetrics::AdmissionMetrics(telemetry::Registry& registry)
    : reviews(registry.counters("webhook_reviews_total",
                                "Admission reviews, by how they were answered.",
                                {"webhook", "outcome"})),
      seconds(registry.histograms("webhook_review_duration_seconds",
                                  "From a review's head to its answer.", {"webhook"}, kSeconds)) {}

AdmissionHandler::AdmissionHandler(std::vector<AdmissionRoute> routes,
                                   const AdmissionMetrics& metrics, std::function<bool()> ready)
    : metrics_(metrics), ready_(std::move(ready)) {
  for (AdmissionRoute& route : routes) {
    routes_.emplace(std::move(route.path), std::move(route.policy));
  }
}

async::Task<http::Response> AdmissionHandler::handle(http::Request& request) {
  const auto route = routes_.find(request.path());
  if (route == routes_.end()) {
    co_return health_page(request, ready_());
  }
  if (request.method != http::Method::Post) {
    http::Response response = http::text_response(405, kText, "reviews are sent by POST");
    response.headers.set("Allow", "POST");
    co_return response;
  }
  const Instant begun = async::Loop::current()->now();
  const auto body = co_await http::read_all(request.body, kMaxReviewBytes);
  AdmissionAnswer answer;
  if (body) {
    answer = answer_review(request.headers.find("Content-Type").value_or(""), *body, route->second);
  } else {
    answer = {.status = http_status(body.error().code()),
              .content_type = kText,
              .body = "failed to read body: " + body.error().message()};
  }
  const std::string_view path = route->first;
  metrics_.reviews.inc({path, to_string(answer.outcome)});
  metrics_.seconds.observe(
      {path}, std::chrono::duration<double>(async::Loop::current()->now() - begun).count());
  if (answer.outcome == AdmissionAnswer::Outcome::Failed) {
    log::error("a review was refused because it could not be judged", kv("webhook", path));
  } else if (answer.outcome == AdmissionAnswer::Outcome::Unreadable) {
    log::warn("a review could not be read", kv("webhook", path), kv("reason", answer.body));
  }
  co_return http::text_response(answer.status, answer.content_type, std::move(answer.body));
}

http::Response health_page(const http::Request& request, bool ready) {
  if (is_read(request) && request.path() == "/healthz") {
    return http::text_response(200, kText, "ok");
  }
  if (is_read(request) && request.path() == "/readyz") {
    return ready ? http::text_response(200, kText, "ok")
                 : http::text_response(503, kText, "no certificate that the API server knows");
  }
  return http::text_response(404, kText, "404 page not found");
}

http::ServerOptions admission_server_options(Duration timeout) {
  http::ServerOptions options;
  options.max_connections = kMaxConnections;
  options.max_body_bytes = kMaxReviewBytes;
  options.body_timeout = timeout;
  options.write_timeout = timeout;
  return options;
}

}  // namespace kthena::kube
