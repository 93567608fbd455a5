// Recorded exchanges with a real engine, and the form in which two answers are compared.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace kthena::sim::testing {

/// A request and its answer as they were on the wire.
struct Exchange {
  std::string name;  ///< path below the directory of recordings
  std::string request;
  std::string response;

  bool is_head() const { return request.starts_with("HEAD "); }
};

/// Errors: NotFound; InvalidArgument if there is no line between request and response.
Result<Exchange> read_exchange(const std::string& directory, const std::string& name);

/// The names of all .http files below a directory, sorted.
std::vector<std::string> find_exchanges(const std::string& directory);

/// An HTTP/1.1 response, taken apart.
struct WireResponse {
  std::string status_line;
  std::vector<std::pair<std::string, std::string>> headers;
  std::vector<std::string> chunks;  ///< one entry for a body with a Content-Length
  bool chunked = false;
  bool complete = false;  ///< the whole body is there
};

/// Takes apart what has arrived so far; malformed chunks read as incomplete.
/// @param head  the response to a HEAD request: no body, whatever Content-Length says
WireResponse parse_response(std::string_view bytes, bool head);

/// The form in which answers are compared: everything that an engine decides stays (status,
/// fields and their order, JSON keys and their order, constants, error texts, one event a chunk),
/// what differs by nature (ids, times, texts, token numbers, probabilities) is replaced by its
/// kind. Events of several choices are put in the order of the choices.
std::string normal_form(std::string_view response, bool head);

}  // namespace kthena::sim::testing
