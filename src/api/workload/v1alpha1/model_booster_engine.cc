#include "api/workload/v1alpha1/model_booster_engine.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/error.h"
#include "base/result.h"
#include "base/strings.h"
#include "json/parse.h"
#include "json/print.h"
#include "json/problem.h"
#include "json/type.h"
#include "json/value.h"

namespace kthena::api::workload {

namespace {

using networking::KvConnectorType;

/// The value as the reference turns it into a text.
std::string plain_text(const json::Value& value) {
  if (value.is_null()) {
    return "<nil>";
  }
  if (value.is_string()) {
    return value.as_string();
  }
  if (value.is_number()) {
    const double number = value.as_double();
    const bool whole = number == std::trunc(number) && std::abs(number) < 1e15;
    return whole ? fmt::to_string(static_cast<std::int64_t>(number)) : value.number_text();
  }
  return json::print(value);
}

std::optional<std::int32_t> parse_port(std::string_view text) {
  if (text.starts_with('+')) {
    text.remove_prefix(1);
    if (text.empty() || !is_ascii_digit(text.front())) {
      return std::nullopt;
    }
  }
  const auto port = parse_int<std::int32_t>(text);
  return port && *port >= 1 && *port <= 65535 ? std::optional(*port) : std::nullopt;
}

struct Connector {
  std::string_view name;
  KvConnectorType type;
};
constexpr std::array kConnectors{Connector{"LMCacheConnectorV1", KvConnectorType::Lmcache},
                                 Connector{"MooncakeConnector", KvConnectorType::Mooncake},
                                 Connector{"MooncakeConnectorV1", KvConnectorType::Mooncake},
                                 Connector{"NixlConnector", KvConnectorType::Nixl}};

/// What one worker says of its connector.
struct Said {
  std::string name;
  KvConnectorType type;
};

std::unexpected<Error> wrong(std::string message) {
  return fail(ErrorCode::InvalidArgument, std::move(message));
}

/// The object that kv-transfer-config holds, as text or as it is; nothing if it is not there.
Result<std::optional<json::Value>> transfer_config(const ModelWorker& worker) {
  const std::string_view type = json::enum_text(worker.type);
  if (worker.config.is_null()) {
    return std::nullopt;
  }
  if (!worker.config.is_object()) {
    return wrong(fmt::format("worker {}: invalid config: it must be an object, got {}", type,
                             json::to_string(worker.config.type())));
  }
  const json::Value* found = worker.config.find("kv-transfer-config");
  if (found == nullptr) {
    return std::nullopt;
  }
  if (found->is_object()) {
    return *found;
  }
  if (!found->is_string()) {
    return wrong(fmt::format("worker {}: kv-transfer-config must be a JSON string, got {}", type,
                             json::to_string(found->type())));
  }
  auto parsed = json::parse(found->as_string(), {.duplicate_keys = json::DuplicateKeys::LastWins});
  if (!parsed) {
    return wrong(
        fmt::format("worker {}: invalid kv-transfer-config: {}", type, parsed.error().message()));
  }
  if (!parsed->is_object()) {
    return wrong(fmt::format("worker {}: invalid kv-transfer-config: it must be an object, got {}",
                             type, json::to_string(parsed->type())));
  }
  return *std::move(parsed);
}

std::string_view text_of(const json::Value& object, std::string_view name) {
  const json::Value* member = object.find(name);
  return member != nullptr && member->is_string() ? std::string_view(member->as_string())
                                                  : std::string_view{};
}

Result<std::optional<Said>> connector_of(const ModelWorker& worker) {
  const std::optional<json::Value> config = TRY(transfer_config(worker));
  if (!config) {
    return std::nullopt;
  }
  const std::string_view type = json::enum_text(worker.type);
  const std::string_view name = text_of(*config, "kv_connector");
  if (name.empty()) {
    return wrong(fmt::format("worker {}: kv_connector is missing", type));
  }
  const auto* known = std::ranges::find(kConnectors, name, &Connector::name);
  if (known == kConnectors.end()) {
    std::string names;
    for (const Connector& connector : kConnectors) {
      names.append(names.empty() ? "" : ", ").append(connector.name);
    }
    return wrong(fmt::format("worker {}: unsupported kv_connector {} (supported: {})", type,
                             json::quoted(name), names));
  }
  const std::string_view role = text_of(*config, "kv_role");
  if (role.empty()) {
    return wrong(fmt::format("worker {}: kv_role is missing", type));
  }
  const std::string_view own = worker.type == WorkerType::Prefill ? "kv_producer" : "kv_consumer";
  if (role != own && role != "kv_both") {
    return wrong(fmt::format("worker {}: invalid kv_role {}, expected one of [{}, kv_both]", type,
                             json::quoted(role), own));
  }
  return Said{.name = std::string(name), .type = known->type};
}

}  // namespace

std::expected<std::int32_t, WorkerFault> engine_port(const ModelBackend& backend) {
  std::optional<std::int32_t> common;
  for (std::size_t i = 0; i < backend.workers.size(); ++i) {
    const ModelWorker& worker = backend.workers[i];
    if (worker.type > WorkerType::Decode) {
      continue;
    }
    const std::string_view type = json::enum_text(worker.type);
    if (!worker.config.is_null() && !worker.config.is_object()) {
      return std::unexpected(WorkerFault{
          .worker = i,
          .value = json::quoted(plain_text(worker.config)),
          .message = fmt::format("invalid config for worker {}: it must be an object", type)});
    }
    std::string text = fmt::to_string(kDefaultEnginePort);
    if (const json::Value* port = worker.config.find("port")) {
      text = plain_text(*port);
    }
    const auto port = parse_port(text);
    if (!port) {
      return std::unexpected(WorkerFault{
          .worker = i,
          .value = json::quoted(text),
          .message = fmt::format("invalid port {} for worker {}", json::quoted(text), type)});
    }
    if (common && *common != *port) {
      return std::unexpected(WorkerFault{
          .worker = i,
          .value = json::quoted(text),
          .message = fmt::format("workers use different engine ports: {} and {}", *common, *port)});
    }
    common = *port;
  }
  return common.value_or(kDefaultEnginePort);
}

Result<std::optional<KvConnectorType>> kv_connector(const ModelBackend& backend) {
  const ModelWorker* prefill = nullptr;
  const ModelWorker* decode = nullptr;
  for (const WorkerType type : {WorkerType::Prefill, WorkerType::Decode}) {
    const auto count = std::ranges::count(backend.workers, type, &ModelWorker::type);
    if (count > 1) {
      return wrong(fmt::format("backend {}: found {} {} workers, expected at most 1", backend.name,
                               count, json::enum_text(type)));
    }
    if (count == 1) {
      (type == WorkerType::Prefill ? prefill : decode) =
          &*std::ranges::find(backend.workers, type, &ModelWorker::type);
    }
  }
  std::optional<Said> from;
  std::optional<Said> to;
  if (prefill != nullptr) {
    from = TRY(connector_of(*prefill));
  }
  if (decode != nullptr) {
    to = TRY(connector_of(*decode));
  }
  if (!from && !to) {
    return std::nullopt;
  }
  if (!from || !to) {
    return wrong(fmt::format("backend {}: {} worker has no kv-transfer-config", backend.name,
                             from ? "decode" : "prefill"));
  }
  if (from->type != to->type) {
    return wrong(fmt::format(
        "backend {}: kv_connector mismatch between prefill ({}) and decode ({}) workers",
        backend.name, json::quoted(from->name), json::quoted(to->name)));
  }
  return from->type;
}

}  // namespace kthena::api::workload
