#include "router/connectors/outgoing.h"

#include "http/fields.h"
#include "json/print.h"

namespace kthena::router {
namespace {

/// Usage is asked for where every engine knows the option.
bool takes_usage_option(std::string_view path) {
  return path == "/v1/chat/completions" || path == "/v1/completions";
}

}  // namespace

Outgoing::Outgoing(const Call& call) : call_(call), splice_(call.body->bytes.view()) {
  edit_body(call);
  copy_headers(call);
}

void Outgoing::edit_body(const Call& call) {
  const std::string_view text = call.body->bytes.view();
  json::ObjectEdit edit(text, call.body->scan.object);
  bool edited = false;
  if (call.upstream_model != call.model) {
    edit.set("model", call.body->scan[BodyScan::Model],
             json::print(json::Value(std::string(call.upstream_model))));
    edited = true;
  }
  if (call.stream && !call.wants_usage && takes_usage_option(call.request.path())) {
    usage_injected_ = edit.set_within("stream_options", call.body->scan[BodyScan::StreamOptions],
                                      "include_usage", "true");
    edited = edited || usage_injected_;
  }
  if (edited) {
    splice_ = std::move(edit).finish();
    pieces_ = splice_.pieces();
  } else {
    pieces_.push_back(text);
  }
}

void Outgoing::copy_headers(const Call& call) {
  const http::Request& request = call.request;
  headers_.reserve(request.headers.size() + 5, 1024);
  http::copy_end_to_end(request.headers, headers_);
  // Usage is read from the answer, so it must not come compressed.
  headers_.remove("Accept-Encoding");
  headers_.set("x-request-id", call.request_id);
  const std::string client = request.peer.ip.to_string();
  if (headers_.contains("X-Forwarded-For")) {
    std::string way;
    for (const auto [name, value] : request.headers) {
      if (http::equals_ignore_case(name, "X-Forwarded-For")) {
        way.append(value).append(", ");
      }
    }
    headers_.set("X-Forwarded-For", way + client);
  } else {
    headers_.add("X-Forwarded-For", client);
  }
  const std::string host(headers_.find("Host").value_or("kthena-router"));
  if (!headers_.contains("Host")) {
    headers_.add("Host", host);
  }
  if (!headers_.contains("X-Forwarded-Host")) {
    headers_.add("X-Forwarded-Host", host);
  }
  if (!headers_.contains("X-Forwarded-Proto")) {
    headers_.add("X-Forwarded-Proto", request.secure ? "https" : "http");
  }
}

http::OutgoingRequest Outgoing::request() const {
  return {.method = call_.request.method,
          .method_text = call_.request.method_text,
          .target = call_.request.target,
          .headers = &headers_,
          .body = pieces_,
          .has_body = true};
}

}  // namespace kthena::router
