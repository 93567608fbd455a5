#include "router/observe/series_table.h"

#include <array>
#include <charconv>

#include "router/observe/metrics.h"

namespace kthena::router {
namespace {

double seconds(Duration duration) { return std::chrono::duration<double>(duration).count(); }

}  // namespace

std::shared_ptr<CallSeries> SeriesTable::find(const Labels& labels) {
  key_.clear();
  for (const std::string_view value : {labels.model, labels.path, labels.to.model_route,
                                       labels.to.backend_name, labels.to.upstream_model}) {
    key_.append(value);
    key_ += '\0';
  }
  const auto found = series_.find(key_);
  return found != series_.end() ? found->second : series_.emplace(key_, make(labels)).first->second;
}

std::shared_ptr<CallSeries> SeriesTable::make(const Labels& labels) const {
  const Destination& to = labels.to;
  auto series = std::make_shared<CallSeries>();
  if (to.backend_name != "none") {
    series->active_upstream = metrics_.active_upstream_requests.with(
        {to.backend_name, to.model_route, to.backend_type, to.backend_name, to.upstream_model});
    series->retries = metrics_.upstream_retries.with(
        {to.model_route, to.backend_type, to.backend_name, to.upstream_model});
  }
  return series;
}

std::shared_ptr<const telemetry::Gauge> SeriesTable::find_active(std::string_view model) {
  const auto found = active_.find(model);
  if (found != active_.end()) {
    return found->second;
  }
  auto gauge =
      std::make_shared<const telemetry::Gauge>(metrics_.active_downstream_requests.with({model}));
  return active_.emplace(model, std::move(gauge)).first->second;
}

const CallSeries::End& SeriesTable::end_of(CallSeries& series, const Labels& labels, int status,
                                           std::string_view reason) const {
  for (const CallSeries::End& end : series.ends) {
    if (end.status == status && end.reason == reason) {
      return end;
    }
  }
  std::array<char, 12> digits;
  const auto printed = std::to_chars(digits.data(), digits.data() + digits.size(), status);
  const std::string_view code(digits.data(), printed.ptr);
  const auto& [model, path, to] = labels;
  return series.ends.emplace_back(CallSeries::End{
      .status = status,
      .reason = reason,
      .requests = metrics_.requests.with({model, path, code, reason, to.model_route,
                                          to.backend_type, to.backend_name, to.upstream_model}),
      .duration =
          metrics_.request_duration.with({model, path, code, to.model_route, to.backend_type,
                                          to.backend_name, to.upstream_model})});
}

void SeriesTable::add_tokens(CallSeries& series, const Labels& labels, TokenType type,
                             std::uint64_t tokens) const {
  if (tokens == 0) {
    return;
  }
  auto& counter = type == TokenType::Input ? series.input_tokens : series.output_tokens;
  if (!counter) {
    const auto& [model, path, to] = labels;
    counter =
        metrics_.tokens.with({model, path, type == TokenType::Input ? "input" : "output",
                              to.model_route, to.backend_type, to.backend_name, to.upstream_model});
  }
  counter->add(static_cast<double>(tokens));
}

void SeriesTable::observe_first_token(CallSeries& series, const Labels& labels,
                                      Duration after) const {
  if (!series.first_token) {
    const auto& [model, path, to] = labels;
    series.first_token = metrics_.time_to_first_token.with(
        {model, path, to.model_route, to.backend_type, to.backend_name, to.upstream_model});
  }
  series.first_token->observe(seconds(after));
}

void SeriesTable::count_end(CallSeries& series, const Labels& labels, int status,
                            std::string_view reason, Duration took) const {
  const CallSeries::End& end = end_of(series, labels, status, reason);
  end.requests.inc();
  end.duration.observe(seconds(took));
}

void SeriesTable::clear() noexcept {
  series_.clear();
  active_.clear();
}

}  // namespace kthena::router
