#include "net/certificate_authority.h"

#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <ctime>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/result.h"
#include "net/address.h"
#include "net/certificate_subject.h"
#include "net/tls_context.h"

namespace kthena::net {

namespace {

using BioPointer = std::unique_ptr<BIO, OpensslFree<BIO_free>>;
using KeyPointer = std::unique_ptr<EVP_PKEY, OpensslFree<EVP_PKEY_free>>;
using CertificatePointer = std::unique_ptr<X509, OpensslFree<X509_free>>;
using NumberPointer = std::unique_ptr<BIGNUM, OpensslFree<BN_free>>;
using ExtensionPointer = std::unique_ptr<X509_EXTENSION, OpensslFree<X509_EXTENSION_free>>;
using NamesPointer = std::unique_ptr<GENERAL_NAMES, OpensslFree<GENERAL_NAMES_free>>;
using StorePointer = std::unique_ptr<X509_STORE, OpensslFree<X509_STORE_free>>;
using StoreContextPointer = std::unique_ptr<X509_STORE_CTX, OpensslFree<X509_STORE_CTX_free>>;

constexpr std::size_t kMaxCertificates = 64;  // of one PEM text
constexpr int kSerialBits = 127;              // random, positive, of at most 16 bytes

std::unexpected<Error> failed(std::string_view what) {
  return fail(ErrorCode::Internal, std::string(what) + ": " + take_openssl_error());
}

BioPointer text_bio(std::string_view text) {
  return BioPointer(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

/// Keeps OpenSSL from asking for a password on the terminal.
int no_password(char* /*buffer*/, int /*size*/, int /*writing*/, void* /*data*/) { return 0; }

std::string text_of(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return {data, static_cast<std::size_t>(size)};
}

Result<std::string> to_pem(X509* certificate) {
  const BioPointer bio(BIO_new(BIO_s_mem()));
  if (bio == nullptr || PEM_write_bio_X509(bio.get(), certificate) != 1) {
    return failed("writing a certificate");
  }
  return text_of(bio.get());
}

Result<CertificatePair> to_pair(X509* certificate, EVP_PKEY* key) {
  CertificatePair pair{.certificate_pem = TRY(to_pem(certificate)), .private_key_pem = {}};
  const BioPointer bio(BIO_new(BIO_s_mem()));
  if (bio == nullptr ||
      PEM_write_bio_PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr) != 1) {
    return failed("writing a key");
  }
  pair.private_key_pem = text_of(bio.get());
  return pair;
}

Result<CertificatePointer> parse_certificate(std::string_view pem) {
  ERR_clear_error();
  const BioPointer bio = text_bio(pem);
  CertificatePointer certificate(PEM_read_bio_X509(bio.get(), nullptr, no_password, nullptr));
  if (certificate == nullptr) {
    return fail(ErrorCode::InvalidArgument, "no certificate in PEM: " + take_openssl_error());
  }
  return certificate;
}

Result<KeyPointer> parse_key(std::string_view pem) {
  ERR_clear_error();
  const BioPointer bio = text_bio(pem);
  KeyPointer key(PEM_read_bio_PrivateKey(bio.get(), nullptr, no_password, nullptr));
  if (key == nullptr) {
    ERR_clear_error();
    return fail(ErrorCode::InvalidArgument,
                "private key: no PEM text that can be read without a password");
  }
  return key;
}

Result<> set_serial(X509* certificate) {
  const NumberPointer number(BN_new());
  if (number == nullptr ||
      BN_rand(number.get(), kSerialBits, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) != 1 ||
      BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate)) == nullptr) {
    return failed("making a serial number");
  }
  return {};
}

Result<> set_time(ASN1_TIME* field, WallTime time) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time.time_since_epoch()).count();
  if (ASN1_TIME_adj(field, static_cast<std::time_t>(seconds), 0, 0) == nullptr) {
    return fail(ErrorCode::InvalidArgument, "a certificate cannot be valid at such a time");
  }
  return {};
}

Result<> add_name(X509_NAME* name, const char* part, const std::string& text) {
  if (text.empty()) {
    return {};
  }
  if (X509_NAME_add_entry_by_txt(name, part, MBSTRING_UTF8,
                                 reinterpret_cast<const unsigned char*>(text.data()),
                                 static_cast<int>(text.size()), -1, 0) != 1) {
    ERR_clear_error();
    return fail(ErrorCode::InvalidArgument, std::string(part) + " cannot be \"" + text + "\"");
  }
  return {};
}

Result<> add_subject(X509_NAME* name, const CertificateSubject& subject) {
  TRY(add_name(name, "O", subject.organization));
  return add_name(name, "CN", subject.common_name);
}

Result<> add_subject(X509_NAME* name, const ClientSubject& subject) {
  for (const std::string& organization : subject.organizations) {
    TRY(add_name(name, "O", organization));
  }
  return add_name(name, "CN", subject.common_name);
}

template <class Subject>
Result<CertificatePointer> new_certificate(const Subject& subject, const Validity& validity,
                                           EVP_PKEY* key) {
  CertificatePointer certificate(X509_new());
  if (certificate == nullptr || X509_set_version(certificate.get(), X509_VERSION_3) != 1 ||
      X509_set_pubkey(certificate.get(), key) != 1) {
    return failed("making a certificate");
  }
  TRY(set_serial(certificate.get()));
  TRY(set_time(X509_getm_notBefore(certificate.get()), validity.not_before));
  TRY(set_time(X509_getm_notAfter(certificate.get()), validity.not_after));
  TRY(add_subject(X509_get_subject_name(certificate.get()), subject));
  return certificate;
}

Result<> add_extension(X509* certificate, X509* issuer, int id, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const ExtensionPointer extension(X509V3_EXT_conf_nid(nullptr, &context, id, value));
  if (extension == nullptr || X509_add_ext(certificate, extension.get(), -1) != 1) {
    return failed(value);
  }
  return {};
}

/// Adds one name. GENERAL_NAMEs are built, not parsed from a text: a name cannot smuggle another.
Result<> push_name(GENERAL_NAMES* names, int type, ASN1_STRING* value) {
  GENERAL_NAME* name = GENERAL_NAME_new();
  GENERAL_NAME_set0_value(name, type, value);
  if (sk_GENERAL_NAME_push(names, name) == 0) {
    GENERAL_NAME_free(name);
    return failed("adding a name");
  }
  return {};
}

Result<> add_alternative_names(X509* certificate, const CertificateSubject& subject) {
  const NamesPointer names(sk_GENERAL_NAME_new_null());
  for (const std::string& name : subject.dns_names) {
    ASN1_STRING* text = ASN1_IA5STRING_new();
    ASN1_STRING_set(text, name.data(), static_cast<int>(name.size()));
    TRY(push_name(names.get(), GEN_DNS, text));
  }
  for (const IpAddress& address : subject.ip_addresses) {
    const auto& bytes = address.bytes();
    const int size = address.is_v4() ? 4 : 16;
    ASN1_OCTET_STRING* value = ASN1_OCTET_STRING_new();
    ASN1_OCTET_STRING_set(value, bytes.data() + bytes.size() - size, size);
    TRY(push_name(names.get(), GEN_IPADD, value));
  }
  if (X509_add1_ext_i2d(certificate, NID_subject_alt_name, names.get(), 0, X509V3_ADD_DEFAULT) !=
      1) {
    return failed("subjectAltName");
  }
  return {};
}

Result<> sign(X509* certificate, X509* issuer, EVP_PKEY* issuer_key) {
  if (X509_set_issuer_name(certificate, X509_get_subject_name(issuer)) != 1) {
    return failed("naming the issuer");
  }
  TRY(add_extension(certificate, issuer, NID_subject_key_identifier, "hash"));
  TRY(add_extension(certificate, issuer, NID_authority_key_identifier, "keyid"));
  if (X509_sign(certificate, issuer_key, EVP_sha256()) <= 0) {
    return failed("signing a certificate");
  }
  return {};
}

Result<KeyPointer> new_key() {
  ERR_clear_error();
  KeyPointer key(EVP_EC_gen("P-256"));
  if (key == nullptr) {
    return failed("making a key");
  }
  return key;
}

std::string first(std::vector<std::string> parts) {
  return parts.empty() ? std::string() : std::move(parts.front());
}

IpAddress ip_address(std::string_view bytes) {
  std::array<std::uint8_t, 16> all{};
  if (bytes.size() == 4) {
    all[10] = all[11] = 0xff;  // IPv4-mapped
    std::ranges::copy(bytes, all.begin() + 12);
  } else if (bytes.size() == 16) {
    std::ranges::copy(bytes, all.begin());
  }
  return IpAddress::v6(all);
}

void read_names(X509* certificate, CertificateInfo& info) {
  const NamesPointer names(static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
  for (int i = 0; names != nullptr && i < sk_GENERAL_NAME_num(names.get()); ++i) {
    int type = 0;
    const auto* value = static_cast<const ASN1_STRING*>(
        GENERAL_NAME_get0_value(sk_GENERAL_NAME_value(names.get(), i), &type));
    if (type != GEN_DNS && type != GEN_IPADD) {
      continue;
    }
    const std::string_view bytes(reinterpret_cast<const char*>(ASN1_STRING_get0_data(value)),
                                 static_cast<std::size_t>(ASN1_STRING_length(value)));
    if (type == GEN_DNS) {
      info.dns_names.emplace_back(bytes);
    } else {
      info.ip_addresses.push_back(ip_address(bytes));
    }
  }
}

std::string serial_of(X509* certificate) {
  const NumberPointer number(ASN1_INTEGER_to_BN(X509_get_serialNumber(certificate), nullptr));
  char* digits = number == nullptr ? nullptr : BN_bn2hex(number.get());
  std::string text = digits == nullptr ? "" : digits;
  OPENSSL_free(digits);
  return text;
}

/// A certificate with no names but those of the subject.
Result<> add_names(X509* /*certificate*/, const ClientSubject& /*subject*/) { return {}; }
Result<> add_names(X509* certificate, const CertificateSubject& subject) {
  return add_alternative_names(certificate, subject);
}

template <class Subject>
Result<CertificatePair> issue(const CertificatePair& authority, const Subject& subject,
                              const Validity& validity, const char* usage) {
  const CertificatePointer issuer =
      TRY(with_context(parse_certificate(authority.certificate_pem), "authority"));
  const KeyPointer issuer_key =
      TRY(with_context(parse_key(authority.private_key_pem), "authority"));
  const KeyPointer key = TRY(new_key());
  const CertificatePointer certificate = TRY(new_certificate(subject, validity, key.get()));
  X509* own = certificate.get();
  TRY(add_extension(own, issuer.get(), NID_basic_constraints, "critical,CA:FALSE"));
  TRY(add_extension(own, issuer.get(), NID_key_usage, "critical,digitalSignature"));
  TRY(add_extension(own, issuer.get(), NID_ext_key_usage, usage));
  TRY(add_names(own, subject));
  TRY(sign(own, issuer.get(), issuer_key.get()));
  return to_pair(own, key.get());
}

}  // namespace

Result<CertificatePair> make_authority(const CertificateSubject& subject,
                                       const Validity& validity) {
  const KeyPointer key = TRY(new_key());
  const CertificatePointer certificate = TRY(new_certificate(subject, validity, key.get()));
  X509* own = certificate.get();
  TRY(add_extension(own, own, NID_basic_constraints, "critical,CA:TRUE,pathlen:0"));
  TRY(add_extension(own, own, NID_key_usage, "critical,digitalSignature,keyCertSign"));
  TRY(sign(own, own, key.get()));
  return to_pair(own, key.get());
}

Result<CertificatePair> issue_server_certificate(const CertificatePair& authority,
                                                 const CertificateSubject& subject,
                                                 const Validity& validity) {
  if (subject.dns_names.empty() && subject.ip_addresses.empty()) {
    return fail(ErrorCode::InvalidArgument, "dnsNames cannot be empty");
  }
  return issue(authority, subject, validity, "serverAuth");
}

Result<CertificatePair> issue_client_certificate(const CertificatePair& authority,
                                                 const ClientSubject& subject,
                                                 const Validity& validity) {
  if (subject.common_name.empty()) {
    return fail(ErrorCode::InvalidArgument, "commonName cannot be empty");
  }
  return issue(authority, subject, validity, "clientAuth");
}

Result<CertificateInfo> read_certificate(std::string_view pem) {
  const CertificatePointer certificate = TRY(parse_certificate(pem));
  CertificateInfo info{
      .common_name = first(name_parts(X509_get_subject_name(certificate.get()), NID_commonName)),
      .issuer_common_name =
          first(name_parts(X509_get_issuer_name(certificate.get()), NID_commonName)),
      .serial = serial_of(certificate.get()),
      .is_authority = X509_check_ca(certificate.get()) == 1};
  info.validity = {.not_before = TRY(wall_time(X509_get0_notBefore(certificate.get()))),
                   .not_after = TRY(wall_time(X509_get0_notAfter(certificate.get())))};
  read_names(certificate.get(), info);
  ERR_clear_error();
  return info;
}

Result<std::vector<std::string>> split_certificates(std::string_view pem) {
  ERR_clear_error();
  const BioPointer bio = text_bio(pem);
  std::vector<std::string> texts;
  while (true) {
    const CertificatePointer certificate(
        PEM_read_bio_X509(bio.get(), nullptr, no_password, nullptr));
    if (certificate == nullptr) {
      break;
    }
    if (texts.size() == kMaxCertificates) {
      return fail(ErrorCode::InvalidArgument, "more than 64 certificates");
    }
    texts.push_back(TRY(to_pem(certificate.get())));
  }
  const unsigned long last = ERR_peek_last_error();
  const bool at_end =
      ERR_GET_LIB(last) == ERR_LIB_PEM && ERR_GET_REASON(last) == PEM_R_NO_START_LINE;
  if (texts.empty() || !at_end) {
    const std::string reason = at_end ? "none" : take_openssl_error();
    ERR_clear_error();
    return fail(ErrorCode::InvalidArgument, "certificates in PEM: " + reason);
  }
  ERR_clear_error();
  return texts;
}

Result<> check_server_certificate(const CertificatePair& server, std::string_view ca_pem,
                                  std::string_view name, WallTime at) {
  const CertificatePointer certificate = TRY(parse_certificate(server.certificate_pem));
  const KeyPointer key = TRY(parse_key(server.private_key_pem));
  if (X509_check_private_key(certificate.get(), key.get()) != 1) {
    ERR_clear_error();
    return fail(ErrorCode::InvalidArgument, "the key is not that of the certificate");
  }
  const StorePointer store(X509_STORE_new());
  for (const std::string& ca : TRY(with_context(split_certificates(ca_pem), "CA"))) {
    X509_STORE_add_cert(store.get(), TRY(parse_certificate(ca)).get());
  }
  const StoreContextPointer context(X509_STORE_CTX_new());
  if (store == nullptr || context == nullptr ||
      X509_STORE_CTX_init(context.get(), store.get(), certificate.get(), nullptr) != 1) {
    return failed("checking a certificate");
  }
  X509_VERIFY_PARAM* wanted = X509_STORE_CTX_get0_param(context.get());
  X509_VERIFY_PARAM_set_purpose(wanted, X509_PURPOSE_SSL_SERVER);
  X509_VERIFY_PARAM_set1_host(wanted, name.data(), name.size());
  X509_VERIFY_PARAM_set_time(
      wanted, static_cast<std::time_t>(
                  std::chrono::floor<std::chrono::seconds>(at.time_since_epoch()).count()));
  if (X509_verify_cert(context.get()) != 1) {
    const int reason = X509_STORE_CTX_get_error(context.get());
    ERR_clear_error();
    return fail(ErrorCode::InvalidArgument, X509_verify_cert_error_string(reason));
  }
  return {};
}

}  // namespace kthena::net
