#include "apiserver/apply/field_set.h"

#include <algorithm>
#include <cstddef>
#include <functional>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "apiserver/apply/path_element.h"
#include "base/error.h"
#include "base/result.h"
#include "json/value.h"

namespace kthena::apiserver {

namespace {

using Node = FieldSet::Node;
using Nodes = FieldSet::Nodes;

constexpr std::size_t kMaxDepth = 512;

const Node* find(const Nodes& nodes, const PathElement& element) {
  const auto found = std::ranges::lower_bound(nodes, element, {}, &Node::element);
  return found == nodes.end() || found->element != element ? nullptr : &*found;
}

Node& at(Nodes& nodes, const PathElement& element) {
  auto found = std::ranges::lower_bound(nodes, element, {}, &Node::element);
  if (found == nodes.end() || found->element != element) {
    found = nodes.insert(found, Node{.element = element});
  }
  return *found;
}

std::size_t count(const Nodes& nodes) {
  std::size_t members = 0;
  for (const Node& node : nodes) {
    members += (node.member ? 1 : 0) + count(node.below);
  }
  return members;
}

void visit_members(const Nodes& nodes, Path& path,
                   const std::function<void(std::span<const PathElement>)>& visit) {
  for (const Node& node : nodes) {
    if (node.member) {
      path.push_back(node.element);
      visit(path);
      path.pop_back();
    }
  }
  for (const Node& node : nodes) {
    if (!node.below.empty()) {
      path.push_back(node.element);
      visit_members(node.below, path, visit);
      path.pop_back();
    }
  }
}

Nodes unite_nodes(Nodes a, Nodes b) {
  if (a.empty() || b.empty()) {
    return a.empty() ? std::move(b) : std::move(a);
  }
  Nodes out;
  out.reserve(a.size() + b.size());
  auto left = a.begin();
  auto right = b.begin();
  while (left != a.end() && right != b.end()) {
    const auto order = left->element <=> right->element;
    if (order < 0) {
      out.push_back(std::move(*left++));
    } else if (order > 0) {
      out.push_back(std::move(*right++));
    } else {
      left->member |= right->member;
      left->below = unite_nodes(std::move(left->below), std::move(right->below));
      out.push_back(std::move(*left++));
      ++right;
    }
  }
  std::move(left, a.end(), std::back_inserter(out));
  std::move(right, b.end(), std::back_inserter(out));
  return out;
}

Nodes intersect_nodes(const Nodes& a, const Nodes& b) {
  Nodes out;
  auto left = a.begin();
  auto right = b.begin();
  while (left != a.end() && right != b.end()) {
    const auto order = left->element <=> right->element;
    if (order < 0) {
      ++left;
    } else if (order > 0) {
      ++right;
    } else {
      const bool member = left->member && right->member;
      Nodes below = intersect_nodes(left->below, right->below);
      if (member || !below.empty()) {
        out.push_back(Node{.element = left->element, .member = member, .below = std::move(below)});
      }
      ++left;
      ++right;
    }
  }
  return out;
}

enum class Below : bool { Stays, Goes };

/// In place: most nodes stay.
void subtract_nodes(Nodes& a, const Nodes& b, Below below) {
  if (b.empty()) {
    return;
  }
  auto right = b.begin();
  std::erase_if(a, [&](Node& node) {
    while (right != b.end() && right->element < node.element) {
      ++right;
    }
    if (right == b.end() || right->element != node.element) {
      return false;
    }
    if (right->member) {
      if (below == Below::Goes) {
        return true;
      }
      node.member = false;
    }
    subtract_nodes(node.below, right->below, below);
    return !node.member && node.below.empty();
  });
}

bool is_subset_of(const Nodes& a, const Nodes& b) {
  auto right = b.begin();
  return std::ranges::all_of(a, [&](const Node& node) {
    while (right != b.end() && right->element < node.element) {
      ++right;
    }
    return right != b.end() && right->element == node.element && (right->member || !node.member) &&
           is_subset_of(node.below, right->below);
  });
}

struct Parsed {
  Nodes nodes;
  bool member = false;
};

Result<Parsed> parse_level(const json::Value& fields, std::size_t depth) {
  Parsed parsed;
  if (fields.is_null()) {
    parsed.member = true;
    return parsed;
  }
  if (!fields.is_object() || depth > kMaxDepth) {
    return fail(ErrorCode::InvalidArgument, "fields that are no object, or too deep");
  }
  parsed.nodes.reserve(fields.as_object().size());
  for (const auto& [text, value] : fields.as_object()) {
    if (text == ".") {
      parsed.member = true;
      continue;
    }
    std::optional<PathElement> element = TRY(PathElement::parse(text));
    if (!element) {
      continue;
    }
    Parsed below = TRY(parse_level(value, depth + 1));
    append_if_any(parsed.nodes, Node{.element = *std::move(element),
                                     .member = below.member,
                                     .below = std::move(below.nodes)});
  }
  normalize(parsed.nodes);
  parsed.member |= parsed.nodes.empty();
  return parsed;
}

json::Object print_level(const Nodes& nodes, bool member) {
  json::Object out;
  if (member && !nodes.empty()) {
    out.append_new(".", json::Object{});
  }
  for (const Node& node : nodes) {
    out.append_new(node.element.print(), print_level(node.below, node.member));
  }
  return out;
}

}  // namespace

std::string describe(std::span<const PathElement> path) {
  std::string out;
  for (const PathElement& element : path) {
    out += element.describe();
  }
  return out;
}

FieldSet FieldSet::of(std::initializer_list<std::initializer_list<std::string_view>> paths) {
  FieldSet set;
  for (const auto& names : paths) {
    Path path;
    for (const std::string_view name : names) {
      path.push_back(PathElement::field(name));
    }
    set.insert(path);
  }
  return set;
}

std::size_t FieldSet::size() const { return count(nodes_); }

bool FieldSet::contains(std::span<const PathElement> path) const {
  const Nodes* nodes = &nodes_;
  const Node* node = nullptr;
  for (const PathElement& element : path) {
    node = find(*nodes, element);
    if (node == nullptr) {
      return false;
    }
    nodes = &node->below;
  }
  return node != nullptr && node->member;
}

void FieldSet::insert(std::span<const PathElement> path) {
  Nodes* nodes = &nodes_;
  for (std::size_t i = 0; i < path.size(); ++i) {
    Node& node = at(*nodes, path[i]);
    node.member |= i + 1 == path.size();
    nodes = &node.below;
  }
}

void FieldSet::for_each(const std::function<void(std::span<const PathElement>)>& visit) const {
  Path path;
  visit_members(nodes_, path, visit);
}

bool operator==(const FieldSet& a, const FieldSet& b) { return a.nodes_ == b.nodes_; }

void append_if_any(Nodes& nodes, Node node) {
  if (node.member || !node.below.empty()) {
    nodes.push_back(std::move(node));
  }
}

void normalize(Nodes& nodes) {
  const auto disorder = std::ranges::adjacent_find(
      nodes, [](const Node& a, const Node& b) { return a.element >= b.element; });
  if (disorder == nodes.end()) {
    return;
  }
  std::ranges::sort(nodes, {}, &Node::element);
  Nodes joined;
  joined.reserve(nodes.size());
  for (Node& node : nodes) {
    if (!joined.empty() && joined.back().element == node.element) {
      joined.back().member |= node.member;
      joined.back().below = unite_nodes(std::move(joined.back().below), std::move(node.below));
    } else {
      joined.push_back(std::move(node));
    }
  }
  nodes = std::move(joined);
}

FieldSet unite(FieldSet a, FieldSet b) {
  return FieldSet(unite_nodes(std::move(a.nodes()), std::move(b.nodes())));
}

FieldSet intersect(const FieldSet& a, const FieldSet& b) {
  return FieldSet(intersect_nodes(a.nodes(), b.nodes()));
}

FieldSet subtract(FieldSet a, const FieldSet& b) {
  subtract_nodes(a.nodes(), b.nodes(), Below::Stays);
  return a;
}

FieldSet subtract_whole(FieldSet a, const FieldSet& b) {
  subtract_nodes(a.nodes(), b.nodes(), Below::Goes);
  return a;
}

bool is_subset(const FieldSet& a, const FieldSet& b) { return is_subset_of(a.nodes(), b.nodes()); }

Result<FieldSet> parse_fields(const json::Value& fields) {
  return FieldSet(std::move(TRY(parse_level(fields, 0)).nodes));
}

json::Value print_fields(const FieldSet& set) { return print_level(set.nodes(), false); }

}  // namespace kthena::apiserver
