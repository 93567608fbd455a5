#include "kube/client/kubeconfig.h"

#include <fmt/format.h>

#include <algorithm>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/result.h"
#include "base/strings.h"
#include "json/base64.h"
#include "json/codec.h"
#include "json/problem.h"
#include "json/type.h"
#include "json/yaml.h"
#include "kube/client/config.h"
#include "kube/client/credentials.h"

namespace kthena::kube {
namespace {

constexpr std::string_view kServiceAccount = "/var/run/secrets/kubernetes.io/serviceaccount";

/// Relative to the folder of `file`.
void make_whole(std::string& path, const std::string& file) {
  const auto slash = file.rfind('/');
  if (!path.empty() && !path.starts_with('/') && slash != std::string::npos) {
    path.insert(0, file, 0, slash + 1);
  }
}

template <class Entry>
const Entry* find_entry(const std::vector<Entry>& entries, std::string_view name) {
  const auto found = std::ranges::find(entries, name, &Entry::name);
  return found == entries.end() ? nullptr : &*found;
}

template <class Entry>
void merge_entries(std::vector<Entry>& into, std::vector<Entry>& other) {
  for (Entry& entry : other) {
    if (find_entry(into, entry.name) == nullptr) {
      into.push_back(std::move(entry));
    }
  }
}

/// One entry of a file: reads its fields and names them in errors.
class EntryReader {
 public:
  EntryReader(const std::string& file, std::string place, const FileReader& files)
      : file_(file), place_(std::move(place)), files_(files) {}

  std::unexpected<Error> error(ErrorCode code, std::string_view field,
                               std::string_view what) const {
    return fail(code, fmt::format("{}: {}.{}: {}", file_, place_, field, what));
  }

  /// Inline data, else the content of a file, else nothing.
  Result<std::string> pem(std::string_view name, const std::string& path,
                          const std::string& data) const {
    if (!data.empty()) {
      auto decoded = json::decode_base64(data);
      if (!decoded) {
        return error(ErrorCode::InvalidArgument, fmt::format("{}-data", name), "not base64");
      }
      return *std::move(decoded);
    }
    if (path.empty()) {
      return std::string();
    }
    auto text = files_.read(path);
    if (!text) {
      return error(text.error().code(), name, text.error().message());
    }
    return text;
  }

 private:
  const std::string& file_;
  std::string place_;
  const FileReader& files_;
};

Result<> use_cluster(const NamedCluster& entry, const FileReader& files, ClientConfig& config) {
  const KubeconfigCluster& cluster = entry.cluster;
  const EntryReader reader(entry.file, fmt::format("clusters[{}].cluster", entry.name), files);
  if (cluster.server.empty()) {
    return reader.error(ErrorCode::InvalidArgument, "server", "Required value");
  }
  if (const auto url = parse_server_url(cluster.server); !url) {
    return reader.error(ErrorCode::InvalidArgument, "server", url.error().message());
  }
  if (!cluster.proxy_url.empty()) {
    return reader.error(ErrorCode::Unsupported, "proxy-url", "proxies are not supported");
  }
  config.server = cluster.server;
  config.tls_server_name = cluster.tls_server_name;
  config.insecure_skip_tls_verify = cluster.insecure_skip_tls_verify;
  config.ca_pem = TRY(reader.pem("certificate-authority", cluster.certificate_authority,
                                 cluster.certificate_authority_data));
  if (cluster.insecure_skip_tls_verify && !config.ca_pem.empty()) {
    return reader.error(ErrorCode::InvalidArgument, "insecure-skip-tls-verify",
                        "may not be set together with a certificate authority");
  }
  return {};
}

Result<ExecPlugin> exec_plugin(const KubeconfigExec& exec, const EntryReader& reader) {
  constexpr std::string_view kGroup = "client.authentication.k8s.io/";
  const std::string_view version = exec.api_version;
  if (version != "client.authentication.k8s.io/v1" &&
      version != "client.authentication.k8s.io/v1beta1") {
    return reader.error(
        ErrorCode::Unsupported, "exec.apiVersion",
        fmt::format("{}: must be {}v1 or {}v1beta1", json::quoted(version), kGroup, kGroup));
  }
  if (exec.command.empty()) {
    return reader.error(ErrorCode::InvalidArgument, "exec.command", "Required value");
  }
  if (exec.interactive_mode == "Always") {
    return reader.error(ErrorCode::Unsupported, "exec.interactiveMode",
                        "there is no terminal to ask on");
  }
  ExecPlugin plugin{.api_version = exec.api_version,
                    .command = exec.command,
                    .arguments = exec.args,
                    .install_hint = exec.install_hint,
                    .provide_cluster_info = exec.provide_cluster_info};
  for (const KubeconfigVariable& variable : exec.env) {
    plugin.environment.emplace_back(variable.name, variable.value);
  }
  return plugin;
}

Result<> use_user(const NamedUser& entry, const FileReader& files, ClientConfig& config) {
  const KubeconfigUser& user = entry.user;
  const EntryReader reader(entry.file, fmt::format("users[{}].user", entry.name), files);
  if (user.auth_provider) {
    return reader.error(ErrorCode::Unsupported, "auth-provider",
                        "not supported: use an exec plugin");
  }
  config.client_certificate_pem =
      TRY(reader.pem("client-certificate", user.client_certificate, user.client_certificate_data));
  config.client_key_pem = TRY(reader.pem("client-key", user.client_key, user.client_key_data));
  if (config.client_certificate_pem.empty() != config.client_key_pem.empty()) {
    return reader.error(ErrorCode::InvalidArgument,
                        config.client_key_pem.empty() ? "client-key" : "client-certificate",
                        "a client certificate and its key belong together");
  }
  if (user.client_certificate_data.empty() && user.client_key_data.empty()) {
    config.client_certificate_file = user.client_certificate;
    config.client_key_file = user.client_key;
  }
  if (!user.username.empty() && (!user.token.empty() || !user.token_file.empty())) {
    return reader.error(ErrorCode::InvalidArgument, "username",
                        "a token and a user name exclude each other");
  }
  config.token = user.token;
  config.token_file = user.token_file;
  config.username = user.username;
  config.password = user.password;
  config.impersonate_user = user.impersonate;
  config.impersonate_uid = user.impersonate_uid;
  config.impersonate_groups = user.impersonate_groups;
  config.impersonate_extra = user.impersonate_extra;
  if (user.impersonate.empty() &&
      (!user.impersonate_uid.empty() || !user.impersonate_groups.empty() ||
       !user.impersonate_extra.empty())) {
    return reader.error(ErrorCode::InvalidArgument, "as", "Required value");
  }
  if (user.exec) {
    config.exec = TRY(exec_plugin(*user.exec, reader));
  }
  return {};
}

}  // namespace

Result<Kubeconfig> parse_kubeconfig(std::string_view text, const std::string& file) {
  const auto documents = TRY(with_context(json::parse_yaml_documents(text), file));
  if (documents.empty()) {
    return Kubeconfig();
  }
  const json::YamlDocument& document = documents.front();
  auto decoded = json::decode<Kubeconfig>(document.value, {.unknown = json::UnknownFields::Ignore});
  for (const json::Problem& problem : decoded.problems) {
    if (problem.severity == json::Severity::Error) {
      return fail(
          ErrorCode::InvalidArgument,
          fmt::format("{}:{}: {}", file, document.sources.line(document.value, problem.path),
                      problem.to_string()));
    }
  }
  Kubeconfig& kubeconfig = decoded.value;
  for (NamedCluster& entry : kubeconfig.clusters) {
    entry.file = file;
    make_whole(entry.cluster.certificate_authority, file);
  }
  for (NamedUser& entry : kubeconfig.users) {
    entry.file = file;
    make_whole(entry.user.client_certificate, file);
    make_whole(entry.user.client_key, file);
    make_whole(entry.user.token_file, file);
    if (entry.user.exec && entry.user.exec->command.contains('/')) {
      make_whole(entry.user.exec->command, file);  // else it is looked for in PATH
    }
  }
  for (NamedContext& entry : kubeconfig.contexts) {
    entry.file = file;
  }
  return std::move(kubeconfig);
}

void merge_kubeconfig(Kubeconfig& into, Kubeconfig other) {
  if (into.current_context.empty()) {
    into.current_context = std::move(other.current_context);
  }
  merge_entries(into.clusters, other.clusters);
  merge_entries(into.users, other.users);
  merge_entries(into.contexts, other.contexts);
}

Result<ClientConfig> resolve_kubeconfig(const Kubeconfig& kubeconfig, std::string_view context,
                                        const FileReader& files) {
  const std::string_view name = context.empty() ? kubeconfig.current_context : context;
  if (name.empty()) {
    return fail(ErrorCode::InvalidArgument, "kubeconfig: current-context: Required value");
  }
  const NamedContext* entry = find_entry(kubeconfig.contexts, name);
  if (entry == nullptr) {
    return fail(ErrorCode::InvalidArgument,
                fmt::format("kubeconfig: there is no context {}", json::quoted(name)));
  }
  const EntryReader reader(entry->file, fmt::format("contexts[{}].context", name), files);
  const KubeconfigContext& chosen = entry->context;
  const NamedCluster* cluster = find_entry(kubeconfig.clusters, chosen.cluster);
  if (cluster == nullptr) {
    return reader.error(ErrorCode::InvalidArgument, "cluster",
                        fmt::format("there is no cluster {}", json::quoted(chosen.cluster)));
  }
  ClientConfig config;
  TRY(use_cluster(*cluster, files, config));
  if (!chosen.user.empty()) {
    const NamedUser* user = find_entry(kubeconfig.users, chosen.user);
    if (user == nullptr) {
      return reader.error(ErrorCode::InvalidArgument, "user",
                          fmt::format("there is no user {}", json::quoted(chosen.user)));
    }
    TRY(use_user(*user, files, config));
  }
  if (!chosen.namespace_name.empty()) {
    config.namespace_name = chosen.namespace_name;
  }
  return config;
}

Result<ClientConfig> in_cluster_config(const ConfigSources& sources, const FileReader& files) {
  if (sources.service_host.empty() || sources.service_port.empty()) {
    return fail(ErrorCode::NotFound,
                "not in a pod: KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set");
  }
  ClientConfig config;
  const bool is_v6 = sources.service_host.contains(':');
  config.server = is_v6 ? fmt::format("https://[{}]:{}", sources.service_host, sources.service_port)
                        : fmt::format("https://{}:{}", sources.service_host, sources.service_port);
  TRY(with_context(parse_server_url(config.server), "KUBERNETES_SERVICE_HOST"));
  const std::string folder(kServiceAccount);
  config.token_file = folder + "/token";
  TRY(with_context(files.read(config.token_file), "service account"));
  config.ca_pem = TRY(with_context(files.read(folder + "/ca.crt"), "service account"));
  if (const auto name = files.read(folder + "/namespace"); name && !trim(*name).empty()) {
    config.namespace_name = trim(*name);
  }
  return config;
}

Result<ClientConfig> load_client_config(const ConfigSources& sources, const FileReader& files) {
  const auto load = [&files](const std::string& file) -> Result<Kubeconfig> {
    return parse_kubeconfig(TRY(with_context(files.read(file), "reading kubeconfig")), file);
  };
  if (!sources.kubeconfig_flag.empty()) {
    return resolve_kubeconfig(TRY(load(sources.kubeconfig_flag)), sources.context, files);
  }
  std::vector<std::string> candidates;
  for_each_part(sources.kubeconfig_variable, ':', [&](std::string_view file) {
    if (!file.empty()) {
      candidates.emplace_back(file);
    }
  });
  const bool named = !candidates.empty();
  if (!named && !sources.service_host.empty()) {
    return in_cluster_config(sources, files);
  }
  if (!named && !sources.home.empty()) {
    candidates.push_back(sources.home + "/.kube/config");
  }
  Kubeconfig all;
  bool found = false;
  for (const std::string& file : candidates) {
    auto one = load(file);
    if (!one && one.error().code() == ErrorCode::NotFound) {
      continue;
    }
    merge_kubeconfig(all, TRY(std::move(one)));
    found = true;
  }
  if (!found) {
    return fail(ErrorCode::NotFound,
                named ? fmt::format("no kubeconfig: none of {} exists", sources.kubeconfig_variable)
                      : "no kubeconfig: neither --kubeconfig nor KUBECONFIG is set, there is no "
                        "~/.kube/config, and this is no pod");
  }
  return resolve_kubeconfig(all, sources.context, files);
}

}  // namespace kthena::kube

KTHENA_JSON_TYPE(kthena::kube::Kubeconfig);
