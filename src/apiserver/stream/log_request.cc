#include "apiserver/stream/log_request.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "apiserver/patch/failure.h"
#include "apiserver/stream/parameters.h"
#include "apiserver/stream/pod_streams.h"
#include "base/rfc3339.h"
#include "base/strings.h"
#include "json/problem.h"
#include "kube/meta/status.h"

namespace kthena::apiserver {
namespace {

/// What may be wrong in a way that is told with the field.
struct Numbers {
  std::optional<std::int64_t> tail_lines;
  std::optional<std::int64_t> limit_bytes;
  std::optional<std::int64_t> since_seconds;
};

Answer<std::optional<std::int64_t>> read_number(const std::string& text) {
  const auto number = parse_int<std::int64_t>(text);
  if (!number) {
    return bad_request("strconv.ParseInt: parsing " + json::quoted(text) + ": invalid syntax");
  }
  return *number;
}

Answer<void> take_option(std::string_view name, const std::string& value, LogRequest& request,
                         Numbers& numbers) {
  if (name == "container") {
    request.container = value;
  } else if (name == "follow") {
    request.follow = is_true(value);
  } else if (name == "previous") {
    request.previous = is_true(value);
  } else if (name == "timestamps") {
    request.timestamps = is_true(value);
  } else if (name == "tailLines") {
    numbers.tail_lines = TRY(read_number(value));
  } else if (name == "limitBytes") {
    numbers.limit_bytes = TRY(read_number(value));
  } else if (name == "sinceSeconds") {
    numbers.since_seconds = TRY(read_number(value));
  } else if (name == "sinceTime") {
    const auto time = parse_rfc3339(value);
    if (!time) {
      return bad_request("parsing time " + json::quoted(value) +
                         " as \"2006-01-02T15:04:05Z07:00\": cannot parse " + json::quoted(value) +
                         " as \"2006\"");
    }
    request.since = *time;
  }
  return {};
}

std::vector<json::Problem> check(const LogRequest& request, const Numbers& numbers) {
  std::vector<json::Problem> problems;
  const auto at_least = [&problems](const std::optional<std::int64_t>& number, std::int64_t least,
                                    std::string_view name) {
    if (number && *number < least) {
      problems.push_back(json::invalid_value(
          json::FieldPath(std::string(name)), std::to_string(*number),
          least == 0 ? "must be greater than or equal to 0" : "must be greater than 0"));
    }
  };
  at_least(numbers.tail_lines, 0, "tailLines");
  at_least(numbers.limit_bytes, 1, "limitBytes");
  if (numbers.since_seconds && request.since) {
    problems.push_back(json::forbidden(
        json::FieldPath("[]"), "at most one of `sinceTime` or `sinceSeconds` may be specified"));
  } else {
    at_least(numbers.since_seconds, 1, "sinceSeconds");
  }
  return problems;
}

std::unexpected<kube::Status> invalid(std::string_view pod,
                                      const std::vector<json::Problem>& problems) {
  kube::StatusDetails details{.name = std::string(pod), .kind = "PodLogOptions"};
  std::vector<std::string> texts;
  for (const json::Problem& problem : problems) {
    const bool forbidden = problem.kind == json::Problem::Kind::Forbidden;
    texts.push_back(problem.to_string());
    details.causes.push_back({.reason = forbidden ? "FieldValueForbidden" : "FieldValueInvalid",
                              .message = problem.message,
                              .field = problem.path});
  }
  const std::string text =
      texts.size() == 1 ? std::move(texts.front()) : "[" + join(texts, ", ") + "]";
  return std::unexpected(
      kube::Status{.status = "Failure",
                   .message = "PodLogOptions " + json::quoted(pod) + " is invalid: " + text,
                   .reason = "Invalid",
                   .details = std::move(details),
                   .code = 422});
}

std::optional<std::uint64_t> as_count(const std::optional<std::int64_t>& number) {
  return number ? std::optional(static_cast<std::uint64_t>(*number)) : std::nullopt;
}

}  // namespace

Answer<LogRequest> read_log_request(std::string_view pod, std::string_view query) {
  LogRequest request;
  Numbers numbers;
  Answer<void> outcome;
  for_each_parameter(query, [&](const std::string& name, const std::string& value) {
    if (outcome) {
      outcome = take_option(name, value, request, numbers);
    }
  });
  TRY(std::move(outcome));
  if (const auto problems = check(request, numbers); !problems.empty()) {
    return invalid(pod, problems);
  }
  request.tail_lines = as_count(numbers.tail_lines);
  request.limit_bytes = as_count(numbers.limit_bytes);
  if (numbers.since_seconds) {
    constexpr std::int64_t kMost = 9'000'000'000;  // what nanoseconds can count
    request.since_ago = std::chrono::seconds(std::min(*numbers.since_seconds, kMost));
  }
  return request;
}

}  // namespace kthena::apiserver
