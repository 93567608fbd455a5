#include <algorithm>
#include <cstddef>
#include <optional>
#include <utility>

#include "apiserver/apply/field_set.h"
#include "apiserver/apply/path_element.h"
#include "apiserver/apply/schema.h"
#include "apiserver/apply/typed.h"
#include "apiserver/apply/walk.h"
#include "json/value.h"

namespace kthena::apiserver {

namespace {

using Node = FieldSet::Node;
using Nodes = FieldSet::Nodes;

/// The fields of a value: whether it is one itself, and those below it.
struct Fields {
  bool member = false;
  Nodes below;
};

Fields collect(const Schema& schema, const json::Value& value);

void collect_map(Fields& out, const Schema& schema, const json::Object& object) {
  for (const auto& [name, value] : object) {
    const Schema::Field* declared = schema.find_field(name);
    const Schema* type = declared == nullptr ? schema.others : declared->type;
    Fields fields = collect(type == nullptr ? deduced_schema() : *type, value);
    const bool empty = value.is_null() || (value.is_object() && value.as_object().empty());
    append_if_any(out.below, {.element = PathElement::field(name),
                              .member = fields.member || empty || declared == nullptr,
                              .below = std::move(fields.below)});
  }
  normalize(out.below);
}

void collect_list(Fields& out, const Schema& schema, const json::Array& array) {
  const walk::Items items(schema, &array);
  out.below.reserve(items.all().size());
  for (const walk::Items::Item& item : items.all()) {
    // Of several items of one key, only that they are there.
    Fields fields;
    if (items.unique() || items.find(item.element).count == 1) {
      fields = collect(*schema.item, *item.value);
    }
    out.below.push_back(
        {.element = item.element, .member = true, .below = std::move(fields.below)});
  }
  normalize(out.below);
}

Fields collect(const Schema& schema, const json::Value& value) {
  Fields out;
  const walk::Choice choice = walk::choose(schema, &value);
  if (choice.map) {
    out.member = schema.map_is_atomic;
    if (!out.member && value.is_object()) {
      collect_map(out, schema, value.as_object());
    }
  } else if (choice.scalar) {
    out.member = true;
  } else if (choice.list) {
    out.member = schema.list_is_atomic;
    if (!out.member && value.is_array()) {
      collect_list(out, schema, value.as_array());
    }
  }
  return out;
}

const Node* find(const Nodes& nodes, const PathElement& element) {
  const auto found = std::ranges::lower_bound(nodes, element, {}, &Node::element);
  return found == nodes.end() || found->element != element ? nullptr : &*found;
}

json::Value remove(const Schema& schema, const json::Value& value, const Nodes& removed);

json::Value remove_from_map(const Schema& schema, const json::Value& value, const Nodes& removed) {
  if (!value.is_object() || value.as_object().empty() || schema.map_is_atomic) {
    return {};
  }
  json::Object out;
  for (const auto& [name, member] : value.as_object()) {
    const Node* node = find(removed, PathElement::field(name));
    if (node == nullptr) {
      out.append_new(name, member);
    } else if (!node->member) {
      const Schema* type = schema.member(name);
      out.append_new(name, remove(type == nullptr ? deduced_schema() : *type, member, node->below));
    }
  }
  return out.empty() ? json::Value() : json::Value(std::move(out));
}

json::Value remove_from_list(const Schema& schema, const json::Value& value, const Nodes& removed) {
  if (!value.is_array() || value.as_array().empty() || schema.list_is_atomic) {
    return {};
  }
  json::Array out;
  for (const json::Value& item : value.as_array()) {
    const auto element = element_of_item(schema, item);
    const Node* node = element ? find(removed, *element) : nullptr;
    if (node == nullptr) {
      out.push_back(item);
    } else if (!node->member) {
      out.push_back(remove(*schema.item, item, node->below));
    }
  }
  return out.empty() ? json::Value() : json::Value(std::move(out));
}

/// Null where nothing is left.
json::Value remove(const Schema& schema, const json::Value& value, const Nodes& removed) {
  const walk::Choice choice = walk::choose(schema, &value);
  if (choice.map) {
    return remove_from_map(schema, value, removed);
  }
  if (!choice.scalar && choice.list) {
    return remove_from_list(schema, value, removed);
  }
  return value;
}

void add_named_fields(const Schema* schema, Nodes& nodes) {
  for (Node& node : nodes) {
    if (node.below.empty()) {
      continue;
    }
    const Schema* type = nullptr;
    if (schema != nullptr && node.element.is_field() && schema->is_map) {
      node.member |= schema->find_field(node.element.name()) != nullptr;
      type = schema->member(node.element.name());
    } else if (schema != nullptr && node.element.kind() == PathElement::Kind::Key &&
               schema->is_list) {
      type = schema->item;
    }
    add_named_fields(type, node.below);
  }
}

/// What a set without a value to decide by takes a schema for.
enum class View : std::uint8_t { Map, Scalar, List };
View view_of(const Schema& schema) {
  return schema.is_map ? View::Map
                       : (schema.scalar != ScalarType::None ? View::Scalar : View::List);
}

void reconcile(const Schema& schema, Nodes& nodes);

void reconcile_node(const Schema& schema, Node& node) {
  const View view = view_of(schema);
  const bool atomic =
      (view == View::Map && schema.map_is_atomic) || (view == View::List && schema.list_is_atomic);
  if (atomic) {
    // Whoever owned a part owns the whole.
    if (!node.below.empty()) {
      node.member = true;
      node.below.clear();
    }
  } else {
    reconcile(schema, node.below);
  }
}

void reconcile(const Schema& schema, Nodes& nodes) {
  const View view = view_of(schema);
  if (view == View::Scalar || (schema.is_deduced && view == View::Map)) {
    return;
  }
  for (Node& node : nodes) {
    const Schema* type = schema.item;
    if (view == View::Map) {
      type = node.element.is_field() ? schema.member(node.element.name()) : schema.others;
    }
    if (type != nullptr) {
      reconcile_node(*type, node);
    }
  }
}

}  // namespace

FieldSet fields_of(const Schema& schema, const json::Value& value) {
  return FieldSet(std::move(collect(schema, value).below));
}

json::Value remove_fields(const Schema& schema, const json::Value& value, const FieldSet& fields) {
  return fields.empty() ? value : remove(schema, value, fields.nodes());
}

FieldSet with_named_fields(const Schema& schema, FieldSet fields) {
  add_named_fields(&schema, fields.nodes());
  return fields;
}

FieldSet reconciled(const Schema& schema, FieldSet fields) {
  reconcile(schema, fields.nodes());
  return fields;
}

}  // namespace kthena::apiserver
