#include "kube/client/list_decoder.h"

#include <fmt/format.h>

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <utility>

#include "base/error.h"
#include "base/result.h"
#include "json/on_demand.h"
#include "json/read.h"
#include "kube/meta/list.h"

namespace kthena::kube {
namespace {

bool is_space(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

std::unexpected<Error> unexpected_byte(std::uint64_t at, std::string_view expected) {
  return fail(ErrorCode::Malformed, fmt::format("list: byte {}: expected {}", at, expected));
}

}  // namespace

void ListDecoder::enter(Inside what, char first) {
  inside_ = what;
  skipped_ = what == Inside::Value && member_ == Member::Other &&
             (first == '{' || first == '[' || first == '"');
  scanner_.start(first);
}

Result<> ListDecoder::feed(std::string_view bytes, ItemSink& sink) {
  rest_ = bytes;
  while (true) {
    if (inside_ == Inside::Nothing) {
      while (!rest_.empty() && is_space(rest_.front())) {
        rest_.remove_prefix(1);
        ++taken_;
      }
      if (rest_.empty()) {
        return {};
      }
      TRY(step(rest_.front()));
      continue;
    }
    const std::size_t size = scanner_.feed(rest_);
    std::string_view text = rest_.substr(0, size);
    if (!scanner_.done()) {
      taken_ += size;
      return hold(text);
    }
    if (!held_.empty()) {
      TRY(hold(text));
      text = held_;
    } else if (text.size() > limits_.max_item_bytes) {
      return hold(text);
    }
    TRY(on_value(text, sink));
    rest_.remove_prefix(size);
    taken_ += size;
    held_.clear();
  }
}

Result<> ListDecoder::hold(std::string_view part) {
  if (held_.size() + part.size() > limits_.max_item_bytes) {
    return fail(ErrorCode::TooLarge,
                fmt::format("list: more than {} bytes without an end at byte {}",
                            limits_.max_item_bytes, taken_));
  }
  if (!skipped_) {
    held_ += part;
  }
  return {};
}

/// At a byte that is no white space and belongs to no value that has begun.
Result<> ListDecoder::step(char c) {
  switch (state_) {
    case State::FirstName:
    case State::Name:
      if (c == '"') {
        enter(Inside::Name, c);
        return {};
      }
      break;
    case State::Value:
      if (member_ != Member::Items || c != '[') {
        enter(Inside::Value, c);
        return {};
      }
      break;
    case State::FirstItem:
    case State::Item:
      if (c == '{') {
        enter(Inside::Item, c);
        return {};
      }
      break;
    default:
      break;
  }
  TRY(take_punctuation(c));
  rest_.remove_prefix(1);
  ++taken_;
  return {};
}

Result<> ListDecoder::take_punctuation(char c) {
  const auto go = [this, c](char wanted, State next) {
    if (c == wanted) {
      state_ = next;
    }
    return c == wanted;
  };
  switch (state_) {
    case State::Start:
      return go('{', State::FirstName) ? Result<>() : unexpected_byte(taken_, "'{'");
    case State::FirstName:
      return go('}', State::End) ? Result<>() : unexpected_byte(taken_, "a name or '}'");
    case State::Name:
      return unexpected_byte(taken_, "a name");
    case State::Colon:
      return go(':', State::Value) ? Result<>() : unexpected_byte(taken_, "':'");
    case State::Value:  // the items' bracket
      state_ = State::FirstItem;
      return {};
    case State::AfterValue:
      return go(',', State::Name) || go('}', State::End) ? Result<>()
                                                         : unexpected_byte(taken_, "',' or '}'");
    case State::FirstItem:
      return go(']', State::AfterValue) ? Result<>() : unexpected_byte(taken_, "an item or ']'");
    case State::Item:
      return unexpected_byte(taken_, "an item");
    case State::AfterItem:
      return go(',', State::Item) || go(']', State::AfterValue)
                 ? Result<>()
                 : unexpected_byte(taken_, "',' or ']'");
    case State::End:
      break;
  }
  return unexpected_byte(taken_, "the end");
}

/// What began with enter() is complete.
Result<> ListDecoder::on_value(std::string_view text, ItemSink& sink) {
  switch (std::exchange(inside_, Inside::Nothing)) {
    case Inside::Name:
      state_ = State::Colon;
      member_ = text == "\"items\""      ? Member::Items
                : text == "\"metadata\"" ? Member::Metadata
                : text == "\"kind\""     ? Member::Kind
                                         : Member::Other;
      if (member_ == Member::Items && std::exchange(seen_items_, true)) {
        return fail(ErrorCode::Malformed, "list: items stand there twice");
      }
      return {};
    case Inside::Item:
      state_ = State::AfterItem;
      ++items_;
      return sink.on_item(text);
    default:
      break;
  }
  state_ = State::AfterValue;
  if (text.empty() && !skipped_) {
    return unexpected_byte(taken_, "a value");
  }
  switch (member_) {
    case Member::Metadata: {
      auto meta = json::read_object<ListMeta>(text);
      if (!meta) {
        return fail(ErrorCode::Malformed, "list: metadata: " + meta.error().message());
      }
      meta_ = *std::move(meta);
      return {};
    }
    case Member::Kind: {
      std::string scratch;
      const auto kind = json::read_string(text, scratch);
      if (!kind) {
        return fail(ErrorCode::Malformed, "list: kind: " + kind.error().message());
      }
      kind_ = *kind;
      return {};
    }
    case Member::Items:
      return text == "null" ? Result<>() : unexpected_byte(taken_, "an array of items");
    case Member::Other:
      break;
  }
  return {};
}

Result<ListMeta> ListDecoder::finish() {
  if (state_ != State::End || inside_ != Inside::Nothing) {
    return fail(ErrorCode::Disconnected, "the list broke off");
  }
  if (!seen_items_) {
    return fail(ErrorCode::Malformed, "list: no items");
  }
  return meta_;
}

}  // namespace kthena::kube
