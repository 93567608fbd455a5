// ExternalModelProvider: a model service outside the cluster that routes may send requests to.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "json/fields.h"
#include "json/problem.h"
#include "json/type.h"
#include "kube/meta/condition.h"
#include "kube/meta/object.h"
#include "kube/meta/reference.h"
#include "kube/meta/resource.h"

namespace kthena::api::networking {

/// Which API the provider speaks.
enum class ProviderType : std::uint8_t { OpenAi, Anthropic };
constexpr auto enum_names(ProviderType) {
  return std::array{json::EnumName{ProviderType::OpenAi, "OpenAI"},
                    json::EnumName{ProviderType::Anthropic, "Anthropic"}};
}

/// In which header the credential goes: `Authorization: Bearer …` or `x-api-key: …`.
enum class ProviderAuthScheme : std::uint8_t { Bearer, ApiKey };
constexpr auto enum_names(ProviderAuthScheme) {
  return std::array{json::EnumName{ProviderAuthScheme::Bearer, "Bearer"},
                    json::EnumName{ProviderAuthScheme::ApiKey, "APIKey"}};
}

struct ProviderAuth {
  std::optional<ProviderAuthScheme> scheme;  ///< absent: as the provider's type has it
  kube::SecretKeySelector secret_ref;

  static constexpr auto fields() {
    using namespace json::field;
    using A = ProviderAuth;
    return std::tuple{
        json::Field{"scheme", &A::scheme,
                    "Bearer or APIKey; by default what providers of the type expect."},
        json::Field{"secretRef", &A::secret_ref, "The key of a Secret that holds the credential.",
                    required, atomic_map},
    };
  }
  static constexpr auto object_rules() {
    return std::tuple{json::ObjectRule<ProviderAuth>{
        "!has(self.secretRef.optional) || !self.secretRef.optional",
        "secretRef.optional must be false or unset",
        [](const ProviderAuth& a) { return !a.secret_ref.optional.value_or(false); }}};
  }
  friend bool operator==(const ProviderAuth&, const ProviderAuth&) = default;
};

struct ExternalModelProviderSpec {
  ProviderType provider_type = ProviderType::OpenAi;
  std::string model;
  std::string base_url;
  bool insecure_skip_verify = false;
  std::optional<ProviderAuth> auth;
  std::map<std::string, std::string, std::less<>> headers;

  static constexpr auto fields() {
    using namespace json::field;
    using S = ExternalModelProviderSpec;
    return std::tuple{
        json::Field{"auth", &S::auth, "The credential; without it none is sent."},
        json::Field{"baseURL", &S::base_url, "Where the provider's API begins.", required,
                    min_length(1), pattern("^https://.+")},
        json::Field{"headers", &S::headers,
                    "Headers that are sent with every request; no secrets."},
        json::Field{"insecureSkipVerify", &S::insecure_skip_verify,
                    "Takes any certificate. Never allows plain HTTP.", defaulted},
        json::Field{"model", &S::model, "Replaces the client's model unless empty.",
                    max_length(256)},
        json::Field{"providerType", &S::provider_type, "Which API the provider speaks.", defaulted},
    };
  }
  friend bool operator==(const ExternalModelProviderSpec&,
                         const ExternalModelProviderSpec&) = default;
};

struct ExternalModelProviderStatus {
  std::int64_t observed_generation = 0;
  std::vector<kube::Condition> conditions;

  static constexpr auto fields() {
    using namespace json::field;
    using S = ExternalModelProviderStatus;
    return std::tuple{
        json::Field{"conditions", &S::conditions, "Ready, CredentialsResolved."},
        json::Field{"observedGeneration", &S::observed_generation,
                    "The metadata.generation the status speaks of."},
    };
  }
  friend bool operator==(const ExternalModelProviderStatus&,
                         const ExternalModelProviderStatus&) = default;
};

struct ExternalModelProvider {
  kube::ObjectMeta metadata;
  ExternalModelProviderSpec spec;
  ExternalModelProviderStatus status;

  static constexpr kube::ResourceType kResource{
      .api_version = "networking.serving.volcano.sh/v1alpha1",
      .kind = "ExternalModelProvider",
      .plural = "externalmodelproviders",
      .singular = "externalmodelprovider",
      .help = "A model service outside the cluster that routes may send requests to."};
  static constexpr auto fields() {
    using E = ExternalModelProvider;
    return std::tuple{
        json::Constant{"apiVersion", kResource.api_version},
        json::Constant{"kind", kResource.kind},
        json::Field{"metadata", &E::metadata},
        json::Field{"spec", &E::spec, "What is wanted."},
        json::Field{"status", &E::status, "What was observed."},
    };
  }
  friend bool operator==(const ExternalModelProvider&, const ExternalModelProvider&) = default;
};

/// Headers that the router itself sets or must not pass on; in any case of letters.
bool is_reserved_provider_header(std::string_view name);

/// What the schema cannot check and the reference's webhook refuses, in its words and order.
/// Source: docs/reference/externalmodelprovider.md#validation
std::vector<json::Problem> validate(const ExternalModelProvider& provider);

}  // namespace kthena::api::networking

KTHENA_JSON_EXTERN_TYPE(kthena::api::networking::ExternalModelProvider);
