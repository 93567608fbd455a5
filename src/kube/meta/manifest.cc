#include "kube/meta/manifest.h"

#include <fmt/format.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "base/strings.h"
#include "json/problem.h"
#include "json/value.h"
#include "json/yaml.h"
#include "kube/meta/object.h"
#include "kube/meta/resource.h"

namespace kthena::kube {

std::string ManifestProblem::to_string() const {
  return line == 0 ? fmt::format("{}: {}", file, problem.to_string())
                   : fmt::format("{}:{}: {}", file, line, problem.to_string());
}

namespace detail {

namespace {

/// Lists within lists deeper than this are nobody's intention.
constexpr int kMaxListDepth = 4;

std::string_view text_of(const json::Value& object, std::string_view field) {
  const json::Value* value = object.find(field);
  return value != nullptr && value->is_string() ? std::string_view(value->as_string())
                                                : std::string_view{};
}

json::Problem plain(std::string message, json::Severity severity) {
  return {.severity = severity, .message = std::move(message)};
}

/// Takes "line 12: " or "line 12:3: " off the front of a parser's message.
std::uint32_t take_line(std::string_view& message) {
  if (!message.starts_with("line ")) {
    return 0;
  }
  const std::size_t end = message.find(": ");
  if (end == std::string_view::npos) {
    return 0;
  }
  const std::string_view place = message.substr(5, end - 5);
  const auto line = parse_int<std::uint32_t>(place.substr(0, place.find(':')));
  if (!line) {
    return 0;
  }
  message.remove_prefix(end + 2);
  return *line;
}

class Reader {
 public:
  Reader(std::string_view file, std::span<const ManifestKind> kinds, void* objects,
         const OtherKinds& others)
      : file_(file), kinds_(kinds), objects_(objects), others_(others) {}

  std::vector<ManifestProblem> run(std::string_view text) {
    const auto documents = json::parse_yaml_documents(text);
    if (!documents) {
      std::string_view message = documents.error().message();
      const std::uint32_t line = take_line(message);
      add(line, plain(std::string(message), json::Severity::Error));
      return std::move(problems_);
    }
    for (const json::YamlDocument& document : *documents) {
      document_ = &document;
      object(document.value, "", {}, {}, 0);
    }
    return std::move(problems_);
  }

 private:
  void add(std::uint32_t line, json::Problem problem) {
    if (problems_.size() < kMaxManifestProblems) {
      problems_.push_back({.file = file_, .line = line, .problem = std::move(problem)});
      return;
    }
    // The file must not pass for good because its errors came late.
    json::Problem& last = problems_.back().problem;
    const bool error =
        last.severity == json::Severity::Error || problem.severity == json::Severity::Error;
    last = plain(fmt::format("there is more: only the first {} findings of a file are told",
                             kMaxManifestProblems - 1),
                 error ? json::Severity::Error : json::Severity::Warning);
  }

  /// The text of apiVersion or kind is not there.
  void missing(const json::Value& object, const std::string& place, std::string_view name) {
    const json::FieldPath path{std::string(name)};
    if (const json::Value* value = object.find(name); value != nullptr && !value->is_null()) {
      const bool empty = value->is_string();
      add(line_of(place, name),
          empty ? json::required_value(path, "")
                : json::invalid_value(path, json::quoted(json::to_string(value->type())),
                                      "must be a text"));
      return;
    }
    for (const auto& [key, value] : object.as_object()) {
      if (equals_ignore_case(key, name)) {
        add(line_of(place, key),
            json::required_value(
                path,
                fmt::format("{} is another name: upper and lower case differ", json::quoted(key))));
        return;
      }
    }
    add(line_of(place, ""), json::required_value(path, ""));
  }

  /// The line of a field of the object that stands at `place` in the document.
  std::uint32_t line_of(const std::string& place, std::string_view field) const {
    std::string path = place;
    if (!path.empty() && !field.empty()) {
      path += '.';
    }
    path += field;
    const std::uint32_t line = document_->sources.line(document_->value, path);
    return line != 0 ? line : document_->first_line;
  }

  /// @param list_version, list_kind  of the list around the object, which may leave out its own
  void object(const json::Value& value, const std::string& place, std::string_view list_version,
              std::string_view list_kind, int depth) {
    if (!value.is_object()) {
      add(line_of(place, ""),
          plain(fmt::format("must be an object with apiVersion and kind, but is of "
                            "type {}",
                            json::to_string(value.type())),
                json::Severity::Error));
      return;
    }
    std::string_view api_version = text_of(value, "apiVersion");
    std::string_view kind = text_of(value, "kind");
    if (api_version.empty() && kind.empty()) {
      api_version = list_version;
      kind = list_kind;
    }
    for (const auto& [name, text] :
         {std::pair{"apiVersion", api_version}, std::pair{"kind", kind}}) {
      if (text.empty()) {
        missing(value, place, name);
        return;
      }
    }
    const json::Value* items = value.find("items");
    if (kind.ends_with("List") && items != nullptr && items->is_array()) {
      list(*items, place, api_version, kind, depth);
    } else if (const ManifestKind* wanted = find_kind(place, api_version, kind)) {
      read(*wanted, value, place);
    }
  }

  void list(const json::Value& items, const std::string& place, std::string_view api_version,
            std::string_view kind, int depth) {
    if (depth == kMaxListDepth) {
      add(line_of(place, ""), plain("lists are nested too deeply", json::Severity::Error));
      return;
    }
    const std::string_view item_kind =
        kind.substr(0, kind.size() - std::string_view("List").size());
    for (std::size_t i = 0; i < items.as_array().size(); ++i) {
      const std::string item_place =
          fmt::format("{}{}items[{}]", place, place.empty() ? "" : ".", i);
      object(items.as_array()[i], item_place, item_kind.empty() ? std::string_view{} : api_version,
             item_kind, depth + 1);
    }
  }

  const ManifestKind* find_kind(const std::string& place, std::string_view api_version,
                                std::string_view kind) {
    std::vector<std::string_view> versions;
    std::vector<std::string_view> of_group;
    for (const ManifestKind& candidate : kinds_) {
      const ResourceType& resource = *candidate.resource;
      if (resource.kind == kind) {
        if (resource.api_version == api_version) {
          return &candidate;
        }
        versions.push_back(resource.api_version);
      }
      if (resource.api_version == api_version) {
        of_group.push_back(resource.kind);
      }
    }
    if (others_.is_fine != nullptr && others_.is_fine(api_version, kind)) {
      count_other();
      return nullptr;
    }
    if (!versions.empty()) {
      add(line_of(place, "apiVersion"),
          json::unsupported_value(json::FieldPath("apiVersion"), json::quoted(api_version),
                                  versions));
    } else if (others_.groups_are_complete && !of_group.empty()) {
      add(line_of(place, "kind"),
          json::unsupported_value(json::FieldPath("kind"), json::quoted(kind), of_group));
    } else {
      count_other();
      add(line_of(place, "kind"), plain(fmt::format("{} of {} is not read here", kind, api_version),
                                        json::Severity::Warning));
    }
    return nullptr;
  }

  void count_other() {
    if (others_.count != nullptr) {
      ++*others_.count;
    }
  }

  void read(const ManifestKind& kind, const json::Value& value, const std::string& place) {
    std::vector<json::Problem> found;
    const std::uint32_t line = line_of(place, "");
    const ObjectKey key = kind.read(value, line, objects_, found);
    for (json::Problem& problem : found) {
      const std::uint32_t problem_line = line_of(place, problem.path);
      add(problem_line, std::move(problem));
    }
    if (key.name.empty()) {
      return;
    }
    const auto [first, is_new] = lines_.try_emplace({kind.resource->kind, key}, line);
    if (!is_new) {
      json::Problem again =
          json::duplicate_value(json::FieldPath("metadata.name"), json::quoted(key.to_string()));
      again.message += fmt::format(": the first is on line {}", first->second);
      add(line_of(place, "metadata.name"), std::move(again));
    }
  }

  std::string file_;
  std::span<const ManifestKind> kinds_;
  void* objects_;
  OtherKinds others_;
  const json::YamlDocument* document_ = nullptr;
  std::map<std::pair<std::string_view, ObjectKey>, std::uint32_t> lines_;
  std::vector<ManifestProblem> problems_;
};

}  // namespace

std::vector<ManifestProblem> read_documents(std::string_view file, std::string_view text,
                                            std::span<const ManifestKind> kinds, void* objects,
                                            const OtherKinds& others) {
  return Reader(file, kinds, objects, others).run(text);
}

}  // namespace detail

}  // namespace kthena::kube
