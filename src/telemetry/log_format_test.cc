#include "telemetry/log_format.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/units.h"
#include "base/utf8.h"
#include "telemetry/escape.h"
#include "telemetry/log.h"
#include "telemetry/log_tags.h"

namespace kthena::log {
namespace {

using namespace std::chrono_literals;

Record record_of(std::span<const Field> fields, const telemetry::LogTags* tags = nullptr) {
  return {.time = ManualClock().wall_now() + 435'627'146ns,
          .level = Level::Info,
          .message = "endpoint removed",
          .fields = fields,
          .tags = tags};
}

std::string text_of(const Record& record) {
  std::string out;
  append_text(out, record);
  return out;
}

std::string json_of(const Record& record) {
  std::string out;
  append_json(out, record);
  return out;
}

/// What follows the message.
std::string values_of(const std::string& line) {
  constexpr std::string_view kMessage = "endpoint removed";
  std::string rest = line.substr(line.find(kMessage) + kMessage.size());
  return rest.substr(rest.starts_with("\",") ? 2 : 1);
}

std::string json_string(std::string_view text) {
  std::string out;
  telemetry::append_json_string(out, text);
  return out;
}

std::string text_value(std::string_view text) {
  std::string out;
  telemetry::append_text_value(out, text);
  return out;
}

TEST(LogText, HasTimeLevelMessageAndValues) {
  const std::string address = "10.0.0.1:8000";
  const Field fields[] = {kv("endpoint", address), kv("reason", "not ready")};
  EXPECT_EQ(text_of(record_of(fields)),
            "2026-01-01T00:00:00.435627Z INFO  endpoint removed endpoint=10.0.0.1:8000 "
            "reason=\"not ready\"");
}

TEST(LogJson, HasTimeLevelMessageAndValues) {
  const std::string address = "10.0.0.1:8000";
  const Field fields[] = {kv("endpoint", address), kv("reason", "not ready")};
  EXPECT_EQ(json_of(record_of(fields)),
            R"({"ts":"2026-01-01T00:00:00.435627Z","level":"info","msg":"endpoint removed",)"
            R"("endpoint":"10.0.0.1:8000","reason":"not ready"})");
}

TEST(LogText, ShowsLevelsInOneWidth) {
  Record record = record_of({});
  for (const auto& [level, shown] : {std::pair{Level::Error, " ERROR endpoint"},
                                     {Level::Warn, " WARN  endpoint"},
                                     {Level::Debug, " DEBUG endpoint"}}) {
    record.level = level;
    EXPECT_NE(text_of(record).find(shown), std::string::npos) << shown;
  }
}

template <class... Fields>
std::pair<std::string, std::string> text_and_json(const Fields&... fields) {
  const Field list[] = {fields...};
  return {text_of(record_of(list)), json_of(record_of(list))};
}

TEST(Log, PrintsEachKindOfValue) {
  const auto [text, json] =
      text_and_json(kv("yes", true), kv("small", std::int8_t{-1}), kv("large", UINT64_MAX),
                    kv("half", 0.5F), kv("third", 1.0 / 3), kv("wait", 1500ms), kv("size", 64_MiB),
                    kv("error", Error(ErrorCode::Unavailable, "connection refused")),
                    kv("view", std::string_view("v")), kv("lvl", Level::Warn));
  EXPECT_EQ(values_of(text),
            "yes=true small=-1 large=18446744073709551615 half=0.5 third=0.3333333333333333 "
            "wait=1.5s size=64MiB error=\"Unavailable: connection refused\" view=v lvl=warn");
  EXPECT_EQ(values_of(json),
            R"("yes":true,"small":-1,"large":18446744073709551615,"half":0.5,)"
            R"("third":0.3333333333333333,"wait":"1.5s","size":"64MiB",)"
            R"("error":"Unavailable: connection refused","view":"v","lvl":"warn"})");
}

TEST(LogJson, WritesWhatIsNoNumberAsAString) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double infinite = std::numeric_limits<double>::infinity();
  const double negative = -infinite;
  const Field fields[] = {kv("a", nan), kv("b", infinite), kv("c", negative)};
  EXPECT_NE(json_of(record_of(fields)).find(R"("a":"NaN","b":"+Inf","c":"-Inf"})"),
            std::string::npos);
}

TEST(Log, AddsTagsAfterValuesFromTheInside) {
  telemetry::LogTags request;
  request.add("request_id", "r1");
  request.add("model", "outer");
  telemetry::LogTags attempt(&request);
  attempt.add("endpoint", "e1");
  attempt.add("model", "inner");
  const Field fields[] = {kv("endpoint", "mine")};
  EXPECT_EQ(values_of(text_of(record_of(fields, &attempt))),
            "endpoint=mine model=inner request_id=r1");
  EXPECT_EQ(values_of(json_of(record_of(fields, &attempt))),
            R"("endpoint":"mine","model":"inner","request_id":"r1"})");
}

TEST(LogEscape, KeepsALineOneLine) {
  EXPECT_EQ(json_string("a\nb\r\t\"\\\x01\x7f"), R"("a\nb\r\t\"\\\u0001\u007f")");
  EXPECT_EQ(text_value("a\nb"), R"("a\nb")");
  EXPECT_EQ(json_string(std::string_view("\0", 1)), R"("\u0000")");
}

TEST(LogEscape, LeavesPlainValuesBare) {
  EXPECT_EQ(text_value("default/route-1:80"), "default/route-1:80");
  EXPECT_EQ(text_value(""), "\"\"");
  EXPECT_EQ(text_value("a b"), "\"a b\"");
  EXPECT_EQ(text_value("a=b"), "\"a=b\"");
  EXPECT_EQ(text_value("a\"b"), R"("a\"b")");
  EXPECT_EQ(text_value("\u00fcber"), "\"\u00fcber\"");
}

TEST(LogEscape, ReplacesOrShowsBytesThatAreNoUtf8) {
  EXPECT_EQ(json_string("a\xff"
                        "b\xe2\x82"),
            "\"a\ufffdb\ufffd\ufffd\"");
  EXPECT_EQ(text_value("a\xff"
                       "b"),
            R"("a\xffb")");
}

TEST(LogEscape, DefusesWhatMisleadsTerminalsAndReaders) {
  EXPECT_EQ(json_string("\u009b31m"), R"("\u009b31m")");
  EXPECT_EQ(json_string("\u2028\u202e\u2066\u200f"), R"("\u2028\u202e\u2066\u200f")");
  EXPECT_EQ(json_string("\u00a0\u20ac\U0001f600"), "\"\u00a0\u20ac\U0001f600\"");
}

TEST(Log, CutsLongValuesBetweenCharacters) {
  for (std::size_t shift = 0; shift < 4; ++shift) {
    std::string text(shift, 'x');
    while (text.size() < kMostValueBytes * 2) {
      text += "\U0001f600";
    }
    const Field fields[] = {kv("long", text)};
    const std::string line = json_of(record_of(fields));
    EXPECT_LT(line.size(), kMostValueBytes + 200);
    EXPECT_TRUE(line.ends_with("\U0001f600…\"}")) << line.substr(line.size() - 20);
    EXPECT_TRUE(is_valid_utf8(line));
    EXPECT_EQ(line.find("\ufffd"), std::string::npos);
  }
}

TEST(Log, LeavesOutWhatDoesNotFitAndSaysSo) {
  const std::string text(kMostValueBytes, 'x');
  const std::vector<Field> fields(20, kv("long", text));
  const std::string line = json_of(record_of(fields));
  EXPECT_LT(line.size(), kMostRecordBytes + kMostValueBytes + 200);
  EXPECT_TRUE(line.ends_with(R"(x","truncated":true})"));
}

}  // namespace
}  // namespace kthena::log
