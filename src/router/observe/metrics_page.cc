#include "router/observe/metrics_page.h"

#include "telemetry/exposition.h"

namespace kthena::router {

http::Response metrics_page(telemetry::Registry& registry, const http::Request& request) {
  const telemetry::Exposition format =
      telemetry::choose_exposition(request.headers.find("Accept").value_or(""));
  std::string text;
  registry.print(text, format);
  return http::text_response(200, telemetry::content_type(format), std::move(text));
}

async::Task<http::Response> MetricsFront::handle(http::Request& request) {
  if (request.path() == "/metrics") {
    co_return metrics_page(registry_, request);
  }
  co_return http::text_response(404, "text/plain; charset=utf-8", "404 page not found");
}

}  // namespace kthena::router
