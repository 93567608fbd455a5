// The request that an engine gets: the client's, with what has to be changed.
#pragma once

#include <string_view>
#include <vector>

#include "http/client.h"
#include "json/splice.h"
#include "router/call.h"

namespace kthena::router {

/// Built once for all attempts of a call. Takes the header fields out of the call's request, and
/// refers to the rest of it and to its body.
class Outgoing {
 public:
  explicit Outgoing(Call& call);

  http::OutgoingRequest request() const;
  /// The router asked for usage although the client did not.
  bool usage_injected() const noexcept { return usage_injected_; }

 private:
  void edit_body(const Call& call);
  void edit_headers();

  const Call& call_;
  http::Headers headers_;
  json::Splice splice_;
  std::string_view whole_;                ///< the body, if it goes out as it came
  std::vector<std::string_view> pieces_;  ///< the edited body
  bool usage_injected_ = false;
};

}  // namespace kthena::router
