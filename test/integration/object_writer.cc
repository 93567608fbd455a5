// Patches and applies of src/apiserver as a filter: one JSON request a line in, one answer a line
// out. For object_writes_test.py, which asks a real API server the same.
//
//   {"do": "json" | "merge" | "strategic" | "apply" | "track" | "as-stored", "apiVersion": …,
//   "kind": …,
//    "subresource": …, "manager": …, "now": …, "live": …, "body": …, "force": …}
//   {"do": "define", "apiVersion": …, "kind": …, "schema": an openAPIV3Schema}
//
// Answers {"object": …} or {"status": …}.
#include <iostream>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "apiserver/apply/schema.h"
#include "apiserver/apply/server_side_apply.h"
#include "apiserver/patch/json_patch.h"
#include "apiserver/patch/merge_patch.h"
#include "apiserver/patch/strategic_merge.h"
#include "base/check.h"
#include "base/rfc3339.h"
#include "json/codec.h"
#include "json/parse.h"
#include "json/print.h"
#include "json/value.h"
#include "kube/meta/status.h"
#include "kube/shapes/shape.h"

namespace kthena::apiserver {
namespace {

std::string text_of(const json::Value& request, std::string_view name) {
  const json::Value* value = request.find(name);
  return value != nullptr && value->is_string() ? value->as_string() : std::string();
}

json::Value answer_of(Answer<json::Value> result) {
  json::Value answer;
  if (result) {
    answer.set("object", *std::move(result));
  } else {
    answer.set("status", json::encode(result.error()));
  }
  return answer;
}

class Writers {
 public:
  json::Value answer(const json::Value& request) {
    const std::string verb = text_of(request, "do");
    const json::Value* live = request.find("live");
    const json::Value* body = request.find("body");
    if (live != nullptr && live->is_null()) {
      live = nullptr;
    }
    if (verb == "define") {
      auto schema = custom_schema(*request.find("schema"), UnknownFields::AsStated);
      CHECK(schema.has_value());
      custom_[text_of(request, "kind")] = *std::move(schema);
      return json::Object{};
    }
    if (verb == "json") {
      return answer_of(apply_json_patch(*live, *body));
    }
    if (verb == "merge") {
      return answer_of(apply_merge_patch(*live, *body));
    }
    if (verb == "strategic") {
      return answer_of(apply_strategic_merge(
          *live, *body,
          *kube::shapes::find_kind(text_of(request, "apiVersion"), text_of(request, "kind"))));
    }
    return write(request, verb, live, *body);
  }

 private:
  json::Value write(const json::Value& request, std::string_view verb, const json::Value* live,
                    const json::Value& body) {
    const std::string api_version = text_of(request, "apiVersion");
    const std::string kind = text_of(request, "kind");
    const std::string subresource = text_of(request, "subresource");
    const std::string manager = text_of(request, "manager");
    const auto custom = custom_.find(kind);
    const bool is_custom = custom != custom_.end();
    const Target target{
        .api_version = api_version,
        .kind = kind,
        .origin = is_custom ? Origin::Custom : Origin::BuiltIn,
        .schema = is_custom ? custom->second.get()
                            : &built_in_schema(*kube::shapes::find_kind(api_version, kind)),
        .subresource = subresource,
        .resets = &reset_fields(kind, subresource)};
    const Writer writer{.manager = manager, .now = *parse_rfc3339(text_of(request, "now"))};
    if (verb == "track") {
      return answer_of(track_update(target, writer, live, body));
    }
    if (verb == "as-stored") {
      json::Value object = body;
      as_stored(*target.schema, object);
      return answer_of(std::move(object));
    }
    const json::Value* force = request.find("force");
    auto applied =
        apply_object(target, writer, live, body,
                     force != nullptr && *force == json::Value(true) ? Force::Yes : Force::No);
    if (!applied) {
      return answer_of(std::unexpected(std::move(applied).error()));
    }
    if (live != nullptr) {
      keep_times(*live, applied->object);
    }
    return answer_of(std::move(applied->object));
  }

  std::map<std::string, std::shared_ptr<const Schema>> custom_;
};

}  // namespace
}  // namespace kthena::apiserver

int main() {
  kthena::apiserver::Writers writers;
  std::string line;
  while (std::getline(std::cin, line)) {
    const auto request = kthena::json::parse(line);
    CHECK(request.has_value());
    std::cout << kthena::json::print(writers.answer(*request)) << std::endl;
  }
}
