#include "cli/validate_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <istream>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "api/registry.h"
#include "json/codec.h"
#include "json/problem.h"
#include "json/value.h"
#include "kube/meta/admission.h"
#include "kube/meta/manifest.h"
#include "kube/meta/object.h"
#include "kube/types/config.h"
#include "kube/types/endpoint_slice.h"
#include "kube/types/pod.h"
#include "kube/types/service.h"

namespace kthena::cli {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxFilesOfDirectory = 100'000;

/// What the API server itself serves. Their objects are not ours to judge.
bool is_built_in(std::string_view api_version, std::string_view /*kind*/) {
  constexpr std::array<std::string_view, 22> kGroups{"admissionregistration.k8s.io",
                                                     "apiextensions.k8s.io",
                                                     "apiregistration.k8s.io",
                                                     "apps",
                                                     "authentication.k8s.io",
                                                     "authorization.k8s.io",
                                                     "autoscaling",
                                                     "batch",
                                                     "certificates.k8s.io",
                                                     "coordination.k8s.io",
                                                     "discovery.k8s.io",
                                                     "events.k8s.io",
                                                     "flowcontrol.apiserver.k8s.io",
                                                     "internal.apiserver.k8s.io",
                                                     "networking.k8s.io",
                                                     "node.k8s.io",
                                                     "policy",
                                                     "rbac.authorization.k8s.io",
                                                     "resource.k8s.io",
                                                     "scheduling.k8s.io",
                                                     "storage.k8s.io",
                                                     "storagemigration.k8s.io"};
  const std::size_t slash = api_version.find('/');
  return slash == std::string_view::npos
             ? api_version == "v1"
             : std::ranges::binary_search(kGroups, api_version.substr(0, slash));
}

/// Built-in kinds of which we read a part: that part must be readable.
template <class Kind>
kube::ObjectKey read_part(const json::Value& value, std::uint32_t, void* objects,
                          std::vector<json::Problem>& problems) {
  const auto decoded = json::decode<Kind>(value);
  problems.insert(problems.end(), decoded.problems.begin(), decoded.problems.end());
  ++static_cast<api::ReadLog*>(objects)->count;
  kube::ObjectMeta metadata = decoded.value.metadata;
  kube::detail::complete_metadata(Kind::kResource, metadata, problems);
  return metadata.key();
}

template <class Kind>
constexpr kube::detail::ManifestKind part() {
  return {.resource = &Kind::kResource, .read = &read_part<Kind>};
}

std::vector<kube::detail::ManifestKind> known_kinds() {
  std::vector<kube::detail::ManifestKind> kinds{part<kube::Pod>(), part<kube::Service>(),
                                                part<kube::Secret>(), part<kube::ConfigMap>(),
                                                part<kube::EndpointSlice>()};
  for (const auto doors : {api::our_kinds(), api::other_kinds()}) {
    for (const api::KindDoor& door : doors) {
      kinds.push_back({.resource = door.resource, .read = door.read});
    }
  }
  return kinds;
}

bool is_manifest(const fs::path& path) {
  const std::string extension = path.extension().string();
  return extension == ".yaml" || extension == ".yml" || extension == ".json";
}

/// A file of a Helm chart is no YAML before it is rendered, and what a parser says of it helps
/// nobody.
void explain_template(kube::ManifestProblem& finding, std::string_view text) {
  if (!finding.problem.path.empty() || finding.line == 0) {
    return;
  }
  for (std::uint32_t line = 1; line < finding.line && text.contains('\n'); ++line) {
    text.remove_prefix(text.find('\n') + 1);
  }
  if (text.substr(0, text.find('\n')).contains("{{")) {
    finding.problem.message += "; '{{' is the mark of a template, which must be rendered first";
  }
}

class FileValidation {
 public:
  explicit FileValidation(std::istream& in) : in_(in), kinds_(known_kinds()) {}

  ValidationReport run(std::span<const std::string_view> paths) {
    for (const std::string_view path : paths) {
      std::error_code error;
      if (path == "-") {
        stream(in_, "<stdin>");
      } else if (fs::is_directory(fs::path(path), error)) {
        directory(fs::path(path));
      } else {
        file(fs::path(path));
      }
    }
    drop_found_references();
    report_.objects = log_.count + report_.unchecked;
    return std::move(report_);
  }

 private:
  void unreadable(std::string_view path, std::string_view reason) {
    report_.unreadable.push_back(fmt::format("{}: {}", path, reason));
  }

  void directory(const fs::path& path) {
    const std::size_t unreadable_before = report_.unreadable.size();
    std::vector<fs::path> found;
    std::vector<fs::path> pending{path};
    while (!pending.empty() && found.size() <= kMaxFilesOfDirectory) {
      const fs::path next = std::move(pending.back());
      pending.pop_back();
      list_directory(next, found, pending);
    }
    if (found.size() > kMaxFilesOfDirectory) {
      unreadable(path.string(), fmt::format("more than {} manifests", kMaxFilesOfDirectory));
      return;
    }
    if (found.empty() && report_.unreadable.size() == unreadable_before) {
      unreadable(path.string(), "no *.yaml, *.yml or *.json in this directory");
    }
    std::ranges::sort(found);
    for (const fs::path& one : found) {
      file(one);
    }
  }

  /// Links to files are followed, as volumes are made of them; links to directories are not, which
  /// may lead in circles. What begins with a dot belongs to other programs.
  void list_directory(const fs::path& path, std::vector<fs::path>& files,
                      std::vector<fs::path>& directories) {
    std::error_code error;
    fs::directory_iterator entries(path, error);
    for (; !error && entries != fs::directory_iterator(); entries.increment(error)) {
      const fs::path& entry = entries->path();
      std::error_code of_entry;
      if (entry.filename().string().starts_with('.')) {
        continue;
      }
      if (entries->symlink_status(of_entry).type() == fs::file_type::directory) {
        directories.push_back(entry);
      } else if (is_manifest(entry)) {
        const fs::file_type type = entries->status(of_entry).type();
        if (type == fs::file_type::regular) {
          files.push_back(entry);
        } else if (type == fs::file_type::not_found || type == fs::file_type::none) {
          unreadable(entry.string(), "a link that leads nowhere");
        }
      }
    }
    if (error) {
      unreadable(path.string(), error.message());
    }
  }

  void file(const fs::path& path) {
    std::ifstream stream_of_file(path, std::ios::binary);
    if (!stream_of_file) {
      unreadable(path.string(), std::generic_category().message(errno));
      return;
    }
    stream(stream_of_file, path.string());
  }

  void stream(std::istream& in, const std::string& name) {
    std::string text;
    std::array<char, 1 << 16> chunk;
    while (text.size() <= kMaxManifestBytes && in) {
      in.read(chunk.data(), chunk.size());
      text.append(chunk.data(), static_cast<std::size_t>(in.gcount()));
    }
    if (in.bad()) {
      unreadable(name, "cannot be read");
      return;
    }
    ++report_.files;
    if (text.size() > kMaxManifestBytes) {
      add(name, 0,
          {.message = fmt::format("the file is larger than {} MiB", kMaxManifestBytes >> 20)});
      return;
    }
    check(name, text);
  }

  void check(const std::string& name, std::string_view text) {
    const std::size_t objects_before = log_.count + report_.unchecked;
    auto problems = kube::detail::read_documents(
        name, text, kinds_, &log_,
        {.is_fine = &is_built_in, .count = &report_.unchecked, .groups_are_complete = true});
    if (problems.empty() && log_.count + report_.unchecked == objects_before) {
      add(name, 0, {.severity = json::Severity::Warning, .message = "there is no object in it"});
    }
    for (kube::ManifestProblem& problem : problems) {
      explain_template(problem, text);
      if (problem.problem.kind == json::Problem::Kind::NotFound &&
          next_reference_ < log_.references.size()) {
        const api::Reference& reference = log_.references[next_reference_++];
        missing_.push_back({.finding = report_.findings.size(),
                            .kind = reference.type->kind,
                            .key = reference.key});
      }
      report_.findings.push_back(std::move(problem));
    }
    next_reference_ = log_.references.size();  // of a file with too many findings, not all are told
  }

  /// Leaves what is said of references whose kind is among the files, but not the object: then the
  /// files are meant to be whole. A file alone may speak of what is in the cluster.
  void drop_found_references() {
    std::set<std::string_view> kinds;
    std::set<std::pair<std::string_view, kube::ObjectKey>> objects;
    for (auto& [kind, key] : log_.objects) {
      kinds.insert(kind);
      objects.emplace(kind, std::move(key));
    }
    std::set<std::size_t> dropped;
    for (const Missing& missing : missing_) {
      if (!kinds.contains(missing.kind) || objects.contains({missing.kind, missing.key})) {
        dropped.insert(missing.finding);
      }
    }
    std::vector<kube::ManifestProblem> left;
    for (std::size_t i = 0; i < report_.findings.size(); ++i) {
      if (!dropped.contains(i)) {
        left.push_back(std::move(report_.findings[i]));
      }
    }
    report_.findings = std::move(left);
  }

  void add(const std::string& file, std::uint32_t line, json::Problem problem) {
    report_.findings.push_back({.file = file, .line = line, .problem = std::move(problem)});
  }

  std::istream& in_;
  std::vector<kube::detail::ManifestKind> kinds_;
  api::ReadLog log_;
  struct Missing {
    std::size_t finding;  // its place in the report
    std::string_view kind;
    kube::ObjectKey key;
  };
  std::vector<Missing> missing_;    // as long as not all files are read
  std::size_t next_reference_ = 0;  // of log_, whose finding is yet to come
  ValidationReport report_;
};

}  // namespace

ValidationReport validate_files(std::span<const std::string_view> paths, std::istream& in) {
  return FileValidation(in).run(paths);
}

}  // namespace kthena::cli
