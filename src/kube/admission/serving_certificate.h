// The certificate of a webhook server, as its Secret holds it: what is in it, whether it is good,
// and another one. Pure: no I/O, and the time is a parameter.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "kube/meta/object.h"
#include "kube/types/config.h"
#include "net/certificate_authority.h"

namespace kthena::kube {

/// The common name of authorities that we make, by which they are known again.
inline constexpr std::string_view kWebhookAuthority = "kthena-webhook-ca";
/// Clocks may differ by so much: certificates are valid from before they were made.
inline constexpr Duration kCertificateBackdate = std::chrono::hours(1);

struct ServingCertificate {
  net::CertificatePair pair;
  std::string ca_pem;  ///< who signed it, then those before; empty: unknown to us

  friend bool operator==(const ServingCertificate&, const ServingCertificate&) = default;
};

/// What a Secret of type kubernetes.io/tls holds. Errors: InvalidArgument.
Result<ServingCertificate> read_certificate_secret(const Secret& secret);

/// The Secret that holds it.
Secret certificate_secret(const ObjectKey& key, const ServingCertificate& certificate);

/// Whether we made what the Secret holds, and so may replace it: our authority signed it, and
/// cert-manager does not look after it.
bool is_self_issued(const Secret& secret, const ServingCertificate& certificate);

/// A new authority, which signs this one certificate and is forgotten, and the certificate.
/// @param dns_names  at least one
/// @param validity   from now on
/// @param before     an earlier bundle: its certificates stay trusted until they expire, so that
///                   servers that still show the old certificate are believed. Empty: none
/// Errors: InvalidArgument (no names), Internal.
Result<ServingCertificate> make_serving_certificate(const std::vector<std::string>& dns_names,
                                                    WallTime now, Duration validity,
                                                    std::string_view before);

/// When a certificate is to be replaced: after two thirds of its life.
WallTime renewal_time(const net::Validity& validity);

/// Why a certificate of ours must be replaced now; empty: it is good.
std::string why_renew(const ServingCertificate& certificate,
                      const std::vector<std::string>& dns_names, WallTime now);

/// How often to look: often enough that a renewal takes a small part of a certificate's life.
struct CertificatePace {
  Duration check_interval;  ///< between two looks at Secret and configurations
  Duration overlap;         ///< from "the new authority is trusted" to "its certificate is shown"
};
CertificatePace pace_of(const net::Validity& validity);

}  // namespace kthena::kube
