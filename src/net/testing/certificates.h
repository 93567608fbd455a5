// Certificates for tests, made on the spot: elliptic-curve keys, a fraction of a millisecond each.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

namespace kthena::net::testing {

struct Certificate {
  std::string certificate_pem;
  std::string private_key_pem;
};

struct CertificateOptions {
  std::vector<std::string> dns_names;
  std::vector<std::string> ip_addresses;
  /// From the present of the machine's clock, which is what verification looks at.
  std::chrono::seconds valid_from{-3600};
  std::chrono::seconds valid_until{3600};
};

/// A certificate authority. Aborts where OpenSSL fails: there is nothing a test could do.
class CertificateAuthority {
 public:
  explicit CertificateAuthority(const std::string& name);
  ~CertificateAuthority();

  /// What its clients trust.
  const std::string& certificate_pem() const noexcept { return own_.certificate_pem; }
  Certificate issue(const CertificateOptions& options) const;

 private:
  struct Keys;
  std::unique_ptr<Keys> keys_;
  Certificate own_;
};

/// Signed by its own key.
Certificate self_signed(const CertificateOptions& options);

}  // namespace kthena::net::testing
