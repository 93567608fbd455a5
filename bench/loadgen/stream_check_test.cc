#include "bench/loadgen/stream_check.h"

#include <gtest/gtest.h>

#include <string>

namespace kthena::bench {
namespace {

constexpr StreamSpec kSpec{.id = 42, .events = 3, .size = 240};
constexpr std::string_view kError = "data: {\"error\":{\"message\":\"the engine stopped\"}}\n\n";
using State = StreamCheck::State;

std::string events(std::uint32_t from, std::uint32_t to, int backend = 13) {
  std::string text;
  for (std::uint32_t i = from; i < to; ++i) {
    append_event(text, kSpec, i, backend, 1000 + i);
  }
  return text;
}

/// The final state when `text` comes in pieces of `step` bytes.
State check(std::string_view text, std::size_t step) {
  StreamCheck stream(kSpec);
  Histogram delays;
  for (std::size_t at = 0; at < text.size(); at += step) {
    stream.feed(text.substr(at, step), 5000, delays);
  }
  return stream.finish();
}

void expect_for_all_cuts(std::string_view text, State state) {
  for (std::size_t step = 1; step <= text.size(); ++step) {
    ASSERT_EQ(check(text, step), state) << "pieces of " << step;
  }
}

TEST(StreamCheck, AcceptsExactlyWhatWasSent) {
  expect_for_all_cuts(events(0, 3) + std::string(kDone), State::Done);
}

TEST(StreamCheck, MeasuresTheDelayOfEachEvent) {
  StreamCheck stream(kSpec);
  Histogram delays;
  stream.feed(events(0, 2), 1010, delays);
  EXPECT_EQ(stream.backend(), 13);
  EXPECT_EQ(stream.events(), 2U);
  EXPECT_EQ(delays.count(), 2U);
  EXPECT_EQ(delays.max(), 10);
}

TEST(StreamCheck, KnowsAnErrorEventAfterWholeEvents) {
  expect_for_all_cuts(events(0, 2) + std::string(kError), State::ErrorEvent);
  const std::string long_error =
      "data: {\"error\":{\"message\":\"" + std::string(500, 'x') + "\"}}\n\n";
  expect_for_all_cuts(events(0, 1) + long_error, State::ErrorEvent);
}

TEST(StreamCheck, AnErrorEventInsideAnEventIsCorruption) {
  expect_for_all_cuts(
      events(0, 1) + events(1, 2).substr(0, 100) + std::string(kError) + std::string(200, 'x'),
      State::Corrupted);
}

TEST(StreamCheck, BytesAfterAnErrorEventAreCorruption) {
  expect_for_all_cuts(events(0, 1) + std::string(kError) + events(1, 2), State::Corrupted);
}

TEST(StreamCheck, SeesMissingRepeatedSwappedAndForeignEvents) {
  const std::string done(kDone);
  EXPECT_EQ(check(events(0, 1) + events(2, 3) + done, 9999), State::Corrupted);
  EXPECT_EQ(check(events(0, 2) + events(1, 3) + done, 9999), State::Corrupted);
  EXPECT_EQ(check(events(0, 2) + events(2, 3, 14) + done, 9999), State::Corrupted);
  EXPECT_EQ(check(events(0, 3) + done + "x", 9999), State::Corrupted);
  EXPECT_EQ(check(events(0, 2) + done, 9999), State::Events);
  EXPECT_EQ(check(events(0, 2), 9999), State::Events);
}

TEST(StreamCheck, SeesEveryFlippedByte) {
  const std::string good = events(0, 3) + std::string(kDone);
  for (std::size_t i = 0; i < good.size(); ++i) {
    const std::size_t in_event = i % kSpec.size;
    const bool stamp = i < 3 * kSpec.size && in_event >= kStampInEvent.offset &&
                       in_event < kStampInEvent.offset + kStampInEvent.size;
    std::string bad = good;
    bad[i] ^= 0x40;  // never a digit again
    ASSERT_NE(check(bad, 9999), State::Done) << "byte " << i << (stamp ? " of a stamp" : "");
  }
}

}  // namespace
}  // namespace kthena::bench
