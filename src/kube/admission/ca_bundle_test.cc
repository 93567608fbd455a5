#include "kube/admission/ca_bundle.h"

#include <gtest/gtest.h>

#include <chrono>

#include "json/base64.h"
#include "json/parse.h"
#include "json/print.h"
#include "kube/admission/serving_certificate.h"

namespace kthena::kube {
namespace {

using namespace std::chrono_literals;

std::string plan(std::string_view configuration) {
  const auto patch = plan_ca_bundle(json::parse(configuration).value(), {"team", "hook"}, "CA");
  if (!patch) {
    return patch.error().message();
  }
  return *patch ? json::print(**patch) : "nothing";
}

TEST(CaBundle, IsPutWhereItDiffersAndOnlyThere) {
  ASSERT_EQ(json::encode_base64("CA"), "Q0E=");
  EXPECT_EQ(plan(R"({"metadata":{"resourceVersion":"7"},"webhooks":[)"
                 R"({"name":"a","clientConfig":{"caBundle":"Q0E="}},)"
                 R"({"name":"b","clientConfig":{"caBundle":"AAAA"}},)"
                 R"({"name":"c","clientConfig":{}}]})"),
            R"([{"op":"test","path":"/metadata/resourceVersion","value":"7"},)"
            R"({"op":"add","path":"/webhooks/1/clientConfig/caBundle","value":"Q0E="},)"
            R"({"op":"add","path":"/webhooks/2/clientConfig/caBundle","value":"Q0E="}])");
}

TEST(CaBundle, IsLeftAloneWhereNothingDiffers) {
  EXPECT_EQ(plan(R"({"webhooks":[{"name":"a","clientConfig":{"caBundle":"Q0E="}}]})"), "nothing");
  EXPECT_EQ(plan("{}"), "nothing");
}

TEST(CaBundle, OfWhatCertManagerLooksAfterIsLeftAlone) {
  EXPECT_EQ(plan(R"({"metadata":{"annotations":{"cert-manager.io/inject-ca-from":"n/c"}},)"
                 R"("webhooks":[{"name":"a","clientConfig":{}}]})"),
            "nothing");
}

TEST(CaBundle, OfAnotherServiceIsLeftAlone) {
  EXPECT_EQ(plan(R"({"webhooks":[)"
                 R"({"name":"a","clientConfig":{"service":{"name":"hook","namespace":"other"}}},)"
                 R"({"name":"b","clientConfig":{"service":{"name":"hook","namespace":"team"}}},)"
                 R"({"name":"c","clientConfig":{"service":{"name":"x","namespace":"team"}}}]})"),
            R"([{"op":"add","path":"/webhooks/1/clientConfig/caBundle","value":"Q0E="}])");
}

TEST(CaBundle, IsNotPlannedForWhatIsNoConfiguration) {
  EXPECT_EQ(plan(R"({"webhooks":{}})"), "webhooks: expected an array");
  EXPECT_EQ(plan(R"({"webhooks":[7]})"), "webhooks[0]: no clientConfig");
}

TEST(CaBundle, ForgetsAuthoritiesThatHaveExpired) {
  const WallTime now = std::chrono::sys_days(std::chrono::year(2026) / 5 / 1);
  const auto first = make_serving_certificate({"a.svc"}, now, 1h, {});
  const auto second = make_serving_certificate({"a.svc"}, now + 30min, 1h, first->ca_pem);
  EXPECT_EQ(live_certificates(second->ca_pem, now + 40min), second->ca_pem);
  const std::string left = live_certificates(second->ca_pem, now + 61min);
  EXPECT_EQ(left + first->ca_pem, second->ca_pem);
  EXPECT_EQ(live_certificates(second->ca_pem, now + 10h), second->ca_pem);  // better than nothing
  EXPECT_EQ(live_certificates("no PEM", now), "no PEM");
}

}  // namespace
}  // namespace kthena::kube
