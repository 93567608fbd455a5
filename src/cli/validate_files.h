// Finds manifests by the names a user gives, and checks each.
#pragma once

#include <cstddef>
#include <iosfwd>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kube/meta/manifest.h"

namespace kthena::cli {

/// What was found in all files.
struct ValidationReport {
  std::size_t files = 0;
  std::size_t objects = 0;
  std::size_t unchecked = 0;  ///< of these: built-in ones and those of kinds that are not known
  std::vector<kube::ManifestProblem> findings;  ///< by file, in the order of their lines
  std::vector<std::string> unreadable;          ///< "no.yaml: No such file or directory"
};

/// A file with more is refused: nobody means such a manifest, and values take many times their
/// text.
inline constexpr std::size_t kMaxManifestBytes = 16UL << 20;

/// @param paths  files; directories, whose *.yaml, *.yml and *.json are read at any depth, sorted
///               by name, but not what begins with a dot; "-" for `in`
ValidationReport validate_files(std::span<const std::string_view> paths, std::istream& in);

}  // namespace kthena::cli
