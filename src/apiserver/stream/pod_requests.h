// The requests for exec, attach and port-forward, as clients write them.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "apiserver/patch/failure.h"
#include "apiserver/stream/pod_streams.h"
#include "async/task.h"
#include "http/message.h"

namespace kthena::apiserver {

enum class ExecMode : std::uint8_t { Exec, Attach };

/// The answer to a request for exec or attach: 101, and the program runs. Protocols:
/// v5.channel.k8s.io, v4.channel.k8s.io, channel.k8s.io and none. 400 where the client does not ask
/// for a WebSocket or for nothing to be connected, 403 for other protocols.
/// @param streams  must outlive the connection; that the pod is there was looked up before
Answer<http::Response> answer_exec(const http::Request& request, const PodName& pod, ExecMode mode,
                                   PodStreams& streams);

/// The same for port-forward: SPDY/3.1+portforward.k8s.io, as kubectl speaks since 1.30, and
/// v4.channel.k8s.io, for which the query names the ports.
Answer<http::Response> answer_port_forward(const http::Request& request, const PodName& pod,
                                           PodStreams& streams);

/// The options of an exec, of the query without '?'. Errors: 400.
Answer<ExecRequest> read_exec_request(std::string_view query);
/// `ports=80,81&ports=82`. Errors: 400.
Answer<std::vector<std::uint16_t>> read_ports(std::string_view query);

}  // namespace kthena::apiserver
