#include "apiserver/built_in/metadata_checks.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "apiserver/built_in/access.h"
#include "apiserver/built_in/validate.h"
#include "base/strings.h"
#include "json/print.h"
#include "json/problem.h"
#include "json/value.h"
#include "kube/meta/names.h"

namespace kthena::apiserver {

namespace {

using json::Value;

constexpr std::size_t kMostAnnotationBytes = 256UL << 10;

struct Naming {
  std::string_view kind;
  NameRule rule;
};

// All others have the names of DNS subdomains.
constexpr std::array kNamings{
    Naming{"Namespace", kube::dns_label_problems},
    Naming{"Service", kube::dns_1035_label_problems},
    Naming{"StatefulSet", kube::dns_label_problems},
    Naming{"Role", path_segment_problems},
    Naming{"ClusterRole", path_segment_problems},
    Naming{"RoleBinding", path_segment_problems},
    Naming{"ClusterRoleBinding", path_segment_problems},
    Naming{"PodDisruptionBudget", path_segment_problems},
};

NameRule rule_of(const Kind& kind) {
  if (kind.is_custom()) {
    return kube::dns_subdomain_problems;
  }
  const auto found = std::ranges::find(kNamings, kind.kind, &Naming::kind);
  return found == kNamings.end() ? kube::dns_subdomain_problems : found->rule;
}

/// A prefix that ends with '-' counts as if a letter stood there.
std::string as_prefix(std::string_view name) {
  if (name.size() > 1 && name.ends_with('-')) {
    return std::string(name.substr(0, name.size() - 2)) + "a";
  }
  return std::string(name);
}

void check_names(const Kind& kind, const Part& metadata, Findings& findings) {
  const NameRule rule = rule_of(kind);
  if (const Part prefix = metadata["generateName"]; !prefix.text().empty()) {
    for (const std::string& problem : rule(as_prefix(prefix.text()))) {
      findings.invalid(prefix, problem);
    }
  }
  const Part name = metadata["name"];
  if (name.text().empty()) {
    findings.required(name.path, "name or generateName is required");
  } else {
    check_name(name, rule, findings);
  }
  const Part space = metadata["namespace"];
  if (!kind.is_namespaced()) {
    if (!space.text().empty()) {
      findings.forbidden(space.path, "not allowed on this type");
    }
  } else if (space.text().empty()) {
    findings.required(space.path);
  } else {
    check_dns_label(space, findings);
  }
}

void check_owner(const Part& owner, const json::FieldPath& list, Findings& findings) {
  const auto empty_is = [&](std::string_view name, std::string_view detail) {
    if (owner[name].text().empty()) {
      findings.invalid(list.child(name), Value(""), detail);
    }
  };
  const std::string_view api_version = owner["apiVersion"].text();
  if (api_version.empty() || api_version.ends_with('/')) {
    findings.invalid(list.child("apiVersion"), Value(api_version), "version must not be empty");
  }
  empty_is("kind", "must not be empty");
  empty_is("name", "must not be empty");
  empty_is("uid", "must not be empty");
  if (api_version == "v1" && owner["kind"].text() == "Event") {
    findings.invalid(list, *owner.value, "/v1, Kind=Event is disallowed from being an owner");
  }
}

void check_owners(const Part& owners, Findings& findings) {
  std::string controller;
  for (const Part& owner : owners.items()) {
    check_owner(owner, owners.path, findings);
    if (!owner["controller"].is_true()) {
      continue;
    }
    std::string name = fmt::format("{}/{}", owner["kind"].text(), owner["name"].text());
    if (controller.empty()) {
      controller = std::move(name);
    } else {
      findings.invalid(owners.path, *owners.value,
                       fmt::format("Only one reference can have Controller set to true. Found "
                                   "\"true\" in references for {} and {}",
                                   controller, name));
    }
  }
}

void check_finalizers(const Part& finalizers, Findings& findings) {
  bool orphans = false;
  bool foreground = false;
  for (const Part& finalizer : finalizers.items()) {
    for (const std::string& problem : kube::label_key_problems(finalizer.text())) {
      findings.invalid(finalizers.path, Value(finalizer.text()), problem);
    }
    orphans = orphans || finalizer.text() == "orphan";
    foreground = foreground || finalizer.text() == "foregroundDeletion";
  }
  if (orphans && foreground) {
    findings.invalid(finalizers.path, *finalizers.value,
                     "finalizer orphan and foregroundDeletion cannot be both set");
  }
}

/// The core kinds and those built of them want a domain before names of their own.
void check_core_finalizers(const Part& finalizers, Findings& findings) {
  for (const Part& finalizer : finalizers.items()) {
    const std::string_view name = finalizer.text();
    if (name.find('/') == std::string_view::npos && name != "kubernetes" && name != "orphan" &&
        name != "foregroundDeletion") {
      findings.invalid(finalizer,
                       "name is neither a standard finalizer name nor is it fully qualified");
    }
  }
}

void check_managed_fields(const Part& entries, Findings& findings) {
  for (const Part& entry : entries.items()) {
    const std::string_view operation = entry["operation"].text();
    if (operation != "Apply" && operation != "Update") {
      findings.invalid(entry["operation"], "must be `Apply` or `Update`");
    }
    const std::string_view type = entry["fieldsType"].text();
    if (!type.empty() && type != "FieldsV1") {
      findings.invalid(entry["fieldsType"], "must be `FieldsV1`");
    }
  }
}

void check_common(const Part& metadata, Findings& findings) {
  check_labels(metadata["labels"], findings);
  check_annotations(metadata["annotations"], findings);
  check_owners(metadata["ownerReferences"], findings);
}

void check_new(const Kind& kind, const Part& metadata, Findings& findings) {
  check_names(kind, metadata, findings);
  check_not_negative(metadata["generation"], findings);
  check_common(metadata, findings);
  check_finalizers(metadata["finalizers"], findings);
  check_managed_fields(metadata["managedFields"], findings);
  if (!kind.is_custom()) {
    check_core_finalizers(metadata["finalizers"], findings);
  }
}

void check_no_new_finalizers(const Part& metadata, const Value& before, Findings& findings) {
  std::vector<std::string> added;
  const json::Array& old = items_of(at(before, {"finalizers"}));
  for (const Part& finalizer : metadata["finalizers"].items()) {
    if (std::ranges::find(old, *finalizer.value) == old.end()) {
      added.push_back(json::quoted(finalizer.text()));
    }
  }
  if (!added.empty()) {
    std::ranges::sort(added);
    findings.forbidden(metadata["finalizers"].path,
                       fmt::format("no new finalizers can be added if the object is being deleted, "
                                   "found new finalizers []string{{{}}}",
                                   fmt::join(added, ", ")));
  }
}

void check_changed(const Part& metadata, const Value& before, Findings& findings) {
  if (at(before, {"deletionTimestamp"}) != nullptr) {
    check_no_new_finalizers(metadata, before, findings);
  }
  if (metadata["resourceVersion"].text().empty()) {
    findings.invalid(metadata["resourceVersion"].path, Value(""),
                     "must be specified for an update");
  }
  const auto generation = metadata["generation"].number().value_or(0);
  if (generation < number_of(at(before, {"generation"})).value_or(0)) {
    findings.invalid(metadata["generation"].path, generation, "must not be decremented");
  }
  for (const std::string_view name : {"name", "namespace", "uid"}) {
    if (metadata[name].text() != text_at(before, {name})) {
      findings.invalid(metadata[name].path, Value(metadata[name].text()), "field is immutable");
    }
  }
  for (const std::string_view name :
       {"creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds"}) {
    check_immutable(metadata[name], at(before, {name}), findings);
  }
  check_common(metadata, findings);
  check_managed_fields(metadata["managedFields"], findings);
}

}  // namespace

void check_annotations(const Part& annotations, Findings& findings) {
  std::size_t size = 0;
  for (const json::Member& member : members_of(annotations.value)) {
    for (const std::string& problem : kube::label_key_problems(to_lower(member.key))) {
      findings.invalid(annotations.path, Value(member.key), problem);
    }
    size += member.key.size() + text_of(&member.value).size();
  }
  if (size > kMostAnnotationBytes) {
    findings.too_long(annotations.path, kMostAnnotationBytes);
  }
}

void check_event_metadata(const Kind& kind, const Value& object, const Value* before,
                          Findings& findings) {
  const Part metadata{.value = at(object, {"metadata"}), .path = json::FieldPath("metadata")};
  if (before == nullptr) {
    check_names(kind, metadata, findings);
    check_common(metadata, findings);
  } else {
    const Value* old = at(*before, {"metadata"});
    check_changed(metadata, old == nullptr ? Value(json::Object{}) : *old, findings);
  }
}

std::vector<json::Problem> validate_metadata(const Kind& kind, const Value& object,
                                             const Value* before) {
  Findings findings;
  const Part metadata{.value = at(object, {"metadata"}), .path = json::FieldPath("metadata")};
  if (before == nullptr) {
    check_new(kind, metadata, findings);
  } else {
    const Value* old = at(*before, {"metadata"});
    check_changed(metadata, old == nullptr ? Value(json::Object{}) : *old, findings);
  }
  return std::move(findings).take();
}

}  // namespace kthena::apiserver
