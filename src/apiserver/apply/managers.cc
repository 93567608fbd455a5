#include "apiserver/apply/managers.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "apiserver/apply/field_set.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/result.h"
#include "base/rfc3339.h"
#include "json/print.h"
#include "json/problem.h"
#include "json/value.h"

namespace kthena::apiserver {

namespace {

constexpr std::size_t kMaxUpdaters = 10;
constexpr std::string_view kAncient = "ancient-changes";
constexpr std::size_t kMaxManagerBytes = 128;

std::string_view to_string(Operation operation) {
  return operation == Operation::Apply ? "Apply" : "Update";
}

std::int64_t seconds(const std::optional<WallTime>& time) {
  return time ? std::chrono::floor<std::chrono::seconds>(*time).time_since_epoch().count() : 0;
}

Result<std::string> text_of(const json::Value& entry, std::string_view name) {
  const json::Value* value = entry.find(name);
  if (value == nullptr || value->is_null()) {
    return std::string();
  }
  if (!value->is_string()) {
    return fail(ErrorCode::InvalidArgument, fmt::format("managedFields: {} is no text", name));
  }
  return value->as_string();
}

Result<Manager> parse_entry(const json::Value& entry) {
  Manager manager;
  const std::string operation = TRY(text_of(entry, "operation"));
  if (operation != "Apply" && operation != "Update") {
    return fail(ErrorCode::InvalidArgument, "operation must be `Apply` or `Update`");
  }
  manager.api_version = TRY(text_of(entry, "apiVersion"));
  if (manager.api_version.empty()) {
    return fail(ErrorCode::InvalidArgument, "apiVersion must not be empty");
  }
  if (TRY(text_of(entry, "fieldsType")) != "FieldsV1") {
    return fail(ErrorCode::InvalidArgument, "fieldsType must be FieldsV1");
  }
  manager.id.name = TRY(text_of(entry, "manager"));
  manager.id.operation = operation == "Apply" ? Operation::Apply : Operation::Update;
  manager.id.subresource = TRY(text_of(entry, "subresource"));
  if (manager.id.operation == Operation::Update) {
    manager.id.api_version = manager.api_version;
  }
  if (const std::string time = TRY(text_of(entry, "time")); !time.empty()) {
    manager.time = TRY(parse_rfc3339(time));
  }
  if (const json::Value* fields = entry.find("fieldsV1")) {
    manager.fields = TRY(parse_fields(*fields));
  }
  return manager;
}

json::Value print_entry(const Manager& manager) {
  json::Object entry;
  if (!manager.id.name.empty()) {
    entry.append_new("manager", manager.id.name);
  }
  entry.append_new("operation", to_string(manager.id.operation));
  entry.append_new("apiVersion", manager.api_version);
  if (manager.time) {
    entry.append_new("time", print_rfc3339(*manager.time, Rfc3339Fraction::None).view());
  }
  entry.append_new("fieldsType", "FieldsV1");
  entry.append_new("fieldsV1", print_fields(manager.fields));
  if (!manager.id.subresource.empty()) {
    entry.append_new("subresource", manager.id.subresource);
  }
  return entry;
}

}  // namespace

std::string ManagerId::text() const {
  std::string out = "{";
  const auto add = [&out](std::string_view key, std::string_view value) {
    if (!value.empty()) {
      out += fmt::format("{}\"{}\":{}", out.size() > 1 ? "," : "", key, json::quote(value));
    }
  };
  add("manager", name);
  add("operation", to_string(operation));
  add("apiVersion", api_version);
  add("subresource", subresource);
  return out + "}";
}

std::string ManagerId::describe() const {
  std::string out = json::quoted(name);
  if (!subresource.empty()) {
    out += " with subresource " + json::quoted(subresource);
  }
  if (operation == Operation::Update) {
    out += " using " + api_version;
  }
  return out;
}

Result<Managers> Managers::parse(const json::Value* managed_fields) {
  Managers managers;
  if (managed_fields == nullptr || managed_fields->is_null()) {
    return managers;
  }
  if (!managed_fields->is_array()) {
    return fail(ErrorCode::InvalidArgument, "managedFields is no list");
  }
  managers.all_.reserve(managed_fields->as_array().size() + 1);
  for (const json::Value& entry : managed_fields->as_array()) {
    Manager manager = TRY(parse_entry(entry));
    if (Manager* same = managers.find(manager.id)) {
      *same = std::move(manager);
    } else {
      managers.all_.push_back(std::move(manager));
    }
  }
  return managers;
}

json::Value Managers::print() const {
  if (all_.empty()) {
    return {};
  }
  std::vector<const Manager*> sorted;
  for (const Manager& manager : all_) {
    sorted.push_back(&manager);
  }
  std::ranges::sort(sorted, {}, [](const Manager* m) {
    return std::tuple(m->id.operation, seconds(m->time), std::string_view(m->id.name),
                      std::string_view(m->api_version), std::string_view(m->id.subresource));
  });
  json::Array entries;
  entries.reserve(sorted.size());
  for (const Manager* manager : sorted) {
    entries.push_back(print_entry(*manager));
  }
  return entries;
}

Manager* Managers::find(const ManagerId& id) {
  const auto found = std::ranges::find(all_, id, &Manager::id);
  return found == all_.end() ? nullptr : &*found;
}

Manager& Managers::at(const ManagerId& id, std::string_view api_version) {
  if (Manager* found = find(id)) {
    return *found;
  }
  return all_.emplace_back(
      Manager{.id = id, .api_version = std::string(api_version), .time = {}, .fields = {}});
}

void Managers::erase(const ManagerId& id) {
  std::erase_if(all_, [&id](const Manager& manager) { return manager.id == id; });
}

void Managers::erase_empty() {
  std::erase_if(all_, [](const Manager& manager) { return manager.fields.empty(); });
}

void cap_updaters(Managers& managers) {
  std::vector<std::tuple<std::int64_t, std::string, ManagerId>> updaters;
  for (const Manager& manager : managers.all()) {
    if (manager.id.operation == Operation::Update) {
      updaters.emplace_back(seconds(manager.time), manager.id.text(), manager.id);
    }
  }
  if (updaters.size() <= kMaxUpdaters) {
    return;
  }
  std::ranges::sort(updaters, [](const auto& a, const auto& b) {
    return std::tie(std::get<0>(a), std::get<1>(a)) < std::tie(std::get<0>(b), std::get<1>(b));
  });
  std::map<std::string, ManagerId> first_of_version;
  std::size_t count = updaters.size();
  for (const auto& [time, text, id] : updaters) {
    if (count <= kMaxUpdaters) {
      return;
    }
    const Manager* manager = managers.find(id);
    if (manager == nullptr) {
      continue;
    }
    const std::string version = manager->api_version;
    const auto [first, is_first] = first_of_version.emplace(version, id);
    if (is_first) {
      continue;  // joined when a second one of its version comes
    }
    const ManagerId bucket{.name = std::string(kAncient), .api_version = version};
    if (id == bucket) {
      continue;
    }
    if (managers.find(bucket) == nullptr) {
      managers.find(first->second)->id = bucket;
    }
    FieldSet fields = std::move(managers.find(id)->fields);
    const auto joined_at = managers.find(id)->time;
    managers.erase(id);
    Manager& ancient = managers.at(bucket, version);
    ancient.fields = unite(std::move(fields), std::move(ancient.fields));
    ancient.time = joined_at;
    --count;
  }
}

std::string manager_name(std::string_view field_manager, std::string_view user_agent) {
  if (!field_manager.empty()) {
    return std::string(field_manager);
  }
  std::string name;
  for (const char c : user_agent.substr(0, user_agent.find('/'))) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte < 0x7f && name.size() < kMaxManagerBytes) {
      name += c;
    }
  }
  return name;
}

}  // namespace kthena::apiserver
