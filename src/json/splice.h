// Changing a JSON text without writing it anew: a few replaced ranges over the original bytes, sent
// as a list of pieces. Numbers, unknown fields and the order of members stay as the client wrote
// them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "json/on_demand.h"

namespace kthena::json {

/// Replacements of ranges of a text, which it does not own. Moves and copies freely.
class Splice {
 public:
  explicit Splice(std::string_view text) noexcept : text_(text), size_(text.size()) {}

  /// Replaces `length` bytes at `offset`. Ranges must not overlap (CHECK); of insertions at one
  /// place the first stands first, and before what is replaced there.
  void replace(std::size_t offset, std::size_t length, std::string_view replacement);
  void insert(std::size_t offset, std::string_view added) { replace(offset, 0, added); }
  void erase(std::size_t offset, std::size_t length) { replace(offset, length, {}); }

  bool changed() const noexcept { return !edits_.empty(); }
  /// Bytes of the result.
  std::size_t size() const noexcept { return size_; }

  /// Calls `visit(std::string_view)` for each piece of the result, in order, none of them empty.
  /// The views are valid as long as the text and this object, unchanged and unmoved.
  template <class Visit>
  void for_each_piece(Visit&& visit) const {
    std::size_t at = 0;
    for (const Edit& edit : edits_) {
      if (edit.offset > at) {
        visit(text_.substr(at, edit.offset - at));
      }
      if (edit.added > 0) {
        visit(std::string_view(added_).substr(edit.added_at, edit.added));
      }
      at = edit.offset + edit.removed;
    }
    if (at < text_.size()) {
      visit(text_.substr(at));
    }
  }

  /// The pieces, for an I/O vector.
  std::vector<std::string_view> pieces() const;
  /// The result in one string.
  std::string joined() const;

 private:
  struct Edit {
    std::size_t offset;
    std::size_t removed;
    std::size_t added_at;  // in added_
    std::size_t added;
  };

  std::string_view text_;
  std::string added_;
  std::vector<Edit> edits_;  // by offset
  std::size_t size_;
};

/// Edits the members of an object that scan_object() has read. Of a repeated name the last is
/// edited; where that matters, the caller has refused such texts.
class ObjectEdit {
 public:
  /// `scan` must be of `text` and no null (CHECK). Both texts and scan outlive the edit.
  ObjectEdit(std::string_view text, const ObjectScan& scan);

  /// Gives a member another value, or adds it. At most once for each name.
  /// @param field  of that name, from the scan
  /// @param value  JSON
  void set(std::string_view name, const RawField& field, std::string_view value);

  /// Removes a member if it is there.
  void remove(const RawField& field);

  /// Sets a member of an object within: `stream_options` {"a":1} becomes
  /// {"include_usage":true,"a":1}. If the outer member is missing or null it becomes an object with
  /// this one member; if the inner one has that value already, or the outer is neither object nor
  /// null, nothing changes. Whether something did.
  bool set_within(std::string_view outer_name, const RawField& outer, std::string_view inner_name,
                  std::string_view value);

  /// The edited text.
  Splice finish() &&;

 private:
  std::string_view text_;
  const ObjectScan& scan_;
  Splice splice_;
  std::vector<RawField> removed_;
  std::string added_members_;  // `"a":1,"b":2`
};

}  // namespace kthena::json
