// What a request costs before and after it is handled: head in, head out, chunks, events.
#include <benchmark/benchmark.h>

#include <array>
#include <string>
#include <string_view>

#include "http/chunked.h"
#include "http/fields.h"
#include "http/memory.h"
#include "http/sse.h"
#include "http/wire.h"

namespace kthena::http {
namespace {

/// Ten fields, as the OpenAI SDK sends them.
constexpr std::string_view kRequest =
    "POST /v1/chat/completions HTTP/1.1\r\n"
    "Host: router.example.com\r\n"
    "Accept-Encoding: gzip, deflate\r\n"
    "Connection: keep-alive\r\n"
    "Accept: application/json\r\n"
    "Content-Type: application/json\r\n"
    "User-Agent: OpenAI/Python 1.54.3\r\n"
    "X-Stainless-Lang: python\r\n"
    "X-Stainless-Package-Version: 1.54.3\r\n"
    "Authorization: Bearer sk-0123456789abcdef0123456789abcdef\r\n"
    "Content-Length: 1024\r\n"
    "\r\n";

constexpr std::string_view kResponse =
    "HTTP/1.1 200 OK\r\n"
    "date: Tue, 24 Nov 2026 10:00:00 GMT\r\n"
    "server: uvicorn\r\n"
    "content-type: text/event-stream; charset=utf-8\r\n"
    "x-request-id: 0123456789abcdef\r\n"
    "transfer-encoding: chunked\r\n"
    "\r\n";

void find_end_of_request_head(benchmark::State& state) {
  for (auto _ : state) {
    std::size_t scanned = 0;
    benchmark::DoNotOptimize(find_head_end(kRequest, scanned));
  }
}
BENCHMARK(find_end_of_request_head);

void read_request_head(benchmark::State& state) {
  for (auto _ : state) {
    std::size_t scanned = 0;
    benchmark::DoNotOptimize(find_head_end(kRequest, scanned));
    Request request;
    benchmark::DoNotOptimize(parse_request_head(kRequest, {}, request));
  }
}
BENCHMARK(read_request_head);

void read_response_head(benchmark::State& state) {
  for (auto _ : state) {
    std::size_t scanned = 0;
    benchmark::DoNotOptimize(find_head_end(kResponse, scanned));
    int status = 0;
    Version version = Version::Http11;
    Headers headers;
    benchmark::DoNotOptimize(
        parse_response_head(kResponse, Method::Post, status, version, headers));
  }
}
BENCHMARK(read_response_head);

/// What a proxy does with a parsed request: keeps what it passes on, writes it.
void write_request_head(benchmark::State& state) {
  Request request;
  const auto framing = parse_request_head(kRequest, {}, request);
  std::string out;
  for (auto _ : state) {
    Headers headers = request.headers;
    keep_end_to_end(headers);
    out.clear();
    append_request_head(out, "POST", request.target, headers, *framing);
    benchmark::DoNotOptimize(out.data());
  }
}
BENCHMARK(write_request_head);

void write_response_head(benchmark::State& state) {
  Headers headers;
  headers.add("Content-Type", "application/json");
  headers.add("X-Request-Id", "0123456789abcdef");
  std::string out;
  for (auto _ : state) {
    out.clear();
    append_response_head(out, 200, headers, {.kind = Framing::Kind::Length, .length = 1024},
                         WallTime{});
    benchmark::DoNotOptimize(out.data());
  }
}
BENCHMARK(write_response_head);

constexpr std::string_view kEvent =
    R"(data: {"id":"chatcmpl-0123456789abcdef","object":"chat.completion.chunk","created":1764000000,)"
    R"("model":"llama","choices":[{"index":0,"delta":{"content":" token"},"finish_reason":null}]})"
    "\n\n";

void decode_chunk_of_one_event(benchmark::State& state) {
  std::array<char, kChunkHeaderSize> room;
  std::string chunk(chunk_header(kEvent.size(), room));
  chunk.append(kEvent).append(kChunkEnd);
  ChunkDecoder decoder;
  for (auto _ : state) {
    std::string_view input = chunk;
    while (decoder.step(input).kind == ChunkDecoder::Kind::Data) {
    }
  }
}
BENCHMARK(decode_chunk_of_one_event);

void split_event(benchmark::State& state) {
  SseSplitter splitter;
  for (auto _ : state) {
    splitter.feed(kEvent);
    while (const auto piece = splitter.next()) {
      benchmark::DoNotOptimize(piece->bytes.data());
    }
  }
}
BENCHMARK(split_event);

void split_event_in_two_reads(benchmark::State& state) {
  SseSplitter splitter;
  for (auto _ : state) {
    for (const auto part : {kEvent.substr(0, 100), kEvent.substr(100)}) {
      splitter.feed(part);
      while (const auto piece = splitter.next()) {
        benchmark::DoNotOptimize(piece->bytes.data());
      }
    }
  }
}
BENCHMARK(split_event_in_two_reads);

void parse_event(benchmark::State& state) {
  std::string joined;
  for (auto _ : state) {
    benchmark::DoNotOptimize(parse_sse_event(kEvent, joined));
  }
}
BENCHMARK(parse_event);

void take_and_return_buffer(benchmark::State& state) {
  MemoryBudget budget(1 << 30);
  for (auto _ : state) {
    Buffer buffer = Buffer::allocate(static_cast<std::size_t>(state.range(0)), &budget);
    buffer.append("x");
    benchmark::DoNotOptimize(buffer.data());
  }
}
BENCHMARK(take_and_return_buffer)->Arg(1000)->Arg(60'000)->Arg(250'000)->Arg(5'000'000);

}  // namespace
}  // namespace kthena::http
