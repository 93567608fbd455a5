#include "apiserver/service.h"

#include <chrono>
#include <utility>

#include "apiserver/seeds.h"
#include "base/random.h"

namespace kthena::apiserver {

namespace {

/// Of requests' bodies and answers that wait.
constexpr std::size_t kMemory = 512UL << 20;

std::vector<StaticToken> admin_tokens(const Credentials& credentials) {
  return {{.token = credentials.admin_token,
           .user = {.name = "admin", .groups = {std::string(kPrivilegedGroup)}}}};
}

http::ServerOptions server_options() {
  http::ServerOptions options;
  options.max_body_bytes = 3UL << 20;
  return options;
}

}  // namespace

Result<std::unique_ptr<Service>> Service::create(net::Network& network, ServiceOptions options) {
  async::Loop& loop = network.loop();
  DataFolder folder = TRY(DataFolder::open(options.data_dir));
  auto journal = TRY(SqliteJournal::open(folder.database()));
  auto store = TRY(ObjectStore::open(loop, *journal));
  Credentials credentials = TRY(folder.load_credentials(options.address.ip, loop.wall_now()));
  net::TlsContext context = TRY(net::TlsContext::server(
      {.certificate_pem = credentials.server.certificate_pem,
       .private_key_pem = credentials.server.private_key_pem,
       .alpn = {"http/1.1"},
       .client_ca_pem = credentials.authority.certificate_pem,
       .client_certificate = net::TlsServerOptions::ClientCertificate::Requested}));
  const std::string signing_key =
      TRY(folder.read_or_make("accounts.key", [] { return SigningKey::make_pem(); }));
  return std::unique_ptr<Service>(new Service(
      network, std::move(options), std::move(folder), std::move(credentials), std::move(context),
      std::move(journal), std::move(store), TRY(SigningKey::read(signing_key))));
}

Service::Service(net::Network& network, ServiceOptions options, DataFolder folder,
                 Credentials credentials, net::TlsContext context,
                 std::unique_ptr<SqliteJournal> journal, std::unique_ptr<ObjectStore> store,
                 SigningKey key)
    : network_(network),
      options_(std::move(options)),
      folder_(std::move(folder)),
      credentials_(std::move(credentials)),
      journal_(std::move(journal)),
      store_(std::move(store)),
      addresses_(*store_),
      access_(*store_, admin_tokens(credentials_), std::move(key)),
      rules_(addresses_.pool(), access_.authorizer()),
      tls_(network, std::move(context)),
      budget_(kMemory),
      api_(network.loop(), *store_, rules_, access_, Random(random_seed())),
      server_(tls_, budget_, api_, server_options()),
      tasks_(network.loop()) {}

async::Task<Result<net::SocketAddress>> Service::start() {
  const net::SocketAddress address = CO_TRY(server_.listen(options_.address));
  api_.set_address(address.to_string());
  definitions_.emplace(api_);
  CO_TRY(co_await plant_seeds(api_.objects(), *api_.catalog()));
  CO_TRY(co_await definitions_->plant());
  tasks_.spawn(definitions_->run());
  CO_TRY(folder_.write_kubeconfig(address, credentials_));
  co_return address;
}

async::Task<void> Service::stop(Duration patience) {
  co_await server_.drain(network_.loop().now() + patience);
  co_await tls_.stop();
  co_await tasks_.stop();
  co_await store_->stop();
  static_cast<void>(co_await journal_->close());
}

}  // namespace kthena::apiserver
