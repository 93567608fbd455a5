#include "apiserver/table/printer.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "apiserver/built_in/access.h"
#include "apiserver/table/human_duration.h"
#include "base/rfc3339.h"
#include "json/value.h"
#include "kube/meta/quantity.h"
#include "kube/meta/selector.h"
#include "kube/meta/selector_text.h"

namespace kthena::apiserver {

using json::Value;

const Value* Subject::at(std::initializer_list<std::string_view> path) const {
  return apiserver::at(object_, path);
}

std::string Subject::text(std::initializer_list<std::string_view> path) const {
  return std::string(text_of(at(path)));
}

std::string Subject::text_or(std::initializer_list<std::string_view> path,
                             std::string_view otherwise) const {
  const std::string_view text = text_of(at(path));
  return std::string(text.empty() ? otherwise : text);
}

std::int64_t Subject::number(std::initializer_list<std::string_view> path) const {
  return number_of(at(path)).value_or(0);
}

const json::Array& Subject::items(std::initializer_list<std::string_view> path) const {
  return items_of(at(path));
}

std::string Subject::since(const Value* time) const {
  const auto parsed = parse_rfc3339(text_of(time));
  return parsed ? human_duration(now_ - *parsed) : "<unknown>";
}

const Printer* find_printer(std::string_view group, std::string_view kind) {
  for (const auto printers : {pod_printers(), workload_printers(), network_printers(),
                              cluster_printers(), policy_printers()}) {
    for (const NamedPrinter& named : printers) {
      if (named.group == group && named.kind == kind) {
        return &named.printer;
      }
    }
  }
  return nullptr;
}

void add_containers(const json::Array& containers, json::Array& cells) {
  std::vector<std::string> names;
  std::vector<std::string> images;
  for (const Value& container : containers) {
    names.emplace_back(text_of(at(&container, "name")));
    images.emplace_back(text_of(at(&container, "image")));
  }
  cells.emplace_back(join(names, ","));
  cells.emplace_back(join(images, ","));
}

std::string selector_text(const Value* selector) {
  // By key, then as it was found; kube::to_text() keeps the order of the selector.
  std::vector<std::pair<std::string, std::string>> requirements;
  for (const auto& [key, value] : members_of(at(selector, "matchLabels"))) {
    requirements.emplace_back(key, fmt::format("{}={}", key, text_of(&value)));
  }
  for (const Value& expression : items_of(at(selector, "matchExpressions"))) {
    kube::LabelSelector one;
    kube::LabelRequirement& requirement = one.match_expressions.emplace_back();
    requirement.key = text_of(at(&expression, "key"));
    requirement.operation = text_of(at(&expression, "operator"));
    for (const Value& value : items_of(at(&expression, "values"))) {
      requirement.values.emplace_back(text_of(&value));
    }
    std::ranges::sort(requirement.values);
    requirements.emplace_back(requirement.key, kube::to_text(one));
  }
  if (requirements.empty()) {
    return "<none>";
  }
  std::ranges::sort(requirements);
  std::vector<std::string> texts;
  for (auto& [key, text] : requirements) {
    texts.push_back(std::move(text));
  }
  return join(texts, ",");
}

std::string labels_text(const Value* labels) {
  kube::Labels read;
  for (const auto& [key, value] : members_of(labels)) {
    read.emplace(key, text_of(&value));
  }
  std::string text = kube::to_text(read);
  return text.empty() ? "<none>" : text;
}

std::string quantity_text(const Value* quantity) {
  if (quantity == nullptr) {
    return "0";
  }
  const auto read = kube::Quantity::from_json(*quantity);
  return read ? read->canonical() : std::string(text_of(quantity));
}

std::string some_of(std::span<const std::string> list, std::size_t count, std::size_t shown) {
  if (count <= shown) {
    return join(list, ",");
  }
  return fmt::format("{} + {} more...", join(list, ","), count - shown);
}

std::string join(std::span<const std::string> list, std::string_view separator) {
  return fmt::format("{}", fmt::join(list, separator));
}

}  // namespace kthena::apiserver
