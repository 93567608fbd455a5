#include "json/splice.h"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <string_view>
#include <utility>
#include <vector>

#include "base/check.h"
#include "json/on_demand.h"
#include "json/print.h"
#include "json/value.h"

namespace kthena::json {

void Splice::replace(std::size_t offset, std::size_t length, std::string_view replacement) {
  CHECK_LE(offset, text_.size());
  CHECK_LE(length, text_.size() - offset);
  const Edit edit{
      .offset = offset, .removed = length, .added_at = added_.size(), .added = replacement.size()};
  // After what is inserted at the same place, before what is replaced there.
  auto next = std::ranges::find_if(edits_, [&edit](const Edit& other) {
    return other.offset > edit.offset ||
           (other.offset == edit.offset && other.removed > 0 && edit.removed == 0);
  });
  if (next != edits_.begin()) {
    const Edit& before = *std::prev(next);
    CHECK_LE(before.offset + before.removed, offset);
  }
  CHECK(next == edits_.end() || offset + length <= next->offset);
  edits_.insert(next, edit);
  added_ += replacement;
  size_ += replacement.size();
  size_ -= length;
}

std::vector<std::string_view> Splice::pieces() const {
  std::vector<std::string_view> pieces;
  pieces.reserve(2 * edits_.size() + 1);
  for_each_piece([&pieces](std::string_view piece) { pieces.push_back(piece); });
  return pieces;
}

std::string Splice::joined() const {
  std::string out;
  out.reserve(size_);
  for_each_piece([&out](std::string_view piece) { out += piece; });
  return out;
}

ObjectEdit::ObjectEdit(std::string_view text, const ObjectScan& scan)
    : text_(text), scan_(scan), splice_(text) {
  CHECK(!scan.is_null);
}

void ObjectEdit::set(std::string_view name, const RawField& field, std::string_view value) {
  if (field.present()) {
    splice_.replace(field.begin, field.end - field.begin, value);
    return;
  }
  if (!added_members_.empty()) {
    added_members_ += ',';
  }
  append_quoted(added_members_, name);
  added_members_ += ':';
  added_members_ += value;
}

void ObjectEdit::remove(const RawField& field) {
  if (field.present()) {
    removed_.push_back(field);
  }
}

bool ObjectEdit::set_within(std::string_view outer_name, const RawField& outer,
                            std::string_view inner_name, std::string_view value) {
  if (!outer.present() || outer.type == Type::Null) {
    std::string object = "{";
    append_quoted(object, inner_name);
    object += ':';
    object += value;
    object += '}';
    set(outer_name, outer, object);
    return true;
  }
  if (outer.type != Type::Object) {
    return false;
  }
  const std::string_view inside = outer.in(text_);
  RawField inner;
  const auto scan = scan_object(inside, std::span(&inner_name, 1), std::span(&inner, 1));
  if (!scan || (inner.present() && inner.in(inside) == value)) {
    return false;
  }
  ObjectEdit edit(inside, *scan);
  edit.set(inner_name, inner, value);
  set(outer_name, outer, std::move(edit).finish().joined());
  return true;
}

Splice ObjectEdit::finish() && {
  std::ranges::sort(removed_, {}, &RawField::ordinal);
  // The members removed from the front take the comma after them along, all others the one before.
  std::size_t front = 0;
  for (const RawField& field : removed_) {
    if (field.ordinal == front) {
      const std::size_t end =
          field.comma_after == RawField::kNone ? field.end : field.comma_after + 1;
      splice_.erase(field.name_begin, end - field.name_begin);
      ++front;
    } else {
      splice_.erase(field.comma_before, field.end - field.comma_before);
    }
  }
  if (!added_members_.empty()) {
    if (removed_.size() < scan_.members) {
      added_members_ += ',';
    }
    splice_.insert(scan_.open + 1, added_members_);
  }
  return std::move(splice_);
}

}  // namespace kthena::json
