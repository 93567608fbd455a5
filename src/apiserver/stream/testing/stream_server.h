// An HTTP server for tests of this folder, which knows pods and nothing else of the API.
#pragma once

#include <memory>
#include <string_view>

#include "apiserver/stream/pod_requests.h"
#include "apiserver/stream/pod_streams.h"
#include "async/task.h"
#include "http/memory.h"
#include "http/message.h"
#include "http/server.h"
#include "net/stream.h"

namespace kthena::apiserver::testing {

/// Answers …/exec, …/attach and …/portforward of any pod.
class StreamService final : public http::Handler {
 public:
  explicit StreamService(PodStreams& streams) : streams_(streams) {}

  async::Task<http::Response> handle(http::Request& request) override {
    const PodName pod{.ns = "prod", .name = "p", .uid = "u1"};
    const std::string_view path = request.path();
    Answer<http::Response> answer = bad_request("no such path");
    if (path.ends_with("/exec")) {
      answer = answer_exec(request, pod, ExecMode::Exec, streams_);
    } else if (path.ends_with("/attach")) {
      answer = answer_exec(request, pod, ExecMode::Attach, streams_);
    } else if (path.ends_with("/portforward")) {
      answer = answer_port_forward(request, pod, streams_);
    }
    if (!answer) {
      co_return http::text_response(answer.error().code, "text/plain", answer.error().message);
    }
    co_return *std::move(answer);
  }

 private:
  PodStreams& streams_;
};

}  // namespace kthena::apiserver::testing
