// The webhook server of a process: HTTPS, the policies of all kinds, and a certificate that is kept
// good.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "async/scope.h"
#include "base/clock.h"
#include "base/result.h"
#include "http/memory.h"
#include "http/server.h"
#include "kube/admission/admission_handler.h"
#include "kube/admission/certificate_keeper.h"
#include "kube/client/client.h"
#include "kube/client/credentials.h"
#include "net/stream.h"
#include "net/tls_server_network.h"
#include "telemetry/metrics.h"

namespace kthena::webhook {

struct ServiceOptions {
  net::SocketAddress address;
  Duration timeout = std::chrono::seconds(30);  ///< without a byte read or written
  kube::CertificateKeeperOptions certificates;
  /// A file of certificates: who asks must show a certificate that one of them signed. Read with
  /// each certificate that is taken into use. Empty: who asks is not checked.
  std::string client_ca_file;
};

/// The names of the certificate of a Service: "<service>.<namespace>.svc" and with cluster.local.
std::vector<std::string> service_dns_names(std::string_view service,
                                           std::string_view namespace_name);

/// One shard. stop() before it is destroyed.
class Service {
 public:
  /// @param client  null: certificate mode Files only; outlives the service, as all references do
  /// Errors: Internal.
  static Result<std::unique_ptr<Service>> create(net::Network& network, kube::Client* client,
                                                 const kube::FileReader& files,
                                                 telemetry::Registry& registry,
                                                 ServiceOptions options);

  /// Opens the port and begins to look after the certificate. Until there is one, a throw-away
  /// certificate is shown, which no API server trusts: health is answered, reviews are not asked.
  /// Errors: those of Network::listen.
  Result<net::SocketAddress> start();

  bool ready() const noexcept { return !stopping_ && keeper_.ready(); }

  /// Says that it is not ready, and answers what is asked until `patience` has passed.
  async::Task<void> stop(Duration patience);

 private:
  Service(net::Network& network, net::TlsContext context, kube::Client* client,
          const kube::FileReader& files, telemetry::Registry& registry, ServiceOptions options);

  Result<> use(const net::CertificatePair& pair);

  const kube::FileReader& files_;
  ServiceOptions options_;
  bool stopping_ = false;
  net::TlsServerNetwork network_;
  http::MemoryBudget budget_;
  kube::AdmissionMetrics metrics_;
  kube::AdmissionHandler handler_;
  http::Server server_;
  kube::CertificateKeeper keeper_;
  async::TaskScope tasks_;
};

}  // namespace kthena::webhook
