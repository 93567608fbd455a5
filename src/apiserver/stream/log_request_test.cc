#include "apiserver/stream/log_request.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <string_view>

#include "apiserver/stream/pod_target.h"
#include "base/clock.h"
#include "json/parse.h"
#include "json/value.h"

namespace kthena::apiserver {
namespace {

using namespace std::chrono_literals;

std::string error(std::string_view query) {
  const auto request = read_log_request("x", query);
  return request ? std::string()
                 : std::to_string(request.error().code) + " " + request.error().message;
}

TEST(LogRequest, ReadsOptions) {
  const auto request = read_log_request(
      "x", "container=c&follow=true&tailLines=0&limitBytes=10&sinceSeconds=60&timestamps=1&x=y");
  ASSERT_TRUE(request);
  EXPECT_EQ(request->container, "c");
  EXPECT_TRUE(request->follow && request->timestamps && !request->previous);
  EXPECT_EQ(request->tail_lines, 0U);
  EXPECT_EQ(request->limit_bytes, 10U);
  EXPECT_EQ(request->since_ago, Duration(60s));
  EXPECT_TRUE(read_log_request("x", "sinceTime=2020-01-01T00:00:00Z")->since);
}

TEST(LogRequest, RefusesWhatKubernetesRefuses) {
  EXPECT_EQ(
      error("tailLines=-1"),
      "422 PodLogOptions \"x\" is invalid: tailLines: Invalid value: -1: must be greater than "
      "or equal to 0");
  EXPECT_EQ(error("limitBytes=0&sinceSeconds=0"),
            "422 PodLogOptions \"x\" is invalid: [limitBytes: Invalid value: 0: must be greater "
            "than 0, sinceSeconds: Invalid value: 0: must be greater than 0]");
  EXPECT_EQ(error("sinceTime=2020-01-01T00:00:00Z&sinceSeconds=1"),
            "422 PodLogOptions \"x\" is invalid: []: Forbidden: at most one of `sinceTime` or "
            "`sinceSeconds` may be specified");
  EXPECT_EQ(error("tailLines=x"), "400 strconv.ParseInt: parsing \"x\": invalid syntax");
  EXPECT_EQ(error("sinceTime=x"),
            "400 parsing time \"x\" as \"2006-01-02T15:04:05Z07:00\": cannot parse \"x\" as "
            "\"2006\"");
}

TEST(PodTarget, ChoosesTheOnlyContainer) {
  const auto choose = [](std::string_view spec, std::string_view wanted) {
    const auto chosen = choose_container(
        *json::parse(R"({"metadata":{"name":"x"},"spec":)" + std::string(spec) + "}"), wanted);
    return chosen ? *chosen : chosen.error().message;
  };
  constexpr std::string_view kOne =
      R"({"initContainers":[{"name":"i"}],"containers":[{"name":"c"}]})";
  EXPECT_EQ(choose(kOne, ""), "c");
  EXPECT_EQ(choose(kOne, "i"), "i");
  EXPECT_EQ(choose(kOne, "zz"), "container zz is not valid for pod x");
  EXPECT_EQ(choose(R"({"containers":[{"name":"c"},{"name":"d"}]})", ""),
            "a container name must be specified for pod x, choose one of: [c d]");
}

TEST(PodTarget, WantsANode) {
  const auto check = [](std::string_view spec) {
    return check_scheduled(
        *json::parse(R"({"metadata":{"name":"x"},"spec":)" + std::string(spec) + "}"));
  };
  EXPECT_TRUE(check(R"({"nodeName":"n"})"));
  EXPECT_EQ(check("{}").error().message, "pod x does not have a host assigned");
}

}  // namespace
}  // namespace kthena::apiserver
