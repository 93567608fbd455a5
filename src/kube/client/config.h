// Which API server, and as whom: what a kubeconfig's context or a pod's service account comes to.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace kthena::kube {

/// A program that prints credentials. Source: client.authentication.k8s.io/v1.
struct ExecPlugin {
  std::string api_version;
  std::string command;
  std::vector<std::string> arguments;
  std::vector<std::pair<std::string, std::string>> environment;  ///< added to our own
  std::string install_hint;           ///< shown when there is no such program
  bool provide_cluster_info = false;  ///< it is told which server it is for
};

/// All that is known before the first request. Certificates are here as text; files of a token and
/// of a client certificate are read again as they change (make_credentials()).
struct ClientConfig {
  std::string server;  ///< "https://10.0.0.1:6443"; a path is put in front of all paths
  std::string ca_pem;  ///< whom to trust; empty: the system's store
  bool insecure_skip_tls_verify = false;
  std::string tls_server_name;  ///< what the certificate must be for; empty: the server's host

  std::string client_certificate_pem;
  std::string client_key_pem;
  std::string client_certificate_file;  ///< where both were read; empty: they are no files
  std::string client_key_file;
  std::string token;
  std::string token_file;  ///< wins over `token`
  std::string username;
  std::string password;
  std::optional<ExecPlugin> exec;

  std::string impersonate_user;
  std::string impersonate_uid;
  std::vector<std::string> impersonate_groups;
  std::map<std::string, std::vector<std::string>> impersonate_extra;

  std::string namespace_name = "default";  ///< of what states none
  std::string user_agent = "kthena";
};

/// A server's URL, taken apart.
struct ServerUrl {
  bool secure = true;
  std::string host;  ///< without brackets
  std::uint16_t port = 443;
  std::string path;  ///< "" or "/prefix", no slash at the end

  /// As the Host field wants it: "10.0.0.1:6443", without a port that goes without saying.
  std::string authority() const;
};

/// Reads "https://host:port/prefix", or a host and port alone, which is https as kubectl has it.
/// Errors: InvalidArgument.
Result<ServerUrl> parse_server_url(std::string_view text);

}  // namespace kthena::kube
