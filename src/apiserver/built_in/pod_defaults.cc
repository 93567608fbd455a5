#include "apiserver/built_in/pod_defaults.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "apiserver/built_in/access.h"
#include "apiserver/built_in/conditional_defaults.h"
#include "apiserver/built_in/pod_resources.h"
#include "base/check.h"
#include "base/regex.h"
#include "base/strings.h"
#include "json/value.h"

namespace kthena::apiserver {

namespace {

using json::Value;

const Regex& registry_pattern() {
  static const Regex pattern = [] {
    auto regex = Regex::create(
        R"(^(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*)"
        R"(|\[[a-fA-F0-9:]+\])(?::[0-9]+)?$)");
    CHECK(regex.has_value());
    return *std::move(regex);
  }();
  return pattern;
}

/// The part of an image's name after its registry, with tag and digest; empty if that is none.
std::string_view without_registry(std::string_view image) {
  const std::size_t slash = image.find('/');
  if (slash == std::string_view::npos) {
    return image;
  }
  const std::string_view first = image.substr(0, slash);
  const bool is_registry = first.find_first_of(".:") != std::string_view::npos ||
                           first == "localhost" || to_lower(first) != first;
  if (!is_registry) {
    return image;
  }
  return registry_pattern().found_in(first) ? image.substr(slash + 1) : std::string_view{};
}

const Regex& image_pattern() {
  static const Regex pattern = [] {
    // Source: distribution/reference: a path, then a tag and a digest.
    auto regex = Regex::create(
        R"(^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*)"
        R"((?::[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?)"
        R"((?:@[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,})?$)");
    CHECK(regex.has_value());
    return *std::move(regex);
  }();
  return pattern;
}

void default_requests(Value& spec, std::string_view list) {
  Value* containers = at(spec, {list});
  if (containers == nullptr) {
    return;
  }
  for (Value& container : containers->as_array()) {
    const Value* limits = at(container, {"resources", "limits"});
    if (is_nothing(limits)) {
      continue;
    }
    const json::Object copy = limits->as_object();
    Value& requests = object_at(object_at(container, "resources"), "requests");
    for (const json::Member& limit : copy) {
      if (requests.find(limit.key) == nullptr) {
        requests.set(limit.key, limit.value);
      }
    }
  }
}

void default_host_ports(Value& spec, std::string_view list) {
  Value* containers = at(spec, {list});
  if (containers == nullptr) {
    return;
  }
  for (Value& container : containers->as_array()) {
    if (Value* ports = at(container, {"ports"})) {
      for (Value& port : ports->as_array()) {
        if (number_of(at(port, {"hostPort"})).value_or(0) == 0) {
          port.set("hostPort", number_of(at(port, {"containerPort"})).value_or(0));
        }
      }
    }
  }
}

}  // namespace

std::string_view default_pull_policy(std::string_view image) {
  const std::string_view name = without_registry(image);
  if (!image_pattern().found_in(name)) {
    return "IfNotPresent";
  }
  const std::size_t colon = name.find(':');
  if (name.find('@') != std::string_view::npos) {
    const std::string_view tagged = name.substr(0, name.find('@'));
    return tagged.ends_with(":latest") ? "Always" : "IfNotPresent";
  }
  return colon == std::string_view::npos || name.substr(colon) == ":latest" ? "Always"
                                                                            : "IfNotPresent";
}

void complete_container(Value& container) {
  if (is_nothing(at(container, {"imagePullPolicy"}))) {
    container.set("imagePullPolicy", default_pull_policy(text_at(container, {"image"})));
  }
}

void complete_volume(Value& volume) {
  const bool has_source = std::ranges::any_of(volume.as_object(), [](const json::Member& member) {
    return member.key != "name" && !member.value.is_null();
  });
  if (!has_source) {
    volume.set("emptyDir", json::Object{});
  }
  if (Value* image = at(volume, {"image"});
      image != nullptr && is_nothing(at(*image, {"pullPolicy"}))) {
    image->set("pullPolicy", default_pull_policy(text_at(*image, {"reference"})));
  }
}

void complete_pod(Value& pod) {
  Value& spec = object_at(pod, "spec");
  default_requests(spec, "containers");
  default_requests(spec, "initContainers");
  default_pod_resources(spec);
  if (at(spec, {"enableServiceLinks"}) == nullptr) {
    spec.set("enableServiceLinks", true);
  }
  if (is_true(at(spec, {"hostNetwork"}))) {
    default_host_ports(spec, "containers");
    default_host_ports(spec, "initContainers");
  }
}

}  // namespace kthena::apiserver
