// Custom resources of src/apiserver as a filter: one JSON request a line in, one answer a line out.
// For custom_resources_test.py, which asks a real API server the same.
//
//   {"do": "define", "name": …, "schema": an openAPIV3Schema}
//   {"do": "write" | "status", "name": …, "object": …, "before": … or null}
//
//   {"do": "definition", "object": a CustomResourceDefinition, "before": … or null}
//   {"do": "establish", "object": a CustomResourceDefinition, "others": […], "now": …}
//
// A write is answered by {"object": pruned and with defaults, "unknown": […], "problems": […]},
// a definition by {"object": …, "problems": […], "warnings": […]}, the last by {"object": …}.
#include <iostream>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "apiserver/custom/custom_kinds.h"
#include "apiserver/custom/custom_schema.h"
#include "base/check.h"
#include "base/rfc3339.h"
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

const json::Value* unless_null(const json::Value* value) {
  return value == nullptr || value->is_null() ? nullptr : value;
}

json::Value texts_of(std::vector<std::string> strings) {
  json::Array texts;
  for (std::string& each : strings) {
    texts.emplace_back(std::move(each));
  }
  return texts;
}

json::Value texts_of(const std::vector<json::Problem>& problems) {
  json::Array texts;
  for (const json::Problem& problem : problems) {
    texts.emplace_back(problem.to_string());
  }
  return texts;
}

class Checker {
 public:
  json::Value answer(const json::Value& request) {
    const std::string verb = text_of(request, "do");
    const std::string name = text_of(request, "name");
    if (verb == "define") {
      auto schema = CustomSchema::create(*request.find("schema"));
      if (!schema) {
        return json::Object{{.key = "error", .value = schema.error().message()}};
      }
      schemas_[name] = *std::move(schema);
      return json::Object{};
    }
    if (verb == "definition") {
      return check_definition(*request.find("object"), unless_null(request.find("before")));
    }
    if (verb == "establish") {
      std::vector<const json::Value*> others;
      for (const json::Value& other : request.find("others")->as_array()) {
        others.push_back(&other);
      }
      json::Value object = *request.find("object");
      establish(object, others, *parse_rfc3339(text_of(request, "now")));
      return json::Object{{.key = "object", .value = std::move(object)}};
    }
    return write(request, verb, name);
  }

 private:
  static json::Value check_definition(json::Value object, const json::Value* before) {
    default_definition(object);
    prepare_definition(object, before);
    json::Value answer;
    answer.set("problems", texts_of(validate_definition(object, before)));
    answer.set("warnings", texts_of(definition_warnings(object, before)));
    answer.set("object", std::move(object));
    return answer;
  }

  json::Value write(const json::Value& request, const std::string& verb, const std::string& name) {
    const auto found = schemas_.find(name);
    CHECK(found != schemas_.end());
    const CustomSchema& schema = *found->second;
    json::Value object = *request.find("object");
    const json::Value* before = unless_null(request.find("before"));
    std::vector<std::string> unknown;
    schema.prune(object, &unknown);
    schema.apply_defaults(object);
    const std::vector<json::Problem> problems = verb == "status"
                                                    ? schema.validate_status(object, *before)
                                                    : schema.validate(object, before);
    json::Value answer;
    answer.set("object", std::move(object));
    answer.set("unknown", texts_of(std::move(unknown)));
    answer.set("problems", texts_of(problems));
    return answer;
  }

  std::map<std::string, std::shared_ptr<const CustomSchema>> schemas_;
};

}  // namespace
}  // namespace kthena::apiserver

int main() {
  kthena::apiserver::Checker checker;
  std::string line;
  while (std::getline(std::cin, line)) {
    const auto request = kthena::json::parse(line);
    CHECK(request.has_value());
    std::cout << kthena::json::print(checker.answer(*request)) << std::endl;
  }
}
