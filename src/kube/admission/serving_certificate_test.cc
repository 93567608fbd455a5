#include "kube/admission/serving_certificate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>

namespace kthena::kube {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

const WallTime kNow = std::chrono::sys_days(std::chrono::year(2026) / 5 / 1);
const std::vector<std::string> kNames{"hook.team.svc", "hook.team.svc.cluster.local"};
constexpr Duration kTenYears = 24h * 3650;

ServingCertificate made(Duration validity = kTenYears) {
  return *make_serving_certificate(kNames, kNow, validity, {});
}

TEST(ServingCertificate, IsWhatIsDocumented) {
  const ServingCertificate certificate = made();
  const auto ca = net::read_certificate(certificate.ca_pem);
  const auto server = net::read_certificate(certificate.pair.certificate_pem);
  EXPECT_EQ(ca->common_name, "kthena-webhook-ca");
  EXPECT_TRUE(ca->is_authority);
  EXPECT_EQ(server->common_name, "hook.team.svc");
  EXPECT_EQ(server->dns_names, kNames);
  EXPECT_NE(ca->serial, server->serial);
  EXPECT_EQ(server->validity,
            (net::Validity{.not_before = kNow - 1h, .not_after = kNow + kTenYears}));
  EXPECT_EQ(make_serving_certificate({}, kNow, 1h, {}).error().message(),
            "dnsNames cannot be empty");
}

TEST(ServingCertificate, StandsInASecretAndIsReadAgain) {
  const ServingCertificate certificate = made();
  const Secret secret = certificate_secret({"team", "certs"}, certificate);
  EXPECT_EQ(secret.type, "kubernetes.io/tls");
  EXPECT_EQ(read_certificate_secret(secret), certificate);
  EXPECT_TRUE(is_self_issued(secret, certificate));
  Secret empty = secret;
  empty.data.erase("tls.key");
  EXPECT_THAT(read_certificate_secret(empty).error().message(), HasSubstr("team/certs"));
  Secret theirs = secret;
  theirs.metadata.annotations["cert-manager.io/certificate-name"] = "c";
  EXPECT_FALSE(is_self_issued(theirs, certificate));
}

TEST(ServingCertificate, IsRenewedAfterTwoThirdsOfItsLife) {
  const ServingCertificate certificate = made(90min);
  EXPECT_EQ(why_renew(certificate, kNames, kNow), "");
  EXPECT_EQ(why_renew(certificate, kNames, kNow + 59min), "");
  EXPECT_THAT(why_renew(certificate, kNames, kNow + 60min), HasSubstr("valid until"));
  EXPECT_EQ(why_renew(certificate, kNames, kNow - 24h), "");  // our clock is behind
}

TEST(ServingCertificate, IsRenewedForOtherNamesAndAnotherAuthority) {
  ServingCertificate certificate = made();
  EXPECT_EQ(why_renew(certificate, {"hook.other.svc"}, kNow), "it is not for hook.other.svc");
  certificate.ca_pem = made().ca_pem;
  EXPECT_NE(why_renew(certificate, kNames, kNow), "");
}

TEST(ServingCertificate, KeepsTheAuthoritiesBeforeItTrusted) {
  const ServingCertificate first = made();
  const auto second = make_serving_certificate(kNames, kNow, kTenYears, first.ca_pem);
  EXPECT_TRUE(net::check_server_certificate(first.pair, second->ca_pem, kNames[0], kNow));
  EXPECT_TRUE(net::check_server_certificate(second->pair, second->ca_pem, kNames[0], kNow));
  std::string bundle = second->ca_pem;
  for (int i = 0; i < 5; ++i) {
    bundle = make_serving_certificate(kNames, kNow, kTenYears, bundle)->ca_pem;
  }
  EXPECT_EQ(net::split_certificates(bundle)->size(), 3U);
}

TEST(ServingCertificate, IsLookedAtOftenEnoughForItsLife) {
  const auto pace = [](Duration life) { return pace_of({kNow - 1h, kNow + life}); };
  EXPECT_EQ(pace(kTenYears).check_interval, 10s);
  EXPECT_EQ(pace(kTenYears).overlap, 10s);
  EXPECT_EQ(pace(30s).check_interval, 1s);
  EXPECT_EQ(pace(30s).overlap, 1500ms);
}

}  // namespace
}  // namespace kthena::kube
