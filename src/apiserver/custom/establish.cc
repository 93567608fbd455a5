// The status of a CustomResourceDefinition.
// Source: apiextensions-apiserver v0.34, packages controller/status, establish and apiapproval.
#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "apiserver/built_in/access.h"
#include "apiserver/custom/custom_kinds.h"
#include "apiserver/custom/definition.h"
#include "base/clock.h"
#include "base/rfc3339.h"
#include "json/problem.h"
#include "json/value.h"

namespace kthena::apiserver {

namespace {

struct Condition {
  std::string_view type;
  std::string_view status;
  std::string_view reason;
  std::string_view message;
};

const json::Value* find_condition(const json::Value& crd, std::string_view type) {
  for (const json::Value& condition : items_of(at(crd, {"status", "conditions"}))) {
    if (text_at(condition, {"type"}) == type) {
      return &condition;
    }
  }
  return nullptr;
}

bool is_condition_true(const json::Value& crd, std::string_view type) {
  const json::Value* condition = find_condition(crd, type);
  return condition != nullptr && text_at(*condition, {"status"}) == "True";
}

/// The time changes with the status only.
void set_condition(json::Value& crd, const Condition& next, WallTime now) {
  const Rfc3339Text text = print_rfc3339(now, Rfc3339Fraction::None);
  const std::string_view time = text.view();
  json::Value& status = object_at(crd, "status");
  json::Value* conditions = status.find("conditions");
  if (conditions == nullptr || !conditions->is_array()) {
    conditions = &status.set("conditions", json::Array{});
  }
  for (json::Value& condition : conditions->as_array()) {
    if (text_at(condition, {"type"}) != next.type) {
      continue;
    }
    if (text_at(condition, {"status"}) != next.status ||
        at(&condition, "lastTransitionTime") == nullptr) {
      condition.set("lastTransitionTime", time);
    }
    condition.set("status", next.status);
    condition.set("reason", next.reason);
    condition.set("message", next.message);
    return;
  }
  conditions->push_back(json::Object{{"type", next.type},
                                     {"status", next.status},
                                     {"lastTransitionTime", time},
                                     {"reason", next.reason},
                                     {"message", next.message}});
}

void remove_condition(json::Value& crd, std::string_view type) {
  json::Value* conditions = at(crd, {"status", "conditions"});
  if (conditions != nullptr && conditions->is_array()) {
    std::erase_if(conditions->as_array(), [&](const json::Value& condition) {
      return text_at(condition, {"type"}) == type;
    });
  }
}

/// Names that definitions of a group have.
struct UsedNames {
  std::set<std::string, std::less<>> resources;
  std::set<std::string, std::less<>> kinds;

  void add(const json::Value& crd) {
    const json::Value* names = at(crd, {"status", "acceptedNames"});
    for (const std::string_view name : {"plural", "singular"}) {
      resources.emplace(text_of(at(names, name)));
    }
    for (const json::Value& name : items_of(at(names, "shortNames"))) {
      resources.emplace(text_of(&name));
    }
    for (const std::string_view name : {"kind", "listKind"}) {
      kinds.emplace(text_of(at(names, name)));
    }
  }
};

/// What is accepted of the names that a definition asks for, and why not all, if so.
struct Naming {
  json::Value accepted;
  std::string reason{};  ///< empty: all of them
  std::string message{};
};

std::string in_use(std::string_view name) {
  return fmt::format("{} is already in use", json::quoted(name));
}

/// Short names that are others'; several are told in brackets.
std::string short_name_conflicts(const json::Value* wanted, const json::Value* accepted,
                                 const UsedNames& used) {
  const json::Array& ours = items_of(accepted);
  std::vector<std::string> conflicts;
  for (const json::Value& name : items_of(wanted)) {
    if (std::ranges::find(ours, name) == ours.end() && used.resources.contains(text_of(&name))) {
      conflicts.push_back(in_use(text_of(&name)));
    }
  }
  return conflicts.size() < 2 ? fmt::format("{}", fmt::join(conflicts, ", "))
                              : fmt::format("[{}]", fmt::join(conflicts, ", "));
}

Naming name(const json::Value& crd, const UsedNames& used) {
  const json::Value* wanted = at(crd, {"spec", "names"});
  const json::Value* accepted = at(crd, {"status", "acceptedNames"});
  Naming naming{.accepted = json::Object{}};
  const auto settle = [&](std::string_view which, const std::set<std::string, std::less<>>& taken,
                          std::string_view reason) {
    const std::string_view name = text_of(at(wanted, which));
    const std::string_view old = text_of(at(accepted, which));
    const bool conflicts = name != old && taken.contains(name);
    if (conflicts) {
      naming.reason = reason;
      naming.message = in_use(name);
    }
    const std::string_view kept = conflicts ? old : name;
    // The Go struct prints these two even when they are empty.
    if (!kept.empty() || which == "plural" || which == "kind") {
      naming.accepted.set(which, kept);
    }
  };
  settle("plural", used.resources, "PluralConflict");
  settle("singular", used.resources, "SingularConflict");
  const json::Value* short_names = at(wanted, "shortNames");
  std::string conflicts = short_name_conflicts(short_names, at(accepted, "shortNames"), used);
  if (!conflicts.empty()) {
    naming.reason = "ShortNamesConflict";
    naming.message = std::move(conflicts);
    short_names = at(accepted, "shortNames");
  }
  if (!items_of(short_names).empty()) {
    naming.accepted.set("shortNames", *short_names);
  }
  settle("kind", used.kinds, "KindConflict");
  settle("listKind", used.kinds, "ListKindConflict");
  if (const json::Value* categories = at(wanted, "categories"); !items_of(categories).empty()) {
    naming.accepted.set("categories", *categories);
  }
  return naming;
}

void approve(json::Value& crd, WallTime now) {
  constexpr std::string_view kType = "KubernetesAPIApprovalPolicyConformant";
  const Approval approval = approval_of(crd);
  const auto set = [&](std::string_view status, std::string_view reason) {
    set_condition(crd, {.type = kType, .status = status, .reason = reason, .message = approval.why},
                  now);
  };
  switch (approval.state) {
    case Approval::State::NotNeeded:
      remove_condition(crd, kType);
      break;
    case Approval::State::Approved:
      set("True", "ApprovedAnnotation");
      break;
    case Approval::State::Bypassed:
      set("False", "UnapprovedAnnotation");
      break;
    case Approval::State::Missing:
      set("False", "MissingAnnotation");
      break;
    case Approval::State::Invalid:
      set("False", "InvalidAnnotation");
      break;
  }
}

void accept_names(json::Value& crd, Naming naming, WallTime now) {
  const bool accepted = naming.reason.empty();
  object_at(crd, "status").set("acceptedNames", std::move(naming.accepted));
  set_condition(crd,
                {.type = "NamesAccepted",
                 .status = accepted ? "True" : "False",
                 .reason = accepted ? std::string_view("NoConflicts") : naming.reason,
                 .message = accepted ? std::string_view("no conflicts found") : naming.message},
                now);
  if (is_established(crd)) {
    return;
  }
  if (accepted) {
    set_condition(crd,
                  {.type = "Established",
                   .status = "True",
                   .reason = "InitialNamesAccepted",
                   .message = "the initial names have been accepted"},
                  now);
  } else {
    set_condition(crd,
                  {.type = "Established",
                   .status = "False",
                   .reason = "NotAccepted",
                   .message = "not all names are accepted"},
                  now);
  }
}

}  // namespace

void establish(json::Value& crd, std::span<const json::Value* const> others, WallTime now) {
  prepare_definition(crd, &crd);
  const std::string_view group = text_at(crd, {"spec", "group"});
  UsedNames used;
  used.add(crd);
  for (const json::Value* other : others) {
    if (text_at(*other, {"spec", "group"}) == group &&
        text_at(*other, {"metadata", "name"}) != text_at(crd, {"metadata", "name"})) {
      used.add(*other);
    }
  }
  accept_names(crd, name(crd, used), now);
  approve(crd, now);
  remove_condition(crd, "NonStructuralSchema");  // such a schema is not let in
}

bool is_established(const json::Value& crd) { return is_condition_true(crd, "Established"); }

void mark_terminating(json::Value& crd, WallTime now) {
  set_condition(crd,
                {.type = "Terminating",
                 .status = "True",
                 .reason = "InstanceDeletionPending",
                 .message = "CustomResourceDefinition marked for deletion; CustomResource deletion "
                            "will begin soon"},
                now);
  json::Value& metadata = object_at(crd, "metadata");
  json::Value* finalizers = metadata.find("finalizers");
  if (finalizers == nullptr || !finalizers->is_array()) {
    finalizers = &metadata.set("finalizers", json::Array{});
  }
  const json::Array& list = finalizers->as_array();
  if (std::ranges::find(list, json::Value(kCleanupFinalizer)) == list.end()) {
    finalizers->push_back(kCleanupFinalizer);
  }
}

bool is_terminating(const json::Value& crd) { return is_condition_true(crd, "Terminating"); }

}  // namespace kthena::apiserver
