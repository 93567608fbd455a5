#include "kube/client/exec_credentials.h"

#include <fmt/format.h>

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

#include "base/check.h"
#include "base/error.h"
#include "base/result.h"
#include "base/strings.h"
#include "json/base64.h"
#include "json/fields.h"
#include "json/print.h"
#include "json/read.h"
#include "json/value.h"
#include "kube/meta/scalars.h"

namespace kthena::kube {
namespace {

struct ExecStatus {
  std::optional<Time> expiration;
  std::string token;
  std::string client_certificate_data;  // PEM, not base64
  std::string client_key_data;
  static constexpr bool kPartial = true;
  static constexpr auto fields() {
    using S = ExecStatus;
    return std::tuple{json::Field{"expirationTimestamp", &S::expiration},
                      json::Field{"token", &S::token},
                      json::Field{"clientCertificateData", &S::client_certificate_data},
                      json::Field{"clientKeyData", &S::client_key_data}};
  }
};

struct ExecAnswer {
  std::string api_version;
  std::string kind;
  std::optional<ExecStatus> status;
  static constexpr bool kPartial = true;
  static constexpr auto fields() {
    using A = ExecAnswer;
    return std::tuple{json::Field{"apiVersion", &A::api_version}, json::Field{"kind", &A::kind},
                      json::Field{"status", &A::status}};
  }
};

constexpr std::size_t kMaxShown = 500;

std::unexpected<Error> unauthenticated(std::string text) {
  return fail(ErrorCode::Unauthenticated, std::move(text));
}

}  // namespace

Result<ExecCredential> parse_exec_credential(std::string_view text, std::string_view api_version) {
  const auto wrong = [](std::string_view what) {
    return fail(ErrorCode::InvalidArgument,
                fmt::format("what it printed is no ExecCredential: {}", what));
  };
  auto answer = json::read_object<ExecAnswer>(text);
  if (!answer) {
    return wrong("not the JSON that it should be");  // the error could show a part of a secret
  }
  if (answer->kind != "ExecCredential" || answer->api_version != api_version) {
    return wrong(
        fmt::format("its kind and apiVersion should be ExecCredential and {}", api_version));
  }
  if (!answer->status) {
    return wrong("status: Required value");
  }
  ExecStatus& status = *answer->status;
  if (status.client_certificate_data.empty() != status.client_key_data.empty()) {
    return wrong("clientCertificateData and clientKeyData belong together");
  }
  if (status.token.empty() && status.client_certificate_data.empty()) {
    return wrong("neither a token nor a client certificate");
  }
  ExecCredential read{.credential = {.certificate_pem = std::move(status.client_certificate_data),
                                     .private_key_pem = std::move(status.client_key_data)}};
  if (!status.token.empty()) {
    read.credential.authorization = "Bearer " + status.token;
  }
  if (status.expiration) {
    read.expires = status.expiration->value;
  }
  return read;
}

std::string exec_info(const ClientConfig& config) {
  json::Value spec;
  spec.set("interactive", false);
  if (config.exec->provide_cluster_info) {
    json::Value cluster;
    cluster.set("server", config.server);
    if (!config.tls_server_name.empty()) {
      cluster.set("tls-server-name", config.tls_server_name);
    }
    if (config.insecure_skip_tls_verify) {
      cluster.set("insecure-skip-tls-verify", true);
    }
    if (!config.ca_pem.empty()) {
      cluster.set("certificate-authority-data", json::encode_base64(config.ca_pem));
    }
    spec.set("cluster", std::move(cluster));
  }
  json::Value info;
  info.set("kind", "ExecCredential");
  info.set("apiVersion", config.exec->api_version);
  info.set("spec", std::move(spec));
  return json::print(info);
}

ExecCredentials::ExecCredentials(async::Loop& loop, async::CommandRunner& runner,
                                 ClientConfig config)
    : loop_(loop), runner_(runner), config_(std::move(config)) {
  CHECK(config_.exec.has_value());
}

bool ExecCredentials::is_fresh() const {
  return known_ && (!known_->expires || loop_.wall_now() < *known_->expires - kBeforeExpiry);
}

bool ExecCredentials::refused() {
  known_.reset();
  return true;
}

async::Task<Result<Credential>> ExecCredentials::current() {
  if (!is_fresh()) {
    const auto turn = CO_TRY(co_await running_.acquire());
    if (!is_fresh()) {  // not renewed while we waited
      known_ = CO_TRY(co_await run_plugin());
    }
  }
  Credential credential = known_->credential;
  if (credential.certificate_pem.empty()) {
    credential.certificate_pem = config_.client_certificate_pem;
    credential.private_key_pem = config_.client_key_pem;
  }
  co_return credential;
}

async::Task<Result<ExecCredential>> ExecCredentials::run_plugin() {
  const ExecPlugin& plugin = *config_.exec;
  async::Command command{.arguments = {plugin.command}, .environment = plugin.environment};
  command.arguments.insert(command.arguments.end(), plugin.arguments.begin(),
                           plugin.arguments.end());
  command.environment.emplace_back("KUBERNETES_EXEC_INFO", exec_info(config_));
  const auto ran = co_await runner_.run(command);
  if (!ran) {
    const Error& error = ran.error();
    if (error.code() == ErrorCode::Cancelled) {
      co_return fail(error);
    }
    const bool missing = error.code() == ErrorCode::NotFound && !plugin.install_hint.empty();
    co_return unauthenticated(fmt::format("exec plugin: {}{}{}", error.message(),
                                          missing ? "; " : "", missing ? plugin.install_hint : ""));
  }
  if (ran->exit_status != 0) {
    const std::string_view shown = trim(std::string_view(ran->error_output).substr(0, kMaxShown));
    co_return unauthenticated(fmt::format("exec plugin {}: exit status {}{}{}", plugin.command,
                                          ran->exit_status, shown.empty() ? "" : ": ", shown));
  }
  auto credential = parse_exec_credential(ran->output, plugin.api_version);
  if (!credential) {
    co_return unauthenticated(
        fmt::format("exec plugin {}: {}", plugin.command, credential.error().message()));
  }
  co_return credential;
}

namespace {

Result<std::unique_ptr<CredentialSource>> credentials_beside_files(async::Loop& loop,
                                                                   const FileReader& files,
                                                                   async::CommandRunner* runner,
                                                                   const ClientConfig& config) {
  if (!config.token_file.empty()) {
    return std::make_unique<TokenFileCredentials>(loop, files, config);
  }
  if (!config.exec || !config.token.empty() || !config.username.empty()) {
    return std::make_unique<StaticCredentials>(config);
  }
  if (runner == nullptr) {
    return fail(ErrorCode::Unsupported, "exec plugins are not run here");
  }
  return std::make_unique<ExecCredentials>(loop, *runner, config);
}

}  // namespace

Result<std::unique_ptr<CredentialSource>> make_credentials(async::Loop& loop,
                                                           const FileReader& files,
                                                           async::CommandRunner* runner,
                                                           const ClientConfig& config) {
  auto source = TRY(credentials_beside_files(loop, files, runner, config));
  if (config.client_certificate_file.empty() || config.client_key_file.empty()) {
    return source;
  }
  return std::make_unique<CertificateFileCredentials>(loop, files, config, std::move(source));
}

}  // namespace kthena::kube
