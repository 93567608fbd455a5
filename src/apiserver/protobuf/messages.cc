#include "apiserver/protobuf/messages.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <string_view>
#include <utility>

#include "apiserver/built_in/structs.h"
#include "base/check.h"
#include "base/strings.h"

namespace kthena::apiserver {

namespace {

constexpr std::array<std::pair<std::string_view, AnyForm>, 3> kAnyForms{{
    {"or-array", AnyForm::SchemaOrArray},
    {"or-bool", AnyForm::SchemaOrBool},
    {"or-strings", AnyForm::SchemaOrStrings},
}};

std::string_view take(std::string_view& text, char separator) {
  const std::size_t end = std::min(text.find(separator), text.size());
  const std::string_view front = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return front;
}

/// Our own build wrote the text, so that whatever cannot be read is a bug.
class Table {
 public:
  Table() {
    for (std::string_view text : message_texts()) {
      const std::string_view name = take(text, '\n');
      texts_.emplace(name, text);
      if (const StructType* type = find_struct(name)) {
        by_name_.emplace(name, &owned_.emplace_back(Message{.type = type}));
      }
    }
    for (auto& [name, message] : by_name_) {
      fill(*message, texts_.at(name));
    }
  }

  const Message* find(std::string_view name) const {
    const auto found = by_name_.find(name);
    return found == by_name_.end() ? nullptr : found->second;
  }

 private:
  void fill(Message& message, std::string_view lines) {
    while (!lines.empty()) {
      std::string_view line = take(lines, '\n');
      const auto number = parse_int<std::uint32_t>(take(line, ' '));
      CHECK(number.has_value());
      MessageField field{.number = *number};
      const std::string_view name = take(line, ' ');
      if (name.starts_with('>')) {
        Message& embedded = owned_.emplace_back(Message{.type = message.type});
        fill(embedded, texts_.at(name.substr(1)));
        field.embedded = &embedded;
      } else {
        const auto position = message.type->find(name);
        CHECK(position.has_value());
        field.position = *position;
        field.message = struct_within(message.type->fields[*position].type);
      }
      for (const auto& [word, form] : kAnyForms) {
        if (line == word) {
          field.any_form = form;
        }
      }
      message.fields.push_back(field);  // the texts are sorted
    }
  }

  const Message* struct_within(const HeldType& type) const {
    const HeldType* at = &type;
    while (at->of != nullptr) {
      at = at->of;
    }
    return at->fields == nullptr ? nullptr : find(at->fields->name);
  }

  std::deque<Message> owned_;  // addresses stay
  std::map<std::string_view, std::string_view> texts_;
  std::map<std::string_view, Message*> by_name_;
};

}  // namespace

const MessageField* Message::find(std::uint32_t number) const {
  const auto found = std::ranges::lower_bound(fields, number, {}, &MessageField::number);
  return found == fields.end() || found->number != number ? nullptr : &*found;
}

const Message& message_of(std::string_view type_name) {
  static const Table table;
  const Message* found = table.find(type_name);
  CHECK(found != nullptr);  // the tables have the same types
  return *found;
}

}  // namespace kthena::apiserver
