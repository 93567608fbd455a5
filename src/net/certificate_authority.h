// Certificates for servers inside a cluster and their clients, signed by an authority of our own:
// made, read and held against what they should be. Keys are elliptic curves (P-256). OpenSSL is
// hidden.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "net/address.h"

namespace kthena::net {

/// A certificate and its key, as PEM.
struct CertificatePair {
  std::string certificate_pem;
  std::string private_key_pem;  ///< never log it

  friend bool operator==(const CertificatePair&, const CertificatePair&) = default;
};

/// From when until when, to the second.
struct Validity {
  WallTime not_before;
  WallTime not_after;

  friend bool operator==(const Validity&, const Validity&) = default;
};

struct CertificateSubject {
  std::string common_name;
  std::string organization;
  std::vector<std::string> dns_names;   ///< of a server
  std::vector<IpAddress> ip_addresses;  ///< of a server
};

/// An authority that may sign certificates of servers and clients and nothing else. Serial numbers
/// are random. Errors: InvalidArgument, Internal.
Result<CertificatePair> make_authority(const CertificateSubject& subject, const Validity& validity);

/// A server's certificate. Errors: InvalidArgument (no names, a key that is none), Internal.
Result<CertificatePair> issue_server_certificate(const CertificatePair& authority,
                                                 const CertificateSubject& subject,
                                                 const Validity& validity);

/// Whom a client's certificate names. To Kubernetes the common name is a user, each organization
/// one of its groups.
struct ClientSubject {
  std::string common_name;
  std::vector<std::string> organizations;
};

/// A client's certificate. Errors: InvalidArgument (no name, a key that is none), Internal.
Result<CertificatePair> issue_client_certificate(const CertificatePair& authority,
                                                 const ClientSubject& subject,
                                                 const Validity& validity);

/// What a certificate says.
struct CertificateInfo {
  std::string common_name;
  std::string issuer_common_name;
  std::string serial;  ///< in hexadecimal
  std::vector<std::string> dns_names;
  std::vector<IpAddress> ip_addresses;
  Validity validity{};
  bool is_authority = false;
};

/// Reads the first certificate of a PEM text. Errors: InvalidArgument.
Result<CertificateInfo> read_certificate(std::string_view pem);

/// The certificates of a PEM text, each as a PEM text of its own; whatever else stands there is
/// left out. Errors: InvalidArgument (none, or one that cannot be read).
Result<std::vector<std::string>> split_certificates(std::string_view pem);

/// Whether a client that trusts `ca_pem` takes this server for `name` at that time, and the key is
/// that of the certificate. Errors: InvalidArgument that says what is wrong.
/// @param name  a DNS name
Result<> check_server_certificate(const CertificatePair& server, std::string_view ca_pem,
                                  std::string_view name, WallTime at);

}  // namespace kthena::net
