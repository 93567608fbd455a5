// What is stored: objects as texts, and the changes that made them.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "base/clock.h"

namespace kthena::apiserver {

/// A number of the change log: `resourceVersion`. One sequence for all objects of a server; it
/// grows and is never given twice. 0 is before the first change.
using Version = std::uint64_t;

/// Where an object stands.
struct ObjectPath {
  std::string resource;        ///< group and plural: "apps/deployments"; "pods" in the core group
  std::string namespace_name;  ///< empty for what is of the cluster
  std::string name;

  /// "apps/deployments default/web"; for messages.
  std::string to_string() const {
    return resource + " " + (namespace_name.empty() ? "" : namespace_name + "/") + name;
  }
  friend auto operator<=>(const ObjectPath&, const ObjectPath&) = default;
};

/// What all versions of one object share.
struct ObjectIdentity {
  ObjectPath path;
  std::string uid;
  Version created = 0;  ///< the version of the write that created it: no other object has it
};

/// An object as it was written at one version. Never changes, so any thread may read it.
struct StoredObject {
  std::shared_ptr<const ObjectIdentity> identity;
  Version version = 0;
  std::string text;  ///< JSON as it is served, `metadata.resourceVersion` included

  const ObjectPath& path() const noexcept { return identity->path; }
  const std::string& uid() const noexcept { return identity->uid; }
};
using ObjectPtr = std::shared_ptr<const StoredObject>;

enum class ChangeType : std::uint8_t { Added = 1, Modified = 2, Deleted = 3 };

/// One entry of the change log.
struct Change {
  ChangeType type = ChangeType::Added;
  ObjectPtr
      object;  ///< after the change; of a deleted one its last state, at the version of its end
  ObjectPtr previous;  ///< before the change; null if it was added
  WallTime at;         ///< when it was asked for

  Version version() const noexcept { return object->version; }
  const ObjectPath& path() const noexcept { return object->path(); }
  /// What the log alone keeps alive of it.
  std::size_t bytes() const noexcept {
    return (previous ? previous->text.size() : 0) +
           (type == ChangeType::Deleted ? object->text.size() : 0);
  }
};
using ChangePtr = std::shared_ptr<const Change>;

}  // namespace kthena::apiserver
