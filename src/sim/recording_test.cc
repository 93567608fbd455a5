// The simulator against recordings of the real engine, byte for byte but for what differs by
// nature.
#include "sim/testing/recording.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <fstream>
#include <functional>
#include <ios>
#include <iterator>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "sim/engine_options.h"
#include "sim/simulator.h"
#include "sim/testing/simulated_vllm.h"

namespace kthena::sim {
namespace {

using testing::Exchange;
using testing::normal_form;
using testing::SimulatedVllm;
using namespace std::chrono_literals;

const std::string kDirectory = std::string(KTHENA_TESTDATA) + "/vllm-0.32.0";
/// As the first recorded server was started.
SimulatorOptions run_a() {
  return {.engine = *find_profile("vllm-cpu-tiny"),
          .vllm = {.model = "tinyllm", .served_model_names = {"tiny"}}};
}

/// As the second one was: four sequences at a time, sixteen unfinished.
SimulatorOptions run_b() {
  SimulatorOptions options = run_a();
  options.engine.max_num_seqs = 4;
  options.engine.max_num_queued_reqs = 16;
  options.engine.num_kv_blocks = 64;
  options.vllm.served_model_names = {"tiny", "tiny-alias"};
  options.vllm.enable_request_id_headers = true;
  options.vllm.enable_server_load_tracking = true;
  return options;
}

/// Recorded exchanges that the simulator does not answer in the same way, and why.
const std::map<std::string, std::string> kIntendedDifferences = {
    {"info/kv_event_sources.http", "KV events are not published yet"},
};

void compare(SimulatedVllm& vllm, const Exchange& exchange) {
  const std::string expected = normal_form(exchange.response, exchange.is_head());
  const std::string actual = normal_form(vllm.exchange(exchange.request), exchange.is_head());
  const auto intended = kIntendedDifferences.find(exchange.name);
  if (intended == kIntendedDifferences.end()) {
    EXPECT_EQ(actual, expected) << exchange.name;
  } else {
    fmt::print("  intended difference: {}: {}\n", exchange.name, intended->second);
    EXPECT_NE(actual, expected) << exchange.name << " does not differ any more";
  }
}

TEST(Recordings, TheSimulatorAnswersAsVllmDid) {
  SimulatedVllm vllm(run_a());
  std::size_t compared = 0;
  for (const std::string& name : testing::find_exchanges(kDirectory)) {
    if (!name.starts_with("small-cache-dev-mode/")) {
      compare(vllm, *testing::read_exchange(kDirectory, name));
      ++compared;
    }
  }
  EXPECT_EQ(compared, 118U);
}

TEST(Recordings, TheSimulatorAnswersAsAVllmInDevelopmentModeDid) {
  SimulatedVllm vllm(run_b());
  for (const std::string name :
       {"request-id-flag.http", "request-id-flag-given.http", "request-id-flag-stream.http"}) {
    compare(vllm, *testing::read_exchange(kDirectory, "small-cache-dev-mode/" + name));
  }
  // Twelve streams, then sixteen: as many as are let in.
  const std::string body =
      R"({"prompt":[1,2,3],"max_tokens":1000,"stream":true,"ignore_eos":true})";
  const std::string request = fmt::format(
      "POST /v1/completions HTTP/1.1\r\nHost: x\r\nContent-Type: "
      "application/json\r\nContent-Length: {}\r\n\r\n{}",
      body.size(), body);
  for (int i = 0; i < 12; ++i) {
    vllm.start(request);
  }
  vllm.pass(20ms);
  for (const std::string name : {"health-under-load.http", "load-tracking-under-load.http"}) {
    compare(vllm, *testing::read_exchange(kDirectory, "small-cache-dev-mode/" + name));
  }
  EXPECT_EQ(vllm.simulator().engine().model().running(), 4U);
  EXPECT_EQ(vllm.simulator().engine().model().waiting(), 8U);
  for (int i = 0; i < 4; ++i) {
    vllm.start(request);
  }
  for (const std::string name : {"queue-full.http", "queue-full-stream.http"}) {
    compare(vllm, *testing::read_exchange(kDirectory, "small-cache-dev-mode/" + name));
  }
}

/// The lines of a metrics text that tell what series there are, with the values of those that have
/// one on an idle engine.
std::vector<std::string> series_of(std::string_view text) {
  std::vector<std::string> series;
  std::size_t begin = 0;
  while (begin < text.size()) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    std::string line(text.substr(begin, end - begin));
    begin = end + 1;
    if (line.starts_with("# TYPE vllm:")) {
      series.push_back(line);
    } else if (line.starts_with("vllm:")) {
      const std::size_t space = line.rfind(' ');
      const bool time = line.find("_created{") != std::string::npos;
      series.push_back(time ? line.substr(0, space) + " <time>" : line);
    }
  }
  return series;
}

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string without(std::string line, std::string_view label) {
  const std::size_t begin = line.find(label);
  if (begin != std::string::npos) {
    line.erase(begin, line.find('"', begin + label.size() + 2) + 1 - begin);
  }
  return line;
}

TEST(Recordings, MetricsHaveTheSeriesOfVllm) {
  SimulatedVllm vllm(run_a());
  const std::string answer = vllm.exchange("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n");
  const std::vector<std::string> actual =
      series_of(testing::parse_response(answer, false).chunks.at(0));
  std::vector<std::string> expected =
      series_of(read_file(kDirectory + "/metrics/idle-at-start.prom"));
  fmt::print(
      "  intended difference: python_*, process_* and http_* are missing: no interpreter, no such "
      "middleware\n");
  fmt::print("  intended difference: vllm:lora_requests_info is missing: no LoRA yet\n");
  std::erase_if(expected,
                [](std::string_view line) { return line.contains("vllm:lora_requests_info"); });
  fmt::print(
      "  intended difference: cache_config_info says no kv_cache_memory_bytes: blocks have no size "
      "in bytes\n");
  ASSERT_EQ(actual.size(), expected.size());
  for (std::size_t i = 0; i < actual.size(); ++i) {
    EXPECT_EQ(without(actual[i], "kv_cache_memory_bytes"),
              without(expected[i], "kv_cache_memory_bytes"));
  }
}

// The comparison itself: each of these wrong answers must be noticed.

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

/// The same stream with one byte range changed, its chunk sizes made right again.
std::string with_chunks(const std::string& response,
                        const std::function<void(std::vector<std::string>&)>& change) {
  testing::WireResponse parts = testing::parse_response(response, false);
  change(parts.chunks);
  std::string text = response.substr(0, response.find("\r\n\r\n") + 4);
  for (const std::string& chunk : parts.chunks) {
    text += fmt::format("{:x}\r\n{}\r\n", chunk.size(), chunk);
  }
  return text + "0\r\n\r\n";
}

TEST(NormalForm, NoticesWrongPlainAnswers) {
  const std::string right = testing::read_exchange(kDirectory, "chat/nonstream.http")->response;
  const std::string form = normal_form(right, false);
  const std::pair<std::string_view, std::string_view> wrong[] = {
      {"200 OK", "201 Created"},
      {"server: uvicorn\r\n", ""},
      {"server: uvicorn\r\ncontent-length: 697\r\n",
       "content-length: 697\r\nx: y\r\nserver: uvicorn\r\n"},
      {"application/json", "application/jso"},
      {"\"refusal\":null", "\"refuse\":null "},
      {"\"refusal\":null,\"annotations\":null", "\"annotations\":null,\"refusal\":null"},
      {"\"index\":0", "\"index\":1"},
      {"\"finish_reason\":\"length\"", "\"finish_reason\":\"lengthy\""},
      {"\"completion_tokens\":8", "\"completion_tokens\":9"},
      {"\"stop_reason\":null", "\"stop_reason\":1   "},
      {"\"id\":\"chatcmpl-", "\"id\":\"chat-cpl-"},
      {"\"total_tokens\":40", "\"total_tokens\":\"\""},
      {"\"role\":\"assistant\"", "\"role\":\"assassin!\""},
      {"content-length: 697", "content-length: 698"},
  };
  for (const auto& [from, to] : wrong) {
    EXPECT_NE(normal_form(replaced(right, from, to), false), form) << from << " -> " << to;
  }
}

TEST(NormalForm, NoticesWrongStreams) {
  const std::string right = testing::read_exchange(kDirectory, "chat/stream-usage.http")->response;
  const std::string form = normal_form(right, false);
  using Chunks = std::vector<std::string>;
  const std::pair<std::string_view, std::function<void(Chunks&)>> wrong[] = {
      {"no end mark", [](Chunks& chunks) { chunks.pop_back(); }},
      {"an event too few", [](Chunks& chunks) { chunks.erase(chunks.begin() + 3); }},
      {"an event too many", [](Chunks& chunks) { chunks.insert(chunks.begin() + 3, chunks[3]); }},
      {"the role twice", [](Chunks& chunks) { chunks[1] = chunks[0]; }},
      {"the end before usage",
       [](Chunks& chunks) { std::swap(chunks.back(), chunks[chunks.size() - 2]); }},
      {"the reason too early", [](Chunks& chunks) { std::swap(chunks[1], chunks[8]); }},
      {"two events a chunk",
       [](Chunks& chunks) {
         chunks[2] += chunks[3];
         chunks.erase(chunks.begin() + 3);
       }},
      {"half an event", [](Chunks& chunks) { chunks[2].resize(20); }},
      {"text in the role's event",
       [](Chunks& chunks) {
         chunks[0] = replaced(chunks[0], "\"content\":\"\"", "\"content\":\"x\"");
       }},
      {"a fingerprint on tokens",
       [](Chunks& chunks) {
         chunks[2] =
             replaced(chunks[2], "}]}", "}],\"system_fingerprint\":\"vllm-0.32.0-966b4697\"}");
       }},
  };
  EXPECT_EQ(normal_form(with_chunks(right, [](Chunks&) {}), false), form);
  for (const auto& [name, change] : wrong) {
    EXPECT_NE(normal_form(with_chunks(right, change), false), form) << name;
  }
  EXPECT_NE(normal_form(right.substr(0, right.size() - 6), false), form) << "cut";
}

TEST(NormalForm, NoticesWrongErrors) {
  const std::string right =
      testing::read_exchange(kDirectory, "errors/chat-unknown-model.http")->response;
  const std::string form = normal_form(right, false);
  for (const auto& [from, to] : {std::pair{"404 Not", "400 Not"},
                                 {"\"code\":404", "\"code\":\"404\""},
                                 {"NotFoundError", "NotFound"},
                                 {"\"param\":\"model\"", "\"param\":null"},
                                 {"does not exist", "is not there"}}) {
    std::string bytes = replaced(right, from, to);
    const std::size_t body = bytes.find("\r\n\r\n") + 4;
    bytes = replaced(bytes, "content-length: 127",
                     fmt::format("content-length: {}", bytes.size() - body));
    EXPECT_NE(normal_form(bytes, false), form) << from;
  }
}

TEST(NormalForm, OverlooksWhatDiffersByNature) {
  const std::string right = testing::read_exchange(kDirectory, "chat/nonstream.http")->response;
  const std::string form = normal_form(right, false);
  const std::pair<std::string_view, std::string_view> same[] = {
      {"date: Sat, 21 Nov", "date: Sun, 22 Nov"},
      {"8549a8c9b4a5cf2b", "0000000000000000"},
      {"\"created\":1795274532", "\"created\":1000000000"},
      {"966b4697", "01234567"},
      {"\"prompt_tokens\":32,\"total_tokens\":40", "\"prompt_tokens\":11,\"total_tokens\":19"},
      {"r\xef\xbf\xbd#", "other"},
  };
  for (const auto& [from, to] : same) {
    EXPECT_EQ(normal_form(replaced(right, from, to), false), form) << from;
  }
}

}  // namespace
}  // namespace kthena::sim
