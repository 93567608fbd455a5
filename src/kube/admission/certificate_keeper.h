// Keeps a webhook server's certificate good for as long as the process runs.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "async/task.h"
#include "base/clock.h"
#include "base/result.h"
#include "kube/admission/serving_certificate.h"
#include "kube/client/client.h"
#include "kube/client/credentials.h"
#include "kube/meta/object.h"
#include "kube/meta/resource.h"
#include "kube/types/config.h"
#include "telemetry/metrics.h"

namespace kthena::kube {

/// Where the certificate comes from.
enum class CertificateMode : std::uint8_t {
  /// A Secret: the one that is there; else the files, if they are there; else one that we make,
  /// renew, and make known to the API server.
  Auto,
  /// The files, which somebody else makes, renews and makes known.
  Files,
};

struct WebhookConfigurationName {
  const ResourceType* type;  ///< kValidatingWebhooks or kMutatingWebhooks
  std::string name;
};

struct CertificateKeeperOptions {
  CertificateMode mode = CertificateMode::Auto;
  ObjectKey secret;
  ObjectKey service;                                     ///< by which API servers reach us
  std::vector<std::string> dns_names;                    ///< of that Service
  std::vector<WebhookConfigurationName> configurations;  ///< where it may be named
  Duration validity = std::chrono::hours(24 * 3650);     ///< of certificates that we make
  std::string certificate_file;
  std::string key_file;
};

struct CertificateMetrics {
  telemetry::Gauge not_after;  ///< seconds since 1970; 0: none yet
  telemetry::Counter renewals;
  telemetry::Counter errors;

  CertificateMetrics() = default;
  explicit CertificateMetrics(telemetry::Registry& registry);
};

/// Looks at Secret, files and webhook configurations again and again, and changes what must be
/// changed. Any number of replicas may do so at once: of two that make the Secret, or renew it, one
/// wins and all use what it made. A renewed certificate is shown only after its authority was made
/// known, next to the old one, so that replicas may take different times over it.
/// One shard.
class CertificateKeeper {
 public:
  /// Takes the certificate into use for new connections. Errors: InvalidArgument.
  using Use = std::function<Result<>(const net::CertificatePair&)>;

  /// @param client  null: mode Files only
  /// @param files   outlives the keeper, as `client` does
  CertificateKeeper(Client* client, const FileReader& files, CertificateKeeperOptions options,
                    Use use, CertificateMetrics metrics = {});

  /// Works until it is cancelled. What fails is logged and tried again.
  async::Task<void> run();

  /// Whether a certificate is in use, and was known to the API server when last looked at.
  bool ready() const noexcept { return used_.has_value() && known_; }

 private:
  async::Task<Result<>> look();
  async::Task<Result<>> look_at_secret();
  /// The Secret as it is to be used, made or renewed if that is needed. Nothing: there is none,
  /// and there are files.
  async::Task<Result<std::optional<ServingCertificate>>> fetch();
  /// Whether it was found good lately: signatures are not verified anew at each look.
  bool is_good(const ServingCertificate& certificate) const;
  void remember_good(const ServingCertificate& certificate);
  async::Task<Result<Secret>> create();
  async::Task<Result<ServingCertificate>> renew(Secret secret, const ServingCertificate& old,
                                                std::string why);
  async::Task<Result<>> make_known(const ServingCertificate& certificate);
  /// In one configuration; there may be none of that name.
  async::Task<Result<>> make_known_in(const WebhookConfigurationName& configuration,
                                      const ServingCertificate& certificate);
  /// What has not expired of a bundle.
  const std::string& live_authorities(const std::string& ca_pem);
  /// Conflict if the Secret is no longer what we read.
  async::Task<Result<>> check_unchanged(const ServingCertificate& certificate);
  Result<net::CertificatePair> read_files() const;
  Result<> look_at_files();
  /// Uses it at once if there is none in use, or when others have had the time to learn of it.
  Result<> adopt(const net::CertificatePair& pair, Duration overlap);
  Duration pause() const;
  void report(const Result<>& result);

  Client* client_;
  const FileReader& files_;
  CertificateKeeperOptions options_;
  Use use_;
  CertificateMetrics metrics_;

  std::optional<net::CertificatePair> used_;
  std::optional<net::CertificatePair> next_;  // waits for its time
  Instant next_since_{};
  CertificatePace pace_;  // of the one in use
  struct Good {
    ServingCertificate certificate;
    WallTime until;  // not a moment longer than until its renewal
  };
  std::optional<Good> good_;
  struct Live {
    std::string of;
    WallTime until;
    std::string text;
  };
  Live live_{};
  bool known_ = false;
  unsigned failures_ = 0;  // in a row
  std::string last_error_;
};

}  // namespace kthena::kube
