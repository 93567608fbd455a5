// The folder of a server: its database, its keys, and the kubeconfig for whoever works with it.
#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "net/address.h"
#include "net/certificate_authority.h"

namespace kthena::apiserver {

/// What proves that the server is who it says, and that a client may do everything.
struct Credentials {
  net::CertificatePair authority;
  net::CertificatePair server;
  std::string admin_token;
};

/// Readable by its owner only.
class DataFolder {
 public:
  /// Makes it where it is missing. Errors: Internal, names the path.
  static Result<DataFolder> open(std::string path);

  const std::string& path() const noexcept { return path_; }
  std::string database() const { return path_ + "/state.db"; }
  std::string kubeconfig() const { return path_ + "/kubeconfig"; }

  /// Reads them, or makes them: the authority and the token once, the server's certificate also
  /// when the address is another one or it ends within a month.
  /// Errors: Internal and InvalidArgument, name the file.
  Result<Credentials> load_credentials(const net::IpAddress& address, WallTime now) const;

  /// Writes the kubeconfig of an administrator. Errors: Internal.
  Result<> write_kubeconfig(const net::SocketAddress& address, const Credentials& with) const;

  /// Reads a file of the folder; makes it with what `make` gives if there is none, for its owner
  /// only. Errors: Internal, and those of `make`.
  template <class Make>
  Result<std::string> read_or_make(std::string_view name, Make&& make) const {
    auto present = read(name);
    if (present || present.error().code() != ErrorCode::NotFound) {
      return present;
    }
    std::string text = TRY(make());
    TRY(write(name, text));
    return text;
  }

 private:
  explicit DataFolder(std::string path) : path_(std::move(path)) {}
  Result<std::string> read(std::string_view name) const;
  /// In one step: whoever reads sees the old text or the new one.
  Result<> write(std::string_view name, std::string_view text) const;

  std::string path_;
};

}  // namespace kthena::apiserver
