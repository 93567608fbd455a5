// Randomness: a seeded generator for decisions that a test or the simulation must repeat, and bytes
// from the kernel for what nobody may guess.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <utility>

namespace kthena {

/// The generator xoshiro256**: fast, small, of good quality, and guessable. The same seed gives the
/// same sequence on every machine and compiler, which the standard library's distributions do not.
/// One thread; a shard has its own.
/// Source: Blackman and Vigna, Scrambled linear pseudorandom number generators (2018).
class Random {
 public:
  using result_type = std::uint64_t;

  explicit Random(std::uint64_t seed);

  /// 64 random bits.
  std::uint64_t next();
  /// Each of 0 … n-1 with the same probability. `n` is not 0.
  std::uint64_t uniform(std::uint64_t n);
  /// Each of first … last with the same probability, both included. `first` <= `last`.
  std::int64_t uniform_between(std::int64_t first, std::int64_t last);
  /// In [0, 1), a multiple of 2^-53.
  double uniform_double();
  /// True with the given probability.
  bool chance(double probability) { return uniform_double() < probability; }
  /// A generator whose sequence has nothing to do with what this one gives from here on.
  Random fork() { return Random(next()); }

  /// One entry of `items`, which is not empty.
  template <class T>
  T& pick(std::span<T> items) {
    return items[static_cast<std::size_t>(uniform(items.size()))];
  }
  template <class Container>
  decltype(auto) pick(Container& items) {
    return items[static_cast<std::size_t>(uniform(items.size()))];
  }

  /// Puts the entries into a random order, each with the same probability.
  template <class Container>
  void shuffle(Container&& items) {
    for (std::size_t left = items.size(); left > 1; --left) {
      using std::swap;
      swap(items[left - 1], items[static_cast<std::size_t>(uniform(left))]);
    }
  }

  // What the standard's algorithms ask of a generator.
  static constexpr result_type min() { return 0; }
  static constexpr result_type max() { return std::numeric_limits<result_type>::max(); }
  result_type operator()() { return next(); }

 private:
  std::array<std::uint64_t, 4> state_{};
};

/// Fills `out` with bytes fit for keys and tokens. Never fails: a kernel without randomness ends
/// the process.
void secure_random_bytes(std::span<std::byte> out);

/// A seed that differs from run to run.
std::uint64_t random_seed();

/// A version 4 UUID from secure bytes: "f81d4fae-7dec-41d0-a765-00a0c91e6bf6".
std::string uuid_v4();
/// The same from a seeded generator: for identifiers in tests and in the simulation only.
std::string uuid_v4(Random& random);

}  // namespace kthena
