// Credentials from a program, as kubeconfigs name one for clouds.
// Source: client.authentication.k8s.io/v1, client-go v0.34.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "async/channel.h"
#include "async/loop.h"
#include "async/process.h"
#include "base/clock.h"
#include "base/result.h"
#include "kube/client/config.h"
#include "kube/client/credentials.h"

namespace kthena::kube {

/// What a plugin printed.
struct ExecCredential {
  Credential credential;
  std::optional<WallTime> expires;
};

/// Reads an ExecCredential. Errors: InvalidArgument; never shows what it read.
Result<ExecCredential> parse_exec_credential(std::string_view text, std::string_view api_version);

/// What the plugin finds in KUBERNETES_EXEC_INFO.
std::string exec_info(const ClientConfig& config);

/// Runs the plugin when there is no credential, it is about to expire, or the server has refused
/// it; once at a time, however many requests wait.
class ExecCredentials final : public CredentialSource {
 public:
  /// Shortly before a credential expires, it counts as expired.
  static constexpr Duration kBeforeExpiry = std::chrono::seconds(10);

  /// @param config  has an exec plugin (CHECK)
  ExecCredentials(async::Loop& loop, async::CommandRunner& runner, ClientConfig config);

  /// Errors: Unauthenticated, naming the program and what it printed as its error; Cancelled,
  /// DeadlineExceeded.
  async::Task<Result<Credential>> current() override;
  bool refused() override;

 private:
  bool is_fresh() const;
  async::Task<Result<ExecCredential>> run_plugin();

  async::Loop& loop_;
  async::CommandRunner& runner_;
  ClientConfig config_;
  std::optional<ExecCredential> known_;
  async::Semaphore running_{1};
};

/// The source of what a configuration shows: its token file or what stands in it; else its plugin;
/// with all of them the files of its client certificate, if it has such.
/// @param runner  runs plugins; null: there are none (Unsupported if the configuration has one)
Result<std::unique_ptr<CredentialSource>> make_credentials(async::Loop& loop,
                                                           const FileReader& files,
                                                           async::CommandRunner* runner,
                                                           const ClientConfig& config);

}  // namespace kthena::kube
