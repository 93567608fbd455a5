#include "kube/client/request.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/result.h"
#include "base/strings.h"
#include "json/print.h"
#include "json/problem.h"
#include "json/value.h"

namespace kthena::kube {
namespace {

constexpr std::string_view kJson = "application/json";
constexpr std::string_view kPods = "pods";

/// Path and query of a target.
class Target {
 public:
  explicit Target(std::string_view path) : text_(path) {}

  /// Source: apimachinery, IsValidPathSegmentName.
  Result<> segment(std::string_view name, std::string_view what) {
    if (name.empty() || name == "." || name == ".." || name.find_first_of("/%") != name.npos) {
      return fail(ErrorCode::InvalidArgument,
                  fmt::format("{} cannot stand in a request: {}", what, json::quoted(name)));
    }
    text_ += '/';
    text_ += percent_encode(name);
    return {};
  }
  Target& query(std::string_view name, std::string_view value) {
    text_ += std::exchange(separator_, '&');
    text_ += name;
    text_ += '=';
    text_ += percent_encode(value);
    return *this;
  }
  Target& query_if_any(std::string_view name, std::string_view value) {
    return value.empty() ? *this : query(name, value);
  }
  Target& flag(std::string_view name, bool on) { return on ? query(name, "true") : *this; }
  Target& number(std::string_view name, std::int64_t value) {
    return query(name, std::to_string(value));
  }
  Target& number(std::string_view name, std::optional<std::int64_t> value) {
    return value ? number(name, *value) : *this;
  }
  std::string take() && { return std::move(text_); }

 private:
  std::string text_;
  char separator_ = '?';
};

Result<Target> group_version_path(std::string_view api_version) {
  const auto slash = api_version.find('/');
  if (slash == std::string_view::npos) {
    Target target("/api");
    TRY(target.segment(api_version, "version"));
    return target;
  }
  Target target("/apis");
  TRY(target.segment(api_version.substr(0, slash), "group"));
  TRY(target.segment(api_version.substr(slash + 1), "version"));
  return target;
}

/// The path of the objects of a kind, of one namespace or of all.
Result<Target> collection(const ResourceType& type, std::string_view namespace_name) {
  Target target = TRY(group_version_path(type.api_version));
  if (!namespace_name.empty()) {
    if (type.scope == Scope::Cluster) {
      return fail(ErrorCode::InvalidArgument, fmt::format("{} has no namespaces, and {} is one",
                                                          type.kind, json::quoted(namespace_name)));
    }
    TRY(target.segment("namespaces", "namespaces"));
    TRY(target.segment(namespace_name, "namespace"));
  }
  TRY(target.segment(type.plural, "resource"));
  return target;
}

Result<Target> object(const ResourceType& type, const ObjectKey& key,
                      std::string_view subresource) {
  if (type.scope == Scope::Namespaced && key.namespace_name.empty()) {
    return fail(ErrorCode::InvalidArgument,
                fmt::format("{} {}: without a namespace", type.kind, json::quoted(key.name)));
  }
  Target target = TRY(collection(type, key.namespace_name));
  TRY(target.segment(key.name, "name"));
  if (!subresource.empty()) {
    TRY(target.segment(subresource, "subresource"));
  }
  return target;
}

Flow flow_of(const ResourceType& type) {
  return type.plural == "leases" && type.group() == "coordination.k8s.io" ? Flow::Lease
                                                                          : Flow::Normal;
}

ApiRequest make(http::Method method, const ResourceType& type, Target target) {
  return {.method = method, .target = std::move(target).take(), .flow = flow_of(type)};
}

void add_selection(Target& target, const Selection& selection) {
  target.query_if_any("labelSelector", selection.label_selector)
      .query_if_any("fieldSelector", selection.field_selector);
}

std::string_view to_text(VersionMatch match) {
  switch (match) {
    case VersionMatch::NotOlderThan:
      return "NotOlderThan";
    case VersionMatch::Exact:
      return "Exact";
    case VersionMatch::Unset:
      break;
  }
  return {};
}

void add_list_options(Target& target, const ListOptions& options) {
  add_selection(target, options.selection);
  if (options.limit != 0) {
    target.number("limit", std::int64_t{options.limit});
  }
  target.query_if_any("continue", options.continue_token);
  // A continued list has the version of its first page.
  if (options.continue_token.empty()) {
    target.query_if_any("resourceVersion", options.resource_version)
        .query_if_any("resourceVersionMatch", to_text(options.match));
  }
}

std::string_view to_text(FieldValidation validation) {
  switch (validation) {
    case FieldValidation::Ignore:
      return "Ignore";
    case FieldValidation::Warn:
      return "Warn";
    case FieldValidation::Strict:
      return "Strict";
    case FieldValidation::Unset:
      break;
  }
  return {};
}

void add_write_options(Target& target, std::string_view field_manager, DryRun dry_run,
                       FieldValidation validation) {
  target.query_if_any("fieldManager", field_manager)
      .query_if_any("dryRun", dry_run == DryRun::Yes ? "All" : "")
      .query_if_any("fieldValidation", to_text(validation));
}

std::string_view to_text(Propagation propagation) {
  switch (propagation) {
    case Propagation::Orphan:
      return "Orphan";
    case Propagation::Background:
      return "Background";
    case Propagation::Foreground:
      return "Foreground";
    case Propagation::Unset:
      break;
  }
  return {};
}

std::string print_delete_options(const DeleteOptions& options) {
  json::Value body;
  body.set("kind", "DeleteOptions");
  body.set("apiVersion", "v1");
  if (options.grace_period_seconds) {
    body.set("gracePeriodSeconds", *options.grace_period_seconds);
  }
  if (const auto text = to_text(options.propagation); !text.empty()) {
    body.set("propagationPolicy", text);
  }
  json::Value preconditions;
  if (!options.uid.empty()) {
    preconditions.set("uid", options.uid);
  }
  if (!options.resource_version.empty()) {
    preconditions.set("resourceVersion", options.resource_version);
  }
  if (!preconditions.is_null()) {
    body.set("preconditions", std::move(preconditions));
  }
  if (options.dry_run == DryRun::Yes) {
    body.set("dryRun", json::Array{"All"});
  }
  return json::print(body);
}

ApiRequest with_body(ApiRequest request, std::string_view content_type, std::string body) {
  request.content_type = content_type;
  request.body = std::move(body);
  return request;
}

Result<Target> pod_subresource(const ObjectKey& pod, std::string_view subresource) {
  static constexpr ResourceType kPod{
      .api_version = "v1", .kind = "Pod", .plural = kPods, .singular = "pod"};
  return object(kPod, pod, subresource);
}

}  // namespace

std::string_view content_type_of(PatchType type) noexcept {
  switch (type) {
    case PatchType::Json:
      return "application/json-patch+json";
    case PatchType::Merge:
      return "application/merge-patch+json";
    case PatchType::StrategicMerge:
      return "application/strategic-merge-patch+json";
    case PatchType::Apply:
      break;
  }
  return "application/apply-patch+yaml";  // JSON is YAML
}

namespace requests {

Result<ApiRequest> get(const ResourceType& type, const ObjectKey& key,
                       std::string_view subresource) {
  return make(http::Method::Get, type, TRY(object(type, key, subresource)));
}

Result<ApiRequest> list(const ResourceType& type, const ListOptions& options) {
  Target target = TRY(collection(type, options.selection.namespace_name));
  add_list_options(target, options);
  return make(http::Method::Get, type, std::move(target));
}

Result<ApiRequest> watch(const ResourceType& type, const WatchOptions& options) {
  Target target = TRY(collection(type, options.selection.namespace_name));
  target.query("watch", "true").flag("allowWatchBookmarks", options.bookmarks);
  add_selection(target, options.selection);
  target.query_if_any("resourceVersion", options.resource_version);
  if (options.send_initial_events) {
    target.query("sendInitialEvents", "true").query("resourceVersionMatch", "NotOlderThan");
  }
  if (options.timeout > Duration::zero()) {
    target.number("timeoutSeconds",
                  std::int64_t{std::chrono::ceil<std::chrono::seconds>(options.timeout).count()});
  }
  return make(http::Method::Get, type, std::move(target));
}

Result<ApiRequest> create(const ResourceType& type, std::string_view namespace_name,
                          std::string body, const WriteOptions& options, std::string_view name,
                          std::string_view subresource) {
  if (type.scope == Scope::Namespaced && namespace_name.empty()) {
    return fail(ErrorCode::InvalidArgument, fmt::format("{}: without a namespace", type.kind));
  }
  Target target = TRY(collection(type, namespace_name));
  if (!subresource.empty()) {
    TRY(target.segment(name, "name"));
    TRY(target.segment(subresource, "subresource"));
  }
  add_write_options(target, options.field_manager, options.dry_run, options.validation);
  return with_body(make(http::Method::Post, type, std::move(target)), kJson, std::move(body));
}

Result<ApiRequest> replace(const ResourceType& type, const ObjectKey& key, std::string body,
                           const WriteOptions& options, std::string_view subresource) {
  Target target = TRY(object(type, key, subresource));
  add_write_options(target, options.field_manager, options.dry_run, options.validation);
  return with_body(make(http::Method::Put, type, std::move(target)), kJson, std::move(body));
}

Result<ApiRequest> patch(const ResourceType& type, const ObjectKey& key, PatchType patch,
                         std::string body, const PatchOptions& options,
                         std::string_view subresource) {
  if (patch == PatchType::Apply && options.field_manager.empty()) {
    return fail(ErrorCode::InvalidArgument, "an apply needs the name of its field manager");
  }
  Target target = TRY(object(type, key, subresource));
  add_write_options(target, options.field_manager, options.dry_run, options.validation);
  target.flag("force", patch == PatchType::Apply && options.force == Force::Yes);
  return with_body(make(http::Method::Patch, type, std::move(target)), content_type_of(patch),
                   std::move(body));
}

Result<ApiRequest> remove(const ResourceType& type, const ObjectKey& key,
                          const DeleteOptions& options) {
  return with_body(make(http::Method::Delete, type, TRY(object(type, key, {}))), kJson,
                   print_delete_options(options));
}

Result<ApiRequest> remove_collection(const ResourceType& type, const ListOptions& options,
                                     const DeleteOptions& delete_options) {
  Target target = TRY(collection(type, options.selection.namespace_name));
  add_list_options(target, options);
  return with_body(make(http::Method::Delete, type, std::move(target)), kJson,
                   print_delete_options(delete_options));
}

Result<ApiRequest> logs(const ObjectKey& pod, const LogOptions& options) {
  Target target = TRY(pod_subresource(pod, "log"));
  target.query_if_any("container", options.container)
      .flag("follow", options.follow)
      .flag("previous", options.previous)
      .flag("timestamps", options.timestamps)
      .number("tailLines", options.tail_lines)
      .number("sinceSeconds", options.since_seconds)
      .number("limitBytes", options.limit_bytes);
  return ApiRequest{.target = std::move(target).take(), .accept = "*/*"};
}

Result<ApiRequest> exec(const ObjectKey& pod, const ExecOptions& options) {
  if (options.command.empty()) {
    return fail(ErrorCode::InvalidArgument, "exec: without a command");
  }
  Target target = TRY(pod_subresource(pod, "exec"));
  for (const std::string& word : options.command) {
    target.query("command", word);
  }
  target.query_if_any("container", options.container)
      .flag("stdin", options.stdin_open)
      .flag("stdout", options.stdout_open)
      .flag("stderr", options.stderr_open && !options.terminal)
      .flag("tty", options.terminal);
  return ApiRequest{.target = std::move(target).take(), .accept = "*/*"};
}

Result<ApiRequest> port_forward(const ObjectKey& pod, const std::vector<std::uint16_t>& ports) {
  if (ports.empty() || std::ranges::find(ports, 0) != ports.end()) {
    return fail(ErrorCode::InvalidArgument, "port-forward: needs ports from 1 to 65535");
  }
  Target target = TRY(pod_subresource(pod, "portforward"));
  for (const std::uint16_t port : ports) {
    target.number("ports", std::int64_t{port});
  }
  return ApiRequest{.target = std::move(target).take(), .accept = "*/*"};
}

ApiRequest server_version() { return {.target = "/version"}; }

ApiRequest api_groups() { return {.target = "/apis"}; }

Result<ApiRequest> api_resources(std::string_view group_version) {
  return ApiRequest{.target = TRY(group_version_path(group_version)).take()};
}

ApiRequest aggregated_discovery(std::string_view root) {
  return {.target = std::string(root),
          .accept =
              "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,"
              "application/json"};
}

}  // namespace requests

}  // namespace kthena::kube
