// Whatever JSON says an object is: what is read of it is written and read back unchanged, and what
// was found good stays good.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "api/networking/v1alpha1/external_model_provider.h"
#include "api/networking/v1alpha1/model_route.h"
#include "api/networking/v1alpha1/model_server.h"
#include "api/workload/v1alpha1/autoscaling_policy.h"
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
  CHECK(defaulted == checked.value);
  T twice = defaulted;
  json::apply_defaults(twice);
  CHECK(twice == defaulted);
  if constexpr (requires { validate(defaulted); }) {
    validate(defaulted);
  }
  if constexpr (requires { apply_admission_defaults(defaulted); }) {
    apply_admission_defaults(defaulted);
    twice = defaulted;
    apply_admission_defaults(twice);
    CHECK(twice == defaulted);
  }
}

using TryKind = void (*)(const json::Value&);
constexpr std::array<TryKind, 7> kKinds{
    try_kind<api::networking::ModelRoute>,
    try_kind<api::networking::ModelServer>,
    try_kind<api::networking::ExternalModelProvider>,
    try_kind<api::workload::AutoscalingPolicy>,
    try_kind<kube::Pod>,
    try_kind<kube::EndpointSlice>,
    try_kind<kube::LabelSelector>,
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
