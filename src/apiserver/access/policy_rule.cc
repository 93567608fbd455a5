#include "apiserver/access/policy_rule.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/strings.h"
#include "json/codec.h"
#include "json/problem.h"
#include "json/type.h"
#include "json/value.h"

namespace kthena::apiserver {
namespace {

using Texts = std::vector<std::string>;

constexpr std::string_view kAll = "*";

bool has(const Texts& texts, std::string_view wanted) {
  return std::ranges::find(texts, wanted) != texts.end();
}

bool has_or_all(const Texts& texts, std::string_view wanted) {
  return std::ranges::any_of(
      texts, [wanted](const std::string& text) { return text == kAll || text == wanted; });
}

/// "pods/log" for pods and log, without making that text.
bool is_combined(std::string_view text, std::string_view resource, std::string_view subresource) {
  if (subresource.empty()) {
    return text == resource;
  }
  return text.size() == resource.size() + 1 + subresource.size() && text.starts_with(resource) &&
         text[resource.size()] == '/' && text.ends_with(subresource);
}

bool allows_resource(const Texts& resources, const Attributes& wanted) {
  return std::ranges::any_of(resources, [&](const std::string& text) {
    return text == kAll || is_combined(text, wanted.resource, wanted.subresource) ||
           (!wanted.subresource.empty() && is_combined(text, kAll, wanted.subresource));
  });
}

/// "/api/*" covers all that begins with "/api/".
bool covers_url(std::string_view rule, std::string_view path) {
  if (rule == path) {
    return true;
  }
  if (!rule.ends_with('*')) {
    return false;
  }
  rule = rule.substr(0, rule.find_last_not_of('*') + 1);
  return path.starts_with(rule);
}

/// Rules of one verb, one resource and at most one name each; or of one URL.
PolicyRules take_apart(const PolicyRule& rule) {
  PolicyRules parts;
  for (const std::string& group : rule.api_groups) {
    for (const std::string& resource : rule.resources) {
      for (const std::string& verb : rule.verbs) {
        PolicyRule part;
        part.verbs = {verb};
        part.api_groups = {group};
        part.resources = {resource};
        if (rule.resource_names.empty()) {
          parts.push_back(std::move(part));
          continue;
        }
        for (const std::string& name : rule.resource_names) {
          part.resource_names = {name};
          parts.push_back(part);
        }
      }
    }
  }
  for (const std::string& url : rule.non_resource_urls) {
    for (const std::string& verb : rule.verbs) {
      PolicyRule part;
      part.verbs = {verb};
      part.non_resource_urls = {url};
      parts.push_back(std::move(part));
    }
  }
  return parts;
}

bool covers_resource(const Texts& held, std::string_view wanted) {
  if (has_or_all(held, wanted)) {
    return true;
  }
  const auto parts = split_once(wanted, '/');
  return parts && std::ranges::any_of(held, [&](const std::string& text) {
           return is_combined(text, kAll, parts->second);
         });
}

/// @param part  one of take_apart()
bool covers(const PolicyRule& held, const PolicyRule& part) {
  if (!has_or_all(held.verbs, part.verbs.front())) {
    return false;
  }
  if (!part.non_resource_urls.empty()) {
    return std::ranges::any_of(held.non_resource_urls,
                               [&](const std::string& url) {
                                 return covers_url(url, part.non_resource_urls.front());
                               }) &&
           held.resource_names.empty();
  }
  const bool name_covered =
      held.resource_names.empty() ||
      (!part.resource_names.empty() && has(held.resource_names, part.resource_names.front()));
  return name_covered && has_or_all(held.api_groups, part.api_groups.front()) &&
         covers_resource(held.resources, part.resources.front());
}

/// Puts the verbs of equal resources together, where they first were; URLs stay apart.
PolicyRules put_together(PolicyRules parts) {
  PolicyRules together;
  for (PolicyRule& part : parts) {
    const auto same = std::ranges::find_if(together, [&](const PolicyRule& rule) {
      return part.non_resource_urls.empty() && rule.non_resource_urls.empty() &&
             rule.api_groups == part.api_groups && rule.resources == part.resources &&
             rule.resource_names == part.resource_names;
    });
    if (same == together.end()) {
      together.push_back(std::move(part));
    } else {
      same->verbs.push_back(std::move(part.verbs.front()));
    }
  }
  return together;
}

void append_texts(std::string& out, std::string_view name, const Texts& texts) {
  if (texts.empty()) {
    return;
  }
  if (out.size() > 1) {
    out += ", ";
  }
  out += name;
  out += ":[";
  for (std::size_t i = 0; i < texts.size(); ++i) {
    out += i == 0 ? "" : " ";
    out += json::quoted(texts[i]);
  }
  out += ']';
}

}  // namespace

bool PolicyRule::allows(const Attributes& wanted) const {
  if (!has_or_all(verbs, wanted.verb)) {
    return false;
  }
  if (!wanted.is_resource) {
    return std::ranges::any_of(
        non_resource_urls, [&](const std::string& url) { return covers_url(url, wanted.path); });
  }
  return has_or_all(api_groups, wanted.group) && allows_resource(resources, wanted) &&
         (resource_names.empty() || has(resource_names, wanted.name));
}

std::string PolicyRule::to_string() const {
  std::string text = "{";
  append_texts(text, "APIGroups", api_groups);
  append_texts(text, "Resources", resources);
  append_texts(text, "NonResourceURLs", non_resource_urls);
  append_texts(text, "ResourceNames", resource_names);
  append_texts(text, "Verbs", verbs);
  return text + "}";
}

PolicyRules missing_rules(const PolicyRules& held, const PolicyRules& wanted) {
  PolicyRules missing;
  for (const PolicyRule& rule : wanted) {
    for (PolicyRule& part : take_apart(rule)) {
      if (std::ranges::none_of(held, [&](const PolicyRule& own) { return covers(own, part); })) {
        missing.push_back(std::move(part));
      }
    }
  }
  return put_together(std::move(missing));
}

PolicyRules read_rules(const json::Value& role) {
  PolicyRules rules;
  const json::Value* list = role.find("rules");
  if (list == nullptr || !list->is_array()) {
    return rules;
  }
  rules.reserve(list->as_array().size());
  for (const json::Value& rule : list->as_array()) {
    rules.push_back(json::decode<PolicyRule>(rule, json::DecodeOptions::trusted()).value);
  }
  return rules;
}

}  // namespace kthena::apiserver

KTHENA_JSON_TYPE(kthena::apiserver::PolicyRule);
