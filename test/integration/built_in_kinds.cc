// What src/apiserver/built_in makes of objects, as a filter: one JSON request a line in, one answer
// a line out. For built_in_kinds_test.py, which asks a real API server the same.
//
//   {"apiVersion": …, "kind": …, "object": …, "uid": …, "namespace": …}                a create
//   {"apiVersion": …, "kind": …, "object": …, "before": …, "subresource": …}           an update
//
// Answers {"object": …}, {"refused": the message of a 400} or {"problems": [[field, message], …]}.
#include <iostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "apiserver/built_in/decode.h"
#include "apiserver/built_in/defaults.h"
#include "apiserver/built_in/service_strategy.h"
#include "apiserver/built_in/strategy.h"
#include "apiserver/built_in/structs.h"
#include "apiserver/built_in/validate.h"
#include "apiserver/kinds/catalog.h"
#include "base/check.h"
#include "json/parse.h"
#include "json/print.h"
#include "json/problem.h"
#include "json/value.h"

namespace kthena::apiserver {
namespace {

std::string text_of(const json::Value& request, std::string_view name) {
  const json::Value* value = request.find(name);
  return value != nullptr && value->is_string() ? value->as_string() : std::string();
}

json::Value problems_of(const std::vector<json::Problem>& problems) {
  json::Array list;
  for (const json::Problem& problem : problems) {
    list.push_back(json::Array{problem.path, problem.message});
  }
  return json::Object{{"problems", std::move(list)}};
}

/// What the server sets, or keeps, beside what built_in does.
void set_metadata(json::Value& object, const json::Value& request, const json::Value* before) {
  json::Value* metadata = object.find("metadata");
  if (metadata == nullptr) {
    metadata = &object.set("metadata", json::Object{});
  }
  if (before == nullptr) {
    metadata->set("uid", text_of(request, "uid"));
    if (metadata->find("namespace") == nullptr && !text_of(request, "namespace").empty()) {
      metadata->set("namespace", text_of(request, "namespace"));
    }
    return;
  }
  for (const std::string_view name : {"uid", "creationTimestamp", "resourceVersion", "namespace",
                                      "deletionTimestamp", "deletionGracePeriodSeconds"}) {
    const json::Value* old = before->find("metadata")->find(name);
    if (old != nullptr && metadata->find(name) == nullptr) {
      metadata->set(name, *old);
    }
  }
}

json::Value answer(const json::Value& request) {
  const KindPtr* kind = nullptr;
  for (const KindPtr& each : built_in_kinds()) {
    if (each->api_version == text_of(request, "apiVersion") &&
        each->kind == text_of(request, "kind")) {
      kind = &each;
    }
  }
  CHECK(kind != nullptr);
  json::Value object = *request.find("object");
  std::vector<std::string> warnings;
  const auto read = read_built_in(*(*kind)->shape, object, FieldValidation::Strict, {}, warnings);
  if (!read) {
    return json::Object{{"refused", read.error().message}};
  }
  apply_built_in_defaults(**kind, object);
  const json::Value* before = request.find("before");
  const std::string subresource = text_of(request, "subresource");
  set_metadata(object, request, before);
  ServicePool pool("10.96.0.0", 16);
  if ((*kind)->kind == "Service" && subresource.empty()) {
    const auto problems = allocate_service(object, before, pool);
    if (!problems.empty()) {
      return problems_of(problems);
    }
  }
  if (before == nullptr) {
    prepare_create(**kind, object);
  } else {
    prepare_update(**kind, object, *before, subresource);
  }
  const auto problems = validate_built_in(**kind, object, before, subresource);
  if (!problems.empty()) {
    return problems_of(problems);
  }
  return json::Object{{"object", std::move(object)}};
}

}  // namespace
}  // namespace kthena::apiserver

int main() {
  std::string line;
  while (std::getline(std::cin, line)) {
    const auto request = kthena::json::parse(line);
    CHECK(request.has_value());
    std::cout << kthena::json::print(kthena::apiserver::answer(*request)) << std::endl;
  }
}
