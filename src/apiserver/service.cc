#include "apiserver/service.h"

#include <chrono>
#include <utility>

#include "apiserver/access/token_file.h"
#include "apiserver/seeds.h"
#include "base/random.h"
#include "kube/client/credentials.h"
#include "net/certificate_authority.h"

namespace kthena::apiserver {

namespace {

/// Of requests' bodies and answers that wait.
constexpr std::size_t kMemory = 512UL << 20;

Result<std::vector<StaticToken>> read_tokens(const Credentials& credentials,
                                             const std::string& file) {
  std::vector<StaticToken> tokens{
      {.token = credentials.admin_token,
       .user = {.name = "admin", .groups = {std::string(kPrivilegedGroup)}}}};
  if (!file.empty()) {
    for (StaticToken& token :
         TRY(with_context(parse_token_file(TRY(kube::DiskFiles().read(file))), file))) {
      tokens.push_back(std::move(token));
    }
  }
  return tokens;
}

Result<net::TlsContext> make_context(const Credentials& credentials,
                                     const ServiceOptions& options) {
  net::TlsServerOptions tls{
      .certificate_pem = credentials.server.certificate_pem,
      .private_key_pem = credentials.server.private_key_pem,
      .alpn = {"http/1.1"},
      .client_ca_pem = credentials.authority.certificate_pem,
      .client_certificate = net::TlsServerOptions::ClientCertificate::Requested};
  if (!options.certificate_file.empty()) {
    tls.certificate_pem = TRY(kube::DiskFiles().read(options.certificate_file));
    tls.private_key_pem = TRY(kube::DiskFiles().read(options.key_file));
  }
  if (!options.client_ca_file.empty()) {
    const std::string own = TRY(kube::DiskFiles().read(options.client_ca_file));
    TRY(with_context(net::split_certificates(own), options.client_ca_file));  // that there are any
    tls.client_ca_pem += own;
  }
  return net::TlsContext::server(tls);
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
  net::TlsContext context = TRY(make_context(credentials, options));
  const auto tokens = TRY(read_tokens(credentials, options.token_file));
  if (options.forget_history) {
    store->forget_history();
  }
  const std::string signing_key =
      TRY(folder.read_or_make("accounts.key", [] { return SigningKey::make_pem(); }));
  return std::unique_ptr<Service>(new Service(network, std::move(options), std::move(folder),
                                              std::move(credentials), tokens, std::move(context),
                                              std::move(journal), std::move(store),
                                              TRY(SigningKey::read(signing_key))));
}

Service::Service(net::Network& network, ServiceOptions options, DataFolder folder,
                 Credentials credentials, const std::vector<StaticToken>& tokens,
                 net::TlsContext context, std::unique_ptr<SqliteJournal> journal,
                 std::unique_ptr<ObjectStore> store, SigningKey key)
    : network_(network),
      options_(std::move(options)),
      folder_(std::move(folder)),
      credentials_(std::move(credentials)),
      journal_(std::move(journal)),
      store_(std::move(store)),
      addresses_(*store_),
      access_(*store_, tokens, std::move(key)),
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
  const auto catalog = [this] { return api_.catalog(); };
  namespaces_.emplace(api_.objects(), catalog);
  collector_.emplace(api_.objects(), catalog);
  definitions_->set_on_catalog([this] { collector_->follow_catalog(); });
  tasks_.spawn(definitions_->run());
  tasks_.spawn(namespaces_->run());
  tasks_.spawn(collector_->run());
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
