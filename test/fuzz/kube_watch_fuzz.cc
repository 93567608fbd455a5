// A watch gives the same events however its bytes are cut; each object is a part of the stream.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "kube/client/watch_decoder.h"

namespace kthena::kube {
namespace {

struct Seen {
  std::vector<std::string> events;
  bool failed = false;
  bool within = false;
};

Seen read(std::string_view text, std::size_t piece) {
  WatchDecoder decoder(1 << 16);
  Seen seen;
  for (std::size_t at = 0; at < text.size(); at += piece) {
    const std::string copy(text.substr(at, piece));
    decoder.feed(copy);
    while (true) {
      const auto event = decoder.next();
      if (!event) {
        seen.failed = true;
        return seen;
      }
      if (!*event) {
        break;
      }
      CHECK((*event)->object.starts_with('{'));
      CHECK(text.contains((*event)->object));
      seen.events.push_back(std::string(to_string((*event)->type)) + std::string((*event)->object) +
                            (*event)->resource_version + ((*event)->initial_events_end ? "!" : ""));
    }
  }
  seen.within = decoder.within_event();
  return seen;
}

}  // namespace
}  // namespace kthena::kube

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto whole = kthena::kube::read(text, size + 1);
  for (const std::size_t piece : {1UL, 7UL, 64UL}) {
    const auto again = kthena::kube::read(text, piece);
    CHECK(again.events == whole.events);
    CHECK_EQ(again.failed, whole.failed);
    CHECK_EQ(again.within, whole.within);
  }
  return 0;
}
