#include "api/networking/v1alpha1/model_route.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <utility>
#include <vector>

#include "base/regex.h"
#include "json/codec.h"
#include "json/print.h"
#include "json/problem.h"
#include "json/type.h"

namespace kthena::api::networking {

namespace {

using json::FieldPath;
using json::Problem;

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
  void warn(Problem problem) { warnings_.push_back(json::as_warning(std::move(problem))); }

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
    const auto weighted = std::ranges::count_if(
        rule.target_models, [](const TargetModel& t) { return t.weight.has_value(); });
    if (weighted != 0 && static_cast<std::size_t>(weighted) != rule.target_models.size()) {
      warn(json::invalid_value(
          targets_at, fmt::format("{} of {}", weighted, rule.target_models.size()),
          "weight should be set on all targets of a rule or on none; a missing one counts 100"));
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
    for (const auto& [name, header] : match.headers) {
      string_match(header, at.child("headers").key(name));
    }
    if (match.uri) {
      string_match(*match.uri, at.child("uri"));
    }
  }

  void string_match(const StringMatch& match, const FieldPath& at) {
    if (match.regex) {
      if (const auto regex = Regex::create(*match.regex); !regex) {
        add(json::invalid_value(at.child("regex"), json::quoted(*match.regex),
                                regex.error().message()));
      }
    }
    if (match.exact.has_value() + match.prefix.has_value() + match.regex.has_value() > 1) {
      warn(json::invalid_value(at, json::print(json::encode(match)),
                               "only one of exact, prefix and regex should be set"));
    }
  }

  std::vector<Problem> errors_;
  std::vector<Problem> warnings_;
};

}  // namespace

std::vector<Problem> validate(const ModelRoute& route) { return RouteValidation().run(route); }

}  // namespace kthena::api::networking

KTHENA_JSON_TYPE(kthena::api::networking::ModelRoute);
KTHENA_JSON_TYPE(kthena::api::networking::StringMatch);
