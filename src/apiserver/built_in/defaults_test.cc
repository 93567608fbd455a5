#include "apiserver/built_in/defaults.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "apiserver/built_in/conditional_defaults.h"
#include "apiserver/built_in/decode.h"
#include "apiserver/built_in/structs.h"
#include "apiserver/kinds/catalog.h"
#include "json/parse.h"
#include "json/print.h"

namespace kthena::apiserver {
namespace {

const Kind& kind_of(std::string_view api_version, std::string_view name) {
  for (const KindPtr& kind : built_in_kinds()) {
    if (kind->api_version == api_version && kind->kind == name) {
      return *kind;
    }
  }
  ADD_FAILURE() << name;
  std::abort();
}

std::string defaulted(std::string_view api_version, std::string_view name, std::string_view text) {
  const Kind& kind = kind_of(api_version, name);
  auto object = json::parse(text);
  EXPECT_TRUE(decode_built_in(*kind.shape, *object).has_value());
  apply_built_in_defaults(kind, *object);
  as_printed(*kind.shape, *object);
  const std::string once = json::print(*object);
  apply_built_in_defaults(kind, *object);
  as_printed(*kind.shape, *object);
  EXPECT_EQ(json::print(*object), once);
  return once;
}

TEST(Defaults, CompletePods) {
  EXPECT_EQ(
      defaulted("v1", "Pod", R"({"spec":{"containers":[{"name":"c","image":"i",
                 "resources":{"limits":{"cpu":"1"}},"livenessProbe":{"httpGet":{"port":1}}}]}})"),
      R"({"metadata":{},"spec":{"containers":[{"name":"c","image":"i",)"
      R"("resources":{"limits":{"cpu":"1"},"requests":{"cpu":"1"}},)"
      R"("livenessProbe":{"httpGet":{"path":"/","port":1,"scheme":"HTTP"},"timeoutSeconds":1,)"
      R"("periodSeconds":10,"successThreshold":1,"failureThreshold":3},)"
      R"("terminationMessagePath":"/dev/termination-log","terminationMessagePolicy":"File",)"
      R"("imagePullPolicy":"Always"}],"restartPolicy":"Always","terminationGracePeriodSeconds":30,)"
      R"("dnsPolicy":"ClusterFirst","securityContext":{},"schedulerName":"default-scheduler",)"
      R"("enableServiceLinks":true},"status":{}})");
}

TEST(Defaults, CompleteServices) {
  EXPECT_EQ(defaulted("v1", "Service", R"({"spec":{"ports":[{"port":80}],"type":"NodePort"}})"),
            R"({"metadata":{},"spec":{"ports":[{"protocol":"TCP","port":80,"targetPort":80}],)"
            R"("type":"NodePort","sessionAffinity":"None","externalTrafficPolicy":"Cluster",)"
            R"("internalTrafficPolicy":"Cluster"},"status":{"loadBalancer":{}}})");
}

TEST(Defaults, CompleteJobs) {
  EXPECT_EQ(
      defaulted("batch/v1", "Job",
                R"({"spec":{"template":{"metadata":{"labels":{"a":"b"}}},"completions":3}})"),
      R"({"metadata":{"labels":{"a":"b"}},"spec":{"parallelism":1,"completions":3,)"
      R"("backoffLimit":6,"manualSelector":false,"template":{"metadata":{"labels":{"a":"b"}},)"
      R"("spec":{"containers":null,"restartPolicy":"Always",)"
      R"("terminationGracePeriodSeconds":30,"dnsPolicy":"ClusterFirst","securityContext":{},)"
      R"("schedulerName":"default-scheduler"}},"completionMode":"NonIndexed",)"
      R"("suspend":false,"podReplacementPolicy":"TerminatingOrFailed"},"status":{}})");
}

TEST(Defaults, PullByTheTagOfTheImage) {
  struct Case {
    std::string_view image;
    std::string_view policy;
  };
  const Case cases[] = {
      {"nginx", "Always"},
      {"nginx:latest", "Always"},
      {"nginx:1.2", "IfNotPresent"},
      {"localhost:5000/a/b", "Always"},
      {"localhost:5000/a/b:v1", "IfNotPresent"},
      {"r.io/a@sha256:0123456789012345678901234567890123456789012345678901234567890123",
       "IfNotPresent"},
      {"", "IfNotPresent"},
      {"Not Valid", "IfNotPresent"},
  };
  for (const Case& each : cases) {
    EXPECT_EQ(default_pull_policy(each.image), each.policy) << each.image;
  }
}

}  // namespace
}  // namespace kthena::apiserver
