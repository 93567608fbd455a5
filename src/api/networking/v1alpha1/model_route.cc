#include "api/networking/v1alpha1/model_route.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "api/networking/v1alpha1/external_model_provider.h"
#include "api/networking/v1alpha1/model_server.h"
#include "base/regex.h"
#include "json/codec.h"
#include "json/path.h"
#include "json/print.h"
#include "json/problem.h"
#include "json/type.h"
#include "json/value.h"

namespace kthena::api::networking {

namespace {

using json::FieldPath;
using json::Problem;

void check_string_match(const StringMatch& match, const FieldPath& at,
                        std::vector<Problem>& problems) {
  if (match.regex) {
    if (const auto regex = Regex::create(*match.regex); !regex) {
      problems.push_back(json::invalid_value(at.child("regex"), json::quoted(*match.regex),
                                             regex.error().message()));
    }
  }
  if (match.exact.has_value() + match.prefix.has_value() + match.regex.has_value() > 1) {
    problems.push_back(
        json::as_warning(json::invalid_value(at, json::print(json::encode(match)),
                                             "only one of exact, prefix and regex should be set")));
  }
}

/// One walk over a route: errors in the order of the reference, warnings kept for the end.
class RouteValidation {
 public:
  std::vector<Problem> run(const ModelRoute& route) {
    const ModelRouteSpec& spec = route.spec;
    const FieldPath at("spec");
    if (spec.model_name.empty() && spec.lora_adapters.empty()) {
      add(json::required_value(at, "either modelName or loraAdapters must be specified"));
    }
    for (std::size_t i = 0; i < spec.lora_adapters.size(); ++i) {
      if (spec.lora_adapters[i].empty()) {
        add(json::invalid_value(at.child("loraAdapters").index(i), "\"\"",
                                "lora adapter name cannot be an empty string"));
      }
    }
    for (std::size_t i = 0; i < spec.rules.size(); ++i) {
      rule(spec, spec.rules[i], at.child("rules").index(i));
    }
    std::ranges::move(warnings_, std::back_inserter(errors_));
    return std::move(errors_);
  }

 private:
  void add(Problem problem) { errors_.push_back(std::move(problem)); }

  void rule(const ModelRouteSpec& spec, const Rule& rule, const FieldPath& at) {
    const FieldPath targets_at = at.child("targetModels");
    if (rule.target_models.empty()) {
      add(json::required_value(targets_at, "each rule must have at least one target model"));
      return;
    }
    std::uint64_t total_weight = 0;
    for (std::size_t i = 0; i < rule.target_models.size(); ++i) {
      target(spec, rule.target_models[i], targets_at.index(i));
      total_weight += rule.target_models[i].weight_or_default();
    }
    if (total_weight == 0) {
      add(json::invalid_value(targets_at, "0", "total weight must be greater than zero"));
    }
    if (rule.model_match) {
      match(*rule.model_match, at.child("modelMatch"));
    }
  }

  void target(const ModelRouteSpec& spec, const TargetModel& target, const FieldPath& at) {
    const bool external = !target.external_model_provider_name.empty();
    if (external != target.model_server_name.empty()) {
      add(json::invalid_value(
          at,
          json::quoted(
              fmt::format("{}/{}", target.model_server_name, target.external_model_provider_name)),
          "exactly one of modelServerName or externalModelProviderName must be set"));
    }
    if (external && !spec.lora_adapters.empty()) {
      add(json::invalid_value(at.child("externalModelProviderName"),
                              json::quoted(target.external_model_provider_name),
                              "lora routes must target modelServerName"));
    }
  }

  void match(const ModelMatch& match, const FieldPath& at) {
    for (Problem& problem : check_model_match(match, at)) {
      const bool warning = problem.severity == json::Severity::Warning;
      (warning ? warnings_ : errors_).push_back(std::move(problem));
    }
  }

  std::vector<Problem> errors_;
  std::vector<Problem> warnings_;
};

}  // namespace

std::vector<Problem> check_model_match(const ModelMatch& match, const FieldPath& at) {
  std::vector<Problem> problems;
  for (const auto& [name, header] : match.headers) {
    check_string_match(header, at.child("headers").key(name), problems);
  }
  if (match.uri) {
    check_string_match(*match.uri, at.child("uri"), problems);
  }
  return problems;
}

std::vector<Problem> check_value(const json::Value& value, const ModelRoute&) {
  std::vector<Problem> problems;
  const FieldPath at("spec.rules");
  const json::Value* rules = json::find_path(value, at.text());
  if (rules == nullptr || !rules->is_array()) {
    return problems;
  }
  for (std::size_t i = 0; i < rules->as_array().size(); ++i) {
    const json::Value& rule = rules->as_array()[i];
    const json::Value* targets = rule.find("targetModels");
    if (rule.is_null()) {
      problems.push_back(json::invalid_value(at.index(i), "null", "rule must not be nil"));
    } else if (targets != nullptr && targets->is_array()) {
      const FieldPath targets_at = at.index(i).child("targetModels");
      for (std::size_t j = 0; j < targets->as_array().size(); ++j) {
        if (targets->as_array()[j].is_null()) {
          problems.push_back(
              json::invalid_value(targets_at.index(j), "null", "target model must not be nil"));
        }
      }
    }
  }
  return problems;
}

std::vector<Problem> check_as_written(const ModelRoute& route) {
  std::vector<Problem> problems;
  const FieldPath rules("spec.rules");
  for (std::size_t i = 0; i < route.spec.rules.size(); ++i) {
    const std::vector<TargetModel>& targets = route.spec.rules[i].target_models;
    const auto weighted =
        std::ranges::count_if(targets, [](const TargetModel& t) { return t.weight.has_value(); });
    if (weighted != 0 && static_cast<std::size_t>(weighted) != targets.size()) {
      problems.push_back(json::as_warning(json::invalid_value(
          rules.index(i).child("targetModels"), fmt::format("{} of {}", weighted, targets.size()),
          "weight should be set on all targets of a rule or on none; a missing one counts 100")));
    }
  }
  return problems;
}

std::vector<Reference> references(const ModelRoute& route) {
  std::vector<Reference> references;
  const FieldPath rules("spec.rules");
  const auto add = [&](const kube::ResourceType& type, const std::string& name,
                       const FieldPath& at) {
    const kube::ObjectKey key{.namespace_name = route.metadata.namespace_name, .name = name};
    if (!name.empty()) {
      references.push_back({.type = &type,
                            .key = key,
                            .missing = not_found(type, key, at),
                            .at_admission = Reference::AtAdmission::LookedUp});
    }
  };
  for (std::size_t i = 0; i < route.spec.rules.size(); ++i) {
    const std::vector<TargetModel>& targets = route.spec.rules[i].target_models;
    for (std::size_t j = 0; j < targets.size(); ++j) {
      const FieldPath at = rules.index(i).child("targetModels").index(j);
      add(ModelServer::kResource, targets[j].model_server_name, at.child("modelServerName"));
      add(ExternalModelProvider::kResource, targets[j].external_model_provider_name,
          at.child("externalModelProviderName"));
    }
  }
  return references;
}

std::vector<Problem> validate(const ModelRoute& route) { return RouteValidation().run(route); }

}  // namespace kthena::api::networking

KTHENA_JSON_TYPE(kthena::api::networking::ModelRoute);
KTHENA_JSON_TYPE(kthena::api::networking::StringMatch);
