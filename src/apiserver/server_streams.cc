// What a pod's node does: logs, programs in containers, connections to ports.
#include <utility>

#include "apiserver/request/refusals.h"
#include "apiserver/server.h"
#include "apiserver/stream/log_request.h"
#include "apiserver/stream/pod_requests.h"
#include "apiserver/stream/pod_streams.h"
#include "apiserver/stream/pod_target.h"

namespace kthena::apiserver {

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
  if (call.path.subresource != "portforward") {
    CO_TRY(choose_container(**pod, call.query.get("container")));
  }
  const PodName name{.ns = call.path.namespace_name, .name = call.path.name, .uid = found->uid()};
  Answer<void> scheduled = check_scheduled(**pod);
  if (call.path.subresource == "log") {
    const LogRequest log = CO_TRY(read_log_request(call.path.name, request.query()));
    if (!scheduled || streams_ == nullptr) {
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
  CO_TRY(std::move(scheduled));
  if (streams_ == nullptr) {
    co_return refusals::internal("no node of this server runs pods");
  }
  if (call.path.subresource == "portforward") {
    co_return answer_port_forward(request, name, *streams_);
  }
  co_return answer_exec(request, name,
                        call.path.subresource == "exec" ? ExecMode::Exec : ExecMode::Attach,
                        *streams_);
}

}  // namespace kthena::apiserver
