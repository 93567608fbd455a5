#include "bench/loadgen/call.h"

#include <fmt/format.h>

#include <utility>

namespace kthena::bench {

CallTemplate::CallTemplate(std::string host, std::size_t body_bytes, bool stream)
    : body_(chat_body(body_bytes, stream)) {
  fields_ = fmt::format(
      "POST /v1/chat/completions HTTP/1.1\r\n"
      "Host: {}\r\n"
      "Accept-Encoding: gzip, deflate\r\n"
      "Connection: keep-alive\r\n"
      "Accept: application/json\r\n"
      "Content-Type: application/json\r\n"
      "User-Agent: OpenAI/Python 1.99.9\r\n"
      "X-Stainless-Lang: python\r\n"
      "X-Stainless-Package-Version: 1.99.9\r\n"
      "Authorization: Bearer sk-012345\r\n"
      "x-stainless-read-timeout: 600\r\n"
      "Content-Length: {}\r\n",
      std::move(host), body_.size());
}

std::string CallTemplate::head(const std::optional<StreamSpec>& spec) const {
  if (!spec) {
    return fields_ + "\r\n";
  }
  return fmt::format("{}{}: {}\r\n\r\n", fields_, kSpecHeader, to_string(*spec));
}

std::uint64_t CallTemplate::body_hash() const {
  BodyHash hash;
  hash.add(body_);
  return hash.value();
}

}  // namespace kthena::bench
