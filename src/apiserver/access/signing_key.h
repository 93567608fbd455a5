// Keys that sign tokens: ECDSA with P-256 and SHA-256 (ES256). OpenSSL is hidden.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"

namespace kthena::apiserver {

/// ES256 and not RS256: a key is made in a fraction of a millisecond, which the first start waits
/// for, signing costs a tenth, and tokens are two thirds as long. Every client library that checks
/// tokens knows both. Copies share.
class SigningKey {
 public:
  /// A new private key in PEM (PKCS#8). Errors: Internal.
  static Result<std::string> make_pem();
  /// Errors: InvalidArgument (no PEM, no private key, one of another kind).
  static Result<SigningKey> read(std::string_view private_key_pem);

  /// RFC 7518 3.4: 64 bytes.
  std::string sign(std::string_view text) const;
  bool verifies(std::string_view text, std::string_view signature) const;

  /// Names the public key: the hash of it, in base64url.
  const std::string& id() const noexcept;
  /// The public key as a member of a JSON Web Key Set (RFC 7517).
  const std::string& jwk() const noexcept;

 private:
  struct State;
  explicit SigningKey(std::shared_ptr<const State> state) noexcept : state_(std::move(state)) {}
  std::shared_ptr<const State> state_;
};

/// RFC 4648 §5 without padding.
std::string base64url(std::string_view bytes);
/// Nothing if `text` is not that.
std::optional<std::string> from_base64url(std::string_view text);

}  // namespace kthena::apiserver
