// AdmissionReview: what the API server asks a webhook, and what the webhook answers. No I/O.
//
//   const AdmissionAnswer answer = answer_review(content_type, body, policy);
//   // answer.status and answer.body are what HTTP sends
//
// Source: Kubernetes API, admission.k8s.io/v1.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "base/result.h"
#include "json/fields.h"
#include "json/problem.h"
#include "json/type.h"
#include "json/value.h"
#include "kube/meta/object.h"
#include "kube/meta/resource.h"

namespace kthena::kube {

/// What is being done to the object.
enum class AdmissionOperation : std::uint8_t { Create, Update, Delete, Connect };
constexpr auto enum_names(AdmissionOperation) {
  return std::array{json::EnumName{AdmissionOperation::Create, "CREATE"},
                    json::EnumName{AdmissionOperation::Update, "UPDATE"},
                    json::EnumName{AdmissionOperation::Delete, "DELETE"},
                    json::EnumName{AdmissionOperation::Connect, "CONNECT"}};
}

struct GroupVersionKind {
  std::string group;  ///< empty: the core group
  std::string version;
  std::string kind;

  /// "apps/v1", "v1".
  std::string api_version() const { return group.empty() ? version : group + "/" + version; }

  static constexpr bool kPartial = true;
  static constexpr auto fields() {
    using namespace json::field;
    using G = GroupVersionKind;
    return std::tuple{json::Field{"group", &G::group},
                      json::Field{"version", &G::version, required},
                      json::Field{"kind", &G::kind, required}};
  }
  friend bool operator==(const GroupVersionKind&, const GroupVersionKind&) = default;
};

struct AdmissionRequest {
  std::string uid;  ///< of this request; the answer repeats it
  GroupVersionKind kind;
  std::string subresource;  ///< "status", "scale"; empty: the object itself
  std::string name;         ///< may be empty: the server makes it later
  std::string namespace_name;
  AdmissionOperation operation = AdmissionOperation::Create;
  json::Value object;      ///< as it would be stored; null for a deletion
  json::Value old_object;  ///< as it is stored; null for a new one
  bool dry_run = false;

  static constexpr bool kPartial = true;
  static constexpr auto fields() {
    using namespace json::field;
    using R = AdmissionRequest;
    return std::tuple{json::Field{"uid", &R::uid, required},
                      json::Field{"kind", &R::kind, required},
                      json::Field{"subResource", &R::subresource},
                      json::Field{"name", &R::name},
                      json::Field{"namespace", &R::namespace_name},
                      json::Field{"operation", &R::operation, required},
                      json::Field{"object", &R::object},
                      json::Field{"oldObject", &R::old_object},
                      json::Field{"dryRun", &R::dry_run}};
  }
  friend bool operator==(const AdmissionRequest&, const AdmissionRequest&) = default;
};

/// Why a request was refused: the part of metav1.Status that an answer carries.
struct AdmissionStatus {
  std::string message;
  std::string reason;     ///< one word for programs; empty: none
  std::int32_t code = 0;  ///< the HTTP status of the refused request; 0: the API server's choice

  static constexpr bool kPartial = true;
  static constexpr auto fields() {
    using S = AdmissionStatus;
    return std::tuple{json::Field{"message", &S::message}, json::Field{"reason", &S::reason},
                      json::Field{"code", &S::code}};
  }
  friend bool operator==(const AdmissionStatus&, const AdmissionStatus&) = default;
};

struct AdmissionResponse {
  std::string uid;
  bool allowed = false;
  std::optional<AdmissionStatus> status;
  std::string patch;  ///< base64 of a JSON patch (RFC 6902)
  std::string patch_type;
  std::vector<std::string> warnings;

  static constexpr bool kPartial = true;
  static constexpr auto fields() {
    using namespace json::field;
    using R = AdmissionResponse;
    return std::tuple{
        json::Field{"uid", &R::uid, required},    json::Field{"allowed", &R::allowed, required},
        json::Field{"status", &R::status},        json::Field{"patch", &R::patch},
        json::Field{"patchType", &R::patch_type}, json::Field{"warnings", &R::warnings}};
  }
  friend bool operator==(const AdmissionResponse&, const AdmissionResponse&) = default;
};

/// An object that the judged one speaks of. A policy does no I/O: who serves it looks.
struct AdmissionLookup {
  const ResourceType* type = nullptr;
  ObjectKey key;
  json::Problem missing;  ///< said if it is not there: an error refuses, a warning warns
};

/// What a policy decides. A value-initialised one refuses.
struct AdmissionDecision {
  enum class Verdict : std::uint8_t { Refuse, Allow };
  Verdict verdict = Verdict::Refuse;
  AdmissionStatus refusal;
  std::optional<json::Value> patch;      ///< a JSON patch, an array; of mutating webhooks only
  std::vector<std::string> warnings;     ///< shown to whoever sent the object, whatever the verdict
  std::vector<AdmissionLookup> lookups;  ///< what is yet to be found before it is allowed

  static AdmissionDecision allow() { return {.verdict = Verdict::Allow}; }
  static AdmissionDecision refuse(std::string message) {
    return {.refusal = {.message = std::move(message)}};
  }
};

/// Decides about objects of one kind. Errors: InvalidArgument if the object cannot be read: HTTP
/// 400; any other refuses the object.
using AdmissionPolicy = std::function<Result<AdmissionDecision>(const AdmissionRequest&)>;

/// What HTTP answers.
struct AdmissionAnswer {
  int status = 0;
  std::string_view content_type;
  std::string body;

  // For metrics and logs.
  enum class Outcome : std::uint8_t {
    Allowed,
    Refused,
    Unreadable,  ///< 400: no review, or not one of this webhook's
    Failed,      ///< the policy failed, which refuses: a bug
  };
  Outcome outcome = Outcome::Unreadable;
};
std::string_view to_string(AdmissionAnswer::Outcome outcome) noexcept;

/// A review's size in bytes: two objects, each of up to what etcd stores.
inline constexpr std::size_t kMaxReviewBytes = 3 << 20;
/// Of one answer; further ones are not told.
inline constexpr std::size_t kMaxAdmissionWarnings = 32;
/// Of a refusal, in bytes; the rest is cut.
inline constexpr std::size_t kMaxRefusalBytes = 64 << 10;

/// Reads a review, asks the policy, writes the answer: the same review with its response. Nothing
/// is allowed unless the policy says so: what cannot be read is 400 with a text, and a policy that
/// fails or throws refuses.
/// @param content_type  must be application/json
AdmissionAnswer answer_review(std::string_view content_type, std::string_view body,
                              const AdmissionPolicy& policy);

// The same in steps, for who looks up what a decision asks for.

struct OpenReview {
  json::Value review;
  AdmissionRequest request;
};
/// @param expected_word  of the answer to a wrong Content-Type
/// Unexpected: the answer to what cannot be read.
std::expected<OpenReview, AdmissionAnswer> open_review(std::string_view content_type,
                                                       std::string_view body,
                                                       std::string_view expected_word = "expect");
/// Asks the policy; what it throws is an error.
Result<AdmissionDecision> judge(const AdmissionPolicy& policy, const AdmissionRequest& request);
/// Adds one finding to a decision: an error refuses.
void add_finding(AdmissionDecision& decision, const json::Problem& problem);
AdmissionAnswer close_review(OpenReview review, Result<AdmissionDecision> decision);

}  // namespace kthena::kube

KTHENA_JSON_EXTERN_TYPE(kthena::kube::AdmissionRequest);
KTHENA_JSON_EXTERN_TYPE(kthena::kube::AdmissionResponse);
