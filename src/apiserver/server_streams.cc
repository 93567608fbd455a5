// What a pod's node does: logs, programs in containers, connections to ports.
#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "apiserver/request/refusals.h"
#include "apiserver/server.h"
#include "apiserver/stream/log_request.h"
#include "apiserver/stream/pod_requests.h"
#include "apiserver/stream/pod_streams.h"
#include "apiserver/verbs/metadata.h"

namespace kthena::apiserver {

namespace {

std::vector<std::string> containers_of(const json::Value& pod) {
  std::vector<std::string> names;
  const json::Value* spec = pod.find("spec");
  for (const std::string_view list : {"containers", "initContainers", "ephemeralContainers"}) {
    const json::Value* containers = spec != nullptr ? spec->find(list) : nullptr;
    if (containers == nullptr || !containers->is_array()) {
      continue;
    }
    for (const json::Value& container : containers->as_array()) {
      if (const json::Value* name = container.find("name"); name != nullptr && name->is_string()) {
        names.push_back(name->as_string());
      }
    }
  }
  return names;
}

/// Errors: 400 in the words of kube-apiserver.
Answer<void> check_container(const json::Value& pod, std::string_view pod_name,
                             std::string_view container) {
  const std::vector<std::string> names = containers_of(pod);
  if (container.empty() || std::ranges::find(names, container) != names.end()) {
    return {};
  }
  return bad_request(fmt::format("container {} is not valid for pod {}", container, pod_name));
}

bool has_node(const json::Value& pod) {
  const json::Value* spec = pod.find("spec");
  const json::Value* node = spec != nullptr ? spec->find("nodeName") : nullptr;
  return node != nullptr && node->is_string() && !node->as_string().empty();
}

}  // namespace

bool ApiServer::is_stream(const Call& call) {
  const std::string& part = call.path.subresource;
  return call.kind->resource == "pods" &&
         (part == "log" || part == "exec" || part == "attach" || part == "portforward");
}

async::Task<Answer<http::Response>> ApiServer::answer_stream(const Call& call,
                                                             http::Request& request) {
  const ObjectPtr found = store_.find(
      {.resource = "pods", .namespace_name = call.path.namespace_name, .name = call.path.name});
  if (found == nullptr) {
    co_return refusals::not_found(*call.kind, call.path.name);
  }
  const auto pod = store_.value(found);
  if (!pod) {
    co_return refusals::of(pod.error());
  }
  CO_TRY(check_container(**pod, call.path.name, call.query.get("container")));
  const PodName name{.ns = call.path.namespace_name, .name = call.path.name, .uid = found->uid()};
  const bool placed = streams_ != nullptr && has_node(**pod);
  if (call.path.subresource == "log") {
    const LogRequest log = CO_TRY(read_log_request(call.path.name, request.query()));
    if (!placed) {
      // Nothing has run yet.
      co_return http::text_response(200, "text/plain", {});
    }
    auto body = co_await streams_->logs(name, log);
    if (!body) {
      co_return refusals::of(body.error());
    }
    http::Response response{.status = 200, .headers = {}, .body = {}, .observer = {}};
    response.headers.add("Content-Type", "text/plain");
    response.body = http::Body(*std::move(body));
    co_return response;
  }
  if (!placed) {
    co_return bad_request(fmt::format("pod {} does not have a host assigned", call.path.name));
  }
  if (call.path.subresource == "portforward") {
    co_return answer_port_forward(request, name, *streams_);
  }
  co_return answer_exec(request, name,
                        call.path.subresource == "exec" ? ExecMode::Exec : ExecMode::Attach,
                        *streams_);
}

}  // namespace kthena::apiserver
