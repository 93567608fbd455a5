#include "router/observe/access_log.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "base/rfc3339.h"
#include "json/parse.h"
#include "router/testing/golden.h"

namespace kthena::router {
namespace {

using namespace std::chrono_literals;
using testing::read_file;

AccessLogEntry minimal() {
  AccessLogEntry entry;
  entry.timestamp = *parse_rfc3339("2026-04-16T07:33:08.435627146Z");
  entry.method = "POST";
  entry.path = "/v1/chat/completions";
  entry.protocol = "HTTP/1.1";
  entry.status = 200;
  return entry;
}

AccessLogEntry usual() {
  AccessLogEntry entry = minimal();
  entry.model_name = "m";
  entry.model_route = "default/r";
  entry.model_server = "default/s";
  entry.selected_pod = "s-0";
  entry.request_id = "ad68";
  entry.backend_type = "model_server";
  entry.backend_name = "default/s";
  entry.upstream_model = "base";
  entry.upstream_status = 200;
  entry.upstream_attempts = 1;
  entry.input_tokens = 10;
  entry.output_tokens = 38;
  entry.total = 3999us;
  entry.request_processing = 999us;
  entry.upstream_processing = 2ms;
  return entry;
}

AccessLogEntry complete() {
  AccessLogEntry entry = usual();
  entry.status = 502;
  entry.error_type = "proxy";
  entry.error_message = "request processing failed";
  entry.error_origin = "upstream";
  entry.gateway = "default/g";
  entry.http_route = "default/h";
  entry.inference_pool = "default/p";
  entry.response_processing = 1ms;
  return entry;
}

std::string text_of(const AccessLogEntry& entry) {
  std::string line;
  append_text(line, entry);
  return line;
}

std::string json_of(const AccessLogEntry& entry) {
  std::string line;
  append_json(line, entry);
  return line;
}

TEST(AccessLogText, IsTheDocumentedLine) {
  EXPECT_EQ(text_of(usual()),
            R"([2026-04-16T07:33:08.435627146Z] "POST /v1/chat/completions HTTP/1.1" 200 )"
            R"(model_name=m model_route=default/r model_server=default/s selected_pod=s-0 )"
            R"(request_id=ad68 backend_type=model_server backend_name=default/s )"
            R"(upstream_model=base upstream_status_code=200 upstream_attempts=1 tokens=10/38 )"
            R"(timings=3ms(0+2+0))");
}

TEST(AccessLogText, LeavesOutWhatIsEmpty) {
  EXPECT_EQ(text_of(minimal()),
            R"([2026-04-16T07:33:08.435627146Z] "POST /v1/chat/completions HTTP/1.1" 200 )"
            R"(timings=0ms(0+0+0))");
}

TEST(AccessLogText, HasAllFieldsInTheirOrder) {
  EXPECT_EQ(text_of(complete()),
            R"([2026-04-16T07:33:08.435627146Z] "POST /v1/chat/completions HTTP/1.1" 502 )"
            R"(error=proxy:"request processing failed" model_name=m model_route=default/r )"
            R"(model_server=default/s selected_pod=s-0 request_id=ad68 )"
            R"(backend_type=model_server backend_name=default/s upstream_model=base )"
            R"(upstream_status_code=200 upstream_attempts=1 error_origin=upstream )"
            R"(gateway=default/g http_route=default/h inference_pool=default/p tokens=10/38 )"
            R"(timings=3ms(0+2+1))");
}

TEST(AccessLogText, ShowsTokensWhenOneSideHasSome) {
  AccessLogEntry entry = minimal();
  entry.output_tokens = 4;
  EXPECT_TRUE(text_of(entry).contains(" tokens=0/4 ")) << text_of(entry);
}

TEST(AccessLogText, CutsTrailingZerosOfTheTime) {
  AccessLogEntry entry = minimal();
  entry.timestamp = *parse_rfc3339("2026-04-16T07:33:45.1230Z");
  EXPECT_TRUE(text_of(entry).starts_with("[2026-04-16T07:33:45.123Z] "));
  entry.timestamp = *parse_rfc3339("2026-04-16T07:33:45Z");
  EXPECT_TRUE(text_of(entry).starts_with("[2026-04-16T07:33:45Z] "));
}

TEST(AccessLogJson, HasItsKeysInTheirOrder) {
  EXPECT_EQ(
      json_of(complete()),
      R"({"timestamp":"2026-04-16T07:33:08.435627146Z","method":"POST",)"
      R"("path":"/v1/chat/completions","protocol":"HTTP/1.1","status_code":502,)"
      R"("error":{"type":"proxy","message":"request processing failed"},"model_name":"m",)"
      R"("model_route":"default/r","model_server":"default/s","selected_pod":"s-0",)"
      R"("request_id":"ad68","backend_type":"model_server","backend_name":"default/s",)"
      R"("upstream_model":"base","upstream_status_code":200,"upstream_attempts":1,)"
      R"("error_origin":"upstream","gateway":"default/g","http_route":"default/h",)"
      R"("inference_pool":"default/p","input_tokens":10,"output_tokens":38,"duration_total":3,)"
      R"("duration_request_processing":0,"duration_upstream_processing":2,)"
      R"("duration_response_processing":1})");
}

TEST(AccessLogJson, KeepsModelNameAndDurationsWhenEmpty) {
  EXPECT_EQ(json_of(minimal()),
            R"({"timestamp":"2026-04-16T07:33:08.435627146Z","method":"POST",)"
            R"("path":"/v1/chat/completions","protocol":"HTTP/1.1","status_code":200,)"
            R"("model_name":"","duration_total":0,"duration_request_processing":0,)"
            R"("duration_upstream_processing":0,"duration_response_processing":0})");
}

/// What clients send to write lines of their own.
const std::vector<std::string> kAttacks = {
    "m\n[2026-04-16T07:33:08Z] \"GET /v1/models HTTP/1.1\" 200 model_name=admin timings=0ms(0+0+0)",
    "m model_route=default/other",
    "m\" 200 model_name=x",
    "m\\\" x",
    "m\r\n",
    "\x1b[2Jcleared",
    std::string("nul\0byte", 8),
    "half\xc3",
    "\xe2\x80\xa8separator",
    "\xe2\x80\xae"
    "desrever",
    "a=b",
    "tab\there",
};

TEST(AccessLogText, StaysOneLineOfThatShapeWhateverClientsSend) {
  for (const std::string& attack : kAttacks) {
    AccessLogEntry entry = minimal();
    entry.model_name = attack;
    entry.request_id = "id";
    const std::string line = text_of(entry);
    EXPECT_TRUE(std::ranges::none_of(line, [](char c) {
      return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
    })) << line;
    const std::size_t value = line.find("model_name=\"");
    ASSERT_NE(value, std::string::npos) << line;
    // Between the quotes no quote stands unescaped, so what follows them is what we wrote.
    std::size_t end = value + 12;
    while (line[end] != '"') {
      end += line[end] == '\\' ? 2U : 1U;
    }
    EXPECT_EQ(line.substr(end), "\" request_id=id timings=0ms(0+0+0)") << line;
  }
}

TEST(AccessLogText, QuotesTheRequestLineSafely) {
  AccessLogEntry entry = minimal();
  entry.method = "GE\"T";
  entry.path = "/v1/\x7f x\\";
  EXPECT_TRUE(text_of(entry).contains(R"( "GE\"T /v1/\u007f x\\ HTTP/1.1" 200)")) << text_of(entry);
}

TEST(AccessLogText, EscapesErrorMessages) {
  AccessLogEntry entry = minimal();
  entry.error_type = "route_not_found";
  entry.error_message = "no \"m\"\nat all";
  EXPECT_TRUE(text_of(entry).contains(R"( 200 error=route_not_found:"no \"m\"\nat all" timings)"))
      << text_of(entry);
}

TEST(AccessLogJson, ReadsBackWhateverClientsSend) {
  for (const std::string& attack : kAttacks) {
    AccessLogEntry entry = minimal();
    entry.model_name = attack;
    entry.path = attack;
    const std::string line = json_of(entry);
    EXPECT_EQ(line.find('\n'), std::string::npos);
    const auto value = json::parse(line);
    ASSERT_TRUE(value) << line;
    if (attack == "half\xc3") {
      EXPECT_EQ(value->find("model_name")->as_string(), "half\xef\xbf\xbd");
    } else {
      EXPECT_EQ(value->find("model_name")->as_string(), attack);
      EXPECT_EQ(value->find("path")->as_string(), attack);
    }
  }
}

TEST(AccessLogReference, ShowsLinesThatTheRouterWrites) {
  const std::string page =
      read_file(std::string(KTHENA_TESTDATA) + "/../../../docs/reference/access-log.md");
  EXPECT_TRUE(page.contains("\n" + text_of(usual()) + "\n"));
  EXPECT_TRUE(page.contains("\n" + json_of(complete()) + "\n"));
}

class AccessLogFile : public ::testing::Test {
 protected:
  AccessLogFile() : directory_(make_directory()) {}
  ~AccessLogFile() override { std::filesystem::remove_all(directory_); }

  static std::string make_directory() {
    std::string pattern = std::filesystem::temp_directory_path() / "access_log_XXXXXX";
    return ::mkdtemp(pattern.data());
  }
  std::string path() const { return directory_ + "/access.log"; }
  /// Writes the entry through an AccessLog that is closed after it.
  void write(AccessLogFormat format) {
    AccessLog log(*telemetry::LineSink::create(path()), format);
    EXPECT_TRUE(log.enabled());
    log.write(usual());
    EXPECT_EQ(log.dropped(), 0U);
  }

  std::string directory_;
};

TEST_F(AccessLogFile, GetsALineInTheChosenFormat) {
  write(AccessLogFormat::Text);
  write(AccessLogFormat::Json);
  EXPECT_EQ(read_file(path()), text_of(usual()) + "\n" + json_of(usual()) + "\n");
}

TEST(AccessLog, WritesNothingWhenDisabled) {
  AccessLog log(nullptr, AccessLogFormat::Text);
  EXPECT_FALSE(log.enabled());
  log.write(usual());
  log.reopen();
  EXPECT_EQ(log.dropped(), 0U);
}

}  // namespace
}  // namespace kthena::router
