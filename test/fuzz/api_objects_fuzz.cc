// Whatever JSON says an object is: what is read of it is written and read back unchanged, and what
// was found good stays good.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "api/leaderworkerset/v1/leader_worker_set.h"
#include "api/networking/v1alpha1/external_model_provider.h"
#include "api/networking/v1alpha1/model_route.h"
#include "api/networking/v1alpha1/model_server.h"
#include "api/registry.h"
#include "api/volcano/v1beta1/pod_group.h"
#include "api/workload/v1alpha1/autoscaling_policy.h"
#include "api/workload/v1alpha1/autoscaling_policy_binding.h"
#include "api/workload/v1alpha1/model_booster.h"
#include "api/workload/v1alpha1/model_serving.h"
#include "base/check.h"
#include "json/codec.h"
#include "json/parse.h"
#include "json/print.h"
#include "kube/meta/selector.h"
#include "kube/types/endpoint_slice.h"
#include "kube/types/pod.h"

namespace {

using namespace kthena;  // NOLINT: a program of one function

template <class T>
void check_round_trip(const T& object) {
  const json::Value written = json::encode(object);
  const auto again = json::decode<T>(written, {.checks = false, .defaults = false});
  CHECK(again.ok());
  CHECK(again.value == object);
  CHECK(json::print(json::encode(again.value)) == json::print(written));
}

template <class T>
void try_kind(const json::Value& value) {
  const auto trusted = json::decode<T>(value, json::DecodeOptions::trusted());
  check_round_trip(trusted.value);

  const auto raw = json::decode<T>(value, {.defaults = false});
  check_round_trip(raw.value);
  CHECK_LE(raw.problems.size(), json::DecodeOptions{}.max_problems);
  for (const json::Problem& problem : raw.problems) {
    CHECK(!problem.to_string().empty());
  }
  if (raw.ok()) {
    CHECK(!json::has_errors(json::check(raw.value)));
    CHECK(json::check_update(raw.value, raw.value).empty());
  }

  const auto checked = json::decode<T>(value);
  T defaulted = raw.value;
  json::apply_defaults(defaulted);
  // What an absent object would hold has no default, which a struct in its place cannot show.
  const json::Value* spec = value.find("spec");
  if (spec != nullptr && spec->is_object()) {
    CHECK(defaulted == checked.value);
  }
  T twice = defaulted;
  json::apply_defaults(twice);
  CHECK(twice == defaulted);
  if constexpr (requires { validate(defaulted); }) {
    validate(defaulted);
    validate(raw.value);
  }
  if constexpr (requires { validate_update(defaulted, defaulted); }) {
    // An update that changes nothing is never held to more than a new object.
    const auto count = [](const std::vector<json::Problem>& problems) {
      return std::ranges::count(problems, json::Severity::Error, &json::Problem::severity);
    };
    CHECK_LE(count(validate_update(defaulted, defaulted)), count(validate(defaulted)));
  }
  if constexpr (requires { apply_admission_defaults(defaulted); }) {
    apply_admission_defaults(defaulted);
    twice = defaulted;
    apply_admission_defaults(twice);
    CHECK(twice == defaulted);
  }
}

/// What passed the door passes it again as it came out, and nothing is added to it.
void try_door(const json::Value& value) {
  for (const api::KindDoor& door : api::our_kinds()) {
    door.review(value, nullptr, kube::AdmissionStage::Webhook);
    const api::Review first = door.review(value, nullptr, kube::AdmissionStage::Whole);
    CHECK(first.ok() == !first.object.is_null());
    if (first.ok()) {
      const api::Review again = door.review(first.object, &value, kube::AdmissionStage::Whole);
      CHECK(again.ok());
      CHECK(json::print(again.object) == json::print(first.object));
      if (door.mutate != nullptr) {
        const auto mutation = door.mutate(first.object);
        CHECK(mutation.has_value());
        CHECK(api::patch_of(*mutation) == json::Value(json::Array{}));
      }
    }
  }
}

using TryKind = void (*)(const json::Value&);
// Seeds name a kind by its place: add at the end.
constexpr std::array<TryKind, 13> kKinds{
    try_kind<api::networking::ModelRoute>,
    try_kind<api::networking::ModelServer>,
    try_kind<api::networking::ExternalModelProvider>,
    try_kind<api::workload::AutoscalingPolicy>,
    try_kind<kube::Pod>,
    try_kind<kube::EndpointSlice>,
    try_kind<kube::LabelSelector>,
    try_kind<api::workload::ModelServing>,
    try_kind<api::workload::ModelBooster>,
    try_kind<api::workload::AutoscalingPolicyBinding>,
    try_kind<api::volcano::PodGroup>,
    try_kind<api::leaderworkerset::LeaderWorkerSet>,
    try_door,
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) {
    return 0;
  }
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (const auto value = json::parse(text)) {
    kKinds[data[0] % kKinds.size()](*value);
  }
  return 0;
}
