// Source: apiextensions-apiserver v0.34 (registry/customresource), Kubernetes v1.34
// (registry/apps).
#include "apiserver/custom/scale.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "apiserver/built_in/access.h"
#include "apiserver/custom/go_value.h"
#include "apiserver/kinds/kind.h"
#include "apiserver/patch/failure.h"
#include "apiserver/patch/go_text.h"
#include "json/problem.h"
#include "json/value.h"
#include "kube/meta/status.h"

namespace kthena::apiserver {

namespace {

/// What a dotted path leads to: a value, nothing, or an error as Go's accessor words it.
struct Found {
  const json::Value* value = nullptr;
  std::string error{};
};

Found find_at(const json::Value& object, std::string_view path, std::string_view wanted,
              bool (*fits)(const json::Value&)) {
  if (path.starts_with('.')) {
    path.remove_prefix(1);
  }
  const json::Value* value = &object;
  for (std::size_t from = 0; from <= path.size();) {
    const std::size_t end = std::min(path.find('.', from), path.size());
    if (value->is_null()) {
      return {};
    }
    if (!value->is_object()) {
      return {.error = fmt::format(
                  ".{} accessor error: {} is of the type {}, expected map[string]interface{{}}",
                  path.substr(0, end), go_text(*value, GoNumbers::Exact), go_type(*value))};
    }
    value = value->find(path.substr(from, end - from));
    if (value == nullptr) {
      return {};
    }
    from = end + 1;
  }
  if (!fits(*value)) {
    return {.error = fmt::format(".{} accessor error: {} is of the type {}, expected {}", path,
                                 go_text(*value, GoNumbers::Exact), go_type(*value), wanted)};
  }
  return {.value = value};
}

void check_replicas(const json::Value& object, const std::string& path,
                    std::vector<json::Problem>& problems) {
  const Found found = find_at(
      object, path, "int64", [](const json::Value& value) { return value.to_int64().has_value(); });
  const json::FieldPath field(path);
  if (!found.error.empty()) {
    problems.push_back(json::invalid_value(field, "0", found.error));
    return;
  }
  if (found.value == nullptr) {
    return;
  }
  constexpr std::int64_t kMost = std::numeric_limits<std::int32_t>::max();
  const std::int64_t replicas = found.value->to_int64().value_or(0);
  if (replicas < 0) {
    problems.push_back(json::invalid_value(field, fmt::format("{}", replicas),
                                           "should be a non-negative integer"));
  } else if (replicas > kMost) {
    problems.push_back(
        json::invalid_value(field, fmt::format("{}", replicas),
                            fmt::format("should be less than or equal to {}", kMost)));
  }
}

}  // namespace

std::vector<json::Problem> check_scale(const CustomScale& scale, const json::Value& object,
                                       ScalePart part) {
  std::vector<json::Problem> problems;
  if (part == ScalePart::SpecAndStatus) {
    check_replicas(object, scale.spec_replicas_path, problems);
  }
  check_replicas(object, scale.status_replicas_path, problems);
  if (!scale.label_selector_path.empty()) {
    const Found found = find_at(object, scale.label_selector_path, "string",
                                [](const json::Value& value) { return value.is_string(); });
    if (!found.error.empty()) {
      problems.push_back(
          json::invalid_value(json::FieldPath(scale.label_selector_path), "\"\"", found.error));
    }
  }
  return problems;
}

namespace {

/// Stands for a number that was never there.
constexpr std::int64_t kNoReplicas = std::numeric_limits<std::int32_t>::min();

std::unexpected<kube::Status> internal_error(const std::string& why) {
  return std::unexpected(kube::Status{
      .status = "Failure",
      .message = "Internal error occurred: " + why,
      .reason = "InternalError",
      .details = kube::StatusDetails{.causes = {{.reason = {}, .message = why, .field = {}}}},
      .code = 500});
}

/// "a=b,c in (d,e),!f", sorted by key.
std::string selector_text(const json::Value* selector) {
  std::vector<std::pair<std::string_view, std::string>> parts;
  for (const auto& [key, value] : members_of(at(selector, "matchLabels"))) {
    parts.emplace_back(key, fmt::format("{}={}", key, text_of(&value)));
  }
  for (const json::Value& each : items_of(at(selector, "matchExpressions"))) {
    const std::string_view key = text_at(each, {"key"});
    const std::string_view operation = text_at(each, {"operator"});
    std::vector<std::string_view> values;
    for (const json::Value& value : items_of(at(&each, "values"))) {
      values.push_back(text_of(&value));
    }
    std::ranges::sort(values);
    parts.emplace_back(key, operation == "Exists" ? std::string(key)
                            : operation == "DoesNotExist"
                                ? fmt::format("!{}", key)
                                : fmt::format("{} {} ({})", key, operation == "In" ? "in" : "notin",
                                              fmt::join(values, ",")));
  }
  std::ranges::sort(parts, {}, &std::pair<std::string_view, std::string>::first);
  std::string text;
  for (const auto& [key, part] : parts) {
    text.append(text.empty() ? "" : ",").append(part);
  }
  return text;
}

std::string labels_text(const json::Value* labels) {
  json::Value selector;
  selector.set("matchLabels", labels == nullptr ? json::Value(json::Object{}) : *labels);
  return selector_text(&selector);
}

struct Numbers {
  std::optional<std::int64_t> wanted;
  std::int64_t there = 0;
  std::string selector;
};

json::Value make_scale(const json::Value& object, const Numbers& numbers) {
  json::Value metadata = json::Object{};
  for (const std::string_view name :
       {"name", "namespace", "uid", "resourceVersion", "creationTimestamp"}) {
    if (const json::Value* value = at(object, {"metadata", name})) {
      metadata.set(name, *value);
    }
  }
  json::Value spec = json::Object{};
  if (numbers.wanted.value_or(kNoReplicas) != 0) {
    spec.set("replicas", numbers.wanted.value_or(kNoReplicas));
  }
  json::Value status = json::Object{{"replicas", numbers.there}};
  if (!numbers.selector.empty()) {
    status.set("selector", numbers.selector);
  }
  return json::Object{{"kind", "Scale"},
                      {"apiVersion", "autoscaling/v1"},
                      {"metadata", std::move(metadata)},
                      {"spec", std::move(spec)},
                      {"status", std::move(status)}};
}

Answer<Numbers> custom_numbers(const CustomScale& scale, const json::Value& object) {
  const auto is_number = [](const json::Value& value) { return value.to_int64().has_value(); };
  const auto is_text = [](const json::Value& value) { return value.is_string(); };
  Numbers numbers;
  const Found wanted = find_at(object, scale.spec_replicas_path, "int64", is_number);
  const Found there = find_at(object, scale.status_replicas_path, "int64", is_number);
  const Found selector = scale.label_selector_path.empty()
                             ? Found{}
                             : find_at(object, scale.label_selector_path, "string", is_text);
  for (const Found* found : {&wanted, &there, &selector}) {
    if (!found->error.empty()) {
      return untranslated(found->error);
    }
  }
  if (wanted.value != nullptr) {
    numbers.wanted = wanted.value->to_int64();
  }
  if (there.value != nullptr) {
    numbers.there = there.value->to_int64().value_or(0);
  }
  numbers.selector = text_of(selector.value);
  return numbers;
}

Answer<Numbers> numbers_of(const Kind& kind, const json::Value& object) {
  if (kind.custom_scale) {
    return custom_numbers(*kind.custom_scale, object);
  }
  const json::Value* selector = at(object, {"spec", "selector"});
  return Numbers{.wanted = number_of(at(object, {"spec", "replicas"})).value_or(0),
                 .there = number_of(at(object, {"status", "replicas"})).value_or(0),
                 .selector = kind.kind == "ReplicationController" ? labels_text(selector)
                                                                  : selector_text(selector)};
}

std::unexpected<kube::Status> refused(const Kind& kind, const json::Value& object,
                                      const json::Value& scale) {
  const std::string name(text_at(object, {"metadata", "name"}));
  if (number_of(at(scale, {"spec", "replicas"})).value_or(0) < 0) {
    const std::string why = fmt::format("Invalid value: {}: must be greater than or equal to 0",
                                        number_of(at(scale, {"spec", "replicas"})).value_or(0));
    return std::unexpected(kube::Status{
        .status = "Failure",
        .message = fmt::format("Scale.autoscaling \"{}\" is invalid: spec.replicas: {}", name, why),
        .reason = "Invalid",
        .details = kube::StatusDetails{.name = name,
                                       .group = "autoscaling",
                                       .kind = "Scale",
                                       .causes = {{.reason = "FieldValueInvalid",
                                                   .message = why,
                                                   .field = "spec.replicas"}}},
        .code = 422});
  }
  const std::string resource = fmt::format("{}/scale", kind.plural);
  return std::unexpected(kube::Status{
      .status = "Failure",
      .message =
          fmt::format("Operation cannot be fulfilled on {}{}{} \"{}\": Precondition failed: UID in "
                      "precondition: {}, UID in object meta: {}",
                      resource, kind.group.empty() ? "" : ".", kind.group, name,
                      text_at(scale, {"metadata", "uid"}), text_at(object, {"metadata", "uid"})),
      .reason = "Conflict",
      .details = kube::StatusDetails{.name = name, .group = kind.group, .kind = resource},
      .code = 409});
}

/// Whether the number could be put there: a path may lead through what is no object.
bool set_at(json::Value& object, std::string_view path, std::int64_t number) {
  json::Value* here = &object;
  while (true) {
    path.remove_prefix(path.starts_with('.') ? 1 : 0);
    const std::size_t end = std::min(path.find('.'), path.size());
    const std::string_view name = path.substr(0, end);
    if (!here->is_object()) {
      return false;
    }
    if (end == path.size()) {
      here->set(name, number);
      return true;
    }
    json::Value* next = here->find(name);
    here = next != nullptr ? next : &here->set(name, json::Object{});
    path.remove_prefix(end);
  }
}

}  // namespace

std::string_view scale_replicas_path(const Kind& kind) {
  return kind.custom_scale ? std::string_view(kind.custom_scale->spec_replicas_path)
                           : ".spec.replicas";
}

Answer<json::Value> scale_of(const Kind& kind, const json::Value& object) {
  const Answer<Numbers> numbers = numbers_of(kind, object);
  if (!numbers) {
    return std::unexpected(numbers.error());
  }
  if (!numbers->wanted) {
    return internal_error(fmt::format("the spec replicas field {} does not exist",
                                      json::quoted(scale_replicas_path(kind))));
  }
  return make_scale(object, *numbers);
}

Answer<json::Value> scale_to_patch(const Kind& kind, const json::Value& object) {
  const Answer<Numbers> numbers = numbers_of(kind, object);
  if (!numbers) {
    return std::unexpected(numbers.error());
  }
  return make_scale(object, *numbers);
}

Answer<void> set_scale(const Kind& kind, json::Value& object, const json::Value& scale) {
  const std::int64_t replicas = number_of(at(scale, {"spec", "replicas"})).value_or(0);
  const std::string_view version = text_at(scale, {"metadata", "resourceVersion"});
  if (kind.custom_scale) {
    const std::string path = json::quoted(scale_replicas_path(kind));
    if (replicas == kNoReplicas) {
      return bad_request(fmt::format("the spec replicas field {} cannot be empty", path));
    }
    if (!set_at(object, kind.custom_scale->spec_replicas_path, replicas)) {
      return untranslated(
          fmt::format("value cannot be set because {} is not a map[string]interface{{}}",
                      kind.custom_scale->spec_replicas_path));
    }
    if (!version.empty()) {
      object_at(object, "metadata").set("resourceVersion", version);
    }
    return {};
  }
  const std::string_view uid = text_at(scale, {"metadata", "uid"});
  if (replicas < 0 || (!uid.empty() && uid != text_at(object, {"metadata", "uid"}))) {
    return refused(kind, object, scale);
  }
  object_at(object, "spec").set("replicas", replicas);
  version.empty()
      ? static_cast<void>(object_at(object, "metadata").erase("resourceVersion"))
      : static_cast<void>(object_at(object, "metadata").set("resourceVersion", version));
  return {};
}

}  // namespace kthena::apiserver
