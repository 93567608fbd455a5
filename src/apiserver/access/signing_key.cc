#include "apiserver/access/signing_key.h"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/check.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/result.h"
#include "base/strings.h"
#include "json/base64.h"

namespace kthena::apiserver {
namespace {

template <auto Free>
struct OpensslFree {
  template <class T>
  void operator()(T* object) const noexcept {
    Free(object);
  }
};
using KeyPointer = std::unique_ptr<EVP_PKEY, OpensslFree<EVP_PKEY_free>>;
using BioPointer = std::unique_ptr<BIO, OpensslFree<BIO_free>>;
using DigestPointer = std::unique_ptr<EVP_MD_CTX, OpensslFree<EVP_MD_CTX_free>>;
using SignaturePointer = std::unique_ptr<ECDSA_SIG, OpensslFree<ECDSA_SIG_free>>;
using NumberPointer = std::unique_ptr<BIGNUM, OpensslFree<BN_free>>;

constexpr std::size_t kHalf = 32;  // of a signature, and of a point

/// Keeps OpenSSL from asking for a password on the terminal.
int no_password(char* /*buffer*/, int /*size*/, int /*writing*/, void* /*data*/) { return 0; }

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* bytes_of(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

std::string coordinate(EVP_PKEY* key, const char* name) {
  BIGNUM* number = nullptr;
  CHECK(EVP_PKEY_get_bn_param(key, name, &number) == 1);
  const NumberPointer owner(number);
  std::string bytes(kHalf, '\0');
  CHECK(BN_bn2binpad(number, bytes_of(bytes), kHalf) == static_cast<int>(kHalf));
  return bytes;
}

std::string public_key_der(EVP_PKEY* key) {
  unsigned char* der = nullptr;
  const int size = i2d_PUBKEY(key, &der);
  CHECK(size > 0);
  std::string text(reinterpret_cast<const char*>(der), static_cast<std::size_t>(size));
  OPENSSL_free(der);
  return text;
}

}  // namespace

struct SigningKey::State {
  KeyPointer key;
  std::string id;
  std::string jwk;
};

Result<std::string> SigningKey::make_pem() {
  const KeyPointer key(EVP_EC_gen("P-256"));
  const BioPointer bio(BIO_new(BIO_s_mem()));
  if (key == nullptr || bio == nullptr ||
      PEM_write_bio_PKCS8PrivateKey(bio.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) !=
          1) {
    ERR_clear_error();
    return fail(ErrorCode::Internal, "making a key for tokens failed");
  }
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return std::string(data, static_cast<std::size_t>(size));
}

Result<SigningKey> SigningKey::read(std::string_view private_key_pem) {
  const BioPointer bio(
      BIO_new_mem_buf(private_key_pem.data(), static_cast<int>(private_key_pem.size())));
  KeyPointer key(PEM_read_bio_PrivateKey(bio.get(), nullptr, no_password, nullptr));
  ERR_clear_error();
  if (key == nullptr) {
    return fail(ErrorCode::InvalidArgument,
                "key for tokens: no PEM text that can be read without a password");
  }
  std::array<char, 32> curve{};
  std::size_t curve_size = 0;
  if (EVP_PKEY_is_a(key.get(), "EC") != 1 ||
      EVP_PKEY_get_group_name(key.get(), curve.data(), curve.size(), &curve_size) != 1 ||
      std::string_view(curve.data(), curve_size) != "prime256v1") {
    ERR_clear_error();
    return fail(ErrorCode::InvalidArgument, "key for tokens: not one of the curve P-256");
  }
  const Sha256Digest digest = sha256(public_key_der(key.get()));
  auto state = std::make_shared<State>();
  state->id = base64url({reinterpret_cast<const char*>(digest.data()), digest.size()});
  state->jwk = R"({"use":"sig","kty":"EC","kid":")" + state->id +
               R"(","crv":"P-256","alg":"ES256","x":")" +
               base64url(coordinate(key.get(), OSSL_PKEY_PARAM_EC_PUB_X)) + R"(","y":")" +
               base64url(coordinate(key.get(), OSSL_PKEY_PARAM_EC_PUB_Y)) + R"("})";
  state->key = std::move(key);
  return SigningKey(std::move(state));
}

const std::string& SigningKey::id() const noexcept { return state_->id; }
const std::string& SigningKey::jwk() const noexcept { return state_->jwk; }

std::string SigningKey::sign(std::string_view text) const {
  const DigestPointer context(EVP_MD_CTX_new());
  CHECK(context != nullptr);
  CHECK(EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, state_->key.get()) == 1);
  std::array<unsigned char, 128> der{};
  std::size_t size = der.size();
  CHECK(EVP_DigestSign(context.get(), der.data(), &size, bytes_of(text), text.size()) == 1);
  const unsigned char* at = der.data();
  const SignaturePointer signature(d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(size)));
  CHECK(signature != nullptr);
  std::string raw(2 * kHalf, '\0');
  BN_bn2binpad(ECDSA_SIG_get0_r(signature.get()), bytes_of(raw), kHalf);
  BN_bn2binpad(ECDSA_SIG_get0_s(signature.get()), bytes_of(raw) + kHalf, kHalf);
  return raw;
}

bool SigningKey::verifies(std::string_view text, std::string_view signature) const {
  if (signature.size() != 2 * kHalf) {
    return false;
  }
  const SignaturePointer parts(ECDSA_SIG_new());
  BIGNUM* r = BN_bin2bn(bytes_of(signature), kHalf, nullptr);
  BIGNUM* s = BN_bin2bn(bytes_of(signature) + kHalf, kHalf, nullptr);
  CHECK(parts != nullptr && r != nullptr && s != nullptr);
  CHECK(ECDSA_SIG_set0(parts.get(), r, s) == 1);
  unsigned char* der = nullptr;
  const int size = i2d_ECDSA_SIG(parts.get(), &der);
  CHECK(size > 0);
  const DigestPointer context(EVP_MD_CTX_new());
  CHECK(context != nullptr);
  const bool good =
      EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, state_->key.get()) == 1 &&
      EVP_DigestVerify(context.get(), der, static_cast<std::size_t>(size), bytes_of(text),
                       text.size()) == 1;
  OPENSSL_free(der);
  ERR_clear_error();
  return good;
}

std::string base64url(std::string_view bytes) {
  std::string text = json::encode_base64(bytes);
  std::ranges::replace(text, '+', '-');
  std::ranges::replace(text, '/', '_');
  text.resize(text.find_last_not_of('=') + 1);
  return text;
}

std::optional<std::string> from_base64url(std::string_view text) {
  const bool clean =
      std::ranges::all_of(text, [](char c) { return is_ascii_alnum(c) || c == '-' || c == '_'; });
  if (!clean || text.size() % 4 == 1) {
    return std::nullopt;
  }
  std::string padded(text);
  std::ranges::replace(padded, '-', '+');
  std::ranges::replace(padded, '_', '/');
  padded.append((4 - padded.size() % 4) % 4, '=');
  return json::decode_base64(padded);
}

}  // namespace kthena::apiserver
