// Frames of SPDY are the same however the bytes are cut, within their bounds; fields that are
// written read back.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "apiserver/stream/spdy_frames.h"
#include "base/check.h"
#include "base/strings.h"

namespace kthena::apiserver::spdy {
namespace {

struct Seen {
  FrameType type;
  std::uint32_t stream;
  bool fin;
  std::uint32_t status;
  Fields fields;
  std::string data;
  friend bool operator==(const Seen&, const Seen&) = default;
};

struct Outcome {
  std::vector<Seen> frames;
  std::string error;
  friend bool operator==(const Outcome&, const Outcome&) = default;
};

/// Pieces of the same data are put together.
void add(const Frame& frame, std::vector<Seen>& frames) {
  if (frame.type == FrameType::Data && !frames.empty()) {
    Seen& last = frames.back();
    if (last.type == FrameType::Data && last.stream == frame.stream && !last.fin) {
      last.data += frame.data;
      last.fin = frame.fin;
      return;
    }
  }
  frames.push_back(
      {frame.type, frame.stream, frame.fin, frame.status, frame.fields, std::string(frame.data)});
}

Outcome read(std::string_view bytes, std::size_t piece) {
  Decoder decoder;
  Outcome outcome;
  for (std::size_t at = 0; at < bytes.size(); at += piece) {
    decoder.feed(bytes.substr(at, piece));
    while (true) {
      const auto frame = decoder.next();
      if (!frame) {
        outcome.error = frame.error().to_string();
        CHECK(!decoder.next());
        return outcome;
      }
      if (!*frame) {
        break;
      }
      std::size_t size = 0;
      for (const auto& [name, value] : (*frame)->fields) {
        size += name.size() + value.size();
      }
      CHECK(size <= Decoder::kMaxFields);
      add(**frame, outcome.frames);
    }
  }
  return outcome;
}

/// Each line is a field.
Fields fields_of(std::string_view text) {
  Fields fields;
  for_each_part(text, '\n', [&fields](std::string_view line) {
    const std::size_t at = line.find('=');
    fields.emplace_back(to_lower(line.substr(0, at)),
                        at == std::string_view::npos ? "" : line.substr(at + 1));
  });
  return fields;
}

void check_fields(std::string_view text) {
  const Fields fields = fields_of(text);
  Encoder encoder;
  std::string bytes = encoder.syn_stream(1, fields);
  bytes += Encoder::data(1, text, false) + encoder.syn_reply(3, fields);
  const Outcome outcome = read(bytes, 11);
  CHECK(outcome == read(bytes, bytes.size()));
  if (!outcome.error.empty()) {
    CHECK(outcome.error.starts_with("TooLarge"));
    return;
  }
  CHECK(outcome.frames.size() == 3);
  CHECK(outcome.frames[0].fields == fields && outcome.frames[2].fields == fields);
  CHECK(outcome.frames[1].data == text);
}

}  // namespace
}  // namespace kthena::apiserver::spdy

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace kthena::apiserver::spdy;  // NOLINT: a program of one function
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const Outcome whole = read(bytes, size + 1);
  CHECK(read(bytes, 1) == whole);
  CHECK(read(bytes, 7) == whole);
  check_fields(bytes);
  return 0;
}
