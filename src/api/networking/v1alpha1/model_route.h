// ModelRoute: which requests go to which model servers, and how much of them.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "api/references.h"
#include "json/fields.h"
#include "json/problem.h"
#include "json/type.h"
#include "json/value.h"
#include "kube/meta/object.h"
#include "kube/meta/resource.h"

namespace kthena::api::networking {

/// A Gateway the route belongs to. Source: Gateway API v1, ParentReference.
struct ParentReference {
  std::string group = "gateway.networking.k8s.io";
  std::string kind = "Gateway";
  std::optional<std::string> namespace_name;
  std::string name;
  std::optional<std::string> section_name;
  std::optional<std::int32_t> port;

  static constexpr auto fields() {
    using namespace json::field;
    using P = ParentReference;
    return std::tuple{
        json::Field{
            "group", &P::group, "API group of the parent.", defaulted, max_length(253),
            pattern("^$|^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$")},
        json::Field{"kind", &P::kind, "Kind of the parent.", defaulted, min_length(1),
                    max_length(63), pattern("^[a-zA-Z]([-a-zA-Z0-9]*[a-zA-Z0-9])?$")},
        json::Field{"name", &P::name, "Name of the parent.", required, min_length(1),
                    max_length(253)},
        json::Field{"namespace", &P::namespace_name,
                    "Namespace of the parent; the route's own if absent.", min_length(1),
                    max_length(63), pattern("^[a-z0-9]([-a-z0-9]*[a-z0-9])?$")},
        json::Field{"port", &P::port, "The listener's port; any if absent.", minimum(1),
                    maximum(65535)},
        json::Field{"sectionName", &P::section_name, "The listener's name; any if absent.",
                    min_length(1), max_length(253),
                    pattern("^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$")},
    };
  }
  friend bool operator==(const ParentReference&, const ParentReference&) = default;
};

/// How a text must look; one of the three is meant to be set.
struct StringMatch {
  std::optional<std::string> exact;
  std::optional<std::string> prefix;
  std::optional<std::string> regex;

  static constexpr auto fields() {
    using S = StringMatch;
    return std::tuple{
        json::Field{"exact", &S::exact, "The whole text."},
        json::Field{"prefix", &S::prefix, "How the text begins."},
        json::Field{"regex", &S::regex, "A regular expression (RE2) found in the text."},
    };
  }
  friend bool operator==(const StringMatch&, const StringMatch&) = default;
};

struct BodyMatch {
  std::optional<std::string> model;

  static constexpr auto fields() {
    return std::tuple{json::Field{"model", &BodyMatch::model, "The model as the client named it."}};
  }
  friend bool operator==(const BodyMatch&, const BodyMatch&) = default;
};

/// All conditions that are set must hold.
struct ModelMatch {
  std::map<std::string, StringMatch, std::less<>> headers;
  std::optional<StringMatch> uri;
  std::optional<BodyMatch> body;

  static constexpr auto fields() {
    using M = ModelMatch;
    return std::tuple{
        json::Field{"body", &M::body, "What must stand in the request body."},
        json::Field{"headers", &M::headers, "What the request's headers must be, by name."},
        json::Field{"uri", &M::uri, "What the path of the URL must be."},
    };
  }
  friend bool operator==(const ModelMatch&, const ModelMatch&) = default;
};

/// Where a share of the requests goes: to a ModelServer or to an ExternalModelProvider.
struct TargetModel {
  std::string model_server_name;
  std::string external_model_provider_name;
  /// Absent is told apart from 100: rules that mix both get a warning.
  std::optional<std::uint32_t> weight;

  static constexpr std::uint32_t kDefaultWeight = 100;
  std::uint32_t weight_or_default() const { return weight.value_or(kDefaultWeight); }

  static constexpr auto fields() {
    using namespace json::field;
    using T = TargetModel;
    return std::tuple{
        json::Field{"externalModelProviderName", &T::external_model_provider_name,
                    "An ExternalModelProvider in the route's namespace."},
        json::Field{"modelServerName", &T::model_server_name,
                    "A ModelServer in the route's namespace."},
        json::Field{"weight", &T::weight,
                    "The target's share, relative to the weights of the rule's other targets.",
                    default_integer(kDefaultWeight), minimum(0), maximum(100)},
    };
  }
  static constexpr auto object_rules() {
    return std::tuple{json::ObjectRule<TargetModel>{
        "(has(self.modelServerName) && self.modelServerName != \"\") != "
        "(has(self.externalModelProviderName) && self.externalModelProviderName != \"\")",
        "exactly one of modelServerName or externalModelProviderName must be set",
        [](const TargetModel& t) {
          return t.model_server_name.empty() != t.external_model_provider_name.empty();
        }}};
  }
  friend bool operator==(const TargetModel&, const TargetModel&) = default;
};

struct Rule {
  std::string name;
  std::optional<ModelMatch> model_match;
  std::vector<TargetModel> target_models;

  static constexpr auto fields() {
    using namespace json::field;
    return std::tuple{
        json::Field{"modelMatch", &Rule::model_match,
                    "Which requests the rule is for; all of them if absent."},
        json::Field{"name", &Rule::name, "For people."},
        json::Field{"targetModels", &Rule::target_models, "Where the requests go.", required,
                    min_items(1), max_items(16)},
    };
  }
  friend bool operator==(const Rule&, const Rule&) = default;
};

struct RedisConfig {
  std::string address;

  static constexpr auto fields() {
    using namespace json::field;
    return std::tuple{
        json::Field{"address", &RedisConfig::address, "host:port of the server.", required}};
  }
  friend bool operator==(const RedisConfig&, const RedisConfig&) = default;
};

struct GlobalRateLimit {
  std::optional<RedisConfig> redis;

  static constexpr auto fields() {
    return std::tuple{
        json::Field{"redis", &GlobalRateLimit::redis, "Where the routers keep count together."}};
  }
  friend bool operator==(const GlobalRateLimit&, const GlobalRateLimit&) = default;
};

enum class RateLimitUnit : std::uint8_t { Second, Minute, Hour, Day, Month };
constexpr auto enum_names(RateLimitUnit) {
  return std::array{
      json::EnumName{RateLimitUnit::Second, "second"},
      json::EnumName{RateLimitUnit::Minute, "minute"}, json::EnumName{RateLimitUnit::Hour, "hour"},
      json::EnumName{RateLimitUnit::Day, "day"}, json::EnumName{RateLimitUnit::Month, "month"}};
}

struct RateLimit {
  std::optional<std::uint32_t> input_tokens_per_unit;   ///< absent: no limit
  std::optional<std::uint32_t> output_tokens_per_unit;  ///< absent: no limit
  RateLimitUnit unit = RateLimitUnit::Second;
  std::optional<GlobalRateLimit> global;  ///< absent: each router counts for itself

  static constexpr auto fields() {
    using namespace json::field;
    using R = RateLimit;
    return std::tuple{
        json::Field{"global", &R::global, "Counts over all routers instead of in each."},
        json::Field{"inputTokensPerUnit", &R::input_tokens_per_unit,
                    "Prompt tokens that are let in.", minimum(1)},
        json::Field{"outputTokensPerUnit", &R::output_tokens_per_unit,
                    "Completion tokens that are given out.", minimum(1)},
        json::Field{"unit", &R::unit, "The time the limits are for.", required, defaulted},
    };
  }
  friend bool operator==(const RateLimit&, const RateLimit&) = default;
};

struct ModelRouteSpec {
  std::string model_name;
  std::vector<std::string> lora_adapters;
  std::vector<ParentReference> parent_refs;
  std::vector<Rule> rules;
  std::optional<RateLimit> rate_limit;

  static constexpr auto fields() {
    using namespace json::field;
    using S = ModelRouteSpec;
    return std::tuple{
        json::Field{"loraAdapters", &S::lora_adapters,
                    "LoRA adapters that clients may name as their model.", max_items(10)},
        json::Field{"modelName", &S::model_name,
                    "The name clients ask for: of a base model, a LoRA adapter, or one made up.",
                    immutable("modelName is immutable")},
        json::Field{"parentRefs", &S::parent_refs,
                    "Gateways whose listeners the route serves; the router's own port if empty."},
        json::Field{"rateLimit", &S::rate_limit, "How many tokens the model's clients may use."},
        json::Field{"rules", &S::rules, "Tried in order; the first that matches decides.", required,
                    max_items(16)},
    };
  }
  static constexpr auto object_rules() {
    return std::tuple{json::ObjectRule<ModelRouteSpec>{
        "self.modelName != \"\" || size(self.loraAdapters) > 0",
        "ModelName and LoraAdapters cannot both be empty",
        [](const ModelRouteSpec& s) { return !s.model_name.empty() || !s.lora_adapters.empty(); }}};
  }
  friend bool operator==(const ModelRouteSpec&, const ModelRouteSpec&) = default;
};

struct ModelRouteStatus {
  static constexpr auto fields() { return std::tuple{}; }
  friend bool operator==(const ModelRouteStatus&, const ModelRouteStatus&) = default;
};

struct ModelRoute {
  kube::ObjectMeta metadata;
  ModelRouteSpec spec;
  ModelRouteStatus status;

  static constexpr std::array kColumns{kube::PrinterColumn{
      .name = "Age", .type = "date", .json_path = ".metadata.creationTimestamp"}};
  static constexpr kube::ResourceType kResource{
      .api_version = "networking.serving.volcano.sh/v1alpha1",
      .kind = "ModelRoute",
      .plural = "modelroutes",
      .singular = "modelroute",
      .columns = kColumns,
      .help = "Says which requests for models go to which servers, and how much of them."};
  static constexpr auto fields() {
    using namespace json::field;
    return std::tuple{
        json::Constant{"apiVersion", kResource.api_version},
        json::Constant{"kind", kResource.kind},
        json::Field{"metadata", &ModelRoute::metadata},
        json::Field{"spec", &ModelRoute::spec, "What is wanted.", required},
        json::Field{"status", &ModelRoute::status, "What was observed."},
    };
  }
  friend bool operator==(const ModelRoute&, const ModelRoute&) = default;
};

/// What the schema cannot check and the reference's webhook refuses, in its words and order.
/// Further checks of ours follow as warnings.
/// Source: docs/reference/modelroute.md#validation
std::vector<json::Problem> validate(const ModelRoute& route);

/// Warnings that only the object as it was written shows, before defaults are filled in: weights on
/// some of a rule's targets.
std::vector<json::Problem> check_as_written(const ModelRoute& route);

/// Rules and targets that are null, which no struct holds; a server with the CRD lets none through.
/// @param route  names the kind, is not read
std::vector<json::Problem> check_value(const json::Value& value, const ModelRoute& route);

/// Its targets.
std::vector<Reference> references(const ModelRoute& route);

/// The part of validate() that speaks of conditions on requests; others have them too.
std::vector<json::Problem> check_model_match(const ModelMatch& match, const json::FieldPath& at);

}  // namespace kthena::api::networking

KTHENA_JSON_EXTERN_TYPE(kthena::api::networking::ModelRoute);
KTHENA_JSON_EXTERN_TYPE(kthena::api::networking::StringMatch);
