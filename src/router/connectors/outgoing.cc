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

Outgoing::Outgoing(Call& call)
    : call_(call), headers_(std::move(call.request.headers)), splice_(call.body->bytes.view()) {
  edit_body(call);
  edit_headers();
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
    whole_ = text;
  }
}

void Outgoing::edit_headers() {
  const http::Request& request = call_.request;
  http::keep_end_to_end(headers_);
  // Usage is read from the answer, so it must not come compressed.
  headers_.remove("Accept-Encoding");
  headers_.set("x-request-id", call_.request_id);
  const std::string client = request.peer.ip.to_string();
  if (headers_.contains("X-Forwarded-For")) {
    std::string way;
    for (const auto [name, value] : headers_) {
      if (http::equals_ignore_case(name, "X-Forwarded-For")) {
        way.append(value).append(", ");
      }
    }
    headers_.set("X-Forwarded-For", way + client);
  } else {
    headers_.add("X-Forwarded-For", client);
  }
  if (!headers_.contains("Host")) {
    headers_.add("Host", "kthena-router");
  }
  if (!headers_.contains("X-Forwarded-Host")) {
    headers_.add("X-Forwarded-Host", *headers_.find("Host"));
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
          .body = pieces_.empty() ? std::span(&whole_, 1) : std::span(pieces_),
          .has_body = true};
}

}  // namespace kthena::router
