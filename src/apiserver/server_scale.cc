// The scale subresource.
#include <memory>
#include <utility>

#include "apiserver/custom/scale.h"
#include "apiserver/patch/json_patch.h"
#include "apiserver/patch/merge_patch.h"
#include "apiserver/patch/strategic_merge.h"
#include "apiserver/request/refusals.h"
#include "apiserver/server.h"
#include "json/parse.h"
#include "json/print.h"
#include "kube/shapes/shape.h"

namespace kthena::apiserver {

namespace {

Answer<json::Value> patched_scale(kube::PatchType type, json::Value scale,
                                  const json::Value& patch) {
  switch (type) {
    case kube::PatchType::Json:
      return apply_json_patch(std::move(scale), patch);
    case kube::PatchType::Merge:
      return apply_merge_patch(std::move(scale), patch);
    case kube::PatchType::StrategicMerge:
      return apply_strategic_merge(std::move(scale), patch,
                                   *kube::shapes::find_kind("autoscaling/v1", "Scale"));
    case kube::PatchType::Apply:
      break;
  }
  return refusals::unsupported_media_type(
      "application/json-patch+json, application/merge-patch+json, "
      "application/strategic-merge-patch+json");
}

}  // namespace

Answer<http::Response> ApiServer::read_scale(const Call& call) const {
  const ObjectPtr found = store_.find({.resource = call.kind->resource,
                                       .namespace_name = call.path.namespace_name,
                                       .name = call.path.name});
  if (found == nullptr) {
    return refusals::not_found(*call.kind, call.path.name);
  }
  const auto value = store_.value(found);
  if (!value) {
    return refusals::of(value.error());
  }
  return text_answer(200, json::print(TRY(scale_of(*call.kind, **value))), call.form);
}

async::Task<Answer<http::Response>> ApiServer::write_scale(const Call& call, std::string text) {
  const Kind& kind = *call.kind;
  const bool is_patch = call.method == http::Method::Patch;
  if (!is_patch && call.method != http::Method::Put) {
    co_return refusals::method_not_allowed();
  }
  const auto type = is_patch ? patch_type_of(call.content_type) : std::nullopt;
  if (is_patch && !type) {
    co_return refusals::unsupported_media_type(
        "application/json-patch+json, application/merge-patch+json, "
        "application/strategic-merge-patch+json");
  }
  const json::Value body =
      CO_TRY(read_body(is_patch ? std::string_view("application/json") : call.content_type, text));
  const auto change = [&](const json::Value& before) -> Answer<json::Value> {
    json::Value scale = body;
    if (is_patch) {
      scale = TRY(patched_scale(*type, TRY(scale_to_patch(kind, before)), body));
    }
    json::Value after = before;
    TRY(set_scale(kind, after, scale));
    return after;
  };
  const WriteReply reply = CO_TRY(co_await objects_.change(CO_TRY(write_request(call)), change));
  const auto object = json::parse(reply.text);
  if (!object) {
    co_return refusals::of(object.error());
  }
  co_return text_answer(200, json::print(CO_TRY(scale_of(kind, *object))), call.form);
}

}  // namespace kthena::apiserver
