#include <fmt/format.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "apiserver/built_in/checking.h"
#include "apiserver/built_in/pod_checks.h"
#include "base/strings.h"
#include "json/value.h"

namespace kthena::apiserver {

namespace {

using json::Value;

void check_exec(const Part& exec, const Part&, Findings& findings) {
  if (exec["command"].is_nothing()) {
    findings.required(exec["command"].path);
  }
}

std::vector<std::string> header_name_problems(std::string_view name) {
  for (const char c : name) {
    const bool good =
        is_ascii_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
    if (!good) {
      name = {};
      break;
    }
  }
  if (!name.empty()) {
    return {};
  }
  return {
      "a valid HTTP header must consist of alphanumeric characters or '-' (e.g. 'X-Header-Name', "
      "regex used for validation is '[-A-Za-z0-9]+')"};
}

void check_http_get(const Part& get, const Part&, Findings& findings) {
  if (get["path"].text().empty()) {
    findings.required(get["path"].path);
  }
  check_port(get["port"], findings);
  const std::string_view scheme = get["scheme"].text();
  if (scheme != "HTTP" && scheme != "HTTPS") {
    findings.unsupported(get["scheme"].path, Value(scheme), {"HTTP", "HTTPS"});
  }
  for (const Part& header : get["httpHeaders"].items()) {
    const Part name = header["name"];
    for (const std::string& problem : header_name_problems(name.text())) {
      findings.invalid(get["httpHeaders"].path, Value(name.text()), problem);
    }
  }
}

void check_tcp_socket(const Part& socket, const Part&, Findings& findings) {
  check_port(socket["port"], findings);
}

void check_grpc(const Part& grpc, const Part&, Findings& findings) {
  check_port_number(grpc["port"], findings);
}

void check_sleep(const Part& sleep, const Part& spec, Findings& findings) {
  const auto grace = spec["terminationGracePeriodSeconds"].number();
  const std::int64_t seconds = sleep["seconds"].number().value_or(0);
  if (grace && (seconds < 0 || seconds > *grace)) {
    findings.invalid(
        sleep.path, seconds,
        fmt::format("must be non-negative and less than terminationGracePeriodSeconds ({})",
                    *grace));
  }
}

struct Handler {
  std::string_view name;
  void (*check)(const Part& handler, const Part& spec, Findings& findings);
};
constexpr std::array kHandlers{Handler{"exec", check_exec}, Handler{"httpGet", check_http_get},
                               Handler{"tcpSocket", check_tcp_socket}, Handler{"grpc", check_grpc},
                               Handler{"sleep", check_sleep}};

void check_handler(const Part& part, const Part& spec, Findings& findings) {
  std::size_t handlers = 0;
  for (const Handler& handler : kHandlers) {
    const Part one = part[handler.name];
    if (!one) {
      continue;
    }
    if (++handlers > 1) {
      findings.forbidden(one.path, "may not specify more than 1 handler type");
    } else {
      handler.check(one, spec, findings);
    }
  }
  if (handlers == 0) {
    findings.required(part.path, "must specify a handler type");
  }
}

void check_probe(const Part& probe, const Part& spec, Findings& findings) {
  check_handler(probe, spec, findings);
  for (const std::string_view name : {"initialDelaySeconds", "timeoutSeconds", "periodSeconds",
                                      "successThreshold", "failureThreshold"}) {
    check_not_negative(probe[name], findings);
  }
  const Part grace = probe["terminationGracePeriodSeconds"];
  if (grace && grace.number().value_or(0) <= 0) {
    findings.invalid(grace, "must be greater than 0");
  }
}

void check_single_success(const Part& probe, Findings& findings) {
  const std::int64_t successes = probe["successThreshold"].number().value_or(0);
  if (successes != 1) {
    findings.invalid(probe["successThreshold"].path, successes, "must be 1");
  }
}

}  // namespace

void check_probes(const Part& container, const Part& spec, Findings& findings) {
  const Part lifecycle = container["lifecycle"];
  for (const std::string_view hook : {"postStart", "preStop"}) {
    if (lifecycle[hook]) {
      check_handler(lifecycle[hook], spec, findings);
    }
  }
  if (const Part signal = lifecycle["stopSignal"]; signal && !spec["os"]) {
    findings.forbidden(signal.path, "may not be set for containers with empty `spec.os.name`");
  }
  if (const Part probe = container["livenessProbe"]) {
    check_probe(probe, spec, findings);
    check_single_success(probe, findings);
  }
  if (const Part probe = container["readinessProbe"]) {
    check_probe(probe, spec, findings);
    if (const Part grace = probe["terminationGracePeriodSeconds"]) {
      findings.invalid(grace, "must not be set for readinessProbes");
    }
  }
  if (const Part probe = container["startupProbe"]) {
    check_probe(probe, spec, findings);
    check_single_success(probe, findings);
  }
}

}  // namespace kthena::apiserver
