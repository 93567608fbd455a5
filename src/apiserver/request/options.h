// The queries of reads and writes, and the options in the body of a delete.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "apiserver/kinds/field_validation.h"
#include "apiserver/patch/failure.h"
#include "apiserver/request/resource_path.h"
#include "json/value.h"
#include "kube/client/request.h"

namespace kthena::apiserver {

/// Which objects a list or a watch is about, and since when. Source: metav1.ListOptions.
struct ReadOptions {
  std::string label_selector;
  std::string field_selector;
  std::string resource_version;
  kube::VersionMatch match = kube::VersionMatch::Unset;
  std::uint64_t limit = 0;
  std::string continue_token;
  bool watch = false;
  bool bookmarks = false;
  std::optional<bool> send_initial_events;
  std::optional<std::int64_t> timeout_seconds;
  std::string include_object;  ///< of a Table: see parse_include_object()
};
/// Errors: 400 for what cannot be read, 422 for what does not go together.
Answer<ReadOptions> read_options(const Query& query);

/// How something is written.
struct ChangeOptions {
  bool dry_run = false;
  std::string field_manager;
  FieldValidation validation = FieldValidation::Warn;
  std::optional<bool> force;  ///< of an apply
};
/// Errors: 422 with the name of the option.
Answer<ChangeOptions> change_options(const Query& query);

/// metav1.DeleteOptions.
struct RemoveOptions {
  bool dry_run = false;
  std::optional<std::int64_t> grace_period_seconds;
  kube::Propagation propagation = kube::Propagation::Unset;
  std::string uid;               ///< precondition; empty: none
  std::string resource_version;  ///< precondition; empty: none
};
/// From the body, and from the query where there is no body.
/// @param body  null: there is none
/// Errors: 400, 422.
Answer<RemoveOptions> remove_options(const Query& query, const json::Value* body);

}  // namespace kthena::apiserver
