// Sets of fields of an object: what a manager owns, what a request changes.
//
// A set is a tree with one sorted list of nodes a level; a node may be a member of the set, have
// nodes below it, or both. Ours to work on for the time of a request; objects keep them as JSON.
#pragma once

#include <compare>
#include <cstddef>
#include <functional>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "apiserver/apply/path_element.h"
#include "base/result.h"
#include "json/value.h"

namespace kthena::apiserver {

using Path = std::vector<PathElement>;

/// `.spec.containers[name="a"].image`.
std::string describe(std::span<const PathElement> path);

struct FieldNode {
  PathElement element;
  bool member = false;
  std::vector<FieldNode> below{};

  friend bool operator==(const FieldNode& a, const FieldNode& b) {
    return a.element == b.element && a.member == b.member && a.below == b.below;
  }
};

class FieldSet {
 public:
  using Node = FieldNode;
  /// Sorted by element, each once. Of set algebra and the walkers in typed.h, who keep it so.
  using Nodes = std::vector<Node>;

  FieldSet() = default;
  explicit FieldSet(Nodes nodes) : nodes_(std::move(nodes)) {}
  /// Of fields only: `FieldSet::of({{"metadata", "labels"}, {"spec"}})`.
  static FieldSet of(std::initializer_list<std::initializer_list<std::string_view>> paths);

  bool empty() const { return nodes_.empty(); }
  std::size_t size() const;  ///< members
  bool contains(std::span<const PathElement> path) const;
  /// No effect if the path is empty: nobody owns a whole object.
  void insert(std::span<const PathElement> path);
  /// Calls `visit` for each member, those of a level before those below it.
  void for_each(const std::function<void(std::span<const PathElement>)>& visit) const;

  const Nodes& nodes() const { return nodes_; }
  Nodes& nodes() { return nodes_; }

  friend bool operator==(const FieldSet& a, const FieldSet& b);

 private:
  Nodes nodes_;
};

/// Keeps nodes that are members or have nodes below.
void append_if_any(FieldSet::Nodes& nodes, FieldSet::Node node);
/// Sorts nodes and joins those of one element.
void normalize(FieldSet::Nodes& nodes);

FieldSet unite(FieldSet a, FieldSet b);
FieldSet intersect(const FieldSet& a, const FieldSet& b);
/// Without the members of `b`; what is below a member of `b` stays.
FieldSet subtract(FieldSet a, const FieldSet& b);
/// Without the members of `b` and all that is below them.
FieldSet subtract_whole(FieldSet a, const FieldSet& b);
/// Whether `b` has every member of `a`.
bool is_subset(const FieldSet& a, const FieldSet& b);

/// FieldsV1. Kinds of path elements that do not exist yet are dropped, as kube-apiserver does.
/// Errors: InvalidArgument for what is no FieldsV1.
Result<FieldSet> parse_fields(const json::Value& fields);
/// In the order in which kube-apiserver prints it.
json::Value print_fields(const FieldSet& set);

}  // namespace kthena::apiserver
