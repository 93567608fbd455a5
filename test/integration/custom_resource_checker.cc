// Custom resources of src/apiserver as a filter: one JSON request a line in, one answer a line out.
// For custom_resources_test.py, which asks a real API server the same.
//
//   {"do": "define", "name": …, "schema": an openAPIV3Schema}
//   {"do": "write" | "status", "name": …, "object": …, "before": … or null}
//
// A write is answered by {"object": pruned and with defaults, "unknown": […], "problems": […]}.
#include <iostream>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "apiserver/custom/custom_schema.h"
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
    const auto found = schemas_.find(name);
    CHECK(found != schemas_.end());
    const CustomSchema& schema = *found->second;
    json::Value object = *request.find("object");
    const json::Value* before = request.find("before");
    if (before != nullptr && before->is_null()) {
      before = nullptr;
    }
    std::vector<std::string> unknown;
    schema.prune(object, &unknown);
    schema.apply_defaults(object);
    const std::vector<json::Problem> problems = verb == "status"
                                                    ? schema.validate_status(object, *before)
                                                    : schema.validate(object, before);
    json::Array paths;
    for (std::string& path : unknown) {
      paths.emplace_back(std::move(path));
    }
    json::Value answer;
    answer.set("object", std::move(object));
    answer.set("unknown", std::move(paths));
    answer.set("problems", texts_of(problems));
    return answer;
  }

 private:
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
