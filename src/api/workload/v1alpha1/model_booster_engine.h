// What a booster's workers say of their engines, for the validation and for whoever makes the pods.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>

#include "api/networking/v1alpha1/model_server.h"
#include "api/workload/v1alpha1/model_booster.h"
#include "base/result.h"

namespace kthena::api::workload {

inline constexpr std::int32_t kDefaultEnginePort = 8000;
inline constexpr std::int32_t kDefaultRuntimePort = 8100;

/// Which worker's config is no good, and why.
struct WorkerFault {
  std::size_t worker = 0;
  std::string value;  ///< as messages show it
  std::string message;
};

/// The port the engines listen on: `port` of the configs, which all must name the same.
/// Source: docs/reference/modelbooster.md#engine-port
std::expected<std::int32_t, WorkerFault> engine_port(const ModelBackend& backend);

/// How the KV cache gets from prefill to decode, by the configs' kv-transfer-config; nothing if
/// none of the two says anything. Errors: InvalidArgument that says what does not fit.
/// Source: docs/reference/modelbooster.md#kv-connector
Result<std::optional<networking::KvConnectorType>> kv_connector(const ModelBackend& backend);

}  // namespace kthena::api::workload
