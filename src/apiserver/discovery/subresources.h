// What stands below an object's path: `/status`, `/scale`, a pod's `/log`.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "apiserver/kinds/kind.h"

namespace kthena::apiserver {

struct Subresource {
  std::string_view name;        ///< "scale"
  std::string_view kind;        ///< of what is read or sent there: "Scale"
  std::string_view group = {};  ///< of that kind; with no version it is the resource's own
  std::string_view version = {};
  Verbs verbs = {};
  /// The full name of what is sent to it, where it is neither an object of the kind nor a Scale;
  /// empty for what is no object at all, such as the log.
  std::string_view shape = {};

  /// "autoscaling/v1"; empty if it is the resource's own.
  std::string api_version() const;
};

/// What is served below an object of that kind, in the order in which discovery lists it. Views
/// into the kind and into constants.
std::vector<Subresource> subresources_of(const Kind& kind);

}  // namespace kthena::apiserver
