#include <algorithm>
#include <cstddef>
#include <utility>

#include "apiserver/apply/field_set.h"
#include "apiserver/apply/path_element.h"
#include "apiserver/apply/schema.h"
#include "apiserver/apply/typed.h"
#include "apiserver/apply/walk.h"
#include "json/value.h"

namespace kthena::apiserver {

namespace {

/// What was found at one place: whether it is in one of the three sets itself, and what is below.
struct Found {
  bool removed = false;
  bool modified = false;
  bool added = false;
  FieldSet::Nodes removed_below;
  FieldSet::Nodes modified_below;
  FieldSet::Nodes added_below;
};

Found compare(const Schema& schema, const json::Value* before, const json::Value* after);

void append(FieldSet::Nodes& nodes, const PathElement& element, bool member,
            FieldSet::Nodes below) {
  if (member || !below.empty()) {
    nodes.push_back({.element = element, .member = member, .below = std::move(below)});
  }
}

void append(Found& to, const PathElement& element, Found found) {
  append(to.removed_below, element, found.removed, std::move(found.removed_below));
  append(to.modified_below, element, found.modified, std::move(found.modified_below));
  append(to.added_below, element, found.added, std::move(found.added_below));
}

/// Members of maps come in any order.
void sort(Found& found) {
  normalize(found.removed_below);
  normalize(found.modified_below);
  normalize(found.added_below);
}

void compare_leaf(Found& out, const json::Value* before, const json::Value* after) {
  out.added = before == nullptr;
  out.removed = before != nullptr && after == nullptr;
  out.modified = before != nullptr && after != nullptr && *before != *after;
}

void compare_maps(Found& out, const Schema& schema, const json::Object* before,
                  const json::Object* after) {
  const walk::Members old_members(before);
  const walk::Members new_members(after);
  const auto add = [&](const std::string& name, const json::Value* old_value,
                       const json::Value* new_value) {
    const Schema* type = schema.member(name);
    Found found = compare(type == nullptr ? deduced_schema() : *type, old_value, new_value);
    append(out, PathElement::field(name), std::move(found));
  };
  if (before != nullptr) {
    for (const auto& [name, value] : *before) {
      add(name, &value, new_members.find(name));
    }
  }
  if (after != nullptr) {
    for (const auto& [name, value] : *after) {
      if (old_members.find(name) == nullptr) {
        add(name, nullptr, &value);
      }
    }
  }
  sort(out);
}

/// Several items of one key are one piece; only whether and how it changes counts.
Found compare_repeated(const Schema& list, const walk::Items& before,
                       const walk::Items::Found& old_items, const walk::Items& after,
                       const walk::Items::Found& new_items, const PathElement& element) {
  Found found;
  if (old_items.count > 1 && new_items.count > 1) {
    const auto values = [&element](const walk::Items& items) {
      json::Array out;
      for (const walk::Items::Item& item : items.all()) {
        if (item.element == element) {
          out.push_back(*item.value);
        }
      }
      return out;
    };
    found.modified = values(before) != values(after);
  } else if (old_items.count > 1) {
    if (new_items.count == 1) {
      found = compare(*list.item, nullptr, after[new_items.first].value);
    }
    found.removed = true;
  } else {
    if (old_items.count == 1) {
      found = compare(*list.item, before[old_items.first].value, nullptr);
    }
    found.added = true;
  }
  return found;
}

void compare_lists(Found& out, const Schema& list, const json::Array* before,
                   const json::Array* after) {
  if (before != nullptr && after != nullptr && *before == *after) {
    return;  // most lists do not change, and to tell their items apart costs
  }
  const walk::Items old_items(list, before);
  const walk::Items new_items(list, after);
  const auto value_of = [](const walk::Items& items, const walk::Items::Found& found) {
    return found.count == 0 ? nullptr : items[found.first].value;
  };
  const auto add = [&](const PathElement& element, const walk::Items::Found& old_found,
                       const walk::Items::Found& new_found) {
    append(
        out, element,
        old_found.count > 1 || new_found.count > 1
            ? compare_repeated(list, old_items, old_found, new_items, new_found, element)
            : compare(*list.item, value_of(old_items, old_found), value_of(new_items, new_found)));
  };
  for (std::size_t i = 0; i < old_items.all().size(); ++i) {
    const PathElement& element = old_items[i].element;
    const walk::Items::Found found = old_items.find(element, i);
    if (found.first == i) {
      add(element, found, new_items.find(element, i));
    }
  }
  for (std::size_t i = 0; i < new_items.all().size(); ++i) {
    const PathElement& element = new_items[i].element;
    const walk::Items::Found found = new_items.find(element, i);
    if (found.first == i && old_items.find(element, i).count == 0) {
      add(element, {.first = 0, .count = 0}, found);
    }
  }
  sort(out);
}

enum class Leaf : bool { No, Yes };

Leaf compare_as(const walk::Choice& choice, Found& out, const Schema& schema,
                const json::Value* before, const json::Value* after) {
  if (choice.map) {
    const json::Object* old_map = walk::object_or_null(before);
    const json::Object* new_map = walk::object_or_null(after);
    const bool empty =
        (old_map == nullptr || old_map->empty()) && (new_map == nullptr || new_map->empty());
    if (!schema.map_is_atomic && !empty) {
      compare_maps(out, schema, old_map, new_map);
      return Leaf::No;
    }
  } else if (!choice.scalar && choice.list) {
    const json::Array* old_list = walk::array_or_null(before);
    const json::Array* new_list = walk::array_or_null(after);
    const bool empty =
        (old_list == nullptr || old_list->empty()) && (new_list == nullptr || new_list->empty());
    if (!schema.list_is_atomic && !empty) {
      compare_lists(out, schema, old_list, new_list);
      return Leaf::No;
    }
  }
  compare_leaf(out, before, after);
  return Leaf::Yes;
}

Found compare(const Schema& schema, const json::Value* before, const json::Value* after) {
  Found out;
  const walk::Choice old_choice = walk::choose(schema, before);
  const walk::Choice new_choice = walk::choose(schema, after);
  if (after == nullptr) {
    compare_as(old_choice, out, schema, before, after);
  } else if (before == nullptr || old_choice == new_choice) {
    compare_as(new_choice, out, schema, before, after);
  } else {
    // Another kind of value than before: both views count.
    compare_as(old_choice, out, schema, before, after);
    Found other;
    compare_as(new_choice, other, schema, before, after);
    out.removed |= other.removed;
    out.modified |= other.modified;
    out.added |= other.added;
    std::ranges::move(other.removed_below, std::back_inserter(out.removed_below));
    std::ranges::move(other.modified_below, std::back_inserter(out.modified_below));
    std::ranges::move(other.added_below, std::back_inserter(out.added_below));
    sort(out);
  }
  out.added |= before == nullptr;
  out.removed |= before != nullptr && after == nullptr;
  return out;
}

}  // namespace

Difference compare_typed(const Schema& schema, const json::Value& before,
                         const json::Value& after) {
  Found found = compare(schema, &before, &after);
  return {.removed = FieldSet(std::move(found.removed_below)),
          .modified = FieldSet(std::move(found.modified_below)),
          .added = FieldSet(std::move(found.added_below))};
}

}  // namespace kthena::apiserver
