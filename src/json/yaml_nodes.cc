#include "json/yaml_nodes.h"

#include <fmt/format.h>
#include <yaml.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "base/error.h"
#include "base/result.h"
#include "base/utf8.h"
#include "json/yaml.h"

namespace kthena::json {
namespace {

std::uint32_t line_of(const yaml_mark_t& mark) { return static_cast<std::uint32_t>(mark.line + 1); }

std::string text_of(const yaml_char_t* text) {
  return text != nullptr ? std::string(reinterpret_cast<const char*>(text)) : std::string();
}

/// One event of libyaml, freed when it goes.
class Event {
 public:
  Event() = default;
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;
  ~Event() { yaml_event_delete(&event_); }
  yaml_event_t* get() { return &event_; }
  const yaml_event_t* operator->() const { return &event_; }

 private:
  yaml_event_t event_{};
};

/// The byte a mark of libyaml points at; NUL behind the end. Its columns are characters.
char character_at(std::string_view text, const yaml_mark_t& mark) {
  for (std::size_t line = 0; line < mark.line; ++line) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) {
      return '\0';
    }
    text.remove_prefix(end + 1);
  }
  for (std::size_t column = 0; column < mark.column && !text.empty(); ++column) {
    text.remove_prefix(std::max<std::size_t>(utf8_sequence_length(text), 1));
  }
  return text.empty() ? '\0' : text.front();
}

/// What libyaml says, in words that tell what to do where its own do not.
std::string explained(std::string_view problem, std::string_view text, const yaml_mark_t& mark) {
  if (problem == "found character that cannot start any token") {
    const char c = character_at(text, mark);
    if (c == '\t') {
      return "a tab stands where YAML wants spaces";
    }
    if (c == '%' || c == '@' || c == '`') {
      return fmt::format("text that begins with '{}' needs quotes", c);
    }
  } else if (problem.contains("tab character")) {
    return "a tab stands where YAML wants spaces";
  } else if (problem == "did not find expected <document start>") {
    return "a document ended before this; another one begins with a line '---'";
  }
  return std::string(problem);
}

class NodeReader {
 public:
  NodeReader(std::string_view text, const YamlOptions& options) : text_(text), options_(options) {
    initialized_ = yaml_parser_initialize(&parser_) == 1;
    if (initialized_) {
      yaml_parser_set_encoding(&parser_, YAML_UTF8_ENCODING);
      yaml_parser_set_input_string(&parser_, reinterpret_cast<const unsigned char*>(text.data()),
                                   text.size());
    }
  }
  NodeReader(const NodeReader&) = delete;
  NodeReader& operator=(const NodeReader&) = delete;
  ~NodeReader() {
    if (initialized_) {
      yaml_parser_delete(&parser_);
    }
  }

  Result<YamlForest> read() {
    if (!initialized_) {
      return fail(ErrorCode::Internal, "no memory for the YAML parser");
    }
    while (true) {
      Event event;
      TRY(next(event));
      if (event->type == YAML_STREAM_END_EVENT) {
        return std::move(forest_);
      }
      if (event->type == YAML_DOCUMENT_START_EVENT) {
        anchors_.clear();
        Event first;
        TRY(next(first));
        forest_.roots.push_back(TRY(read_node(first, 0)));
      }
    }
  }

 private:
  Result<> next(Event& event) {
    if (yaml_parser_parse(&parser_, event.get()) == 1) {
      return {};
    }
    const char* problem = parser_.problem != nullptr ? parser_.problem : "not YAML";
    if (parser_.error == YAML_READER_ERROR) {
      const auto offset = std::min(parser_.problem_offset, text_.size());
      return yaml_error(
          static_cast<std::uint32_t>(1 + std::ranges::count(text_.substr(0, offset), '\n')),
          problem);
    }
    return yaml_error(line_of(parser_.problem_mark),
                      explained(problem, text_, parser_.problem_mark));
  }

  Result<const YamlNode*> read_node(const Event& event, std::size_t depth) {
    YamlNode& node = forest_.nodes.emplace_back();
    node.line = line_of(event->start_mark);
    bytes_ += kBytesPerNode;
    if (event->type == YAML_SCALAR_EVENT) {
      bytes_ += event->data.scalar.length;
    }
    if (bytes_ > options_.max_expanded_bytes) {
      return too_many_values(node.line, options_);
    }
    switch (event->type) {
      case YAML_ALIAS_EVENT:
        return read_alias(node, text_of(event->data.alias.anchor));
      case YAML_SCALAR_EVENT: {
        const auto& scalar = event->data.scalar;
        node.tag = text_of(scalar.tag);
        node.plain = scalar.plain_implicit == 1 && scalar.style == YAML_PLAIN_SCALAR_STYLE;
        node.text.assign(reinterpret_cast<const char*>(scalar.value), scalar.length);
        remember(scalar.anchor, node);
        return &node;
      }
      case YAML_SEQUENCE_START_EVENT:
        node.kind = YamlNode::Kind::Sequence;
        node.tag = text_of(event->data.sequence_start.tag);
        remember(event->data.sequence_start.anchor, node);
        return read_children(node, YAML_SEQUENCE_END_EVENT, depth + 1);
      default:
        node.kind = YamlNode::Kind::Mapping;
        node.tag = text_of(event->data.mapping_start.tag);
        remember(event->data.mapping_start.anchor, node);
        return read_children(node, YAML_MAPPING_END_EVENT, depth + 1);
    }
  }

  Result<const YamlNode*> read_children(YamlNode& node, yaml_event_type_t end, std::size_t depth) {
    if (depth > options_.max_depth) {
      return yaml_error(node.line, fmt::format("nested deeper than {} levels", options_.max_depth));
    }
    node.open = true;
    while (true) {
      Event event;
      TRY(next(event));
      if (event->type == end) {
        node.open = false;
        return &node;
      }
      node.children.push_back(TRY(read_node(event, depth)));
    }
  }

  Result<const YamlNode*> read_alias(YamlNode& node, const std::string& anchor) {
    const auto at = anchors_.find(anchor);
    if (at == anchors_.end()) {
      return yaml_error(node.line, fmt::format("unknown anchor '{}'", anchor));
    }
    if (at->second->open) {
      return yaml_error(node.line, fmt::format("the value of anchor '{}' contains itself", anchor));
    }
    node.kind = YamlNode::Kind::Alias;
    node.target = at->second;
    return &node;
  }

  void remember(const yaml_char_t* anchor, const YamlNode& node) {
    if (anchor != nullptr) {
      anchors_[text_of(anchor)] = &node;
    }
  }

  std::string_view text_;
  const YamlOptions& options_;
  std::size_t bytes_ = 0;  // of values, aliases not expanded
  yaml_parser_t parser_{};
  bool initialized_ = false;
  YamlForest forest_;
  std::unordered_map<std::string, const YamlNode*> anchors_;  // of this document, latest first
};

}  // namespace

std::unexpected<Error> yaml_error(std::uint32_t line, std::string_view what) {
  return fail(ErrorCode::InvalidArgument, fmt::format("line {}: {}", line, what));
}

std::unexpected<Error> too_many_values(std::uint32_t line, const YamlOptions& options) {
  return fail(ErrorCode::TooLarge, fmt::format("line {}: more than {} bytes of values", line,
                                               options.max_expanded_bytes));
}

Result<YamlForest> read_yaml_nodes(std::string_view text, const YamlOptions& options) {
  return NodeReader(text, options).read();
}

}  // namespace kthena::json
