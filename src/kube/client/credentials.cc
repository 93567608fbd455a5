#include "kube/client/credentials.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <memory>
#include <string>
#include <system_error>
#include <utility>

#include "base/error.h"
#include "base/result.h"
#include "base/strings.h"
#include "json/base64.h"
#include "net/tls.h"
#include "telemetry/log.h"

namespace kthena::kube {
namespace {

constexpr std::size_t kMaxFile = 16 << 20;

std::unexpected<Error> file_error(const std::string& path, int error) {
  const ErrorCode code = error == ENOENT || error == ENOTDIR ? ErrorCode::NotFound
                         : error == EACCES || error == EPERM ? ErrorCode::PermissionDenied
                                                             : ErrorCode::Internal;
  return fail(code, path + ": " + std::system_category().message(error));
}

}  // namespace

Result<std::string> DiskFiles::read(const std::string& path) const {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) {
    return file_error(path, errno);
  }
  std::string text;
  while (true) {
    const std::size_t size = text.size();
    constexpr std::size_t kStep = 16 << 10;
    text.resize(size + kStep);
    const ssize_t count = ::read(fd, text.data() + size, kStep);
    const int error = errno;
    text.resize(size + static_cast<std::size_t>(count > 0 ? count : 0));
    if (count < 0 && error == EINTR) {
      continue;
    }
    if (count <= 0 || text.size() > kMaxFile) {
      ::close(fd);
      if (count < 0) {
        return file_error(path, error);
      }
      if (text.size() > kMaxFile) {
        return fail(ErrorCode::TooLarge, path + ": more than 16 MiB");
      }
      return text;
    }
  }
}

StaticCredentials::StaticCredentials(const ClientConfig& config)
    : credential_{.certificate_pem = config.client_certificate_pem,
                  .private_key_pem = config.client_key_pem} {
  if (!config.token.empty()) {
    credential_.authorization = "Bearer " + config.token;
  } else if (!config.username.empty()) {
    credential_.authorization =
        "Basic " + json::encode_base64(config.username + ":" + config.password);
  }
}

TokenFileCredentials::TokenFileCredentials(async::Loop& loop, const FileReader& files,
                                           const ClientConfig& config)
    : loop_(loop),
      files_(files),
      path_(config.token_file),
      credential_{.certificate_pem = config.client_certificate_pem,
                  .private_key_pem = config.client_key_pem} {}

async::Task<Result<Credential>> TokenFileCredentials::current() {
  if (fresh_ && loop_.now() - read_at_ < kMaxAge) {
    co_return credential_;
  }
  const auto text = files_.read(path_);
  const std::string_view token = text ? trim(*text) : std::string_view{};
  if (!token.empty()) {
    credential_.authorization = "Bearer " + std::string(token);
  } else {
    const std::string why = text ? path_ + ": the file is empty" : text.error().message();
    if (credential_.authorization.empty()) {
      co_return fail(ErrorCode::Unauthenticated, "token: " + why);
    }
    log::warn("the token was not read again; the last one is used on", kv("error", why));
  }
  read_at_ = loop_.now();
  fresh_ = true;
  co_return credential_;
}

bool TokenFileCredentials::refused() { return std::exchange(fresh_, false); }

CertificateFileCredentials::CertificateFileCredentials(async::Loop& loop, const FileReader& files,
                                                       const ClientConfig& config,
                                                       std::unique_ptr<CredentialSource> inner)
    : loop_(loop),
      files_(files),
      inner_(std::move(inner)),
      certificate_path_(config.client_certificate_file),
      key_path_(config.client_key_file),
      configured_{.certificate_pem = config.client_certificate_pem,
                  .private_key_pem = config.client_key_pem},
      pair_(configured_),
      looked_at_(loop.now()) {}

async::Task<Result<Credential>> CertificateFileCredentials::current() {
  if (loop_.now() - looked_at_ >= kMaxAge) {
    look();
  }
  Credential credential = CO_TRY(co_await inner_->current());
  if (credential.certificate_pem == configured_.certificate_pem) {
    credential.certificate_pem = pair_.certificate_pem;
    credential.private_key_pem = pair_.private_key_pem;
  }
  co_return credential;
}

Result<> CertificateFileCredentials::read() {
  Credential found{.certificate_pem = TRY(files_.read(certificate_path_)),
                   .private_key_pem = TRY(files_.read(key_path_))};
  if (found == pair_) {
    return {};
  }
  const net::TlsClientOptions probe{.verify = net::TlsClientOptions::Verify::Insecure,
                                    .certificate_pem = found.certificate_pem,
                                    .private_key_pem = found.private_key_pem};
  TRY(with_context(net::TlsContext::client(probe), certificate_path_));
  pair_ = std::move(found);
  log::info("the client certificate was renewed", kv("file", certificate_path_));
  return {};
}

void CertificateFileCredentials::look() {
  looked_at_ = loop_.now();
  const auto outcome = read();
  const std::string problem = outcome ? "" : outcome.error().message();
  if (!problem.empty() && problem != last_problem_) {  // not again each second
    log::warn("the client certificate was not read again; the last one is used on",
              kv("error", problem));
  }
  last_problem_ = problem;
}

bool CertificateFileCredentials::refused() {
  const std::string before = pair_.certificate_pem;
  look();
  return inner_->refused() || pair_.certificate_pem != before;
}

}  // namespace kthena::kube
