// API requests as values: which path, which query, which body. No I/O.
//
//   const ApiRequest request = TRY(requests::get(Pod::kResource, key));
//   // GET /api/v1/namespaces/prod/pods/llm-0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "http/message.h"
#include "kube/meta/object.h"
#include "kube/meta/resource.h"
#include "kube/meta/scalars.h"

namespace kthena::kube {

/// Whom the client's own limit lets go first: who cannot renew a lease in time loses it.
enum class Flow : std::uint8_t { Lease, Normal };

struct ApiRequest {
  http::Method method = http::Method::Get;
  std::string target;             ///< origin form, escaped: path and query
  std::string_view content_type;  ///< of the body; empty: no body
  std::string body;
  std::string_view accept = "application/json";
  Flow flow = Flow::Normal;
};

/// Which objects of a kind.
struct Selection {
  std::string namespace_name;  ///< empty: those of all namespaces
  std::string label_selector;  ///< "app=web,tier in (a,b)"; empty: all
  std::string field_selector;  ///< "metadata.name=x"; empty: all
};

/// How a list relates to the version it asks for.
enum class VersionMatch : std::uint8_t { Unset, NotOlderThan, Exact };

struct ListOptions {
  Selection selection;
  std::uint32_t limit = 0;     ///< objects a page; 0: all at once
  std::string continue_token;  ///< of the page before
  std::string resource_version;
  VersionMatch match = VersionMatch::Unset;
};

struct WatchOptions {
  Selection selection;
  std::string resource_version;  ///< events after this; empty: first an event for all that is there
  bool bookmarks = true;         ///< news of the version although nothing happened
  /// First an event for all that is there, then a bookmark that says so (a streaming list).
  bool send_initial_events = false;
  Duration timeout{};  ///< the server ends the watch then; zero: when it likes
};

enum class DryRun : bool { No, Yes };
/// What becomes of fields that the server does not know. Unset: it warns.
enum class FieldValidation : std::uint8_t { Unset, Ignore, Warn, Strict };
/// Whether an apply takes fields from other managers.
enum class Force : bool { No, Yes };

/// Of create and replace.
struct WriteOptions {
  std::string field_manager;
  DryRun dry_run = DryRun::No;
  FieldValidation validation = FieldValidation::Unset;
};

enum class PatchType : std::uint8_t { Json, Merge, StrategicMerge, Apply };
std::string_view content_type_of(PatchType type) noexcept;

struct PatchOptions {
  std::string field_manager;  ///< an apply needs one
  Force force = Force::No;    ///< of an apply
  DryRun dry_run = DryRun::No;
  FieldValidation validation = FieldValidation::Unset;
};

/// What becomes of the objects that the deleted one owns. Unset: the kind's default.
enum class Propagation : std::uint8_t { Unset, Orphan, Background, Foreground };

struct DeleteOptions {
  std::optional<std::int64_t> grace_period_seconds;  ///< 0: at once
  Propagation propagation = Propagation::Unset;
  std::string uid;               ///< not empty: only the object with it (Conflict otherwise)
  std::string resource_version;  ///< not empty: only this version of it
  DryRun dry_run = DryRun::No;
};

struct LogOptions {
  std::string container;  ///< empty: the only one
  bool follow = false;    ///< goes on as the container writes
  bool previous = false;  ///< of the container before its last restart
  bool timestamps = false;
  std::optional<std::int64_t> tail_lines;
  std::optional<std::int64_t> since_seconds;
  std::optional<std::int64_t> limit_bytes;
};

struct ExecOptions {
  std::string container;  ///< empty: the only one
  std::vector<std::string> command;
  bool stdin_open = false;
  bool stdout_open = true;
  bool stderr_open = true;  ///< not with a terminal
  bool terminal = false;
};

/// The requests of the API. All answer InvalidArgument if a part cannot stand in a path (empty,
/// ".",
/// "..", with '/' or '%'), or if a namespace is missing or too much.
/// Source: Kubernetes API concepts, v1.34.
namespace requests {

/// @param subresource  "status", "scale", "log"; empty: the object itself
Result<ApiRequest> get(const ResourceType& type, const ObjectKey& key,
                       std::string_view subresource = {});
Result<ApiRequest> list(const ResourceType& type, const ListOptions& options);
Result<ApiRequest> watch(const ResourceType& type, const WatchOptions& options);

/// @param body         the object as JSON
/// @param name         of the object a subresource belongs to; empty without one
/// @param subresource  "eviction", "binding"; empty: a new object
Result<ApiRequest> create(const ResourceType& type, std::string_view namespace_name,
                          std::string body, const WriteOptions& options = {},
                          std::string_view name = {}, std::string_view subresource = {});
Result<ApiRequest> replace(const ResourceType& type, const ObjectKey& key, std::string body,
                           const WriteOptions& options = {}, std::string_view subresource = {});
Result<ApiRequest> patch(const ResourceType& type, const ObjectKey& key, PatchType patch,
                         std::string body, const PatchOptions& options = {},
                         std::string_view subresource = {});
Result<ApiRequest> remove(const ResourceType& type, const ObjectKey& key,
                          const DeleteOptions& options = {});
/// Limit and version of `options` count as well.
Result<ApiRequest> remove_collection(const ResourceType& type, const ListOptions& options,
                                     const DeleteOptions& delete_options = {});

Result<ApiRequest> logs(const ObjectKey& pod, const LogOptions& options);
/// A WebSocket: see exec.h.
Result<ApiRequest> exec(const ObjectKey& pod, const ExecOptions& options);
/// A WebSocket: see port_forward.h.
Result<ApiRequest> port_forward(const ObjectKey& pod, const std::vector<std::uint16_t>& ports);

/// What the server is: GET /version.
ApiRequest server_version();
/// Groups and their versions: GET /apis.
ApiRequest api_groups();
/// The resources of "v1" or "apps/v1".
Result<ApiRequest> api_resources(std::string_view group_version);
/// All resources in two answers, of "/api" and "/apis"; servers before 1.30 answer otherwise.
ApiRequest aggregated_discovery(std::string_view root);

}  // namespace requests

}  // namespace kthena::kube
