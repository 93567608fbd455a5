#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <set>
#include <string>
#include <string_view>

#include "apiserver/built_in/access.h"
#include "apiserver/built_in/checking.h"
#include "apiserver/built_in/validate_kinds.h"
#include "base/strings.h"
#include "json/value.h"
#include "kube/meta/names.h"

namespace kthena::apiserver {

namespace {

using json::Value;

void check_hook_name(const Part& name, Findings& findings) {
  if (name.text().empty()) {
    findings.required(name.path);
    return;
  }
  const auto problems = kube::dns_subdomain_problems(name.text());
  if (!problems.empty()) {
    findings.invalid(name, fmt::format("{}", fmt::join(problems, ",")));
  } else if (std::ranges::count(name.text(), '.') < 2) {
    findings.invalid(name, "should be a domain with at least three segments separated by dots");
  }
}

bool has_star(const Part& list) {
  return std::ranges::any_of(items_of(list.value),
                             [](const Value& item) { return item == Value("*"); });
}

/// A list with at least one; "*" stands alone.
void check_choice(const Part& list, std::string_view what, Findings& findings) {
  const auto items = list.items();
  if (items.empty()) {
    findings.required(list.path);
  }
  if (items.size() > 1 && has_star(list)) {
    findings.invalid(list, fmt::format("if '*' is present, must not specify other {}", what));
  }
}

void check_resources(const Part& resources, Findings& findings) {
  const auto items = resources.items();
  if (items.empty()) {
    findings.required(resources.path);
  }
  std::set<std::string_view> of_resource;     // "pods/*"
  std::set<std::string_view> of_subresource;  // "*/scale"
  bool all = false;
  bool all_plain = false;
  bool plain = false;
  for (const Part& item : items) {
    const std::string_view text = item.text();
    if (text.empty()) {
      findings.required(item.path);
      continue;
    }
    all = all || text == "*/*";
    all_plain = all_plain || text == "*";
    const std::size_t slash = text.find('/');
    if (slash == std::string_view::npos) {
      plain = text != "*";
      continue;
    }
    const std::string_view resource = text.substr(0, slash);
    const std::string_view sub = text.substr(slash + 1);
    if (of_resource.contains(resource)) {
      findings.invalid(item,
                       fmt::format("if '{}/*' is present, must not specify {}", resource, text));
    }
    if (of_subresource.contains(sub)) {
      findings.invalid(item, fmt::format("if '*/{}' is present, must not specify {}", sub, text));
    }
    if (sub == "*") {
      of_resource.insert(resource);
    }
    if (resource == "*") {
      of_subresource.insert(sub);
    }
  }
  if (items.size() > 1 && all) {
    findings.invalid(resources, "if '*/*' is present, must not specify other resources");
  }
  if (all_plain && plain) {
    findings.invalid(resources,
                     "if '*' is present, must not specify other resources without subresources");
  }
}

void check_rule(const Part& rule, Findings& findings) {
  check_choice(rule["operations"], "operations", findings);
  for (const Part& operation : rule["operations"].items()) {
    const std::string_view text = operation.text();
    if (text != "*" && text != "CONNECT" && text != "CREATE" && text != "DELETE" &&
        text != "UPDATE") {
      findings.unsupported(operation.path, Value(text),
                           {"*", "CONNECT", "CREATE", "DELETE", "UPDATE"});
    }
  }
  check_choice(rule["apiGroups"], "API groups", findings);
  check_choice(rule["apiVersions"], "API versions", findings);
  for (const Part& version : rule["apiVersions"].items()) {
    if (version.text().empty()) {
      findings.required(version.path);
    }
  }
  check_resources(rule["resources"], findings);
  const Part scope = rule["scope"];
  if (scope && scope.text() != "*" && scope.text() != "Cluster" && scope.text() != "Namespaced") {
    findings.unsupported(scope.path, *scope.value, {"*", "Cluster", "Namespaced"});
  }
}

void check_one_of(const Part& part, std::initializer_list<std::string_view> values,
                  Findings& findings) {
  if (part && std::ranges::find(values, part.text()) == values.end()) {
    findings.unsupported(part.path, *part.value, values);
  }
}

void check_url(const Part& url, Findings& findings) {
  constexpr std::string_view kForm = "; desired format: https://host[/path]";
  const std::string_view text = url.text();
  const std::size_t colon = text.find("://");
  const std::string_view scheme =
      colon == std::string_view::npos ? std::string_view{} : text.substr(0, colon);
  std::string_view rest =
      colon == std::string_view::npos ? std::string_view{} : text.substr(colon + 3);
  const std::string_view authority = rest.substr(0, rest.find_first_of("/?#"));
  const std::size_t at_sign = authority.find('@');
  const std::string_view host =
      at_sign == std::string_view::npos ? authority : authority.substr(at_sign + 1);
  const auto invalid = [&](std::string_view shown, std::string detail) {
    findings.invalid(url.path, Value(shown), detail);
  };
  if (scheme != "https") {
    invalid(scheme, fmt::format("'https' is the only allowed URL scheme{}", kForm));
  }
  if (host.empty()) {
    invalid(host, fmt::format("host must be specified{}", kForm));
  }
  if (at_sign != std::string_view::npos) {
    invalid(authority.substr(0, at_sign), "user information is not permitted in the URL");
  }
  const std::size_t hash = rest.find('#');
  if (hash != std::string_view::npos && hash + 1 < rest.size()) {
    invalid(rest.substr(hash + 1), "fragments are not permitted in the URL");
  }
  rest = rest.substr(0, hash);
  const std::size_t query = rest.find('?');
  if (query != std::string_view::npos && query + 1 < rest.size()) {
    invalid(rest.substr(query + 1), "query parameters are not permitted in the URL");
  }
}

void check_service_path(const Part& path, Findings& findings) {
  const std::string_view text = path.text();
  if (text.empty() || text == "/") {
    return;
  }
  if (text == "//") {
    findings.invalid(path, "segment[0] may not be empty");
    return;
  }
  if (!text.starts_with('/')) {
    findings.invalid(path, "must start with a '/'");
  }
  std::string_view rest = text.substr(1);
  if (rest.ends_with('/')) {
    rest.remove_suffix(1);
  }
  std::size_t position = 0;
  for (const std::string_view step : split(rest, '/')) {
    if (step.empty()) {
      findings.invalid(path, fmt::format("segment[{}] may not be empty", position));
    } else {
      for (const std::string& problem : kube::dns_subdomain_problems(step)) {
        findings.invalid(path, fmt::format("segment[{}]: {}", position, problem));
      }
    }
    ++position;
  }
}

void check_client(const Part& client, Findings& findings) {
  const Part url = client["url"];
  const Part service = client["service"];
  if (static_cast<bool>(url) == static_cast<bool>(service)) {
    findings.required(client.path, "exactly one of url or service is required");
  } else if (url) {
    check_url(url, findings);
  } else {
    // The server has these two the wrong way round.
    for (const auto& [named, checked] :
         {std::pair<std::string_view, std::string_view>{"name", "namespace"},
          {"namespace", "name"}}) {
      if (service[checked].text().empty()) {
        findings.required(service[named].path);
      }
    }
    const auto port = service["port"].number().value_or(0);
    if (port < 1 || port > 65535) {
      findings.invalid(service["port"].path, port,
                       "port is not valid: must be between 1 and 65535, inclusive");
    }
    check_service_path(service["path"], findings);
  }
}

void check_review_versions(const Part& versions, Findings& findings) {
  if (versions.is_nothing()) {
    findings.required(versions.path, "must specify one of v1, v1beta1");
    return;
  }
  std::set<std::string_view> seen;
  for (const Part& version : versions.items()) {
    if (!seen.insert(version.text()).second) {
      findings.invalid(version, "duplicate version");
      continue;
    }
    check_name(version, kube::dns_1035_label_problems, findings);
  }
  if (!seen.contains("v1") && !seen.contains("v1beta1")) {
    findings.invalid(versions, "must include at least one of v1, v1beta1");
  }
}

void check_hook(const Part& hook, Findings& findings) {
  check_hook_name(hook["name"], findings);
  for (const Part& rule : hook["rules"].items()) {
    check_rule(rule, findings);
  }
  check_one_of(hook["failurePolicy"], {"Fail", "Ignore"}, findings);
  check_one_of(hook["matchPolicy"], {"Equivalent", "Exact"}, findings);
  if (!hook["sideEffects"]) {
    findings.required(hook["sideEffects"].path, "must specify one of None, NoneOnDryRun");
  }
  check_one_of(hook["sideEffects"], {"None", "NoneOnDryRun"}, findings);
  const Part timeout = hook["timeoutSeconds"];
  if (timeout && (timeout.number().value_or(0) < 1 || timeout.number().value_or(0) > 30)) {
    findings.invalid(timeout, "the timeout value must be between 1 and 30 seconds");
  }
  check_label_selector(hook["namespaceSelector"], findings);
  check_label_selector(hook["objectSelector"], findings);
  check_one_of(hook["reinvocationPolicy"], {"IfNeeded", "Never"}, findings);
  check_client(hook["clientConfig"], findings);
}

void check_hooks(const Part& hooks, Findings& findings) {
  std::set<std::string_view> names;
  for (const Part& hook : hooks.items()) {
    check_hook(hook, findings);
    check_review_versions(hook["admissionReviewVersions"], findings);
    const Part name = hook["name"];
    if (!name.text().empty() && !names.insert(name.text()).second) {
      findings.duplicate(name.path, *name.value);
    }
  }
}

}  // namespace

void check_validating_webhooks(const Part& object, const Value*, Findings& findings) {
  check_hooks(object["webhooks"], findings);
}

void check_mutating_webhooks(const Part& object, const Value*, Findings& findings) {
  check_hooks(object["webhooks"], findings);
}

}  // namespace kthena::apiserver
