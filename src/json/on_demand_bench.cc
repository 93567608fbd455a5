// The hot path by size of body and by kind: long texts, token ids, letters of three bytes each.
#include <benchmark/benchmark.h>

#include <array>
#include <string>

#include "json/on_demand.h"
#include "json/splice.h"
#include "json/stream_event.h"

namespace kthena::json {
namespace {

enum FieldIndex : std::size_t { kModel, kStream, kStreamOptions, kMessages, kPrompt, kFieldCount };
constexpr std::array<std::string_view, kFieldCount> kNames = {"model", "stream", "stream_options",
                                                              "messages", "prompt"};

std::string body_of(std::size_t size, std::string_view unit) {
  std::string text;
  while (text.size() < size) {
    text += unit;
  }
  return R"({"messages":[{"role":"system","content":"You help."},{"role":"user","content":")" +
         text + R"("}],"max_tokens":16,"temperature":0.7,"stream":true,"model":"llama-3"})";
}

void scan(benchmark::State& state, const std::string& body) {
  std::array<RawField, kFieldCount> fields;
  for (auto _ : state) {
    const auto scan = scan_object(body, kNames, fields);
    benchmark::DoNotOptimize(scan->close);
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(body.size()));
}

void ScanText(benchmark::State& state) {
  scan(state, body_of(static_cast<std::size_t>(state.range(0)), R"(He said \"hello\" to it.\n)"));
}
BENCHMARK(ScanText)->Arg(1 << 10)->Arg(16 << 10)->Arg(256 << 10)->Arg(4 << 20);

// As prompts are: an escape in every line, a letter beyond ASCII now and then.
void ScanProse(benchmark::State& state) {
  scan(state, body_of(static_cast<std::size_t>(state.range(0)),
                      R"(The customer wrote: \"my order 4711 has not arrived yet\". )"
                      R"(    for (int i = 0; i < n; ++i) {\n        total += values[i];\n    }\n)"
                      R"(Die Lieferung nach München dauert etwa drei Tage. \n)"
                      R"(Summarise the paragraph above in two sentences, without lists. )"
                      R"(Caf\u00e9 and na\u00efve are loan words; \ud83d\ude00 is not a word.\t)"));
}
BENCHMARK(ScanProse)->Arg(256 << 10);

void ScanPlainLetters(benchmark::State& state) {
  scan(state, body_of(static_cast<std::size_t>(state.range(0)), "And what is the capital of it? "));
}
BENCHMARK(ScanPlainLetters)->Arg(256 << 10);

void ScanThreeByteLetters(benchmark::State& state) {
  scan(state, body_of(static_cast<std::size_t>(state.range(0)), "你好世界"));
}
BENCHMARK(ScanThreeByteLetters)->Arg(256 << 10);

void ScanEscapedLetters(benchmark::State& state) {
  scan(state, body_of(static_cast<std::size_t>(state.range(0)), R"(\u4f60\u597d\u4e16\u754c)"));
}
BENCHMARK(ScanEscapedLetters)->Arg(256 << 10);

void ScanManyMessages(benchmark::State& state) {
  scan(state, body_of(static_cast<std::size_t>(state.range(0)),
                      R"("},{"role":"user","content":"And what is the capital of France?)"));
}
BENCHMARK(ScanManyMessages)->Arg(256 << 10);

void ScanTokenIds(benchmark::State& state) {
  std::string body = R"({"model":"llama-3","prompt":[1)";
  while (body.size() < static_cast<std::size_t>(state.range(0))) {
    body += ",12345";
  }
  scan(state, body + "]}");
}
BENCHMARK(ScanTokenIds)->Arg(256 << 10);

void EditModelAndUsage(benchmark::State& state) {
  const std::string body = body_of(1 << 10, "text ");
  std::array<RawField, kFieldCount> fields;
  const ObjectScan scan = scan_object(body, kNames, fields).value();
  for (auto _ : state) {
    ObjectEdit edit(body, scan);
    edit.set("model", fields[kModel], R"("llama-3-8b")");
    edit.set_within("stream_options", fields[kStreamOptions], "include_usage", "true");
    const Splice splice = std::move(edit).finish();
    std::size_t bytes = 0;
    splice.for_each_piece([&bytes](std::string_view piece) { bytes += piece.size(); });
    benchmark::DoNotOptimize(bytes);
  }
}
BENCHMARK(EditModelAndUsage);

constexpr std::string_view kDelta =
    R"({"choices":[{"finish_reason":null,"index":0,"delta":{"content":"Hey"}}],"created":1795275849,)"
    R"("id":"chatcmpl-U4LzOmn3ja58fMYeis21MaggnK6sDyBm","model":"gemma3-270m",)"
    R"("system_fingerprint":"b0-unknown","object":"chat.completion.chunk"})";

void ReadStreamEvent(benchmark::State& state) {
  for (auto _ : state) {
    benchmark::DoNotOptimize(read_stream_event(kDelta)->has_text);
  }
}
BENCHMARK(ReadStreamEvent);

}  // namespace
}  // namespace kthena::json
