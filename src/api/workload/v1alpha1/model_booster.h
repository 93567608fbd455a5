// ModelBooster: one object from which a model's ModelServing, ModelServer and ModelRoute are made.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "api/networking/v1alpha1/model_route.h"
#include "api/workload/v1alpha1/autoscaling_policy.h"
#include "json/fields.h"
#include "json/problem.h"
#include "json/type.h"
#include "json/value.h"
#include "kube/meta/condition.h"
#include "kube/meta/object.h"
#include "kube/meta/resource.h"

namespace kthena::api::workload {

/// Of a container.
struct EnvVar {
  std::string name;
  std::string value;
  json::Value value_from;  ///< null if absent

  static constexpr auto fields() {
    using namespace json::field;
    return std::tuple{
        json::Field{"name", &EnvVar::name, "The variable's name.", required},
        json::Field{"value", &EnvVar::value, "Its value."},
        json::Field{"valueFrom", &EnvVar::value_from, "Where its value comes from instead.",
                    shape("EnvVarSource")},
    };
  }
  friend bool operator==(const EnvVar&, const EnvVar&) = default;
};

enum class WorkerType : std::uint8_t { Server, Prefill, Decode, Controller, Coordinator };
constexpr auto enum_names(WorkerType) {
  return std::array{json::EnumName{WorkerType::Server, "server"},
                    json::EnumName{WorkerType::Prefill, "prefill"},
                    json::EnumName{WorkerType::Decode, "decode"},
                    json::EnumName{WorkerType::Controller, "controller"},
                    json::EnumName{WorkerType::Coordinator, "coordinator"}};
}

/// One role of the backend.
struct ModelWorker {
  WorkerType type = WorkerType::Server;
  std::string image;
  std::optional<std::int32_t> replicas;  ///< 1 after defaulting; explicit 0 means no pods
  std::int32_t pods = 0;                 ///< 0 means 1
  json::Value resources;
  json::Value affinity;
  std::vector<json::Value> tolerations;
  json::Value config;

  static constexpr auto fields() {
    using namespace json::field;
    using W = ModelWorker;
    return std::tuple{
        json::Field{"affinity", &W::affinity, "Where the pods may run.", shape("Affinity")},
        json::Field{"config", &W::config,
                    "The engine's command line: a key is a flag, an empty text a flag without a "
                    "value."},
        json::Field{"image", &W::image, "The engine's image."},
        json::Field{"pods", &W::pods, "Pods of each replica; 0 counts as 1.", minimum(0),
                    maximum(kMaxReplicas)},
        json::Field{"replicas", &W::replicas, "Replicas of the role in each group.",
                    default_integer(1), minimum(0), maximum(kMaxReplicas)},
        json::Field{"resources", &W::resources, "Resources of the engine's container.",
                    shape("ResourceRequirements")},
        json::Field{"tolerations", &W::tolerations, "Taints the pods tolerate.", atomic_list,
                    shape("Toleration")},
        json::Field{"type", &W::type, "What the worker does.", defaulted},
    };
  }
  friend bool operator==(const ModelWorker&, const ModelWorker&) = default;
};

enum class BackendType : std::uint8_t { Vllm, VllmDisaggregated };
constexpr auto enum_names(BackendType) {
  return std::array{json::EnumName{BackendType::Vllm, "vLLM"},
                    json::EnumName{BackendType::VllmDisaggregated, "vLLMDisaggregated"}};
}

/// The engine, the weights and the pods.
struct ModelBackend {
  std::string name;
  BackendType type = BackendType::Vllm;
  std::string model_uri;
  std::string cache_uri;
  std::vector<json::Value> env_from;
  std::vector<EnvVar> env;
  std::optional<std::int32_t> replicas;  ///< minReplicas after admission, where that is set
  std::optional<std::int32_t> min_replicas;
  std::optional<std::int32_t> max_replicas;
  std::vector<ModelWorker> workers;
  std::string scheduler_name;
  std::optional<std::string> runtime_class_name;

  static constexpr auto fields() {
    using namespace json::field;
    using B = ModelBackend;
    return std::tuple{
        json::Field{"cacheURI", &B::cache_uri,
                    "Where weights are kept: hostpath:// or pvc://; with the pod if absent.",
                    pattern("^(hostpath://|pvc://).+")},
        json::Field{"env", &B::env, "Environment of the containers.", map_list("name")},
        json::Field{"envFrom", &B::env_from, "Environment from ConfigMaps and Secrets.",
                    atomic_list, shape("EnvFromSource")},
        json::Field{"maxReplicas", &B::max_replicas, "The most groups.", minimum(1),
                    maximum(kMaxReplicas), deprecated("use an AutoscalingPolicy")},
        json::Field{"minReplicas", &B::min_replicas, "The fewest groups; read for replicas.",
                    minimum(0), maximum(kMaxReplicas), deprecated("use replicas")},
        json::Field{"modelURI", &B::model_uri,
                    "Where the weights come from: hf://, ms://, s3://, obs:// or pvc://.", required,
                    pattern("^(hf://|s3://|obs://|pvc://|ms://).+")},
        json::Field{"name", &B::name, "Part of the names of what is made.", required,
                    pattern("^[a-z0-9]([-a-z0-9]*[a-z0-9])?$")},
        json::Field{"replicas", &B::replicas, "Groups of the ModelServing.", minimum(0),
                    maximum(kMaxReplicas)},
        json::Field{"runtimeClassName", &B::runtime_class_name, "Runtime class of the pods."},
        json::Field{"schedulerName", &B::scheduler_name, "Scheduler of the pods."},
        json::Field{"type", &B::type, "The engine, and whether prefill and decode are separate.",
                    required},
        json::Field{"workers", &B::workers, "The roles of a group.", required, min_items(1),
                    max_items(1000)},
    };
  }
  friend bool operator==(const ModelBackend&, const ModelBackend&) = default;
};

/// What boosters once said of scaling themselves; an AutoscalingPolicy is made of it.
struct OldAutoscaling {
  std::int32_t tolerance_percent = 10;
  std::vector<AutoscalingMetric> metrics;
  std::optional<Behavior> behavior;

  static constexpr auto fields() {
    using namespace json::field;
    using O = OldAutoscaling;
    return std::tuple{
        json::Field{"behavior", &O::behavior, "How fast the recommendation is followed."},
        json::Field{"metrics", &O::metrics,
                    "What is measured, and what each replica should have of it.", required,
                    min_items(1)},
        json::Field{"tolerancePercent", &O::tolerance_percent,
                    "Differences to the target values that change nothing.", defaulted, minimum(0),
                    maximum(100)},
    };
  }
  friend bool operator==(const OldAutoscaling&, const OldAutoscaling&) = default;
};

struct ModelBoosterSpec {
  std::string name;
  std::string owner;
  ModelBackend backend;
  std::optional<networking::ModelMatch> model_match;
  std::optional<OldAutoscaling> autoscaling_policy;

  static constexpr auto fields() {
    using namespace json::field;
    using S = ModelBoosterSpec;
    return std::tuple{
        json::Field{"autoscalingPolicy", &S::autoscaling_policy, "Scales the groups.",
                    deprecated("use an AutoscalingPolicy")},
        json::Field{"backend", &S::backend, "The engine, the weights and the pods.", required},
        json::Field{"modelMatch", &S::model_match, "Which requests are for the model."},
        json::Field{"name", &S::name, "The model's name for clients; the object's name if absent.",
                    max_length(64), pattern("^[a-z0-9]([-a-z0-9]*[a-z0-9])?$")},
        json::Field{"owner", &S::owner, "For people."},
    };
  }
  friend bool operator==(const ModelBoosterSpec&, const ModelBoosterSpec&) = default;
};

struct ModelBoosterStatus {
  std::int64_t observed_generation = 0;
  std::vector<kube::Condition> conditions;

  static constexpr auto fields() {
    using namespace json::field;
    using S = ModelBoosterStatus;
    return std::tuple{
        json::Field{"conditions", &S::conditions, "Initialized, Active, Failed.", map_list("type")},
        json::Field{"observedGeneration", &S::observed_generation,
                    "The metadata.generation the status speaks of."},
    };
  }
  friend bool operator==(const ModelBoosterStatus&, const ModelBoosterStatus&) = default;
};

struct ModelBooster {
  kube::ObjectMeta metadata;
  ModelBoosterSpec spec;
  ModelBoosterStatus status;

  static constexpr std::array kColumns{
      kube::PrinterColumn{.name = "Active",
                          .type = "string",
                          .json_path = ".status.conditions[?(@.type=='Active')].status"},
      kube::PrinterColumn{
          .name = "Age", .type = "date", .json_path = ".metadata.creationTimestamp"}};
  static constexpr kube::ResourceType kResource{
      .api_version = "workload.serving.volcano.sh/v1alpha1",
      .kind = "ModelBooster",
      .plural = "modelboosters",
      .singular = "modelbooster",
      .columns = kColumns,
      .help =
          "A model to be served: where its weights are and which engine runs it. The rest is made "
          "of it."};
  static constexpr auto fields() {
    return std::tuple{
        json::Constant{"apiVersion", kResource.api_version},
        json::Constant{"kind", kResource.kind},
        json::Field{"metadata", &ModelBooster::metadata},
        json::Field{"spec", &ModelBooster::spec, "What is wanted."},
        json::Field{"status", &ModelBooster::status, "What was observed."},
    };
  }
  friend bool operator==(const ModelBooster&, const ModelBooster&) = default;
};

/// The name of the ModelServing and the ModelServer that are made.
std::string backend_name(const ModelBooster& booster);

/// What admission adds to the schema's defaults: replicas from minReplicas, where only that is set.
void apply_admission_defaults(ModelBooster& booster);

/// What the old fields about scaling mean: the spec of an AutoscalingPolicy of backend_name().
/// Nothing if `autoscalingPolicy` is not set.
std::optional<AutoscalingPolicySpec> old_autoscaling(const ModelBooster& booster);

/// What the schema cannot check and the reference's webhook refuses, in its words and order; then
/// further checks of ours as warnings. Of an object with its defaults, those of admission too.
/// Source: docs/reference/modelbooster.md#validation
std::vector<json::Problem> validate(const ModelBooster& booster);

}  // namespace kthena::api::workload

KTHENA_JSON_EXTERN_TYPE(kthena::api::workload::ModelBooster);
