#include "net/tls_context.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/result.h"
#include "net/tls.h"

namespace kthena::net {
namespace {

using BioPointer = std::unique_ptr<BIO, OpensslFree<BIO_free>>;
using KeyPointer = std::unique_ptr<EVP_PKEY, OpensslFree<EVP_PKEY_free>>;
using CertificatePointer = std::unique_ptr<X509, OpensslFree<X509_free>>;

BioPointer text_bio(const std::string& text) {
  return BioPointer(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

/// Keeps OpenSSL from asking for a password on the terminal.
int no_password(char* /*buffer*/, int /*size*/, int /*writing*/, void* /*data*/) { return 0; }

/// All certificates of a PEM text, at least one.
Result<std::vector<CertificatePointer>> read_certificates(const std::string& pem) {
  ERR_clear_error();
  const BioPointer bio = text_bio(pem);
  std::vector<CertificatePointer> certificates;
  while (X509* certificate = PEM_read_bio_X509(bio.get(), nullptr, no_password, nullptr)) {
    certificates.emplace_back(certificate);
  }
  const unsigned long last = ERR_peek_last_error();
  const bool at_end =
      ERR_GET_LIB(last) == ERR_LIB_PEM && ERR_GET_REASON(last) == PEM_R_NO_START_LINE;
  if (certificates.empty() && at_end) {
    ERR_clear_error();
    return fail(ErrorCode::InvalidArgument, "no certificate in the PEM text");
  }
  if (!at_end) {
    return fail(
        ErrorCode::InvalidArgument,
        "certificate " + std::to_string(certificates.size() + 1) + ": " + take_openssl_error());
  }
  ERR_clear_error();
  return certificates;
}

Result<> use_identity(SSL_CTX* context, const std::string& certificate_pem,
                      const std::string& private_key_pem) {
  const auto chain = TRY(read_certificates(certificate_pem));
  if (SSL_CTX_use_certificate(context, chain.front().get()) != 1) {
    return fail(ErrorCode::InvalidArgument, "certificate: " + take_openssl_error());
  }
  for (std::size_t i = 1; i < chain.size(); ++i) {
    if (SSL_CTX_add1_chain_cert(context, chain[i].get()) != 1) {
      return fail(ErrorCode::InvalidArgument, "certificate chain: " + take_openssl_error());
    }
  }
  const BioPointer bio = text_bio(private_key_pem);
  const KeyPointer key(PEM_read_bio_PrivateKey(bio.get(), nullptr, no_password, nullptr));
  if (key == nullptr) {
    ERR_clear_error();
    return fail(ErrorCode::InvalidArgument,
                "private key: no PEM text that can be read without a password");
  }
  if (SSL_CTX_use_PrivateKey(context, key.get()) != 1 || SSL_CTX_check_private_key(context) != 1) {
    return fail(ErrorCode::InvalidArgument,
                "the private key is not that of the certificate: " + take_openssl_error());
  }
  return {};
}

Result<> trust(SSL_CTX* context, const std::string& ca_pem) {
  X509_STORE* store = SSL_CTX_get_cert_store(context);
  for (const auto& certificate : TRY(read_certificates(ca_pem))) {
    if (X509_STORE_add_cert(store, certificate.get()) != 1) {
      return fail(ErrorCode::InvalidArgument, "trusted certificate: " + take_openssl_error());
    }
  }
  return {};
}

Result<std::string> alpn_on_wire(const std::vector<std::string>& protocols) {
  std::string wire;
  for (const std::string& protocol : protocols) {
    if (protocol.empty() || protocol.size() > 255) {
      return fail(ErrorCode::InvalidArgument, "ALPN: a protocol's name has 1 to 255 bytes");
    }
    wire += static_cast<char>(protocol.size());
    wire += protocol;
  }
  if (wire.size() > 0xffff) {
    return fail(ErrorCode::InvalidArgument, "ALPN: too many protocols");
  }
  return wire;
}

/// The first of ours that the client offers. RFC 7301 3.2: an alert if there is none.
int choose_protocol(SSL* /*ssl*/, const unsigned char** out, unsigned char* out_size,
                    const unsigned char* offered, unsigned offered_size, void* ours) {
  const auto& wire = *static_cast<const std::string*>(ours);
  unsigned char* chosen = nullptr;
  const int outcome =
      SSL_select_next_proto(&chosen, out_size, reinterpret_cast<const unsigned char*>(wire.data()),
                            static_cast<unsigned>(wire.size()), offered, offered_size);
  *out = chosen;
  return outcome == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

void ask_for_certificate(SSL_CTX* context, TlsServerOptions::ClientCertificate how) {
  if (how == TlsServerOptions::ClientCertificate::Required) {
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
    constexpr unsigned char kSessions[] = "kthena";
    SSL_CTX_set_session_id_context(context, kSessions, sizeof(kSessions) - 1);
    return;
  }
  // OpenSSL keeps the verdict for Stream::peer_certificate().
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER,
                     [](int /*accepted*/, X509_STORE_CTX* /*chain*/) { return 1; });
  // A certificate that was refused is refused again: no session outlives its handshake.
  SSL_CTX_set_num_tickets(context, 0);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_options(context, SSL_OP_NO_TICKET);
}

Result<SslContextPointer> new_context(const SSL_METHOD* method) {
  ERR_clear_error();
  SslContextPointer context(SSL_CTX_new(method));
  if (context == nullptr) {
    return fail(ErrorCode::Internal, "SSL_CTX_new: " + take_openssl_error());
  }
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_cipher_list(context.get(), "ECDHE+AESGCM:ECDHE+CHACHA20");  // of TLS 1.2
  SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                         SSL_OP_CIPHER_SERVER_PREFERENCE |
                                         SSL_OP_PRIORITIZE_CHACHA);
  // An idle connection holds no record buffers.
  SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                      SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  return context;
}

}  // namespace

std::string take_openssl_error() {
  const unsigned long error = ERR_get_error();
  ERR_clear_error();
  if (error == 0) {
    return "unknown error";
  }
  if (const char* reason = ERR_reason_error_string(error); reason != nullptr) {
    return reason;
  }
  return "OpenSSL error " + std::to_string(ERR_GET_REASON(error));
}

Result<TlsContext> TlsContext::server(const TlsServerOptions& options) {
  auto state = std::make_shared<State>(
      State{.context = TRY(new_context(TLS_server_method())), .side = TlsSide::Server});
  TRY(use_identity(state->get(), options.certificate_pem, options.private_key_pem));
  // One ticket is enough for a client that comes back; each costs the handshake a record.
  SSL_CTX_set_num_tickets(state->get(), 1);
  if (!options.client_ca_pem.empty()) {
    TRY(with_context(trust(state->get(), options.client_ca_pem), "client CA"));
    ask_for_certificate(state->get(), options.client_certificate);
  }
  state->alpn = TRY(alpn_on_wire(options.alpn));
  if (!state->alpn.empty()) {
    SSL_CTX_set_alpn_select_cb(state->get(), choose_protocol, &state->alpn);
  }
  return TlsContext(std::move(state));
}

Result<TlsContext> TlsContext::client(const TlsClientOptions& options) {
  auto state = std::make_shared<State>(
      State{.context = TRY(new_context(TLS_client_method())), .side = TlsSide::Client});
  // Connections are pooled, so sessions are seldom resumed.
  SSL_CTX_set_session_cache_mode(state->get(), SSL_SESS_CACHE_OFF);
  if (options.verify == TlsClientOptions::Verify::CertificateAndName) {
    state->verify_name = true;
    SSL_CTX_set_verify(state->get(), SSL_VERIFY_PEER, nullptr);
    if (!options.ca_pem.empty()) {
      TRY(with_context(trust(state->get(), options.ca_pem), "CA"));
    } else if (SSL_CTX_set_default_verify_paths(state->get()) != 1) {
      return fail(ErrorCode::Internal, "the system's certificates: " + take_openssl_error());
    }
  }
  if (!options.certificate_pem.empty()) {
    TRY(with_context(use_identity(state->get(), options.certificate_pem, options.private_key_pem),
                     "client certificate"));
  }
  state->alpn = TRY(alpn_on_wire(options.alpn));
  if (!state->alpn.empty() &&
      SSL_CTX_set_alpn_protos(state->get(),
                              reinterpret_cast<const unsigned char*>(state->alpn.data()),
                              static_cast<unsigned>(state->alpn.size())) != 0) {
    return fail(ErrorCode::Internal, "ALPN: " + take_openssl_error());
  }
  return TlsContext(std::move(state));
}

}  // namespace kthena::net
