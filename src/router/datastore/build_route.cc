#include "router/datastore/build_route.h"

#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include "router/routing/string_match.h"

namespace kthena::router {
namespace {

using api::networking::ModelRoute;

class RouteBuilder {
 public:
  explicit RouteBuilder(std::shared_ptr<const ModelRoute> object) : object_(std::move(object)) {}

  BuiltRoute build() {
    auto route = std::make_shared<Route>();
    route->key = object_->metadata.key().to_string();
    route->model_name = object_->spec.model_name;
    route->lora_adapters = object_->spec.lora_adapters;
    route->has_parents = !object_->spec.parent_refs.empty();
    for (std::size_t i = 0; i < object_->spec.rules.size(); ++i) {
      at_ = "spec.rules[" + std::to_string(i) + "]";
      route->rules.push_back(build_rule(object_->spec.rules[i]));
    }
    route->object = object_;
    built_.route = std::move(route);
    return std::move(built_);
  }

 private:
  void add_problem(const std::string& what) { built_.problems.insert(at_ + ": " + what); }

  Rule build_rule(const api::networking::Rule& object) {
    Rule rule;
    if (const auto& match = object.model_match) {
      rule.body_model = match->body ? match->body->model.value_or("") : "";
      rule.uri = match->uri ? build_match(*match->uri) : nullptr;
      for (const auto& [name, header] : match->headers) {
        if (auto built = build_match(header)) {
          rule.headers.emplace_back(name, std::move(built));
        }
      }
    }
    for (const auto& target : object.target_models) {
      rule.targets.push_back(build_target(target));
      rule.total_weight += rule.targets.back().weight;
    }
    return rule;
  }

  Target build_target(const api::networking::TargetModel& object) {
    // Weights that are missing count what the API server would have filled in.
    Target target{.server = {}, .provider = {}, .weight = object.weight_or_default()};
    const std::string prefix = object_->metadata.namespace_name + "/";
    if (!object.external_model_provider_name.empty()) {
      target.provider = prefix + object.external_model_provider_name;
      add_problem("ExternalModelProvider " + target.provider +
                  " gets no requests: this version serves none of its kind");
      return target;
    }
    target.server = prefix + object.model_server_name;
    built_.wanted.push_back({.at = at_, .server = target.server});
    return target;
  }

  std::shared_ptr<const StringMatch> build_match(const api::networking::StringMatch& match) {
    if (match.exact) {
      return match_exact(*match.exact);
    }
    if (match.prefix) {
      return match_prefix(*match.prefix);
    }
    if (match.regex) {
      auto regex = match_regex(*match.regex);
      if (!regex) {
        add_problem("a regex never matches: " + regex.error().message());
        return match_never();
      }
      return *std::move(regex);
    }
    return nullptr;
  }

  std::shared_ptr<const ModelRoute> object_;
  BuiltRoute built_;
  std::string at_;  ///< the path of the rule at hand
};

std::optional<std::uint64_t> number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size() ? std::optional(value)
                                                                  : std::nullopt;
}

}  // namespace

BuiltRoute build_route(std::shared_ptr<const ModelRoute> object) {
  return RouteBuilder(std::move(object)).build();
}

bool precedes(const ModelRoute& a, const ModelRoute& b) {
  const auto created = [](const ModelRoute& route) {
    return route.metadata.creation_timestamp ? route.metadata.creation_timestamp->value
                                             : WallTime{};
  };
  if (created(a) != created(b)) {
    return created(a) < created(b);
  }
  const std::string& left = a.metadata.resource_version;
  const std::string& right = b.metadata.resource_version;
  const auto left_number = number(left);
  const auto right_number = number(right);
  if (left_number.has_value() != right_number.has_value()) {
    return left_number.has_value();
  }
  if (left_number != right_number) {
    return *left_number < *right_number;
  }
  if (!left_number && left != right) {
    return left < right;
  }
  return a.metadata.key() < b.metadata.key();
}

}  // namespace kthena::router
