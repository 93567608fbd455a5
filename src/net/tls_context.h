// What tls_context.cc and tls_stream.cc share. Not for others: it names OpenSSL.
#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <string>

#include "net/tls.h"

namespace kthena::net {

/// Calls OpenSSL's function that frees a T.
template <auto Free>
struct OpensslFree {
  template <class T>
  void operator()(T* object) const noexcept {
    Free(object);
  }
};
using SslContextPointer = std::unique_ptr<SSL_CTX, OpensslFree<SSL_CTX_free>>;
using SslPointer = std::unique_ptr<SSL, OpensslFree<SSL_free>>;

enum class TlsSide : std::uint8_t { Server, Client };

struct TlsContext::State {
  SslContextPointer context;
  TlsSide side;
  bool verify_name = false;
  std::string alpn;  ///< each name with its length before it, as on the wire

  SSL_CTX* get() const noexcept { return context.get(); }
};

/// The oldest error that OpenSSL reported on this thread, as text; takes them all off its queue.
std::string take_openssl_error();

}  // namespace kthena::net
