#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "kube/client/list_decoder.h"
#include "kube/client/watch_decoder.h"

namespace kthena::kube {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

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
  Result<ListMeta> meta = ListMeta{};
};

Read read_list(std::string_view text, std::size_t piece, ListLimits limits = {}) {
  ListDecoder decoder(limits);
  Collected sink;
  for (std::size_t at = 0; at < text.size(); at += piece) {
    // A copy, so that a view into an earlier piece would be seen by the address sanitizer.
    const std::string bytes(text.substr(at, piece));
    if (const auto fed = decoder.feed(bytes, sink); !fed) {
      return {.items = sink.items, .meta = fail(fed.error())};
    }
  }
  return {.items = sink.items, .meta = decoder.finish()};
}

constexpr std::string_view kList =
    R"( {"kind":"PodList", "apiVersion" : "v1","n":12,"s":"a\"}","o":{"items":[1]},"metadata":)"
    R"({"resourceVersion":"7","continue":"abc","remainingItemCount":3},)"
    R"("items":[{"a":"]}"}, {"b":{"c":[{}]}} ,{}],"last":null} )";

TEST(ListDecoder, GivesTheSameItemsHoweverTheBytesAreCut) {
  for (std::size_t piece = 1; piece <= kList.size(); ++piece) {
    const Read read = read_list(kList, piece);
    ASSERT_TRUE(read.meta.has_value()) << read.meta.error().to_string() << " by " << piece;
    EXPECT_THAT(read.items, ElementsAre(R"({"a":"]}"})", R"({"b":{"c":[{}]}})", "{}"));
    EXPECT_EQ(read.meta->resource_version, "7");
    EXPECT_EQ(read.meta->continue_token, "abc");
    EXPECT_EQ(read.meta->remaining_item_count, 3);
  }
}

TEST(ListDecoder, TakesItemsInFrontOfTheMetadataAndNone) {
  EXPECT_EQ(
      read_list(R"({"items":[],"metadata":{"resourceVersion":"9"}})", 3).meta->resource_version,
      "9");
  const Read none = read_list(R"({"metadata":{},"items":null})", 1);
  EXPECT_TRUE(none.meta.has_value());
  EXPECT_THAT(none.items, IsEmpty());
}

TEST(ListDecoder, RefusesWhatIsNoList) {
  for (const char* text :
       {"[]", "7", R"({"items":7})", R"({"items":[7]})", R"({"items":[{},]})",
        R"({"items":[{} {}]})", R"({"items":[],"items":[]})", R"({"items":[]} x)",
        R"({"a" 1,"items":[]})", R"({"a":,"items":[]})", R"({,"items":[]})", R"({"items":[],})",
        R"({"metadata":{}})", R"({"metadata":7,"items":[]})"}) {
    for (const std::size_t piece : {1U, 1000U}) {
      const Read read = read_list(text, piece);
      ASSERT_FALSE(read.meta.has_value()) << text;
      EXPECT_EQ(read.meta.error().code(), ErrorCode::Malformed) << text;
    }
  }
}

TEST(ListDecoder, KnowsThatAListBrokeOff) {
  for (const char* text : {"", "{", R"({"items":[{})", R"({"items":[{"a":"b)", R"({"items":[])"}) {
    EXPECT_EQ(read_list(text, 1000).meta.error().code(), ErrorCode::Disconnected) << text;
  }
}

TEST(ListDecoder, HoldsNoMoreThanItMay) {
  const std::string text = R"({"items":[{"a":")" + std::string(2000, 'x') + R"("}]})";
  for (const std::size_t piece : {10U, 10000U}) {
    EXPECT_EQ(read_list(text, piece, {.max_item_bytes = 1000}).meta.error().code(),
              ErrorCode::TooLarge);
  }
  // What nobody asks for is not held.
  const std::string skipped = R"({"big":")" + std::string(2000, 'x') + R"(","items":[]})";
  EXPECT_TRUE(read_list(skipped, 10, {.max_item_bytes = 1000}).meta.has_value());
}

TEST(ListDecoder, EndsWhereTheSinkDoes) {
  class Refusing final : public ItemSink {
    Result<> on_item(std::string_view) override { return fail(ErrorCode::Conflict, "enough"); }
  } sink;
  ListDecoder decoder;
  EXPECT_EQ(decoder.feed(kList, sink).error().message(), "enough");
}

struct Watched {
  std::vector<std::string> events;
  std::string error;
};

Watched read_watch(std::string_view text, std::size_t piece, std::size_t limit = 1 << 20) {
  WatchDecoder decoder(limit);
  Watched watched;
  for (std::size_t at = 0; at < text.size(); at += piece) {
    const std::string bytes(text.substr(at, piece));
    decoder.feed(bytes);
    while (true) {
      auto event = decoder.next();
      if (!event) {
        watched.error = event.error().to_string();
        return watched;
      }
      if (!*event) {
        break;
      }
      std::string line(to_string((*event)->type));
      line += " " + std::string((*event)->object);
      if ((*event)->type == WatchEventType::Bookmark) {
        line += " " + (*event)->resource_version + ((*event)->initial_events_end ? " end" : "");
      }
      watched.events.push_back(std::move(line));
    }
  }
  watched.error = decoder.within_event() ? "cut" : "";
  return watched;
}

constexpr std::string_view kWatch =
    "{\"type\":\"ADDED\",\"object\":{\"a\":\"}\\\"\"}}\n"
    "{\"object\": {\"b\":[{}]} , \"type\" : \"MODIFIED\", \"x\":[1]}\n\n"
    "{\"type\":\"DELETED\",\"object\":{}}{\"type\":\"BOOKMARK\",\"object\":"
    "{\"kind\":\"Pod\",\"metadata\":{\"resourceVersion\":\"12\",\"annotations\":"
    "{\"k8s.io/initial-events-end\":\"true\"}}}}\r\n"
    "{\"type\":\"BOOKMARK\",\"object\":{\"metadata\":{\"resourceVersion\":\"13\"}}}"
    "{\"type\":\"ERROR\",\"object\":{\"code\":410}}\n";

TEST(WatchDecoder, GivesTheSameEventsHoweverTheBytesAreCut) {
  const Watched whole = read_watch(kWatch, kWatch.size());
  EXPECT_EQ(whole.error, "");
  ASSERT_EQ(whole.events.size(), 6U);
  EXPECT_EQ(whole.events[0], R"(ADDED {"a":"}\""})");
  EXPECT_EQ(whole.events[1], R"(MODIFIED {"b":[{}]})");
  EXPECT_EQ(whole.events[2], "DELETED {}");
  EXPECT_THAT(whole.events[3], HasSubstr("}}} 12 end"));
  EXPECT_THAT(whole.events[4], HasSubstr("}} 13"));
  EXPECT_EQ(whole.events[5], R"(ERROR {"code":410})");
  for (std::size_t piece = 1; piece < kWatch.size(); ++piece) {
    EXPECT_EQ(read_watch(kWatch, piece).events, whole.events) << piece;
  }
}

TEST(WatchDecoder, RefusesWhatIsNoEvent) {
  for (const char* text :
       {"[]", "x", "{}", R"({"type":"ADDED"})", R"({"type":"SOLD","object":{}})",
        R"({"object":{}})", R"({"type":"ADDED","object":[]})", R"({"type":7,"object":{}})",
        R"({"type":"ADDED","object":{},})", R"({"type":"ADDED" "object":{}})",
        R"({"type":"BOOKMARK","object":{"metadata":7}})", R"({"type":"ADDED","object":{}])"}) {
    EXPECT_THAT(read_watch(text, 1000).error, HasSubstr("Malformed: watch event: ")) << text;
  }
}

TEST(WatchDecoder, KnowsWhenItIsWithinAnEvent) {
  EXPECT_EQ(read_watch(R"({"type":"ADDED","object":{)", 5).error, "cut");
  EXPECT_EQ(read_watch("\n", 1).error, "");
}

TEST(WatchDecoder, HoldsNoMoreThanItMay) {
  const std::string text = R"({"type":"ADDED","object":{"a":")" + std::string(2000, 'x') + R"("}})";
  for (const std::size_t piece : {10U, 10000U}) {
    EXPECT_THAT(read_watch(text, piece, 1000).error, HasSubstr("TooLarge"));
  }
}

}  // namespace
}  // namespace kthena::kube
