// What is sent: a chat call as a client library writes it.
#pragma once

#include <optional>
#include <string>

#include "bench/common/content.h"

namespace kthena::bench {

/// The part of a call that all calls of a run share.
class CallTemplate {
 public:
  /// @param host  for the Host field
  /// @param body_bytes  exact size of the body, from 256 up
  CallTemplate(std::string host, std::size_t body_bytes, bool stream);

  /// The head of one call, blank line included: about ten fields, 358 bytes without a spec.
  std::string head(const std::optional<StreamSpec>& spec) const;
  const std::string& body() const noexcept { return body_; }
  std::uint64_t body_hash() const;

 private:
  std::string fields_;
  std::string body_;
};

}  // namespace kthena::bench
