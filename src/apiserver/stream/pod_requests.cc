#include "apiserver/stream/pod_requests.h"

#include <algorithm>
#include <array>
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
#include "apiserver/stream/parameters.h"
#include "apiserver/stream/pod_streams.h"
#include "apiserver/stream/port_channels.h"
#include "apiserver/stream/spdy_port_forward.h"
#include "base/strings.h"
#include "http/message.h"
#include "http/websocket_upgrade.h"
#include "json/problem.h"

namespace kthena::apiserver {
namespace {

constexpr std::size_t kMaxArguments = 4096;

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
