// The objects of one kind in the in-memory API server, and what has happened to them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "base/list.h"
#include "json/value.h"
#include "kube/meta/object.h"

namespace kthena::kube::testing {

/// An object as it was at a version. Never changed.
struct Stored {
  json::Value object;
  std::string text;  ///< the same, printed
  Labels labels;
};
using StoredPointer = std::shared_ptr<const Stored>;

/// Something that happened to an object.
struct Change {
  std::uint64_t version = 0;
  StoredPointer before;  ///< null: it was created
  StoredPointer now;     ///< null: it was deleted
  StoredPointer last;    ///< if deleted: as it was last, with the version of the deletion
};

/// A watch.
class CollectionListener : public ListNode {
 public:
  /// There is news.
  virtual void on_change() noexcept = 0;
  /// The server dies.
  virtual void cut() noexcept = 0;

 protected:
  ~CollectionListener() = default;
};

/// Only the server changes it.
struct Collection {
  std::map<ObjectKey, StoredPointer> objects;
  std::deque<Change> changes;   ///< those after `forgotten`, oldest first
  std::uint64_t forgotten = 0;  ///< versions up to here cannot be watched from
  List<CollectionListener> listeners;
};

/// Which objects a request wants. Label selectors of the form "a=b,c=d" only.
struct Filter {
  std::string namespace_name;  ///< empty: all
  std::string name;            ///< of the field selector metadata.name; empty: all
  Labels labels;

  bool matches(const Stored& stored) const;
};

}  // namespace kthena::kube::testing
