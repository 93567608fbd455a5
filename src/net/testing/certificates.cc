#include "net/testing/certificates.h"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "base/check.h"
#include "net/tls_context.h"

namespace kthena::net::testing {
namespace {

using KeyPointer = std::unique_ptr<EVP_PKEY, OpensslFree<EVP_PKEY_free>>;
using CertificatePointer = std::unique_ptr<X509, OpensslFree<X509_free>>;
using BioPointer = std::unique_ptr<BIO, OpensslFree<BIO_free>>;

KeyPointer new_key() {
  KeyPointer key(EVP_EC_gen("P-256"));
  CHECK(key != nullptr);
  return key;
}

void add_extension(X509* certificate, X509* issuer, int id, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, id, value.c_str());
  CHECK(extension != nullptr);
  CHECK_EQ(X509_add_ext(certificate, extension, -1), 1);
  X509_EXTENSION_free(extension);
}

std::string alternative_names(const CertificateOptions& options) {
  std::string names;
  for (const std::string& name : options.dns_names) {
    names += (names.empty() ? "DNS:" : ",DNS:") + name;
  }
  for (const std::string& address : options.ip_addresses) {
    names += (names.empty() ? "IP:" : ",IP:") + address;
  }
  return names;
}

CertificatePointer new_certificate(const std::string& name, EVP_PKEY* key,
                                   const CertificateOptions& options) {
  CertificatePointer certificate(X509_new());
  CHECK(certificate != nullptr);
  X509_set_version(certificate.get(), X509_VERSION_3);
  std::uint64_t serial = 0;
  CHECK_EQ(RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof(serial)), 1);
  ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate.get()), serial >> 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), options.valid_from.count());
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), options.valid_until.count());
  X509_set_pubkey(certificate.get(), key);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate.get()), "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
  return certificate;
}

void sign(X509* certificate, X509* issuer, EVP_PKEY* issuer_key) {
  X509_set_issuer_name(certificate, X509_get_subject_name(issuer));
  CHECK_GT(X509_sign(certificate, issuer_key, EVP_sha256()), 0);
}

std::string text_of(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return {data, static_cast<std::size_t>(size)};
}

Certificate to_pem(X509* certificate, EVP_PKEY* key) {
  const BioPointer certificate_bio(BIO_new(BIO_s_mem()));
  const BioPointer key_bio(BIO_new(BIO_s_mem()));
  CHECK_EQ(PEM_write_bio_X509(certificate_bio.get(), certificate), 1);
  CHECK_EQ(PEM_write_bio_PrivateKey(key_bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr), 1);
  return {.certificate_pem = text_of(certificate_bio.get()),
          .private_key_pem = text_of(key_bio.get())};
}

std::string common_name(const CertificateOptions& options) {
  return options.dns_names.empty() ? "test" : options.dns_names.front();
}

}  // namespace

struct CertificateAuthority::Keys {
  KeyPointer key;
  CertificatePointer certificate;
};

CertificateAuthority::CertificateAuthority(const std::string& name)
    : keys_(std::make_unique<Keys>()) {
  keys_->key = new_key();
  keys_->certificate = new_certificate(name, keys_->key.get(), {});
  X509* certificate = keys_->certificate.get();
  add_extension(certificate, certificate, NID_basic_constraints, "critical,CA:TRUE");
  add_extension(certificate, certificate, NID_key_usage, "critical,keyCertSign,cRLSign");
  sign(certificate, certificate, keys_->key.get());
  own_ = to_pem(certificate, keys_->key.get());
}

CertificateAuthority::~CertificateAuthority() = default;

Certificate CertificateAuthority::issue(const CertificateOptions& options) const {
  const KeyPointer key = new_key();
  const CertificatePointer certificate = new_certificate(common_name(options), key.get(), options);
  if (const std::string names = alternative_names(options); !names.empty()) {
    add_extension(certificate.get(), keys_->certificate.get(), NID_subject_alt_name, names);
  }
  sign(certificate.get(), keys_->certificate.get(), keys_->key.get());
  return to_pem(certificate.get(), key.get());
}

Certificate self_signed(const CertificateOptions& options) {
  const KeyPointer key = new_key();
  const CertificatePointer certificate = new_certificate(common_name(options), key.get(), options);
  if (const std::string names = alternative_names(options); !names.empty()) {
    add_extension(certificate.get(), certificate.get(), NID_subject_alt_name, names);
  }
  sign(certificate.get(), certificate.get(), key.get());
  return to_pem(certificate.get(), key.get());
}

}  // namespace kthena::net::testing
