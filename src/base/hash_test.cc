#include "base/hash.h"

#include <gtest/gtest.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

namespace kthena {
namespace {

constexpr std::uint64_t kSeed = 2654435761;

std::string kilobyte() {
  std::string text;
  for (int i = 0; i < 64; ++i) {
    text += "0123456789abcdef";
  }
  return text;
}

struct XxhCase {
  std::string text;
  std::uint64_t seed;
  std::uint64_t xxh64;
  std::uint64_t xxh3;
};

// The values come from the Python package xxhash.
TEST(Xxh, MatchesTheReference) {
  for (const auto& [text, seed, expected64, expected3] : {
           XxhCase{"", 0, 0xef46db3751d8e999, 0x2d06800538d394c2},
           XxhCase{"", kSeed, 0xac75fda2929b17ef, 0xf702ca3814de2125},
           XxhCase{"a", 0, 0xd24ec4f1a98c6e5b, 0xe6c632b61e964e1f},
           XxhCase{"abc", 0, 0x44bc2cf5ad770999, 0x78af5f94892f3950},
           XxhCase{"abc", kSeed, 0x1318df30094a85fd, 0x05823d71d740ed4f},
           XxhCase{"Kthena serves models", 0, 0x4defc8e51209298b, 0x11c26c2f23d1403b},
           XxhCase{"Kthena serves models", kSeed, 0xbd59b875b5dc3173, 0x66fdfc6be8921238},
           XxhCase{kilobyte(), 0, 0xf35c1818fab24cd0, 0x540ffccbf24ea528},
           XxhCase{kilobyte(), kSeed, 0x0c014b7a74fa9e65, 0x6e537cfb9e168c4e},
       }) {
    EXPECT_EQ(xxh64(text, seed), expected64) << text.size();
    EXPECT_EQ(xxh3_64(text, seed), expected3) << text.size();
  }
}

TEST(Xxh, DoesNotDependOnHowTheDataIsCut) {
  const std::string text = kilobyte();
  for (const std::size_t step : {1U, 7U, 31U, 32U, 33U, 256U, 1024U}) {
    Xxh64Stream stream64(kSeed);
    Xxh3Stream stream3(kSeed);
    for (std::size_t at = 0; at < text.size(); at += step) {
      stream64.update(std::string_view(text).substr(at, step));
      stream3.update(std::string_view(text).substr(at, step));
    }
    EXPECT_EQ(stream64.digest(), xxh64(text, kSeed)) << step;
    EXPECT_EQ(stream3.digest(), xxh3_64(text, kSeed)) << step;
  }
}

TEST(Hash, TakesAViewOfNothing) {
  EXPECT_EQ(xxh64(std::string_view()), xxh64(""));
  EXPECT_EQ(xxh3_64(std::string_view()), xxh3_64(""));
  EXPECT_EQ(sha256(std::string_view()), sha256(""));
  Xxh3Stream stream;
  stream.update({});
  EXPECT_EQ(stream.digest(), xxh3_64(""));
}

TEST(Xxh, ACopyContinuesOnItsOwn) {
  const std::string text = kilobyte();
  Xxh3Stream prefix;
  prefix.update(text);
  Xxh3Stream continued = prefix;
  continued.update("x");
  EXPECT_EQ(prefix.digest(), xxh3_64(text));
  EXPECT_EQ(continued.digest(), xxh3_64(text + "x"));

  Xxh64Stream prefix64;
  prefix64.update(text);
  Xxh64Stream continued64 = prefix64;
  continued64.update("x");
  EXPECT_EQ(prefix64.digest(), xxh64(text));
  EXPECT_EQ(continued64.digest(), xxh64(text + "x"));
}

// FIPS 180-4, example computations.
TEST(Sha256, MatchesTheStandard) {
  EXPECT_EQ(sha256_hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256_hex("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

TEST(Sha256, StreamsAndGoesOnAfterADigest) {
  Sha256Stream stream;
  stream.update("a");
  EXPECT_EQ(stream.digest(), sha256("a"));
  stream.update("bc");
  EXPECT_EQ(stream.digest(), sha256("abc"));
  Sha256Stream moved = std::move(stream);
  EXPECT_EQ(moved.digest(), sha256("abc"));
}

TEST(Hex, PrintsBytesAndWords) {
  EXPECT_EQ(to_hex(std::array<std::uint8_t, 3>{0x00, 0xa5, 0xff}), "00a5ff");
  EXPECT_EQ(to_hex(std::uint64_t{0x1234}), "0000000000001234");
}

TEST(Sha1, GivesThePublishedDigest) {
  EXPECT_EQ(to_hex(sha1("abc")), "a9993e364706816aba3e25717850c26c9cd0d89d");
}

}  // namespace
}  // namespace kthena
