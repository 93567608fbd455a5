// Files of objects, as users keep them: YAML or JSON, several documents, `kind: List`; read into
// typed kinds, each finding with its file and line.
//
//   const auto manifests = kube::read_manifests<ModelRoute, ModelServer, Pod>("routes.yaml", text);
//   for (const auto& problem : manifests.problems) { … problem.to_string() …
//     // routes.yaml:12: spec.rules[0].targetModels: Required value
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "json/problem.h"
#include "json/value.h"
#include "kube/meta/admission.h"
#include "kube/meta/object.h"
#include "kube/meta/resource.h"

namespace kthena::kube {

/// A finding and where it is.
struct ManifestProblem {
  std::string file;
  std::uint32_t line = 0;  ///< from 1; 0: the file as a whole
  json::Problem problem;

  bool is_error() const { return problem.severity == json::Severity::Error; }
  /// "routes.yaml:12: spec.rules[0].targetModels: Required value"
  std::string to_string() const;
};

/// What a file holds.
template <class... Kinds>
struct Manifests {
  struct Entry {
    std::variant<Kinds...> object;
    std::uint32_t line = 0;  ///< where it begins
  };
  std::vector<Entry> objects;  ///< those without errors, in the order of the file
  std::vector<ManifestProblem>
      problems;  ///< at most kMaxManifestProblems; the last says so if there are more

  /// False: take nothing of the file and keep what was there before.
  bool ok() const {
    for (const ManifestProblem& problem : problems) {
      if (problem.is_error()) {
        return false;
      }
    }
    return true;
  }
};

inline constexpr std::size_t kMaxManifestProblems = 256;

namespace detail {

/// A kind the caller wants, without its type.
struct ManifestKind {
  const ResourceType* resource;
  /// Decodes one object, checks it, and on success adds it to the caller's list. Returns its key.
  ObjectKey (*read)(const json::Value& value, std::uint32_t line, void* objects,
                    std::vector<json::Problem>& problems);
};

/// What becomes of objects of kinds that are not given.
struct OtherKinds {
  /// Whether such an object is passed over without a word; null: none is.
  bool (*is_fine)(std::string_view api_version, std::string_view kind) = nullptr;
  /// Counts them, and those with a warning that their kind is not known; null: nobody asks.
  std::size_t* count = nullptr;
  /// The kinds given are all that there are in their groups: another one is an error.
  bool groups_are_complete = false;
};

/// @param objects  for the kinds' read()
std::vector<ManifestProblem> read_documents(std::string_view file, std::string_view text,
                                            std::span<const ManifestKind> kinds, void* objects,
                                            const OtherKinds& others = {});

template <class Kind, class Entry>
ObjectKey read_object(const json::Value& value, std::uint32_t line, void* objects,
                      std::vector<json::Problem>& problems) {
  Admitted<Kind> admitted = admit<Kind>(value, AdmissionStage::Whole);
  problems = std::move(admitted.problems);
  ObjectKey key = admitted.object.metadata.key();
  if (key.name.empty() && !json::has_errors(problems)) {
    problems.push_back(json::required_value(json::FieldPath("metadata.name"),
                                            "nobody makes a name of generateName here"));
  }
  if (!json::has_errors(problems)) {
    static_cast<std::vector<Entry>*>(objects)->push_back(
        {.object = std::move(admitted.object), .line = line});
  }
  return key;
}

}  // namespace detail

/// Reads the objects of a file. Objects without a namespace are in `default`; of other kinds there
/// is a warning. Besides what the schema says, an object must pass its kind's `validate()` if there
/// is one, with its defaults and, where the kind has some, those of admission, and be there once.
/// Typos in built-in types (Pod, or a pod template within a kind of ours) are warnings.
/// @param file  how messages call it; nothing is opened
template <class... Kinds>
Manifests<Kinds...> read_manifests(std::string_view file, std::string_view text) {
  Manifests<Kinds...> manifests;
  using Entry = typename Manifests<Kinds...>::Entry;
  static constexpr detail::ManifestKind kKinds[] = {
      {.resource = &Kinds::kResource, .read = &detail::read_object<Kinds, Entry>}...};
  manifests.problems = detail::read_documents(file, text, kKinds, &manifests.objects);
  return manifests;
}

}  // namespace kthena::kube
