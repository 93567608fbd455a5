#include "base/random.h"

#include <sys/random.h>
#include <sys/types.h>

#include <array>
#include <bit>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>

#include "base/check.h"

namespace kthena {
namespace {

__extension__ using Wide = unsigned __int128;

/// SplitMix64, which its authors recommend to fill the state of xoshiro from a small seed.
std::uint64_t split_mix(std::uint64_t& state) {
  state += 0x9e3779b97f4a7c15;
  std::uint64_t z = state;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

std::string format_uuid_v4(std::array<std::uint8_t, 16> bytes) {
  bytes[6] = static_cast<std::uint8_t>((bytes[6] & 0x0f) | 0x40);  // version 4
  bytes[8] = static_cast<std::uint8_t>((bytes[8] & 0x3f) | 0x80);  // the variant of RFC 9562
  constexpr char kDigits[] = "0123456789abcdef";
  char text[36];
  char* end = text;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) {
      *end++ = '-';
    }
    *end++ = kDigits[bytes[i] >> 4];
    *end++ = kDigits[bytes[i] & 0x0f];
  }
  return {text, end};
}

}  // namespace

Random::Random(std::uint64_t seed) {
  for (std::uint64_t& word : state_) {
    word = split_mix(seed);
  }
}

std::uint64_t Random::next() {
  const std::uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
  const std::uint64_t shifted = state_[1] << 17;
  state_[2] ^= state_[0];
  state_[3] ^= state_[1];
  state_[1] ^= state_[2];
  state_[0] ^= state_[3];
  state_[2] ^= shifted;
  state_[3] = std::rotl(state_[3], 45);
  return result;
}

// Lemire's method: the high half of a 128-bit product, drawn again in the rare case that the low
// half falls into the part that would favour some results.
std::uint64_t Random::uniform(std::uint64_t n) {
  CHECK_NE(n, 0U);
  Wide product = Wide{next()} * n;
  if (static_cast<std::uint64_t>(product) < n) {
    const std::uint64_t threshold = (0 - n) % n;
    while (static_cast<std::uint64_t>(product) < threshold) {
      product = Wide{next()} * n;
    }
  }
  return static_cast<std::uint64_t>(product >> 64);
}

std::int64_t Random::uniform_between(std::int64_t first, std::int64_t last) {
  CHECK_LE(first, last);
  const std::uint64_t span = static_cast<std::uint64_t>(last) - static_cast<std::uint64_t>(first);
  const std::uint64_t offset = span == max() ? next() : uniform(span + 1);
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(first) + offset);
}

double Random::uniform_double() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }

void secure_random_bytes(std::span<std::byte> out) {
  while (!out.empty()) {
    const ssize_t got = ::getrandom(out.data(), out.size(), 0);
    if (got < 0) {
      CHECK_EQ(errno, EINTR);
      continue;
    }
    out = out.subspan(static_cast<std::size_t>(got));
  }
}

std::uint64_t random_seed() {
  std::uint64_t seed = 0;
  secure_random_bytes(std::as_writable_bytes(std::span(&seed, 1)));
  return seed;
}

std::string uuid_v4() {
  std::array<std::uint8_t, 16> bytes{};
  secure_random_bytes(std::as_writable_bytes(std::span(bytes)));
  return format_uuid_v4(bytes);
}

std::string uuid_v4(Random& random) {
  std::array<std::uint8_t, 16> bytes{};
  for (std::size_t i = 0; i < bytes.size(); i += 8) {
    // Byte by byte, so that the order of bytes in a word does not show.
    std::uint64_t word = random.next();
    for (std::size_t j = 0; j < 8; ++j, word >>= 8) {
      bytes[i + j] = static_cast<std::uint8_t>(word);
    }
  }
  return format_uuid_v4(bytes);
}

}  // namespace kthena
