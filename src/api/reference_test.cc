// Every field of our kinds is named in its page of docs/reference/.
#include "kube/meta/reference.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <string_view>

#include "api/networking/v1alpha1/external_model_provider.h"
#include "api/networking/v1alpha1/model_route.h"
#include "api/networking/v1alpha1/model_server.h"
#include "api/workload/v1alpha1/autoscaling_policy.h"
#include "api/workload/v1alpha1/autoscaling_policy_binding.h"
#include "api/workload/v1alpha1/model_booster.h"
#include "api/workload/v1alpha1/model_serving.h"
#include "base/strings.h"
#include "json/type.h"
#include "kube/meta/condition.h"
#include "kube/meta/object.h"
#include "kube/meta/selector.h"

namespace kthena::api {
namespace {

/// Types that are the same everywhere and explained by Kubernetes.
bool is_common(const json::TypeInfo& type) {
  return &type == &json::type_of<kube::ObjectMeta>() ||
         &type == &json::type_of<kube::Condition>() ||
         &type == &json::type_of<kube::ObjectReference>() ||
         &type == &json::type_of<kube::LabelSelector>() ||
         &type == &json::type_of<kube::SecretKeySelector>();
}

void collect(const json::TypeInfo& type, std::set<std::string_view>& names) {
  if (type.element != nullptr) {
    collect(type.element(), names);
  }
  if (type.kind != json::Kind::Object || is_common(type)) {
    return;
  }
  for (const json::FieldInfo& field : type.fields) {
    if (field.name != "metadata" && field.name != "status") {
      names.insert(field.name);
    }
    collect(field.type(), names);
  }
}

template <class Kind>
std::string missing_in_page(std::set<std::string_view> elsewhere = {}) {
  const std::filesystem::path here(KTHENA_TESTDATA);  // src/api/testdata, which is not there
  const std::filesystem::path path = here.parent_path().parent_path().parent_path() / "docs" /
                                     "reference" / (to_lower(Kind::kResource.kind) + ".md");
  std::ostringstream page;
  page << std::ifstream(path).rdbuf();
  EXPECT_FALSE(page.str().empty()) << path;
  std::set<std::string_view> names;
  collect(json::type_of<Kind>(), names);
  std::string missing;
  for (const std::string_view name : names) {
    if (!page.str().contains(name) && !elsewhere.contains(name)) {
      missing.append(name).append(" ");
    }
  }
  return missing;
}

TEST(Reference, NamesAllFields) {
  EXPECT_EQ(missing_in_page<networking::ModelRoute>(
                {"group", "kind", "namespace", "port", "sectionName"}),
            "");
  EXPECT_EQ(missing_in_page<networking::ModelServer>(), "");
  EXPECT_EQ(missing_in_page<networking::ExternalModelProvider>(), "");
  EXPECT_EQ(missing_in_page<workload::ModelServing>(), "");
  EXPECT_EQ(missing_in_page<workload::AutoscalingPolicyBinding>({"cost"}), "");
  EXPECT_EQ(missing_in_page<workload::ModelBooster>(
                // Of what other pages tell: modelMatch, the metrics, an environment variable.
                {"body",
                 "exact",
                 "headers",
                 "prefix",
                 "regex",
                 "uri",
                 "value",
                 "valueFrom",
                 "behavior",
                 "instances",
                 "metrics",
                 "panicModeHold",
                 "panicPolicy",
                 "panicThresholdPercent",
                 "percent",
                 "period",
                 "scaleDown",
                 "scaleUp",
                 "selectPolicy",
                 "stabilizationWindow",
                 "stablePolicy",
                 "targetValue",
                 "tolerancePercent"}),
            "");
  // The fields of its status are told in words.
  EXPECT_EQ(missing_in_page<workload::AutoscalingPolicy>(
                {"conditions", "currentRatio", "currentReplicas", "desiredReplicas",
                 "disaggregatedStatus", "heterogeneousStatus", "homogeneousStatus", "lastScaleTime",
                 "observedGeneration", "ratioAdjusted", "ratioStatus", "numeratorRole",
                 "denominatorRole", "minRatio", "maxRatio", "mode"}),
            "");
}

}  // namespace
}  // namespace kthena::api
