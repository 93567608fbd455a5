#include "json/string_scan.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace kthena::json {
namespace {

using Fault = StringScan::Fault;

std::size_t characters_of(std::string_view text) {
  const StringScan scan = scan_string(text, 0);
  EXPECT_EQ(scan.fault, Fault::None) << text;
  return scan.characters;
}

TEST(ScanString, CountsWhatTheTextMeansNotHowItIsWritten) {
  EXPECT_EQ(characters_of(R"("")"), 0U);
  EXPECT_EQ(characters_of(R"("abc")"), 3U);
  EXPECT_EQ(characters_of("\"\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80\""), 3U);
  EXPECT_EQ(characters_of(R"("a\nb\"c\\")"), 6U);
  EXPECT_EQ(characters_of(R"("\u0041\u00e4")"), 2U);
  EXPECT_EQ(characters_of(R"("\ud83d\ude00!")"), 2U);
}

TEST(ScanString, CountsNoMoreCharactersThanBytesWhateverIsWrongWithEscapes) {
  EXPECT_EQ(characters_of(R"("\u")"), 0U);
  EXPECT_EQ(characters_of(R"("\u\u\udc")"), 0U);
  EXPECT_EQ(characters_of(R"("\x12")"), 3U);
}

TEST(ScanString, FindsFaults) {
  EXPECT_EQ(scan_string("\"", 0).fault, Fault::Unterminated);
  EXPECT_EQ(scan_string("\"ab\\\"", 0).fault, Fault::Unterminated);
  EXPECT_EQ(scan_string("\"ab\\", 0).fault, Fault::Unterminated);
  EXPECT_EQ(scan_string("\"a\tb\"", 0).fault, Fault::ControlCharacter);
  EXPECT_EQ(scan_string("\"a\\\nb\"", 0).fault, Fault::ControlCharacter);
  EXPECT_EQ(scan_string(std::string_view("\"a\0b\"", 5), 0).fault, Fault::ControlCharacter);
  EXPECT_EQ(scan_string("\"\xed\xa0\x80\"", 0).fault, Fault::InvalidUtf8);
  EXPECT_EQ(scan_string("\"\xe2\x82\"", 0).fault, Fault::InvalidUtf8);
  EXPECT_EQ(scan_string("\"a\"\n\xff", 0).fault, Fault::None) << "what follows is not its business";
}

/// Holds the vector code against the plain one.
void expect_same(std::string_view text) {
  // Exactly so many bytes, for the address sanitizer.
  const auto exact = std::make_unique<char[]>(text.size());
  text.copy(exact.get(), text.size());
  const StringScan fast = scan_string({exact.get(), text.size()}, 0);
  const StringScan slow = scan_string_scalar({exact.get(), text.size()}, 0);
  ASSERT_EQ(fast.fault, slow.fault) << text;
  ASSERT_EQ(fast.end, slow.end) << text;
  ASSERT_EQ(fast.characters, slow.characters) << text;
}

TEST(ScanString, TakesTheSameUtf8AsTheReference) {
  for (int first = 0x80; first <= 0xFF; ++first) {
    for (const int second : {0x61, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC3, 0xF0}) {
      for (std::size_t more = 0; more <= 3; ++more) {
        for (const std::size_t before : {0, 1, 60, 61, 62, 63, 64}) {
          const std::string text = '"' + std::string(before, 'a') + static_cast<char>(first) +
                                   static_cast<char>(second) + std::string(more, '\x85') + "\" ";
          ASSERT_NO_FATAL_FAILURE(expect_same(text));
          ASSERT_NO_FATAL_FAILURE(expect_same(text + std::string(64, 'b')));
        }
      }
    }
  }
}

TEST(ScanString, VectorAndScalarAgreeWhereverThingsStand) {
  for (const std::string_view piece :
       {"\\n", "\\\\", "\\\"", "\\u00e4", "\\ud83d\\ude00", "\\u12", "\\uDcuD", "\xC3\xA4",
        "\xF0\x9F\x98\x80", "\xC3", "\x1f", ""}) {
    for (std::size_t before = 0; before < 140; ++before) {
      const std::string text = '"' + std::string(before, 'a') + std::string(piece) +
                               std::string(70, 'b') + std::string(piece) + "\",\"tail\"";
      for (std::size_t size = before + 1; size <= text.size(); ++size) {
        ASSERT_NO_FATAL_FAILURE(expect_same(std::string_view(text).substr(0, size)));
      }
    }
  }
}

}  // namespace
}  // namespace kthena::json
