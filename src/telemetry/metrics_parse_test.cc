#include "telemetry/metrics_parse.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <functional>
#include <initializer_list>
#include <map>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace kthena::telemetry {
namespace {

std::string testdata(const std::string& name) {
  std::ifstream file(std::string(KTHENA_TESTDATA) + "/" + name);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

/// A sample in one line, to compare: name{a=1} value @timestamp.
std::string show(const MetricSample& sample) {
  std::stringstream out;
  out.precision(17);
  out << sample.name << '{';
  for (const auto& [name, value] : sample.labels) {
    out << name << '=' << value << ';';
  }
  out << "} " << sample.value;
  if (sample.timestamp) {
    out << " @" << *sample.timestamp;
  }
  return out.str();
}

std::vector<std::string> samples_of(std::string_view text, std::size_t piece = SIZE_MAX) {
  std::vector<std::string> samples;
  MetricReader reader;
  const auto take = [&](const MetricSample& sample) { samples.push_back(show(sample)); };
  for (; !text.empty(); text.remove_prefix(std::min(piece, text.size()))) {
    reader.feed(text.substr(0, piece), take);
  }
  reader.finish(take);
  return samples;
}

struct LineCase {
  const char* line;
  const char* expected;
};

TEST(MetricsParse, ReadsTheFormsOfASample) {
  for (const auto& [line, expected] : std::initializer_list<LineCase>{
           {"up 1", "up{} 1"},
           {"  up\t 1 ", "up{} 1"},
           {"up 1 1395066363000", "up{} 1 @1395066363000"},
           {"up{} -0.5", "up{} -0.5"},
           {"up{ a = \"b\" , c=\"d\", } 1e3", "up{a=b;c=d;} 1000"},
           {"a:b_total{x=\"1\"}2", "a:b_total{x=1;} 2"},
           {"up +Inf", "up{} inf"},
           {"up -Inf", "up{} -inf"},
           {"up NaN", "up{} nan"},
           {"up +1.5", "up{} 1.5"},
           {R"(up{a="q\"b\\s\n\x"} 1)", "up{a=q\"b\\s\n\\x;} 1"},
           {R"(up{a="",b="}",c=","} 1)", "up{a=;b=};c=,;} 1"},
           {R"({"my.metric",a="1"} 5)", "my.metric{a=1;} 5"},
           {R"({"my.metric"} 5)", "my.metric{} 5"},
           {R"(up{"label.name"="v"} 5)", "up{label.name=v;} 5"},
           {"latency_bucket{le=\"0.1\"} 8 # {trace_id=\"x\"} 0.067 1520879607.789",
            "latency_bucket{le=0.1;} 8"},
           {"up 1 1520879607.789", "up{} 1 @1520879607.789"},
           {"up 1\r", "up{} 1"}}) {
    EXPECT_EQ(samples_of(line), std::vector<std::string>{expected}) << line;
  }
}

TEST(MetricsParse, SkipsAndCountsWhatItCannotRead) {
  for (const char* line :
       {"up", "up x", "up 1 2 3", "up 1x", "{a=\"1\"} 1", "up{a=\"1\" b=\"2\"} 1", "up{a=1} 1",
        "up{a} 1", "up{a=\"1\"", "up{a=\"1} 1", "up{=\"1\"} 1", "1up 1", "up{a=\"\\", "up{a=\"\\\"",
        "up{\"a\"} 1", "up +-1", "{\"\"} 1", "up 1e999", "{} 1"}) {
    EXPECT_EQ(read_metrics(line, [](const MetricSample&) {}), 1U) << line;
  }
}

TEST(MetricsParse, GoesOnAfterABadLineAndNamesTheFirst) {
  MetricReader reader;
  int samples = 0;
  const auto count = [&](const MetricSample&) { ++samples; };
  reader.feed("# HELP up Help.\nup 1\n\nup{ 2\nup 3\nup four\n# EOF\n", count);
  reader.finish(count);
  EXPECT_EQ(samples, 2);
  EXPECT_EQ(reader.skipped(), 2U);
  EXPECT_EQ(reader.first_problem(), "line 4: no = after a label's name");
}

TEST(MetricsParse, SkipsALineThatIsTooLong) {
  const std::string large(MetricLineReader::kMostLineBytes, 'x');
  const std::string text = "up 1\n" + large + "x 1\nup 2\n" + large + large;
  for (const std::size_t piece : {std::size_t{1000}, std::size_t{70'000}, text.size()}) {
    EXPECT_EQ(samples_of(text, piece), (std::vector<std::string>{"up{} 1", "up{} 2"}));
  }
  EXPECT_EQ(read_metrics(text, [](const MetricSample&) {}), 2U);
}

TEST(MetricsParse, RefusesTooManyLabels) {
  std::string line = "up{";
  for (int i = 0; i < 65; ++i) {
    line += "a" + std::to_string(i) + "=\"\",";
  }
  EXPECT_EQ(read_metrics(line + "} 1", [](const MetricSample&) {}), 1U);
}

TEST(MetricsParse, DoesNotDependOnHowTheTextIsCut) {
  const std::string text = testdata("vllm-0.32.0-lora-in-use.prom");
  const auto whole = samples_of(text);
  for (const std::size_t piece : {1U, 7U, 100U, 4096U}) {
    EXPECT_EQ(samples_of(text, piece), whole) << piece;
  }
}

TEST(MetricsParse, ReadsAllThatVllmSays) {
  std::size_t samples = 0;
  double running = -1;
  double waiting_loras = -1;
  std::map<std::string, double, std::less<>> buckets;
  const std::size_t skipped =
      read_metrics(testdata("vllm-0.32.0-lora-in-use.prom"), [&](const MetricSample& sample) {
        ++samples;
        if (sample.name == "vllm:num_requests_running") {
          EXPECT_EQ(sample.label("engine"), "0");
          running = sample.value;
        } else if (sample.name == "vllm:lora_requests_info" &&
                   sample.label("running_lora_adapters") == "lora-a,lora-b") {
          EXPECT_EQ(sample.label("waiting_lora_adapters"), "lora-a,lora-b");
          waiting_loras = sample.value;
        } else if (sample.name == "vllm:time_to_first_token_seconds_bucket") {
          buckets[std::string(sample.label("le").value_or("?"))] = sample.value;
        }
      });
  EXPECT_EQ(skipped, 0U);
  EXPECT_EQ(samples, 652U);
  EXPECT_GE(running, 0);
  EXPECT_EQ(waiting_loras, 1.7952747565500858e+09);
  EXPECT_GT(buckets["+Inf"], 0);
  EXPECT_LE(buckets["0.001"], buckets["+Inf"]);
}

TEST(MetricsParse, ReadsAllThatLlamaCppSays) {
  std::map<std::string, double, std::less<>> values;
  EXPECT_EQ(read_metrics(testdata("llama.cpp-xllamacpp-2026.10.11549-under-load.prom"),
                         [&](const MetricSample& sample) {
                           EXPECT_TRUE(sample.labels.empty());
                           values[std::string(sample.name)] = sample.value;
                         }),
            0U);
  EXPECT_EQ(values.size(), 15U);
  EXPECT_EQ(values["llamacpp:requests_processing"], 4);
  EXPECT_EQ(values["llamacpp:requests_deferred"], 4);
  EXPECT_EQ(values["llamacpp:prompt_seconds_total"], 1.90205);
}

}  // namespace
}  // namespace kthena::telemetry
