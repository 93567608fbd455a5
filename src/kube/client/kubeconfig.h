// Files that say where API servers are and how one shows who one is: what kubectl reads.
// Source: client-go v0.34, package clientcmd.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "base/result.h"
#include "json/fields.h"
#include "json/type.h"
#include "kube/client/config.h"
#include "kube/client/credentials.h"

namespace kthena::kube {

// What stands in a file. Paths in it are relative to its folder; parse_kubeconfig() makes them
// whole.

struct KubeconfigCluster {
  std::string server;
  std::string tls_server_name;
  bool insecure_skip_tls_verify = false;
  std::string certificate_authority;
  std::string certificate_authority_data;  ///< base64, as all data here; wins over the file
  std::string proxy_url;

  static constexpr bool kPartial = true;
  static constexpr auto fields() {
    using C = KubeconfigCluster;
    return std::tuple{
        json::Field{"server", &C::server},
        json::Field{"tls-server-name", &C::tls_server_name},
        json::Field{"insecure-skip-tls-verify", &C::insecure_skip_tls_verify},
        json::Field{"certificate-authority", &C::certificate_authority},
        json::Field{"certificate-authority-data", &C::certificate_authority_data},
        json::Field{"proxy-url", &C::proxy_url},
    };
  }
  friend bool operator==(const KubeconfigCluster&, const KubeconfigCluster&) = default;
};

struct KubeconfigVariable {
  std::string name;
  std::string value;
  static constexpr bool kPartial = true;
  static constexpr auto fields() {
    using V = KubeconfigVariable;
    return std::tuple{json::Field{"name", &V::name}, json::Field{"value", &V::value}};
  }
  friend bool operator==(const KubeconfigVariable&, const KubeconfigVariable&) = default;
};

struct KubeconfigExec {
  std::string api_version;
  std::string command;
  std::vector<std::string> args;
  std::vector<KubeconfigVariable> env;
  std::string install_hint;
  bool provide_cluster_info = false;
  std::string interactive_mode;

  static constexpr bool kPartial = true;
  static constexpr auto fields() {
    using E = KubeconfigExec;
    return std::tuple{
        json::Field{"apiVersion", &E::api_version},
        json::Field{"command", &E::command},
        json::Field{"args", &E::args},
        json::Field{"env", &E::env},
        json::Field{"installHint", &E::install_hint},
        json::Field{"provideClusterInfo", &E::provide_cluster_info},
        json::Field{"interactiveMode", &E::interactive_mode},
    };
  }
  friend bool operator==(const KubeconfigExec&, const KubeconfigExec&) = default;
};

struct KubeconfigUser {
  std::string client_certificate;
  std::string client_certificate_data;
  std::string client_key;
  std::string client_key_data;
  std::string token;
  std::string token_file;
  std::string username;
  std::string password;
  std::string impersonate;
  std::string impersonate_uid;
  std::vector<std::string> impersonate_groups;
  std::map<std::string, std::vector<std::string>> impersonate_extra;
  std::optional<json::Value> auth_provider;
  std::optional<KubeconfigExec> exec;

  static constexpr bool kPartial = true;
  static constexpr auto fields() {
    using U = KubeconfigUser;
    return std::tuple{
        json::Field{"client-certificate", &U::client_certificate},
        json::Field{"client-certificate-data", &U::client_certificate_data},
        json::Field{"client-key", &U::client_key},
        json::Field{"client-key-data", &U::client_key_data},
        json::Field{"token", &U::token},
        json::Field{"tokenFile", &U::token_file},
        json::Field{"username", &U::username},
        json::Field{"password", &U::password},
        json::Field{"as", &U::impersonate},
        json::Field{"as-uid", &U::impersonate_uid},
        json::Field{"as-groups", &U::impersonate_groups},
        json::Field{"as-user-extra", &U::impersonate_extra},
        json::Field{"auth-provider", &U::auth_provider},
        json::Field{"exec", &U::exec},
    };
  }
  friend bool operator==(const KubeconfigUser&, const KubeconfigUser&) = default;
};

struct KubeconfigContext {
  std::string cluster;
  std::string user;
  std::string namespace_name;

  static constexpr bool kPartial = true;
  static constexpr auto fields() {
    using C = KubeconfigContext;
    return std::tuple{json::Field{"cluster", &C::cluster}, json::Field{"user", &C::user},
                      json::Field{"namespace", &C::namespace_name}};
  }
  friend bool operator==(const KubeconfigContext&, const KubeconfigContext&) = default;
};

struct NamedCluster {
  std::string name;
  KubeconfigCluster cluster;
  static constexpr bool kPartial = true;
  static constexpr auto fields() {
    return std::tuple{json::Field{"name", &NamedCluster::name, json::field::required},
                      json::Field{"cluster", &NamedCluster::cluster}};
  }
  std::string file;  ///< where it stands, for messages
  friend bool operator==(const NamedCluster&, const NamedCluster&) = default;
};
struct NamedUser {
  std::string name;
  KubeconfigUser user;
  static constexpr bool kPartial = true;
  static constexpr auto fields() {
    return std::tuple{json::Field{"name", &NamedUser::name, json::field::required},
                      json::Field{"user", &NamedUser::user}};
  }
  std::string file;
  friend bool operator==(const NamedUser&, const NamedUser&) = default;
};
struct NamedContext {
  std::string name;
  KubeconfigContext context;
  static constexpr bool kPartial = true;
  static constexpr auto fields() {
    return std::tuple{json::Field{"name", &NamedContext::name, json::field::required},
                      json::Field{"context", &NamedContext::context}};
  }
  std::string file;
  friend bool operator==(const NamedContext&, const NamedContext&) = default;
};

struct Kubeconfig {
  std::string current_context;
  std::vector<NamedCluster> clusters;
  std::vector<NamedUser> users;
  std::vector<NamedContext> contexts;

  static constexpr bool kPartial = true;
  static constexpr auto fields() {
    using K = Kubeconfig;
    return std::tuple{
        json::Constant{"apiVersion", "v1"},
        json::Constant{"kind", "Config"},
        json::Field{"current-context", &K::current_context},
        json::Field{"clusters", &K::clusters},
        json::Field{"users", &K::users},
        json::Field{"contexts", &K::contexts},
    };
  }
  friend bool operator==(const Kubeconfig&, const Kubeconfig&) = default;
};

/// Reads one file's text; an empty one is an empty configuration. Fields that are not known are
/// left alone. Errors: InvalidArgument "FILE:LINE: field: what is wrong".
/// @param file  its path, for messages and relative paths
Result<Kubeconfig> parse_kubeconfig(std::string_view text, const std::string& file);

/// Adds what `into` does not have: of entries of one name the first counts, as for kubectl.
void merge_kubeconfig(Kubeconfig& into, Kubeconfig other);

/// What a context comes to. Reads the files that it names.
/// @param context  empty: the current one
/// Errors: InvalidArgument (no such context, cluster or user; data that is no base64), Unsupported
/// (proxies, auth providers), those of the files; all name file and field.
Result<ClientConfig> resolve_kubeconfig(const Kubeconfig& kubeconfig, std::string_view context,
                                        const FileReader& files);

/// What the process was started with.
struct ConfigSources {
  std::string kubeconfig_flag;      ///< --kubeconfig; must exist
  std::string context;              ///< --context; empty: the current one
  std::string kubeconfig_variable;  ///< KUBECONFIG: files with ':' between; those that do not exist
                                    ///< are left out
  std::string home;                 ///< HOME: ~/.kube/config comes last
  std::string service_host;         ///< KUBERNETES_SERVICE_HOST: set in pods
  std::string service_port;         ///< KUBERNETES_SERVICE_PORT
};

/// The configuration of a pod's service account. Errors: NotFound (not in a pod), those of the
/// files.
Result<ClientConfig> in_cluster_config(const ConfigSources& sources, const FileReader& files);

/// The flag's file; else the variable's files; else, in a pod, its service account; else
/// ~/.kube/config. Errors: NotFound if there is none of them; those of the one that counts.
Result<ClientConfig> load_client_config(const ConfigSources& sources, const FileReader& files);

}  // namespace kthena::kube

KTHENA_JSON_EXTERN_TYPE(kthena::kube::Kubeconfig);
