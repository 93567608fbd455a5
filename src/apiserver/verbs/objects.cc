#include "apiserver/verbs/objects.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "apiserver/apply/server_side_apply.h"
#include "apiserver/patch/json_patch.h"
#include "apiserver/patch/merge_patch.h"
#include "apiserver/patch/strategic_merge.h"
#include "apiserver/read/stored_text.h"
#include "apiserver/request/refusals.h"
#include "apiserver/verbs/metadata.h"
#include "json/on_demand.h"

namespace kthena::apiserver {

namespace {

/// What etcd takes of one object.
constexpr std::size_t kMostBytes = 1536UL << 10;

/// Writes that a power cut may take: they are made anew all the time.
Durability durability_of(const WriteRequest& request) {
  const std::string& resource = request.kind->resource;
  const bool fleeting = request.subresource == "status" || resource == "events" ||
                        resource == "coordination.k8s.io/leases";
  return fleeting ? Durability::Process : Durability::Power;
}

/// Kinds whose deletion is answered with the object. Source: kube-apiserver 1.34,
/// ReturnDeletedObject.
bool is_returned_when_deleted(const Kind& kind) {
  constexpr std::array<std::string_view, 7> kReturned{
      "pods",           "services",          "serviceaccounts",       "podtemplates",
      "resourcequotas", "persistentvolumes", "persistentvolumeclaims"};
  return kind.group.empty() && std::ranges::find(kReturned, kind.plural) != kReturned.end();
}

std::string served_text(const Kind& kind, std::string_view stored) {
  std::string text;
  append_object(text, kind, stored);
  return text;
}

}  // namespace

Objects::Objects(async::Loop& loop, ObjectStore& store, const Rules& rules, Random random)
    : loop_(loop),
      store_(store),
      random_(random),
      planner_(rules, [this] { return uuid_v4(random_); }) {}

std::string Objects::random_suffix() {
  constexpr std::string_view kAlphabet = "bcdfghjklmnpqrstvwxz2456789";
  std::string suffix;
  for (int i = 0; i < 5; ++i) {
    suffix += kAlphabet[random_.uniform(kAlphabet.size())];
  }
  return suffix;
}

ObjectPath Objects::path_of(const WriteRequest& request) {
  return {.resource = request.kind->resource,
          .namespace_name = request.namespace_name,
          .name = request.name};
}

Answer<Draft> Objects::plan_on(const ObjectPtr& current, Plan& plan, Warnings& warnings) {
  if (current == nullptr) {
    return plan(nullptr, warnings);
  }
  const auto before = store_.value(current);
  if (!before) {
    return refusals::of(before.error());
  }
  return plan(before->get(), warnings);
}

Answer<WriteReply> Objects::try_out(const WriteRequest& request, Plan& plan) {
  WriteReply reply;
  const ObjectPtr current = store_.find(path_of(request));
  Draft draft = TRY(plan_on(current, plan, reply.warnings));
  if (current != nullptr && draft.action != Draft::Action::Keep) {
    set_metadata(draft.object, "resourceVersion", std::to_string(current->version));
  }
  reply.status = current == nullptr ? 201 : 200;
  reply.text = served_text(*request.kind, print_stored(*request.kind, draft.object));
  return reply;
}

async::Task<Answer<WriteReply>> Objects::write(const WriteRequest& request, Plan plan) {
  if (request.options.dry_run) {
    co_return try_out(request, plan);
  }
  WriteReply reply;
  std::optional<kube::Status> refusal;
  const auto refuse = [&](kube::Status status) {
    refusal = std::move(status);
    return fail(ErrorCode::InvalidArgument, "refused");
  };
  Decide decide = [&](Version version, const ObjectPtr& current) -> Result<Edit> {
    auto draft = plan_on(current, plan, reply.warnings);
    if (!draft) {
      return refuse(std::move(draft).error());
    }
    if (draft->action == Draft::Action::Keep) {
      return Edit{};
    }
    set_metadata(draft->object, "resourceVersion", std::to_string(version));
    Edit edit{
        .action = draft->action == Draft::Action::Put ? Edit::Action::Put : Edit::Action::Remove,
        .text = print_stored(*request.kind, draft->object),
        .uid = std::string(metadata_text_of(draft->object, "uid")),
        .durability = durability_of(request)};
    if (edit.text.size() > kMostBytes) {
      return refuse(too_large(fmt::format("the object has {} bytes, the limit is {}",
                                          edit.text.size(), kMostBytes))
                        .error());
    }
    reply.status = current == nullptr ? 201 : 200;
    return edit;
  };
  const auto written =
      co_await store_.write(path_of(request), Expected::anything(), std::move(decide));
  if (refusal) {
    co_return std::unexpected(*std::move(refusal));
  }
  if (!written) {
    co_return refusals::of(written.error());
  }
  if (written->object != nullptr) {
    reply.text = served_text(*request.kind, written->object->text);
  }
  co_return reply;
}

// ---- Creating and changing

Answer<void> Objects::check_namespace(const WriteRequest& request) const {
  if (!request.kind->is_namespaced()) {
    return {};
  }
  const ObjectPtr found =
      store_.find({.resource = "namespaces", .namespace_name = {}, .name = request.namespace_name});
  if (found == nullptr) {
    return refusals::not_found("", "namespaces", request.namespace_name);
  }
  if (json::find_field(metadata_text(found->text), "deletionTimestamp")) {
    auto refusal = refusals::forbidden(
        *request.kind, request.name,
        fmt::format("unable to create new content in namespace {} because it is being terminated",
                    request.namespace_name));
    refusal.error().details->causes.push_back(
        {.reason = "NamespaceTerminating",
         .message = fmt::format("namespace {} is being terminated", request.namespace_name),
         .field = "metadata.namespace"});
    return refusal;
  }
  return {};
}

async::Task<Answer<WriteReply>> Objects::create(WriteRequest request, json::Value body) {
  const std::string prefix(metadata_text_of(body, "generateName"));
  const bool generates = metadata_text_of(body, "name").empty() && !prefix.empty();
  constexpr int kAttempts = 8;  // as kube-apiserver
  for (int attempt = 1;; ++attempt) {
    if (generates) {
      // What a name may have: 63 characters with what is added.
      set_metadata(body, "name", prefix.substr(0, 58) + random_suffix());
    }
    request.name = std::string(metadata_text_of(body, "name"));
    Plan plan = [&](const json::Value* before, Warnings& warnings) -> Answer<Draft> {
      TRY(check_namespace(request));
      // What is wrong with it is said first, as kube-apiserver does.
      Draft draft =
          TRY(planner_.create(request, body, Ownership::Track, loop_.wall_now(), warnings));
      if (before != nullptr) {
        return refusals::already_exists(*request.kind, request.name);
      }
      return draft;
    };
    auto reply = co_await write(request, std::move(plan));
    if (reply || !generates || reply.error().reason != "AlreadyExists" || attempt == kAttempts) {
      co_return reply;
    }
  }
}

async::Task<Answer<WriteReply>> Objects::update(WriteRequest request, json::Value body) {
  Plan plan = [&](const json::Value* before, Warnings& warnings) -> Answer<Draft> {
    if (before == nullptr) {
      return refusals::not_found(*request.kind, request.name);
    }
    return planner_.update(request, body, *before, Ownership::Track, loop_.wall_now(), warnings);
  };
  co_return co_await write(request, std::move(plan));
}

async::Task<Answer<WriteReply>> Objects::change(WriteRequest request, Change change) {
  Plan plan = [&](const json::Value* before, Warnings& warnings) -> Answer<Draft> {
    if (before == nullptr) {
      return refusals::not_found(*request.kind, request.name);
    }
    json::Value wanted = TRY(change(*before));
    return planner_.update(request, std::move(wanted), *before, Ownership::Track, loop_.wall_now(),
                           warnings);
  };
  co_return co_await write(request, std::move(plan));
}

Answer<json::Value> Objects::patched(const WriteRequest& request, kube::PatchType type,
                                     const json::Value& before, const json::Value& patch) const {
  switch (type) {
    case kube::PatchType::Json:
      return apply_json_patch(before, patch);
    case kube::PatchType::Merge:
      return apply_merge_patch(before, patch);
    case kube::PatchType::StrategicMerge:
      return apply_strategic_merge(before, patch, *request.kind->shape);
    case kube::PatchType::Apply:
      break;
  }
  return refusals::internal("an apply is no patch of a value");
}

Answer<Draft> Objects::applied(const WriteRequest& request, const json::Value* before,
                               const json::Value& wanted, Warnings& warnings) const {
  const WallTime now = loop_.wall_now();
  Applied outcome =
      TRY(apply_object(Planner::target_of(*request.kind, request.subresource),
                       {.manager = request.manager, .now = now}, before, wanted,
                       request.options.force.value_or(false) ? Force::Yes : Force::No));
  if (before == nullptr) {
    TRY(check_namespace(request));
    return planner_.create(request, std::move(outcome.object), Ownership::Settled, now, warnings);
  }
  return planner_.update(request, std::move(outcome.object), *before, Ownership::Settled, now,
                         warnings);
}

async::Task<Answer<WriteReply>> Objects::patch(WriteRequest request, kube::PatchType type,
                                               json::Value patch) {
  if (type == kube::PatchType::StrategicMerge && request.kind->is_custom()) {
    co_return refusals::unsupported_media_type(
        "application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml");
  }
  Plan plan = [&](const json::Value* before, Warnings& warnings) -> Answer<Draft> {
    if (type == kube::PatchType::Apply) {
      return applied(request, before, patch, warnings);
    }
    if (before == nullptr) {
      return refusals::not_found(*request.kind, request.name);
    }
    json::Value wanted = TRY(patched(request, type, *before, patch));
    return planner_.update(request, std::move(wanted), *before, Ownership::Track, loop_.wall_now(),
                           warnings);
  };
  co_return co_await write(request, std::move(plan));
}

// ---- Deleting

async::Task<Answer<WriteReply>> Objects::remove(WriteRequest request, RemoveOptions options) {
  request.options.dry_run = options.dry_run;
  bool gone = false;
  std::string uid;
  Plan plan = [&](const json::Value* before, Warnings&) -> Answer<Draft> {
    if (before == nullptr) {
      return refusals::not_found(*request.kind, request.name);
    }
    uid = metadata_text_of(*before, "uid");
    Draft draft = TRY(planner_.remove(*request.kind, *before, options, loop_.wall_now()));
    gone = draft.action == Draft::Action::Remove;
    return draft;
  };
  auto reply = co_await write(request, std::move(plan));
  if (reply) {
    reply->status = 200;
    if (gone && !is_returned_when_deleted(*request.kind)) {
      reply->text = print_status(deleted_status(*request.kind, request.name, uid));
    }
  }
  co_return reply;
}

}  // namespace kthena::apiserver
