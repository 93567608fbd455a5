// The request that an engine gets: the client's, with what has to be changed.
#pragma once

#include <string_view>
#include <vector>

#include "http/client.h"
#include "json/splice.h"
#include "router/call.h"

namespace kthena::router {

/// Built once for all attempts of a call. Refers to the call's request and body.
class Outgoing {
 public:
  explicit Outgoing(const Call& call);

  http::OutgoingRequest request() const;
  /// The router asked for usage although the client did not.
  bool usage_injected() const noexcept { return usage_injected_; }

 private:
  void edit_body(const Call& call);
  void copy_headers(const Call& call);

  const Call& call_;
  http::Headers headers_;
  json::Splice splice_;
  std::vector<std::string_view> pieces_;
  bool usage_injected_ = false;
};

}  // namespace kthena::router
