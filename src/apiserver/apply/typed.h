// Values of a known type: checking, merging, comparing, and the sets of their fields, as
// kubernetes-sigs/structured-merge-diff 6.3 defines them. All pure; cost O(values), with a factor
// log for lists that merge and for maps of many members.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>

#include "apiserver/apply/field_set.h"
#include "apiserver/apply/path_element.h"
#include "apiserver/apply/schema.h"
#include "json/value.h"

namespace kthena::apiserver {

/// Whether lists that merge may have two items of one key. What is applied may not, what exists
/// may: such lists are legal for some kinds.
enum class Duplicates : std::uint8_t { Refused, Allowed };

/// What is wrong with a value, in the words of kube-apiserver: `.data.a: expected string, got …`,
/// or several lines. Nothing if it is fine.
std::optional<std::string> find_fault(const Schema& schema, const json::Value& value,
                                      Duplicates duplicates);

/// `live` changed by what `wanted` has. Nothing is removed.
json::Value merge_typed(const Schema& schema, const json::Value& live, const json::Value& wanted);

/// What differs between two values. No field is in two of the sets.
struct Difference {
  FieldSet removed;
  FieldSet modified;
  FieldSet added;
};
Difference compare_typed(const Schema& schema, const json::Value& before, const json::Value& after);

/// All leaves and items that a value mentions.
FieldSet fields_of(const Schema& schema, const json::Value& value);

/// The value without the fields and items of a set.
json::Value remove_fields(const Schema& schema, const json::Value& value, const FieldSet& fields);

/// The set with all declared fields on the way to its members as members.
FieldSet with_named_fields(const Schema& schema, FieldSet fields);

/// A set that was written when the schema was another: fields in what is atomic now become the
/// whole.
FieldSet reconciled(const Schema& schema, FieldSet fields);

/// How an item of a merging list is told apart. Errors: why it cannot be, in the words of
/// kube-apiserver.
std::expected<PathElement, std::string> element_of_item(const Schema& list,
                                                        const json::Value& item);

}  // namespace kthena::apiserver
