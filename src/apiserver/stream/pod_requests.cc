#include "apiserver/stream/pod_requests.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "apiserver/patch/failure.h"
#include "apiserver/stream/exec_session.h"
#include "apiserver/stream/pod_streams.h"
#include "apiserver/stream/port_channels.h"
#include "apiserver/stream/spdy_port_forward.h"
#include "base/rfc3339.h"
#include "base/strings.h"
#include "http/message.h"
#include "http/websocket_upgrade.h"
#include "json/problem.h"

namespace kthena::apiserver {
namespace {

constexpr std::size_t kMaxArguments = 4096;

/// Calls visit(name, value) for each parameter; what is not encoded rightly is left out.
template <class Visit>
void for_each_parameter(std::string_view query, Visit&& visit) {
  for_each_part(query, '&', [&visit](std::string_view part) {
    const auto at = part.find('=');
    const auto name = percent_decode(part.substr(0, at), PlusIsBlank::Yes);
    const auto value = percent_decode(
        at == std::string_view::npos ? std::string_view() : part.substr(at + 1), PlusIsBlank::Yes);
    if (name && value && !name->empty()) {
      visit(*name, *value);
    }
  });
}

/// As kube-apiserver reads a bool: whatever does not say no says yes.
bool is_true(std::string_view text) { return !equals_ignore_case(text, "false") && text != "0"; }

std::unexpected<kube::Status> no_upgrade() { return bad_request("Upgrade request required"); }

http::Response unknown_protocol() {
  return http::text_response(403, "text/plain; charset=utf-8", "");
}

struct ExecProtocolRow {
  std::string_view name;
  ExecProtocol protocol;
};
constexpr std::array kExecProtocols = {ExecProtocolRow{"v5.channel.k8s.io", ExecProtocol::V5},
                                       ExecProtocolRow{"v4.channel.k8s.io", ExecProtocol::V4},
                                       ExecProtocolRow{"channel.k8s.io", ExecProtocol::V1},
                                       ExecProtocolRow{"", ExecProtocol::V1}};
constexpr std::string_view kSpdy = "SPDY/3.1+portforward.k8s.io";
constexpr std::array<std::string_view, 3> kPortProtocols = {kSpdy, "v4.channel.k8s.io", ""};

template <class Number>
Answer<std::optional<Number>> read_number(std::string_view name, std::string_view text) {
  const auto number = parse_int<Number>(text);
  if (!number) {
    return bad_request("unable to decode \"" + std::string(name) + "\": " + std::string(text));
  }
  return *number;
}

std::unexpected<kube::Status> invalid_log_option(const json::Problem& problem) {
  return std::unexpected(
      kube::Status{.status = "Failure",
                   .message = "PodLogOptions \"\" is invalid: " + problem.to_string(),
                   .reason = "Invalid",
                   .details = kube::StatusDetails{.kind = "PodLogOptions",
                                                  .causes = {{.reason = "FieldValueInvalid",
                                                              .message = problem.message,
                                                              .field = problem.path}}},
                   .code = 422});
}

Answer<std::optional<std::uint64_t>> read_count(std::string_view name, std::string_view text,
                                                std::int64_t least, std::string_view rule) {
  const auto number = TRY(read_number<std::int64_t>(name, text));
  if (*number < least) {
    return invalid_log_option(
        json::invalid_value(json::FieldPath(std::string(name)), std::to_string(*number), rule));
  }
  return static_cast<std::uint64_t>(*number);
}

Answer<void> take_log_option(std::string_view name, const std::string& value, LogRequest& request) {
  if (name == "container") {
    request.container = value;
  } else if (name == "follow") {
    request.follow = is_true(value);
  } else if (name == "previous") {
    request.previous = is_true(value);
  } else if (name == "timestamps") {
    request.timestamps = is_true(value);
  } else if (name == "tailLines") {
    request.tail_lines = TRY(read_count(name, value, 0, "must be greater than or equal to 0"));
  } else if (name == "limitBytes") {
    request.limit_bytes = TRY(read_count(name, value, 1, "must be greater than 0"));
  } else if (name == "sinceSeconds") {
    const auto seconds = TRY(read_count(name, value, 1, "must be greater than 0"));
    constexpr std::uint64_t kMost = 9'000'000'000;
    request.since_ago = std::chrono::seconds(std::min(*seconds, kMost));
  } else if (name == "sinceTime") {
    const auto time = parse_rfc3339(value);
    if (!time) {
      return bad_request("unable to decode \"sinceTime\": " + value);
    }
    request.since = *time;
  }
  return {};
}

}  // namespace

Answer<ExecRequest> read_exec_request(std::string_view query) {
  ExecRequest request;
  for_each_parameter(query, [&request](const std::string& name, const std::string& value) {
    if (name == "container") {
      request.container = value;
    } else if (name == "command") {
      if (request.command.size() < kMaxArguments) {
        request.command.push_back(value);
      }
    } else if (name == "stdin") {
      request.standard_in = is_true(value);
    } else if (name == "stdout") {
      request.standard_out = is_true(value);
    } else if (name == "stderr") {
      request.standard_error = is_true(value);
    } else if (name == "tty") {
      request.terminal = is_true(value);
    }
  });
  // A terminal has one output.
  request.standard_error = request.standard_error && !request.terminal;
  if (!request.standard_in && !request.standard_out && !request.standard_error) {
    return bad_request("you must specify at least 1 of stdin, stdout, stderr");
  }
  return request;
}

Answer<std::vector<std::uint16_t>> read_ports(std::string_view query) {
  std::vector<std::uint16_t> ports;
  std::string problem;
  for_each_parameter(query, [&](const std::string& name, const std::string& value) {
    if (name != "ports") {
      return;
    }
    for_each_part(value, ',', [&](std::string_view part) {
      const auto port = parse_int<std::uint16_t>(part);
      if (!port || *port == 0) {
        problem = "unable to parse " + json::quoted(value) + " as a port";
      } else if (ports.size() < PortChannels::kMaxPorts) {
        ports.push_back(*port);
      } else {
        problem = "too many ports";
      }
    });
  });
  if (ports.empty() && problem.empty()) {
    problem = "query parameter \"ports\" is required";
  }
  if (!problem.empty()) {
    return bad_request(std::move(problem));
  }
  return ports;
}

Answer<LogRequest> read_log_request(std::string_view query) {
  LogRequest request;
  Answer<void> outcome;
  for_each_parameter(query, [&](const std::string& name, const std::string& value) {
    if (outcome) {
      outcome = take_log_option(name, value, request);
    }
  });
  TRY(std::move(outcome));
  return request;
}

Answer<http::Response> answer_exec(const http::Request& request, const PodName& pod, ExecMode mode,
                                   PodStreams& streams) {
  ExecRequest options = TRY(read_exec_request(request.query()));
  if (!http::is_websocket_request(request)) {
    return no_upgrade();
  }
  std::array<std::string_view, kExecProtocols.size()> names;
  std::ranges::transform(kExecProtocols, names.begin(), &ExecProtocolRow::name);
  const auto chosen = http::choose_websocket_protocol(request, names);
  if (!chosen) {
    return unknown_protocol();
  }
  const auto* row = std::ranges::find(kExecProtocols, *chosen, &ExecProtocolRow::name);
  return http::upgrade_to_websocket(
      request, *chosen,
      std::make_unique<ExecSession>(pod, std::move(options), mode, row->protocol, streams));
}

Answer<http::Response> answer_port_forward(const http::Request& request, const PodName& pod,
                                           PodStreams& streams) {
  if (!http::is_websocket_request(request)) {
    return no_upgrade();
  }
  const auto chosen = http::choose_websocket_protocol(request, kPortProtocols);
  if (!chosen) {
    return unknown_protocol();
  }
  if (*chosen == kSpdy) {
    return http::upgrade_to_websocket(request, *chosen,
                                      std::make_unique<SpdyPortForward>(pod, streams));
  }
  std::vector<std::uint16_t> ports = TRY(read_ports(request.query()));
  return http::upgrade_to_websocket(request, *chosen,
                                    std::make_unique<PortChannels>(pod, std::move(ports), streams));
}

}  // namespace kthena::apiserver
