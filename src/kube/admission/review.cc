#include "kube/admission/review.h"

#include <fmt/format.h>

#include <exception>
#include <expected>
#include <string>
#include <string_view>
#include <utility>

#include "base/error.h"
#include "base/result.h"
#include "base/utf8.h"
#include "http/fields.h"
#include "json/base64.h"
#include "json/codec.h"
#include "json/parse.h"
#include "json/print.h"
#include "json/problem.h"
#include "json/value.h"
#include "kube/meta/admission.h"

KTHENA_JSON_TYPE(kthena::kube::AdmissionRequest);
KTHENA_JSON_TYPE(kthena::kube::AdmissionResponse);

namespace kthena::kube {

namespace {

constexpr std::string_view kJson = "application/json";
constexpr std::string_view kText = "text/plain; charset=utf-8";
constexpr std::string_view kApiVersion = "admission.k8s.io/v1";
constexpr std::string_view kKind = "AdmissionReview";

AdmissionAnswer unreadable(int status, std::string text) {
  return {.status = status, .content_type = kText, .body = std::move(text)};
}

/// Whether a member is this text.
bool is_text(const json::Value& object, std::string_view member, std::string_view text) {
  const json::Value* value = object.find(member);
  return value != nullptr && value->is_string() && value->as_string() == text;
}

Result<json::Value> parse_review(std::string_view body) {
  // Two members of one name are refused: which of them counts is a matter of taste.
  json::Value review = TRY(json::parse(body, {.max_bytes = kMaxReviewBytes}));
  if (!is_text(review, "apiVersion", kApiVersion) || !is_text(review, "kind", kKind)) {
    return fail(ErrorCode::InvalidArgument,
                fmt::format("expected an {} of {}", kKind, kApiVersion));
  }
  return review;
}

AdmissionDecision refuse_for(const Error& error) {
  AdmissionDecision decision;
  decision.refusal = {.message = error.message(),
                      .reason = std::string(kubernetes_reason(error.code())),
                      .code = http_status(error.code())};
  return decision;
}

/// Without a character cut in two.
void cut_text(std::string& text, std::size_t most) {
  if (text.size() <= most) {
    return;
  }
  while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xC0U) == 0x80U) {
    --most;
  }
  text.resize(most);
  text += "…";
}

AdmissionResponse respond(std::string uid, AdmissionDecision decision) {
  AdmissionResponse response{.uid = std::move(uid),
                             .allowed = decision.verdict == AdmissionDecision::Verdict::Allow,
                             .warnings = std::move(decision.warnings)};
  if (response.warnings.size() > kMaxAdmissionWarnings) {
    response.warnings.resize(kMaxAdmissionWarnings);
  }
  if (!response.allowed) {
    response.status = std::move(decision.refusal);
    cut_text(response.status->message, kMaxRefusalBytes);
  } else if (decision.patch) {
    response.patch = json::encode_base64(json::print(*decision.patch));
    response.patch_type = "JSONPatch";
  }
  return response;
}

}  // namespace

std::string_view to_string(AdmissionAnswer::Outcome outcome) noexcept {
  switch (outcome) {
    case AdmissionAnswer::Outcome::Allowed:
      return "allowed";
    case AdmissionAnswer::Outcome::Refused:
      return "refused";
    case AdmissionAnswer::Outcome::Unreadable:
      return "unreadable";
    case AdmissionAnswer::Outcome::Failed:
      break;
  }
  return "failed";
}

std::expected<OpenReview, AdmissionAnswer> open_review(std::string_view content_type,
                                                       std::string_view body,
                                                       std::string_view expected_word) {
  const auto unreadable = [](int status, std::string text) {
    return std::unexpected(kube::unreadable(status, std::move(text)));
  };
  if (!http::is_media_type(content_type, kJson)) {
    return unreadable(400, fmt::format("invalid Content-Type, {} {}, got {}", expected_word, kJson,
                                       make_valid_utf8(content_type)));
  }
  auto review = parse_review(body);
  if (!review) {
    return unreadable(review.error().code() == ErrorCode::TooLarge ? 413 : 400,
                      "failed to decode body: " + review.error().message());
  }
  const json::Value* asked = review->find("request");
  if (asked == nullptr || !asked->is_object()) {
    return unreadable(400, "failed to decode body: the review has no request");
  }
  auto request = json::decode_or_error<AdmissionRequest>(
      *asked, {.unknown = json::UnknownFields::Ignore, .defaults = false});
  if (!request) {
    return unreadable(400, "failed to decode body: request: " + request.error().message());
  }
  if (request->uid.empty()) {
    return unreadable(400, "failed to decode body: request.uid is empty");
  }
  const bool has_object = request->operation == AdmissionOperation::Create ||
                          request->operation == AdmissionOperation::Update;
  if (has_object && !request->object.is_object()) {
    return unreadable(400, "failed to decode object: request.object is empty");
  }

  return OpenReview{.review = *std::move(review), .request = *std::move(request)};
}

void add_finding(AdmissionDecision& decision, const json::Problem& problem) {
  if (problem.severity == json::Severity::Warning) {
    decision.warnings.push_back(problem.to_string());
  } else if (decision.verdict == AdmissionDecision::Verdict::Allow) {
    decision.verdict = AdmissionDecision::Verdict::Refuse;
    decision.refusal.message = denial_text({problem});
  } else {
    decision.refusal.message += fmt::format("\n  - {}", problem.to_string());
  }
}

Result<AdmissionDecision> judge(const AdmissionPolicy& policy, const AdmissionRequest& request) {
  try {
    return policy(request);
  } catch (const std::exception& exception) {
    return fail(ErrorCode::Internal, fmt::format("the webhook failed: {}", exception.what()));
  } catch (...) {
    return fail(ErrorCode::Internal, "the webhook failed");
  }
}

AdmissionAnswer close_review(OpenReview review, Result<AdmissionDecision> decision) {
  auto outcome = AdmissionAnswer::Outcome::Failed;
  if (!decision) {
    if (decision.error().code() == ErrorCode::InvalidArgument) {
      return unreadable(400, "failed to decode object: " + decision.error().message());
    }
    decision = refuse_for(decision.error());
  } else {
    outcome = decision->verdict == AdmissionDecision::Verdict::Allow
                  ? AdmissionAnswer::Outcome::Allowed
                  : AdmissionAnswer::Outcome::Refused;
  }
  review.review.set("response", json::encode(respond(review.request.uid, *std::move(decision))));
  return {
      .status = 200, .content_type = kJson, .body = json::print(review.review), .outcome = outcome};
}

AdmissionAnswer answer_review(std::string_view content_type, std::string_view body,
                              const AdmissionPolicy& policy) {
  auto review = open_review(content_type, body);
  if (!review) {
    return std::move(review).error();
  }
  auto decision = judge(policy, review->request);
  return close_review(*std::move(review), std::move(decision));
}

}  // namespace kthena::kube
