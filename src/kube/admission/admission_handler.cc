#include "kube/admission/admission_handler.h"

#include <fmt/format.h>

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "async/loop.h"
#include "async/task.h"
#include "async/time.h"
#include "base/error.h"
#include "http/body.h"
#include "json/problem.h"
#include "kube/admission/review.h"
#include "kube/client/client.h"
#include "telemetry/log.h"

namespace kthena::kube {

namespace {

constexpr std::string_view kText = "text/plain; charset=utf-8";
constexpr double kSeconds[] = {0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1, 5, 30};
/// Below the ten seconds after which API servers give webhooks up by default.
constexpr Duration kLookupLimit = std::chrono::seconds(3);
constexpr std::size_t kMaxLookups = 64;
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
                                   const AdmissionMetrics& metrics, std::function<bool()> ready,
                                   Client* client)
    : metrics_(metrics), ready_(std::move(ready)), client_(client) {
  for (AdmissionRoute& route : routes) {
    std::string path = route.path;
    routes_.emplace(std::move(path), std::move(route));
  }
}

async::Task<void> AdmissionHandler::look_up(AdmissionDecision& decision) {
  const async::DeadlineScope limit(co_await async::this_task(), kLookupLimit);
  std::size_t left = kMaxLookups;
  for (const AdmissionLookup& lookup : std::exchange(decision.lookups, {})) {
    if (left-- == 0) {
      break;
    }
    const auto found = co_await client_->get(*lookup.type, lookup.key);
    if (found) {
      continue;
    }
    const bool absent = found.error().code() == ErrorCode::NotFound;
    if (absent) {
      add_finding(decision, lookup.missing);
    } else if (lookup.missing.severity == json::Severity::Error) {
      // What could not be looked up is not let in.
      json::Problem unknown = lookup.missing;
      unknown.message = fmt::format("cannot look for {} {}: {}", lookup.type->kind, lookup.key.name,
                                    found.error().message());
      add_finding(decision, unknown);
    }
  }
}

async::Task<AdmissionAnswer> AdmissionHandler::answer(const AdmissionRoute& route,
                                                      std::string_view content_type,
                                                      std::string_view body) {
  auto review = open_review(content_type, body, route.expected_word);
  if (!review) {
    co_return std::move(review).error();
  }
  auto decision = judge(route.policy, review->request);
  if (decision && client_ != nullptr && !decision->lookups.empty()) {
    co_await look_up(*decision);
  }
  co_return close_review(*std::move(review), std::move(decision));
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
    answer = co_await this->answer(route->second, request.headers.find("Content-Type").value_or(""),
                                   *body);
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
