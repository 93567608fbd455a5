#include "apiserver/storage/row_digest.h"

#include <cstdint>

#include "apiserver/storage/object.h"

namespace kthena::apiserver {

std::uint64_t digest_of(const StoredObject& object) {
  return RowDigest().identity(*object.identity).number(object.version).text(object.text).digest();
}

std::uint64_t digest_of(const Change& change, Version before) {
  RowDigest digest;
  digest.identity(*change.object->identity)
      .number(change.version())
      .number(before)
      .number(static_cast<std::uint64_t>(change.type))
      .number(static_cast<std::uint64_t>(change.at.time_since_epoch().count()));
  if (change.previous) {
    digest.number(change.previous->version).text(change.previous->text);
  }
  if (change.type == ChangeType::Deleted) {
    digest.text(change.object->text);
  }
  return digest.digest();
}

}  // namespace kthena::apiserver
