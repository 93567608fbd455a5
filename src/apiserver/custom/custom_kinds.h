// CustomResourceDefinitions: what they must be, what becomes of them, and the kinds they define.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "apiserver/kinds/kind.h"
#include "base/clock.h"
#include "base/result.h"
#include "json/problem.h"
#include "json/value.h"

namespace kthena::apiserver {

/// Fills in what a definition leaves out: singular, listKind, conversion.
void default_definition(json::Value& crd);

/// Sets what clients do not: a new definition has no status but the version it is stored in; of an
/// update the status stays, and lists that version too.
/// @param before  null for a create
void prepare_definition(json::Value& crd, const json::Value* before);

/// What is wrong with a definition that has its defaults and is prepared, but for its metadata,
/// whose name is looked at nevertheless. Rules in CEL are refused unless the kind is ours, and
/// conversion by webhooks is.
std::vector<json::Problem> validate_definition(const json::Value& crd, const json::Value* before);

/// Warnings for who writes a definition: `unrecognized format "x"`, those that are new.
std::vector<std::string> definition_warnings(const json::Value& crd, const json::Value* before);

/// Sets the status as kube-apiserver's controllers do: names are accepted unless another definition
/// of the group has them, and then it is established. Twice is as once.
/// @param others  all definitions; this one may be among them
void establish(json::Value& crd, std::span<const json::Value* const> others, WallTime now);

/// Whether its kinds are served.
bool is_established(const json::Value& crd);

/// The condition and finalizer of a definition that is being deleted: its objects go first. The
/// deletionTimestamp is the caller's.
void mark_terminating(json::Value& crd, WallTime now);
/// The objects of a definition that is being deleted can be changed but no new ones are made:
/// kube-apiserver answers 405 with this.
bool is_terminating(const json::Value& crd);
inline constexpr std::string_view kCleanupFinalizer = "customresourcecleanup.apiextensions.k8s.io";

/// One Kind a served version, the preferred version first; none unless it is established.
/// Errors: InvalidArgument if a schema cannot be used.
Result<std::vector<KindPtr>> kinds_of(const json::Value& crd);

/// What a client is told that uses a deprecated version; nothing if it is not deprecated.
std::optional<std::string> deprecation_warning(const json::Value& crd, std::string_view version);

/// Versions as Kubernetes orders them: v2, v1, v11beta2, v1alpha1, foo. Below 0: `a` is less
/// preferred than `b`.
int compare_versions(std::string_view a, std::string_view b);

/// The definitions of our own kinds as they are stored at the first start: with defaults and
/// established at that time. Metadata has the name only.
std::vector<json::Value> our_definitions(WallTime now);

}  // namespace kthena::apiserver
