#include "net/tls_network.h"

#include <memory>
#include <utility>

#include "base/error.h"
#include "base/result.h"
#include "net/tls.h"

namespace kthena::net {

Result<std::unique_ptr<Listener>> TlsNetwork::listen(const SocketAddress& /*address*/,
                                                     const ListenOptions& /*options*/) {
  return fail(ErrorCode::Unsupported, "a TLS network only connects");
}

async::Task<Result<std::unique_ptr<Stream>>> TlsNetwork::connect(const SocketAddress& address) {
  auto stream = CO_TRY(co_await below_.connect(address));
  const TlsContext context = context_;  // another one may be set during the handshake
  co_return co_await tls_connect(std::move(stream), context, server_name_);
}

}  // namespace kthena::net
