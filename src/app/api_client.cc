#include "app/api_client.h"

#include <cstdlib>
#include <utility>

#include "kube/client/exec_credentials.h"

namespace kthena::app {
namespace {

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr ? value : "";
}

Result<kube::ClientConfig> load(const ApiClientOptions& options, const kube::FileReader& files) {
  auto config = kube::load_client_config(options.sources, files);
  if (options.master.empty()) {
    return config;
  }
  kube::ClientConfig with_master = config ? *std::move(config) : kube::ClientConfig{};
  with_master.server = options.master;
  return with_master;
}

}  // namespace

void ApiClientOptions::declare(Flags& flags) {
  sources.kubeconfig_variable = variable("KUBECONFIG");
  sources.home = variable("HOME");
  sources.service_host = variable("KUBERNETES_SERVICE_HOST");
  sources.service_port = variable("KUBERNETES_SERVICE_PORT");
  flags
      .add("kubeconfig", sources.kubeconfig_flag,
           "how the API server is reached; else KUBECONFIG, the pod's service account, "
           "~/.kube/config")
      .placeholder("FILE");
  flags.add("master", master, "URL of the API server, in the place of the one there")
      .placeholder("URL");
  flags.add("kube-api-qps", qps, "requests a second to the API server; 0: 300");
  flags.add("kube-api-burst", burst, "requests at once to the API server; 0: 600");
}

Result<std::unique_ptr<ApiClient>> ApiClient::create(async::EpollLoop& loop,
                                                     std::string_view program,
                                                     const ApiClientOptions& options) {
  std::unique_ptr<ApiClient> api(new ApiClient(loop));
  kube::ClientConfig config = TRY(with_context(load(options, api->files_), "--kubeconfig"));
  config.user_agent = std::string(program);
  kube::ClientOptions client_options;
  client_options.field_manager = std::string(program);
  if (options.qps > 0) {
    client_options.rate_limit.per_second = options.qps;
  }
  if (options.burst > 0) {
    client_options.rate_limit.burst = options.burst;
  }
  api->resolver_ = TRY(net::DnsResolver::create(loop));
  auto credentials = TRY(kube::make_credentials(loop, api->files_, &api->commands_, config));
  api->client_ = TRY(kube::Client::create(api->network_, *api->resolver_, config,
                                          std::move(client_options), std::move(credentials)));
  return api;
}

}  // namespace kthena::app
