// Whatever is sent to a webhook: it is answered by a review with the same uid, or refused as
// unreadable, and nothing is allowed that the policy did not allow.
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

#include "base/check.h"
#include "base/result.h"
#include "base/utf8.h"
#include "json/base64.h"
#include "json/codec.h"
#include "json/parse.h"
#include "json/print.h"
#include "json/value.h"
#include "kube/admission/review.h"

namespace {

using namespace kthena;  // NOLINT: a program of one function

/// Does what the object's member "do" says.
Result<kube::AdmissionDecision> obey(const kube::AdmissionRequest& request) {
  const json::Value* wish = request.object.find("do");
  const std::string_view text =
      wish != nullptr && wish->is_string() ? std::string_view(wish->as_string()) : "";
  kube::AdmissionDecision decision;
  if (text == "allow") {
    decision = kube::AdmissionDecision::allow();
  } else if (text == "patch") {
    decision = kube::AdmissionDecision::allow();
    decision.patch = json::Array{request.object};
  } else if (text == "warn") {
    decision.warnings.assign(100, json::print(request.object));
  } else if (text == "throw") {
    throw std::runtime_error("as asked");
  } else if (text == "fail") {
    return fail(ErrorCode::Internal, json::print(request.object));
  } else if (text == "unreadable") {
    return fail(ErrorCode::InvalidArgument, "as asked");
  } else {
    decision.refusal.message = std::string(text);
  }
  return decision;
}

void check_response(const json::Value& sent, const kube::AdmissionAnswer& answer) {
  auto got = json::parse(answer.body, {.max_depth = 1024, .max_bytes = 256UL << 20});
  CHECK(got.has_value());
  const auto response =
      json::decode<kube::AdmissionResponse>(*got->find("response"), {.defaults = false});
  CHECK(response.ok());
  const json::Value& request = *sent.find("request");
  CHECK(response.value.uid == request.find("uid")->as_string());
  CHECK_EQ(response.value.allowed, answer.outcome == kube::AdmissionAnswer::Outcome::Allowed);
  CHECK_LE(response.value.warnings.size(), kube::kMaxAdmissionWarnings);
  if (response.value.allowed) {
    const std::string& wish = request.find("object")->find("do")->as_string();
    CHECK(wish == "allow" || wish == "patch");
    if (wish == "patch") {
      CHECK(json::decode_base64(response.value.patch).has_value());
    }
  } else {
    CHECK(response.value.patch.empty());
    CHECK(response.value.status.has_value());
  }
  got->erase("response");
  json::Value echoed = sent;
  echoed.erase("response");
  CHECK(*got == echoed);
}

void check(std::string_view body) {
  const kube::AdmissionAnswer answer = kube::answer_review("application/json", body, obey);
  if (answer.status == 200) {
    const auto sent = json::parse(body);
    CHECK(sent.has_value());
    check_response(*sent, answer);
  } else {
    CHECK(answer.status == 400 || answer.status == 413);
    CHECK(answer.outcome == kube::AdmissionAnswer::Outcome::Unreadable);
    CHECK(!answer.body.empty());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  check(text);
  // The same bytes as an object in a review that is as it should be.
  const auto object = json::parse(text);
  if (object && object->is_object()) {
    json::Value review = json::Object{
        {"apiVersion", "admission.k8s.io/v1"},
        {"kind", "AdmissionReview"},
        {"request", json::Object{{"uid", "u"},
                                 {"kind", json::Object{{"version", "v1"}, {"kind", "Widget"}}},
                                 {"operation", "CREATE"},
                                 {"object", *object}}}};
    const kube::AdmissionAnswer answer =
        kube::answer_review("application/json", json::print(review), obey);
    const json::Value* wish = object->find("do");
    const bool unreadable =
        wish != nullptr && wish->is_string() && wish->as_string() == "unreadable";
    // Deeper than the parser goes once it stands in a review, or longer than it takes.
    CHECK(answer.status == 200 || unreadable || size > 500);
  }
  return 0;
}
