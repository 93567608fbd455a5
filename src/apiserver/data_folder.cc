#include "apiserver/data_folder.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

#include "base/random.h"
#include "json/base64.h"
#include "kube/client/credentials.h"

namespace kthena::apiserver {

namespace {

using std::chrono_literals::operator""h;

constexpr Duration kYear = 24h * 365;
constexpr Duration kRenewBefore = 24h * 30;
/// Clocks of other machines may be behind.
constexpr Duration kBackdated = 1h;

std::unexpected<Error> io_failure(std::string_view path, int error) {
  return fail(ErrorCode::Internal, fmt::format("{}: {}", path, std::strerror(error)));
}

std::string hexadecimal(std::string_view bytes) {
  std::string text;
  for (const char byte : bytes) {
    text += fmt::format("{:02x}", static_cast<unsigned char>(byte));
  }
  return text;
}

class File {
 public:
  explicit File(int fd) : fd_(fd) {}
  ~File() { ::close(fd_); }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

 private:
  int fd_;
};

/// The two parts of a pair as one text: certificate, then key.
std::string join(const net::CertificatePair& pair) {
  return pair.certificate_pem + pair.private_key_pem;
}

Result<net::CertificatePair> take_apart(std::string_view name, const std::string& text) {
  constexpr std::string_view kEnd = "-----END CERTIFICATE-----\n";
  const std::size_t end = text.rfind(kEnd);
  if (end == std::string::npos) {
    return fail(ErrorCode::InvalidArgument,
                fmt::format("{} has no certificate: remove it, and a new one is made", name));
  }
  return net::CertificatePair{.certificate_pem = text.substr(0, end + kEnd.size()),
                              .private_key_pem = text.substr(end + kEnd.size())};
}

net::Validity validity(WallTime now, Duration time) {
  return {.not_before = now - kBackdated, .not_after = now + time};
}

bool is_good_for(const net::CertificatePair& server, const net::IpAddress& address, WallTime now) {
  const auto info = net::read_certificate(server.certificate_pem);
  return info && info->validity.not_after > now + kRenewBefore &&
         std::ranges::find(info->ip_addresses, address) != info->ip_addresses.end();
}

Result<net::CertificatePair> make_server(const net::CertificatePair& authority,
                                         const net::IpAddress& address, WallTime now) {
  net::CertificateSubject subject{
      .common_name = "kthena-apiserver",
      .organization = {},
      .dns_names = {"localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc",
                    "kubernetes.default.svc.cluster.local"},
      .ip_addresses = {*net::parse_ip("127.0.0.1"), *net::parse_ip("::1")}};
  if (std::ranges::find(subject.ip_addresses, address) == subject.ip_addresses.end()) {
    subject.ip_addresses.push_back(address);
  }
  return net::issue_server_certificate(authority, subject, validity(now, kYear));
}

}  // namespace

Result<DataFolder> DataFolder::open(std::string path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error) {
    return fail(ErrorCode::Internal, fmt::format("{}: {}", path, error.message()));
  }
  if (::chmod(path.c_str(), S_IRWXU) != 0) {
    return io_failure(path, errno);
  }
  return DataFolder(std::move(path));
}

Result<std::string> DataFolder::read(std::string_view name) const {
  return kube::DiskFiles().read(fmt::format("{}/{}", path_, name));
}

Result<> DataFolder::write(std::string_view name, std::string_view text) const {
  const std::string file = fmt::format("{}/{}", path_, name);
  const std::string draft = file + ".new";
  {
    const int fd =
        ::open(draft.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (fd < 0) {
      return io_failure(draft, errno);
    }
    const File open(fd);
    while (!text.empty()) {
      const ssize_t count = ::write(fd, text.data(), text.size());
      if (count < 0) {
        return io_failure(draft, errno);
      }
      text.remove_prefix(static_cast<std::size_t>(count));
    }
    if (::fsync(fd) != 0) {
      return io_failure(draft, errno);
    }
  }
  if (::rename(draft.c_str(), file.c_str()) != 0) {
    return io_failure(file, errno);
  }
  return {};
}

Result<Credentials> DataFolder::load_credentials(const net::IpAddress& address,
                                                 WallTime now) const {
  Credentials found;
  const std::string authority = TRY(read_or_make("authority.pem", [&]() -> Result<std::string> {
    return join(TRY(net::make_authority({.common_name = "kthena-ca"}, validity(now, 10 * kYear))));
  }));
  found.authority = TRY(take_apart("authority.pem", authority));
  const auto make = [&]() -> Result<std::string> {
    return join(TRY(make_server(found.authority, address, now)));
  };
  found.server = TRY(take_apart("server.pem", TRY(read_or_make("server.pem", make))));
  if (!is_good_for(found.server, address, now)) {
    const std::string text = TRY(make());
    TRY(write("server.pem", text));
    found.server = TRY(take_apart("server.pem", text));
  }
  found.admin_token = TRY(read_or_make("admin.token", []() -> Result<std::string> {
    std::array<std::byte, 32> secret;
    secure_random_bytes(secret);
    return hexadecimal({reinterpret_cast<const char*>(secret.data()), secret.size()});
  }));
  return found;
}

Result<> DataFolder::write_kubeconfig(const net::SocketAddress& address,
                                      const Credentials& with) const {
  return write("kubeconfig",
               fmt::format("apiVersion: v1\n"
                           "kind: Config\n"
                           "current-context: kthena\n"
                           "contexts:\n"
                           "- name: kthena\n"
                           "  context: {{cluster: kthena, user: admin, namespace: default}}\n"
                           "clusters:\n"
                           "- name: kthena\n"
                           "  cluster:\n"
                           "    server: https://{}\n"
                           "    certificate-authority-data: {}\n"
                           "users:\n"
                           "- name: admin\n"
                           "  user:\n"
                           "    token: {}\n",
                           address.to_string(), json::encode_base64(with.authority.certificate_pem),
                           with.admin_token));
}

}  // namespace kthena::apiserver
