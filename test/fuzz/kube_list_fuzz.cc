// A list gives the same items and the same end however its bytes are cut, and those that a reader
// of the whole text finds.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "json/parse.h"
#include "kube/client/list_decoder.h"

namespace kthena::kube {
namespace {

class Collected final : public ItemSink {
 public:
  Result<> on_item(std::string_view text) override {
    items.emplace_back(text);
    return {};
  }
  std::vector<std::string> items;
};

struct Read {
  std::vector<std::string> items;
  Result<ListMeta> meta;
};

Read read(std::string_view text, std::size_t piece) {
  ListDecoder decoder;
  Collected sink;
  for (std::size_t at = 0; at < text.size(); at += piece) {
    const std::string copy(text.substr(at, piece));
    if (const auto fed = decoder.feed(copy, sink); !fed) {
      return {.items = sink.items, .meta = fail(fed.error())};
    }
  }
  return {.items = sink.items, .meta = decoder.finish()};
}

void check_list(std::string_view text) {
  const Read whole = read(text, text.size() + 1);
  for (const std::size_t piece : {1UL, 3UL, 64UL}) {
    const Read again = read(text, piece);
    CHECK(again.items == whole.items);
    CHECK_EQ(again.meta.has_value(), whole.meta.has_value());
    CHECK(again.meta ? *again.meta == *whole.meta
                     : again.meta.error().code() == whole.meta.error().code());
  }
  const auto parsed = json::parse(text);
  if (!whole.meta || !parsed) {
    return;
  }
  const json::Value* items = parsed->find("items");
  CHECK(items != nullptr || whole.items.empty());  // the name may be written with escapes
  if (items != nullptr && items->is_array()) {
    CHECK_EQ(items->as_array().size(), whole.items.size());
    for (std::size_t i = 0; i < whole.items.size(); ++i) {
      CHECK(*json::parse(whole.items[i]) == items->as_array()[i]);
    }
  }
}

}  // namespace
}  // namespace kthena::kube

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  kthena::kube::check_list({reinterpret_cast<const char*>(data), size});
  return 0;
}
