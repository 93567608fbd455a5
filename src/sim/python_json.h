// What Python's json module says about a text that is not JSON: vLLM passes it on to the client.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace kthena::sim {

struct PythonJsonError {
  std::string_view message;  ///< "Expecting value"
  std::size_t position = 0;  ///< in characters from the start
};

/// The error of json.loads(text); nullopt if Python takes it (it also takes NaN and Infinity).
/// Source: CPython 3.11, Modules/_json.c and Lib/json, by behaviour.
std::optional<PythonJsonError> find_python_json_error(std::string_view text);

}  // namespace kthena::sim
