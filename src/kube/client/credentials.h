// What a request shows to say who asks.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "async/loop.h"
#include "async/task.h"
#include "base/clock.h"
#include "base/result.h"
#include "kube/client/config.h"

namespace kthena::kube {

struct Credential {
  std::string authorization;    ///< the field's value; empty: none
  std::string certificate_pem;  ///< for the handshake; empty: none
  std::string private_key_pem;

  friend bool operator==(const Credential&, const Credential&) = default;
};

/// Gives credentials, which may change while the process runs. One shard.
class CredentialSource {
 public:
  virtual ~CredentialSource() = default;

  /// What to show now. Errors: Unauthenticated, Unavailable, Cancelled, DeadlineExceeded.
  virtual async::Task<Result<Credential>> current() = 0;

  /// The server has refused what current() gave (401). Whether the next current() may give another.
  virtual bool refused() { return false; }
};

/// Reads whole small files. An interface, since tests have none.
class FileReader {
 public:
  virtual ~FileReader() = default;
  /// Errors: NotFound, PermissionDenied, TooLarge, Internal; all name the file.
  virtual Result<std::string> read(const std::string& path) const = 0;
};

/// Files of the machine, up to 16 MiB. Blocks: for configuration, which is small and local.
class DiskFiles final : public FileReader {
 public:
  Result<std::string> read(const std::string& path) const override;
};

/// Token, password or certificate of the configuration as it stands there.
class StaticCredentials final : public CredentialSource {
 public:
  explicit StaticCredentials(const ClientConfig& config);
  async::Task<Result<Credential>> current() override { co_return credential_; }

 private:
  Credential credential_;
};

/// A token in a file that somebody renews, as the kubelet does for service accounts. Read again
/// when it is a minute old or was refused; if that fails, the last one is used on.
class TokenFileCredentials final : public CredentialSource {
 public:
  static constexpr Duration kMaxAge = std::chrono::minutes(1);

  TokenFileCredentials(async::Loop& loop, const FileReader& files, const ClientConfig& config);
  async::Task<Result<Credential>> current() override;
  bool refused() override;

 private:
  async::Loop& loop_;
  const FileReader& files_;
  std::string path_;
  Credential credential_;
  Instant read_at_{};
  bool fresh_ = false;
};

/// The files of a client certificate, which somebody renews, around another source; what that one
/// gives beside the configured certificate stays as it is. Looked at again with the first request
/// after a second or when the server refused; a pair that cannot be read, or whose key is of
/// another certificate (between the writes of the two), is not taken: the last one is used on.
class CertificateFileCredentials final : public CredentialSource {
 public:
  static constexpr Duration kMaxAge = std::chrono::seconds(1);

  /// @param config  has both files, and what was read there
  CertificateFileCredentials(async::Loop& loop, const FileReader& files, const ClientConfig& config,
                             std::unique_ptr<CredentialSource> inner);
  async::Task<Result<Credential>> current() override;
  bool refused() override;

 private:
  void look();
  /// Takes what stands in the files now. Errors: of reading; InvalidArgument (no pair).
  Result<> read();

  async::Loop& loop_;
  const FileReader& files_;
  std::unique_ptr<CredentialSource> inner_;
  std::string certificate_path_;
  std::string key_path_;
  Credential configured_;
  Credential pair_;  // the last good one
  std::string last_problem_;
  Instant looked_at_;
};

}  // namespace kthena::kube
