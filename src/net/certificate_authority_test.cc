#include "net/certificate_authority.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "base/clock.h"
#include "net/testing/certificates.h"
#include "net/tls.h"

namespace kthena::net {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

const WallTime kNow = std::chrono::sys_days(std::chrono::year(2026) / 5 / 1);
const Validity kYear{.not_before = kNow - 1h, .not_after = kNow + 365 * 24h};
constexpr const char* kName = "hook.team.svc";

CertificatePair authority() {
  return *make_authority({.common_name = "test-ca", .organization = "Test"}, kYear);
}

CertificatePair server(const CertificatePair& by) {
  return *issue_server_certificate(
      by, {.common_name = kName, .dns_names = {kName, "hook.team.svc.cluster.local"}}, kYear);
}

TEST(CertificateAuthority, SaysWhatItIs) {
  const auto info = read_certificate(authority().certificate_pem);
  ASSERT_TRUE(info) << info.error().message();
  EXPECT_TRUE(info->is_authority);
  EXPECT_EQ(info->common_name, "test-ca");
  EXPECT_EQ(info->issuer_common_name, "test-ca");
  EXPECT_EQ(info->validity, kYear);
}

TEST(CertificateAuthority, IssuesCertificatesForNamesAndAddresses) {
  const auto pair =
      issue_server_certificate(authority(),
                               {.common_name = kName,
                                .dns_names = {kName},
                                .ip_addresses = {IpAddress::loopback(), *parse_ip("2001:db8::1")}},
                               kYear);
  ASSERT_TRUE(pair) << pair.error().message();
  const auto info = read_certificate(pair->certificate_pem);
  ASSERT_TRUE(info) << info.error().message();
  EXPECT_FALSE(info->is_authority);
  EXPECT_EQ(info->common_name, kName);
  EXPECT_EQ(info->issuer_common_name, "test-ca");
  EXPECT_THAT(info->dns_names, ElementsAre(kName));
  EXPECT_THAT(info->ip_addresses, ElementsAre(IpAddress::loopback(), *parse_ip("2001:db8::1")));
}

TEST(CertificateAuthority, GivesEachCertificateItsOwnSerialNumber) {
  const CertificatePair ca = authority();
  const std::string first = read_certificate(server(ca).certificate_pem)->serial;
  const std::string second = read_certificate(server(ca).certificate_pem)->serial;
  EXPECT_NE(first, second);
  EXPECT_EQ(first.size(), 32U);  // 127 bits: positive in 16 bytes
}

TEST(CertificateAuthority, DoesNotLetANameSmuggleAnother) {
  const std::string name = "a.test,DNS:b.test,IP:10.0.0.1";
  const auto pair = issue_server_certificate(authority(), {.dns_names = {name}}, kYear);
  ASSERT_TRUE(pair);
  const auto info = read_certificate(pair->certificate_pem);
  EXPECT_THAT(info->dns_names, ElementsAre(name));
  EXPECT_TRUE(info->ip_addresses.empty());
}

TEST(CertificateAuthority, WantsNames) {
  const auto pair = issue_server_certificate(authority(), {.common_name = "x"}, kYear);
  ASSERT_FALSE(pair);
  EXPECT_EQ(pair.error().message(), "dnsNames cannot be empty");
}

TEST(CertificateAuthority, IsTrustedForItsServers) {
  const CertificatePair ca = authority();
  const CertificatePair one = server(ca);
  const auto check = [&](const CertificatePair& pair, std::string_view trusted,
                         std::string_view name, WallTime at) {
    const auto checked = check_server_certificate(pair, trusted, name, at);
    return checked ? std::string("fine") : checked.error().message();
  };
  EXPECT_EQ(check(one, ca.certificate_pem, kName, kNow), "fine");
  EXPECT_EQ(check(one, ca.certificate_pem, "hook.team.svc.cluster.local", kNow), "fine");
  EXPECT_EQ(check(one, authority().certificate_pem + ca.certificate_pem, kName, kNow), "fine");
  EXPECT_THAT(check(one, ca.certificate_pem, "hook.other.svc", kNow), HasSubstr("ostname"));
  EXPECT_THAT(check(one, ca.certificate_pem, kName, kYear.not_after + 1s), HasSubstr("expired"));
  EXPECT_THAT(check(one, ca.certificate_pem, kName, kNow - 2h), HasSubstr("not yet valid"));
  EXPECT_THAT(check(one, authority().certificate_pem, kName, kNow), HasSubstr("certificate"));
  EXPECT_THAT(
      check({one.certificate_pem, server(ca).private_key_pem}, ca.certificate_pem, kName, kNow),
      HasSubstr("key is not that"));
  EXPECT_THAT(check(one, "", kName, kNow), HasSubstr("CA: "));
}

TEST(CertificateAuthority, MakesWhatServersServeWith) {
  const CertificatePair pair = server(authority());
  EXPECT_TRUE(TlsContext::server({.certificate_pem = pair.certificate_pem,
                                  .private_key_pem = pair.private_key_pem,
                                  .alpn = {},
                                  .client_ca_pem = {}}));
}

TEST(CertificateBundles, AreSplitIntoTheirCertificates) {
  const std::string a = authority().certificate_pem;
  const std::string b = authority().certificate_pem;
  const auto split = split_certificates("# ours\n" + a + "\n# theirs\n" + b + "\n");
  ASSERT_TRUE(split) << split.error().message();
  EXPECT_THAT(*split, ElementsAre(a, b));
  EXPECT_FALSE(split_certificates("nothing"));
  EXPECT_FALSE(split_certificates(""));
  EXPECT_FALSE(split_certificates(a + "-----BEGIN CERTIFICATE-----\nMIIB\n"));
}

TEST(Certificates, OfOthersCanBeRead) {
  const auto other = testing::self_signed({.dns_names = {"x.test"}, .ip_addresses = {}});
  EXPECT_THAT(read_certificate(other.certificate_pem)->dns_names, ElementsAre("x.test"));
  EXPECT_FALSE(read_certificate("-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n"));
}

}  // namespace
}  // namespace kthena::net
