// ModelServer: the pods that serve a model, and how they are spoken to.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "json/fields.h"
#include "json/problem.h"
#include "json/type.h"
#include "json/value.h"
#include "kube/meta/object.h"
#include "kube/meta/resource.h"
#include "kube/meta/scalars.h"

namespace kthena::api::networking {

/// Which engine the pods run: a hint, since the router tells the dialect by the metrics it is
/// given.
enum class InferenceEngine : std::uint8_t { Vllm, Sglang, LlamaCpp };
constexpr auto enum_names(InferenceEngine) {
  return std::array{json::EnumName{InferenceEngine::Vllm, "vLLM"},
                    json::EnumName{InferenceEngine::Sglang, "SGLang"},
                    json::EnumName{InferenceEngine::LlamaCpp, "LlamaCpp"}};
}

/// Splits the pods into groups whose prefill and decode pods work together.
struct PdGroup {
  std::string group_key;
  kube::Labels prefill_labels;
  kube::Labels decode_labels;

  static constexpr auto fields() {
    using namespace json::field;
    using P = PdGroup;
    return std::tuple{
        json::Field{"decodeLabels", &P::decode_labels, "Labels of the pods that decode.", required},
        json::Field{"groupKey", &P::group_key,
                    "The label whose equal values pair prefill with decode pods.", required},
        json::Field{"prefillLabels", &P::prefill_labels, "Labels of the pods that prefill.",
                    required},
    };
  }
  friend bool operator==(const PdGroup&, const PdGroup&) = default;
};

struct WorkloadSelector {
  kube::Labels match_labels;
  std::optional<PdGroup> pd_group;  ///< present: prefill and decode are separate

  static constexpr auto fields() {
    using W = WorkloadSelector;
    return std::tuple{
        json::Field{"matchLabels", &W::match_labels,
                    "Labels of the pods, all of which they must have, in the same namespace."},
        json::Field{"pdGroup", &W::pd_group, "Serves prefill and decode from different pods."},
    };
  }
  friend bool operator==(const WorkloadSelector&, const WorkloadSelector&) = default;
};

enum class WorkloadProtocol : std::uint8_t { Http, Https };
constexpr auto enum_names(WorkloadProtocol) {
  return std::array{json::EnumName{WorkloadProtocol::Http, "http"},
                    json::EnumName{WorkloadProtocol::Https, "https"}};
}

struct WorkloadPort {
  std::int32_t port = 0;
  WorkloadProtocol protocol = WorkloadProtocol::Http;

  static constexpr auto fields() {
    using namespace json::field;
    using W = WorkloadPort;
    return std::tuple{
        json::Field{"port", &W::port, "Port of the engine.", required, minimum(1), maximum(65535)},
        json::Field{"protocol", &W::protocol, "How the engine is spoken to.", defaulted},
    };
  }
  friend bool operator==(const WorkloadPort&, const WorkloadPort&) = default;
};

struct Retry {
  std::int32_t attempts = 0;
  kube::GoDuration retry_interval{std::chrono::milliseconds{100}};

  static constexpr auto fields() {
    using namespace json::field;
    return std::tuple{
        json::Field{"attempts", &Retry::attempts, "Further attempts after the first."},
        json::Field{"retryInterval", &Retry::retry_interval, "Wait between two attempts.",
                    defaulted},
    };
  }
  friend bool operator==(const Retry&, const Retry&) = default;
};

struct TrafficPolicy {
  std::optional<kube::GoDuration> timeout;
  std::optional<Retry> retry;

  static constexpr auto fields() {
    using T = TrafficPolicy;
    return std::tuple{
        json::Field{"retry", &T::retry, "What happens when an attempt fails."},
        json::Field{"timeout", &T::timeout,
                    "How long an attempt may take to its response's headers."},
    };
  }
  friend bool operator==(const TrafficPolicy&, const TrafficPolicy&) = default;
};

enum class KvConnectorType : std::uint8_t { Http, Lmcache, Nixl, Mooncake };
constexpr auto enum_names(KvConnectorType) {
  return std::array{json::EnumName{KvConnectorType::Http, "http"},
                    json::EnumName{KvConnectorType::Lmcache, "lmcache"},
                    json::EnumName{KvConnectorType::Nixl, "nixl"},
                    json::EnumName{KvConnectorType::Mooncake, "mooncake"}};
}

struct KvConnector {
  KvConnectorType type = KvConnectorType::Http;

  static constexpr auto fields() {
    using namespace json::field;
    return std::tuple{json::Field{"type", &KvConnector::type,
                                  "How the KV cache gets from prefill to decode.", defaulted}};
  }
  friend bool operator==(const KvConnector&, const KvConnector&) = default;
};

struct ModelServerSpec {
  std::string model;
  InferenceEngine inference_engine = InferenceEngine::Vllm;
  WorkloadSelector workload_selector;
  WorkloadPort workload_port;
  std::optional<TrafficPolicy> traffic_policy;
  std::optional<KvConnector> kv_connector;

  static constexpr auto fields() {
    using namespace json::field;
    using S = ModelServerSpec;
    return std::tuple{
        json::Field{"inferenceEngine", &S::inference_engine, "The engine the pods run.", required},
        json::Field{"kvConnector", &S::kv_connector, "How prefill hands over to decode."},
        json::Field{
            "model", &S::model,
            "The model's name as the engine knows it; replaces the client's unless that is a "
            "LoRA adapter.",
            max_length(256)},
        json::Field{"trafficPolicy", &S::traffic_policy, "Timeouts and retries."},
        json::Field{"workloadPort", &S::workload_port, "Where the pods listen.", required},
        json::Field{"workloadSelector", &S::workload_selector, "Which pods serve.", required},
    };
  }
  friend bool operator==(const ModelServerSpec&, const ModelServerSpec&) = default;
};

struct ModelServerStatus {
  static constexpr auto fields() { return std::tuple{}; }
  friend bool operator==(const ModelServerStatus&, const ModelServerStatus&) = default;
};

struct ModelServer {
  kube::ObjectMeta metadata;
  ModelServerSpec spec;
  ModelServerStatus status;

  static constexpr std::array kColumns{
      kube::PrinterColumn{.name = "Engine", .type = "string", .json_path = ".spec.inferenceEngine"},
      kube::PrinterColumn{
          .name = "Port", .type = "integer", .json_path = ".spec.workloadPort.port"},
      kube::PrinterColumn{
          .name = "Protocol", .type = "string", .json_path = ".spec.workloadPort.protocol"},
      kube::PrinterColumn{
          .name = "Age", .type = "date", .json_path = ".metadata.creationTimestamp"}};
  static constexpr kube::ResourceType kResource{
      .api_version = "networking.serving.volcano.sh/v1alpha1",
      .kind = "ModelServer",
      .plural = "modelservers",
      .singular = "modelserver",
      .columns = kColumns,
      .help = "Says which pods serve a model, and how they are spoken to."};
  static constexpr auto fields() {
    return std::tuple{
        json::Constant{"apiVersion", kResource.api_version},
        json::Constant{"kind", kResource.kind},
        json::Field{"metadata", &ModelServer::metadata},
        json::Field{"spec", &ModelServer::spec, "What is wanted."},
        json::Field{"status", &ModelServer::status, "What was observed."},
    };
  }
  friend bool operator==(const ModelServer&, const ModelServer&) = default;
};

/// What the schema cannot check and the reference's webhook refuses, in its words and order.
/// Further checks of ours follow as warnings.
/// Source: docs/reference/modelserver.md#validation
std::vector<json::Problem> validate(const ModelServer& server);

/// What only the value shows: that the selector is absent, which the struct always has; a server
/// with the CRD lets none through.
/// @param server  names the kind, is not read
std::vector<json::Problem> check_value(const json::Value& value, const ModelServer& server);

}  // namespace kthena::api::networking

KTHENA_JSON_EXTERN_TYPE(kthena::api::networking::ModelServer);
