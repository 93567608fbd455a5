// The API server of a process: HTTPS, a database on disk, keys and a kubeconfig.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "apiserver/access_control.h"
#include "apiserver/controllers/garbage_collector.h"
#include "apiserver/controllers/namespaces.h"
#include "apiserver/data_folder.h"
#include "apiserver/definitions.h"
#include "apiserver/server.h"
#include "apiserver/service_addresses.h"
#include "apiserver/storage/object_store.h"
#include "apiserver/storage/sqlite_journal.h"
#include "apiserver/verbs/kind_rules.h"
#include "async/scope.h"
#include "base/result.h"
#include "http/memory.h"
#include "http/server.h"
#include "net/stream.h"
#include "net/tls_server_network.h"

namespace kthena::apiserver {

struct ServiceOptions {
  std::string data_dir;
  net::SocketAddress address;  ///< port 0: a free one
  // Files, PEM; empty: what the data folder has.
  std::string certificate_file = {};
  std::string key_file = {};
  std::string client_ca_file = {};  ///< beside our own authority
  /// Lines `token,user,uid,"group,group"`; empty: none.
  std::string token_file = {};
  bool forget_history = false;  ///< see ObjectStore::forget_history()
};

/// One loop. stop() before it is destroyed.
class Service {
 public:
  /// Reads the database; blocks. Errors: AlreadyExists (another process has the folder), Internal,
  /// in one line.
  static Result<std::unique_ptr<Service>> create(net::Network& network, ServiceOptions options);

  /// Opens the port, fills an empty database with what every cluster has, and writes the
  /// kubeconfig. Errors: those of Network::listen; those of writes.
  async::Task<Result<net::SocketAddress>> start();

  std::string kubeconfig() const { return folder_.kubeconfig(); }
  ApiServer& api() noexcept { return api_; }

  /// Answers what is asked until `patience` has passed, and makes everything durable.
  async::Task<void> stop(Duration patience);

 private:
  Service(net::Network& network, ServiceOptions options, DataFolder folder, Credentials credentials,
          const std::vector<StaticToken>& tokens, net::TlsContext context,
          std::unique_ptr<SqliteJournal> journal, std::unique_ptr<ObjectStore> store,
          SigningKey key);

  net::Network& network_;
  ServiceOptions options_;
  DataFolder folder_;
  Credentials credentials_;
  std::unique_ptr<SqliteJournal> journal_;
  std::unique_ptr<ObjectStore> store_;
  ServiceAddresses addresses_;
  AccessControl access_;
  KindRules rules_;
  net::TlsServerNetwork tls_;
  http::MemoryBudget budget_;
  ApiServer api_;
  http::Server server_;
  std::optional<Definitions> definitions_;
  std::optional<NamespaceController> namespaces_;
  std::optional<GarbageCollector> collector_;
  async::TaskScope tasks_;
};

}  // namespace kthena::apiserver
