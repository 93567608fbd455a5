// What the router has read of a request body.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

#include "json/on_demand.h"

namespace kthena::router {

/// Where the fields that the router reads stand in the body.
struct BodyScan {
  enum Name : std::size_t {
    Model,
    Stream,
    StreamOptions,
    Prompt,
    Messages,
    Input,
    System,
    Instructions
  };
  static constexpr std::array<std::string_view, 8> kNames = {
      "model", "stream", "stream_options", "prompt", "messages", "input", "system", "instructions"};

  json::ObjectScan object;
  std::array<json::RawField, kNames.size()> fields;

  const json::RawField& operator[](Name name) const noexcept { return fields[name]; }
};

}  // namespace kthena::router
