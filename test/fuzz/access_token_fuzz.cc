// Nobody is known by a token that was not signed here; what base64url writes reads back.
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "apiserver/access/authentication.h"
#include "apiserver/access/service_account_tokens.h"
#include "apiserver/access/signing_key.h"
#include "apiserver/access/user.h"
#include "base/check.h"
#include "base/clock.h"

namespace kthena::apiserver {
namespace {

/// Every object is there: only the signature stands between a token and its user.
class Everything final : public BoundObjects {
 public:
  std::optional<Found> find_object(std::string_view /*resource*/, std::string_view /*ns*/,
                                   std::string_view /*name*/) const override {
    return Found{.uid = "u"};
  }
};

struct World {
  Everything objects;
  ServiceAccountTokens tokens{{*SigningKey::read(*SigningKey::make_pem())}, objects};
  Authenticator authenticator{{{.token = "s3cret", .user = {.name = "admin"}}}, &tokens};
};

void check_token(std::string_view token, WallTime now) {
  static World world;
  const auto user = world.authenticator.authenticate_token(token, {}, now);
  CHECK(user.has_value() == (token == "s3cret"));
}

}  // namespace
}  // namespace kthena::apiserver

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace kthena::apiserver;  // NOLINT: a program of one function
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const kthena::WallTime now = std::chrono::sys_days(std::chrono::year(2026) / 5 / 1);
  check_token(bytes, now);
  // A header and a payload in JSON, with a signature of whatever is there.
  const std::size_t cut = bytes.find('\n');
  const std::string_view header = bytes.substr(0, cut);
  const std::string_view payload = cut == std::string_view::npos ? "" : bytes.substr(cut + 1);
  check_token(base64url(header) + "." + base64url(payload) + "." + base64url(bytes.substr(0, 64)),
              now);

  CHECK(from_base64url(base64url(bytes)) == bytes);
  if (const auto read = from_base64url(bytes)) {
    CHECK(from_base64url(base64url(*read)) == read);
  }
  if (const auto token = bearer_token(bytes)) {
    CHECK(!token->empty() && !token->contains(' '));
  }
  if (const auto account = split_service_account_user_name(bytes)) {
    CHECK(service_account_user_name(account->first, account->second) == bytes);
  }
  return 0;
}
