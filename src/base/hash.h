// Hashes: XXH64 and XXH3 (fast, not for secrets; XXH64 is fixed by wire formats) and SHA-256.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace kthena {

/// XXH64 of `data`. Source: the xxHash specification 0.1.1; libxxhash 0.8.
std::uint64_t xxh64(std::string_view data, std::uint64_t seed = 0);
/// XXH3, 64 bits: the fastest here, above all for short input.
std::uint64_t xxh3_64(std::string_view data, std::uint64_t seed = 0);

/// XXH64 over pieces: the digest does not depend on how the data was cut. Copying forks the hash,
/// so that the hash of a long prefix is computed once for many continuations.
class Xxh64Stream {
 public:
  explicit Xxh64Stream(std::uint64_t seed = 0);
  void update(std::string_view piece);
  /// The hash of all pieces so far; more may follow.
  std::uint64_t digest() const;

 private:
  alignas(8) std::array<std::byte, 88> state_{};
};

/// The same for XXH3. Over half a KiB large: for long input.
class Xxh3Stream {
 public:
  explicit Xxh3Stream(std::uint64_t seed = 0);
  void update(std::string_view piece);
  std::uint64_t digest() const;

 private:
  alignas(64) std::array<std::byte, 576> state_{};
};

using Sha256Digest = std::array<std::uint8_t, 32>;

Sha256Digest sha256(std::string_view data);
/// 64 lower-case digits.
std::string sha256_hex(std::string_view data);

using Sha1Digest = std::array<std::uint8_t, 20>;

/// SHA-1, which guards nothing any more: only where a protocol asks for it (WebSocket).
Sha1Digest sha1(std::string_view data);

/// SHA-256 over pieces.
class Sha256Stream {
 public:
  Sha256Stream();
  ~Sha256Stream();
  Sha256Stream(Sha256Stream&&) noexcept;
  Sha256Stream& operator=(Sha256Stream&&) noexcept;

  void update(std::string_view piece);
  /// The hash of all pieces so far; more may follow.
  Sha256Digest digest() const;

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

/// Two lower-case hexadecimal digits a byte.
std::string to_hex(std::span<const std::uint8_t> bytes);
/// 16 lower-case digits, most significant first.
std::string to_hex(std::uint64_t value);

}  // namespace kthena
