#include "apiserver/read/filter.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "apiserver/read/stored_text.h"
#include "base/strings.h"
#include "json/on_demand.h"
#include "json/parse.h"
#include "json/problem.h"
#include "kube/meta/selector_text.h"

namespace kthena::apiserver {

namespace {

struct Selectable {
  std::string_view resource;  ///< as Kind::resource; empty: all
  std::string_view field;
  std::string_view absent = {};
};

/// The fields by which lists can be narrowed. A field is also its path in the object, but for
/// those of `kPaths`. Source: kube-apiserver 1.34.
constexpr auto kSelectable = std::to_array<Selectable>({
    {"", "metadata.name"},
    {"", "metadata.namespace"},
    {"pods", "spec.nodeName"},
    {"pods", "spec.restartPolicy"},
    {"pods", "spec.schedulerName"},
    {"pods", "spec.serviceAccountName"},
    {"pods", "spec.hostNetwork", "false"},
    {"pods", "status.phase"},
    {"pods", "status.podIP"},
    {"pods", "status.nominatedNodeName"},
    {"events", "involvedObject.kind"},
    {"events", "involvedObject.namespace"},
    {"events", "involvedObject.name"},
    {"events", "involvedObject.uid"},
    {"events", "involvedObject.apiVersion"},
    {"events", "involvedObject.resourceVersion"},
    {"events", "involvedObject.fieldPath"},
    {"events", "reason"},
    {"events", "reportingComponent"},
    {"events", "source"},
    {"events", "type"},
    {"secrets", "type"},
    {"namespaces", "status.phase"},
    {"nodes", "spec.unschedulable", "false"},
    {"services", "spec.clusterIP"},
    {"services", "spec.type"},
    {"replicationcontrollers", "status.replicas", "0"},
    {"apps/replicasets", "status.replicas", "0"},
    {"batch/jobs", "status.successful", "0"},
});

/// Where a field stands if it is not its own path.
constexpr auto kPaths = std::to_array<std::pair<std::string_view, std::string_view>>({
    {"source", "source.component"},
    {"status.successful", "status.succeeded"},
});

const Selectable* find_selectable(const Kind& kind, std::string_view field) {
  const auto found = std::ranges::find_if(kSelectable, [&](const Selectable& one) {
    return one.field == field && (one.resource.empty() || one.resource == kind.resource);
  });
  return found == kSelectable.end() ? nullptr : &*found;
}

std::vector<std::string_view> path_of(std::string_view field) {
  const auto other =
      std::ranges::find(kPaths, field, &std::pair<std::string_view, std::string_view>::first);
  return split(other == kPaths.end() ? field : other->second, '.');
}

/// The value at a path as a selector compares it; nothing if it is absent.
std::optional<std::string> text_at(std::string_view object,
                                   std::span<const std::string_view> path) {
  for (const std::string_view name : path) {
    const auto field = json::find_field(object, name);
    if (!field) {
      return std::nullopt;
    }
    object = field->in(object);
  }
  const auto value = json::parse(object);
  if (!value) {
    return std::nullopt;
  }
  if (value->is_string()) {
    return value->as_string();
  }
  return value->is_null() ? std::nullopt : std::optional(std::string(object));
}

struct RawTerm {
  std::string_view field;
  std::string value;
  bool equal = true;
};

/// `a=b,c!=d,e==f`; a backslash takes the meaning of the character behind it.
Answer<std::vector<RawTerm>> parse_terms(std::string_view text) {
  std::vector<RawTerm> terms;
  while (!text.empty()) {
    const std::size_t equals = text.find('=');
    if (equals == std::string_view::npos || equals == 0) {
      return bad_request(fmt::format("invalid selector: '{}'; can't understand '{}'", text, text));
    }
    RawTerm term{.field = text.substr(0, equals), .value = {}};
    std::size_t at = equals + 1;
    if (term.field.ends_with('!')) {
      term.field.remove_suffix(1);
      term.equal = false;
    } else if (at < text.size() && text[at] == '=') {
      ++at;
    }
    for (; at < text.size() && text[at] != ','; ++at) {
      if (text[at] == '\\' && at + 1 < text.size()) {
        ++at;
      }
      term.value += text[at];
    }
    terms.push_back(std::move(term));
    text = at < text.size() ? text.substr(at + 1) : std::string_view{};
  }
  return terms;
}

kube::Labels labels_of(std::string_view stored) {
  kube::Labels labels;
  const std::string_view metadata = metadata_text(stored);
  const auto field = json::find_field(metadata, "labels");
  if (!field) {
    return labels;
  }
  const auto value = json::parse(field->in(metadata));
  if (!value || !value->is_object()) {
    return labels;
  }
  for (const json::Member& member : value->as_object()) {
    if (member.value.is_string()) {
      labels.emplace(member.key, member.value.as_string());
    }
  }
  return labels;
}

}  // namespace

Answer<Filter> Filter::create(const Kind& kind, std::string_view labels, std::string_view fields) {
  Filter filter;
  if (!labels.empty()) {
    auto selector = kube::parse_label_selector(labels);
    if (!selector) {
      return bad_request(
          fmt::format("unable to parse requirement: {}", selector.error().message()));
    }
    filter.labels_ = *std::move(selector);
  }
  for (RawTerm& term : TRY(parse_terms(fields))) {
    const Selectable* known = find_selectable(kind, term.field);
    if (known == nullptr) {
      const std::string_view version = kind.api_version;
      return bad_request(fmt::format(
          "Unable to find \"{}{}, Resource={}\" that match label selector \"{}\", field selector "
          "\"{}\": field label not supported: {}",
          kind.group.empty() ? "/" : "", version, kind.plural, labels, fields, term.field));
    }
    filter.fields_.push_back({.path = path_of(known->field),
                              .value = std::move(term.value),
                              .absent = known->absent,
                              .equal = term.equal});
  }
  return filter;
}

bool Filter::matches(std::string_view stored) const {
  for (const FieldTerm& term : fields_) {
    const std::optional<std::string> value = text_at(stored, term.path);
    if ((value ? std::string_view(*value) : term.absent) == term.value != term.equal) {
      return false;
    }
  }
  return !labels_ || labels_->matches(labels_of(stored));
}

}  // namespace kthena::apiserver
