// Digests of what stands in the rows of a database: SQLite itself does not notice an altered text.
#pragma once

#include <cstdint>
#include <string_view>

#include "apiserver/storage/object.h"
#include "base/hash.h"

namespace kthena::apiserver {

/// A digest over values, each with its length or in a fixed width.
class RowDigest {
 public:
  RowDigest& number(std::uint64_t value) {
    stream_.update({reinterpret_cast<const char*>(&value), sizeof(value)});
    return *this;
  }
  RowDigest& text(std::string_view text) {
    number(text.size());
    stream_.update(text);
    return *this;
  }
  RowDigest& identity(const ObjectIdentity& identity) {
    return text(identity.path.resource)
        .text(identity.path.namespace_name)
        .text(identity.path.name)
        .text(identity.uid)
        .number(identity.created);
  }
  std::uint64_t digest() const { return stream_.digest(); }

 private:
  Xxh3Stream stream_;
};

/// Of a row of objects.
std::uint64_t digest_of(const StoredObject& object);
/// Of a row of the log; `before`: the version of the change before it.
std::uint64_t digest_of(const Change& change, Version before);

}  // namespace kthena::apiserver
