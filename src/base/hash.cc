#include "base/hash.h"

#include <openssl/evp.h>
#include <openssl/types.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>  // to place a state
#include <span>
#include <string>
#include <string_view>

#include "base/check.h"

// The functions are compiled in here, so that the small ones inline and no library is needed at run
// time.
#define XXH_INLINE_ALL
#include <xxhash.h>

namespace kthena {
namespace {

constexpr char kHexDigits[] = "0123456789abcdef";

/// libcrypto looks an algorithm up by name each time unless it was fetched once.
const EVP_MD* sha256_algorithm() {
  static const EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  CHECK(algorithm != nullptr);
  return algorithm;
}

}  // namespace

std::uint64_t xxh64(std::string_view data, std::uint64_t seed) {
  return XXH64(data.data(), data.size(), seed);
}

std::uint64_t xxh3_64(std::string_view data, std::uint64_t seed) {
  return XXH3_64bits_withSeed(data.data(), data.size(), seed);
}

static_assert(sizeof(XXH64_state_t) <= 88 && alignof(XXH64_state_t) <= 8);
static_assert(sizeof(XXH3_state_t) <= 576 && alignof(XXH3_state_t) <= 64);

Xxh64Stream::Xxh64Stream(std::uint64_t seed) {
  XXH64_reset(new (state_.data()) XXH64_state_t, seed);
}

void Xxh64Stream::update(std::string_view piece) {
  XXH64_update(reinterpret_cast<XXH64_state_t*>(state_.data()), piece.data(), piece.size());
}

std::uint64_t Xxh64Stream::digest() const {
  return XXH64_digest(reinterpret_cast<const XXH64_state_t*>(state_.data()));
}

Xxh3Stream::Xxh3Stream(std::uint64_t seed) {
  auto* state = new (state_.data()) XXH3_state_t;
  XXH3_INITSTATE(state);
  XXH3_64bits_reset_withSeed(state, seed);
}

void Xxh3Stream::update(std::string_view piece) {
  XXH3_64bits_update(reinterpret_cast<XXH3_state_t*>(state_.data()), piece.data(), piece.size());
}

std::uint64_t Xxh3Stream::digest() const {
  return XXH3_64bits_digest(reinterpret_cast<const XXH3_state_t*>(state_.data()));
}

Sha256Digest sha256(std::string_view data) {
  Sha256Digest digest;
  CHECK_EQ(
      EVP_Digest(data.data(), data.size(), digest.data(), nullptr, sha256_algorithm(), nullptr), 1);
  return digest;
}

Sha1Digest sha1(std::string_view data) {
  Sha1Digest digest;
  CHECK_EQ(EVP_Digest(data.data(), data.size(), digest.data(), nullptr, EVP_sha1(), nullptr), 1);
  return digest;
}

std::string sha256_hex(std::string_view data) { return to_hex(sha256(data)); }

struct Sha256Stream::Context {
  Context() : evp(EVP_MD_CTX_new()) { CHECK(evp != nullptr); }
  ~Context() { EVP_MD_CTX_free(evp); }
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;
  EVP_MD_CTX* evp;
};

Sha256Stream::Sha256Stream() : context_(std::make_unique<Context>()) {
  CHECK_EQ(EVP_DigestInit_ex(context_->evp, sha256_algorithm(), nullptr), 1);
}

Sha256Stream::~Sha256Stream() = default;
Sha256Stream::Sha256Stream(Sha256Stream&&) noexcept = default;
Sha256Stream& Sha256Stream::operator=(Sha256Stream&&) noexcept = default;

void Sha256Stream::update(std::string_view piece) {
  CHECK_EQ(EVP_DigestUpdate(context_->evp, piece.data(), piece.size()), 1);
}

Sha256Digest Sha256Stream::digest() const {
  const Context copy;  // finishing spoils a context
  CHECK_EQ(EVP_MD_CTX_copy_ex(copy.evp, context_->evp), 1);
  Sha256Digest digest;
  CHECK_EQ(EVP_DigestFinal_ex(copy.evp, digest.data(), nullptr), 1);
  return digest;
}

std::string to_hex(std::span<const std::uint8_t> bytes) {
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const std::uint8_t byte : bytes) {
    text += kHexDigits[byte >> 4];
    text += kHexDigits[byte & 0x0f];
  }
  return text;
}

std::string to_hex(std::uint64_t value) {
  std::string text(16, '0');
  for (std::size_t i = text.size(); i > 0; --i, value >>= 4) {
    text[i - 1] = kHexDigits[value & 0x0f];
  }
  return text;
}

}  // namespace kthena
