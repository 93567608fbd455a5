// A list of objects out of the bytes of an answer, item by item: a page of any size is read while
// it arrives, and no more of it is held than one item. No I/O.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "json/value_scanner.h"
#include "kube/meta/list.h"

namespace kthena::kube {

/// Takes the items of a list.
class ItemSink {
 public:
  virtual ~ItemSink() = default;
  /// @param text  the item's JSON, as far as ListDecoder knows; valid during the call
  /// An error ends the list and is its answer.
  virtual Result<> on_item(std::string_view text) = 0;
};

struct ListLimits {
  std::size_t max_item_bytes = 16 << 20;  ///< also of what else stands in the list
};

/// Reads `{"kind":"PodList","apiVersion":"v1","metadata":{…},"items":[…]}`, members in any order,
/// cut anywhere. It finds where items begin and end; what is in them, the sink reads.
class ListDecoder {
 public:
  explicit ListDecoder(ListLimits limits = {}) : limits_(limits) {}

  /// Goes on with the next bytes. Errors: Malformed (no list), TooLarge, those of the sink; after
  /// one, it is over.
  Result<> feed(std::string_view bytes, ItemSink& sink);

  /// When all bytes were fed. Errors: Disconnected (the list broke off), Malformed.
  Result<ListMeta> finish();

  std::size_t items() const noexcept { return items_; }
  /// "PodList"; empty as long as it has not been read.
  const std::string& kind() const noexcept { return kind_; }

 private:
  enum class State : std::uint8_t {
    Start,       ///< before the list
    FirstName,   ///< after its brace
    Name,        ///< after a comma
    Colon,       ///< after a name
    Value,       ///< after a colon
    AfterValue,  ///< of a member
    FirstItem,   ///< after the bracket of the items
    Item,        ///< after a comma between items
    AfterItem,
    End,
  };
  enum class Member : std::uint8_t { Other, Kind, Metadata, Items };
  enum class Inside : std::uint8_t { Nothing, Name, Value, Item };

  Result<> step(char c);
  Result<> take_punctuation(char c);
  Result<> on_value(std::string_view text, ItemSink& sink);
  Result<> hold(std::string_view part);
  void enter(Inside what, char first);

  ListLimits limits_;
  State state_ = State::Start;
  Member member_ = Member::Other;
  Inside inside_ = Inside::Nothing;
  bool seen_items_ = false;
  bool skipped_ = false;  // nobody asks for what inside_ says
  json::ValueScanner scanner_;
  std::string held_;         // the beginning of what inside_ says, from the bytes before
  std::string_view rest_;    // of the bytes being fed
  std::uint64_t taken_ = 0;  // bytes before rest_
  std::size_t items_ = 0;
  std::string kind_;
  ListMeta meta_;
};

}  // namespace kthena::kube
