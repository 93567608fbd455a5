#include "apiserver/request/options.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/strings.h"
#include "json/problem.h"

namespace kthena::apiserver {

namespace {

/// 422 of an options object, which has no name.
std::unexpected<kube::Status> invalid_options(std::string_view type, std::string_view field,
                                              std::string_view reason, std::string message) {
  auto refusal = unprocessable();
  kube::Status& status = refusal.error();
  status.message = fmt::format("{}.meta.k8s.io \"\" is invalid: {}: {}", type, field, message);
  status.details = kube::StatusDetails{.group = "meta.k8s.io",
                                       .kind = std::string(type),
                                       .causes = {{.reason = std::string(reason),
                                                   .message = std::move(message),
                                                   .field = std::string(field)}}};
  return refusal;
}

/// Go's strconv.ParseBool, as the query decoder has it: an empty value and anything but "false"
/// and "0" is true.
bool truth(std::string_view text) { return text != "false" && text != "0"; }

Answer<std::optional<std::int64_t>> number(const Query& query, std::string_view name) {
  const auto text = query.find(name);
  if (!text || text->empty()) {
    return std::nullopt;
  }
  const auto value = parse_int<std::int64_t>(*text);
  if (!value) {
    return bad_request(
        fmt::format("strconv.ParseInt: parsing {}: invalid syntax", json::quoted(*text)));
  }
  return *value;
}

Answer<bool> dry_run_of(std::string_view type, const std::vector<std::string_view>& values) {
  bool dry = false;
  for (const std::string_view value : values) {
    if (value.empty()) {
      continue;
    }
    if (value != "All") {
      return invalid_options(
          type, "dryRun", "FieldValueNotSupported",
          fmt::format("Unsupported value: {}: supported values: \"All\"", json::quoted(value)));
    }
    dry = true;
  }
  return dry;
}

Answer<kube::Propagation> propagation_of(std::string_view text) {
  if (text.empty()) {
    return kube::Propagation::Unset;
  }
  if (text == "Orphan") {
    return kube::Propagation::Orphan;
  }
  if (text == "Background") {
    return kube::Propagation::Background;
  }
  if (text == "Foreground") {
    return kube::Propagation::Foreground;
  }
  return invalid_options(
      "DeleteOptions", "propagationPolicy", "FieldValueNotSupported",
      fmt::format("Unsupported value: {}: supported values: \"Foreground\", \"Background\", "
                  "\"Orphan\", \"nil\"",
                  json::quoted(text)));
}

}  // namespace

Answer<ReadOptions> read_options(const Query& query) {
  ReadOptions options{.label_selector = std::string(query.get("labelSelector")),
                      .field_selector = std::string(query.get("fieldSelector")),
                      .resource_version = std::string(query.get("resourceVersion")),
                      .continue_token = std::string(query.get("continue")),
                      .include_object = std::string(query.get("includeObject"))};
  const auto limit = TRY(number(query, "limit"));
  options.limit = limit && *limit > 0 ? static_cast<std::uint64_t>(*limit) : 0;
  options.timeout_seconds = TRY(number(query, "timeoutSeconds"));
  if (const auto text = query.find("watch")) {
    options.watch = truth(*text);
  }
  if (const auto text = query.find("allowWatchBookmarks")) {
    options.bookmarks = truth(*text);
  }
  if (const auto text = query.find("sendInitialEvents")) {
    options.send_initial_events = truth(*text);
  }
  const std::string_view match = query.get("resourceVersionMatch");
  if (match == "NotOlderThan") {
    options.match = kube::VersionMatch::NotOlderThan;
  } else if (match == "Exact") {
    options.match = kube::VersionMatch::Exact;
  } else if (!match.empty()) {
    return invalid_options("ListOptions", "resourceVersionMatch", "FieldValueNotSupported",
                           fmt::format("Unsupported value: {}: supported values: \"Exact\", "
                                       "\"NotOlderThan\"",
                                       json::quoted(match)));
  }
  const auto forbidden = [](std::string_view field, std::string_view why) {
    return invalid_options("ListOptions", field, "FieldValueForbidden",
                           fmt::format("Forbidden: {}", why));
  };
  if (options.watch && options.match != kube::VersionMatch::Unset && !options.send_initial_events) {
    return forbidden("resourceVersionMatch",
                     "resourceVersionMatch is forbidden for watch unless sendInitialEvents is "
                     "provided");
  }
  if (options.send_initial_events) {
    if (!options.watch) {
      return forbidden("sendInitialEvents", "sendInitialEvents is forbidden for list");
    }
    if (options.match == kube::VersionMatch::Unset) {
      return forbidden("resourceVersionMatch",
                       "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan");
    }
    if (options.match == kube::VersionMatch::Exact) {
      return invalid_options("ListOptions", "resourceVersionMatch", "FieldValueNotSupported",
                             "Unsupported value: \"Exact\": supported values: \"NotOlderThan\"");
    }
  }
  if (!options.watch && options.match != kube::VersionMatch::Unset &&
      options.resource_version.empty()) {
    return forbidden("resourceVersionMatch",
                     "resourceVersionMatch is forbidden unless resourceVersion is provided");
  }
  if (!options.watch && options.match != kube::VersionMatch::Unset &&
      !options.continue_token.empty()) {
    return forbidden("resourceVersionMatch",
                     "resourceVersionMatch is forbidden when continue is provided");
  }
  if (options.match == kube::VersionMatch::Exact && options.resource_version == "0") {
    return forbidden("resourceVersionMatch",
                     "resourceVersionMatch \"exact\" is forbidden for resourceVersion \"0\"");
  }
  return options;
}

Answer<ChangeOptions> change_options(const Query& query) {
  ChangeOptions options{.field_manager = std::string(query.get("fieldManager"))};
  options.dry_run = TRY(dry_run_of("CreateOptions", query.all("dryRun")));
  const std::string_view validation = query.get("fieldValidation");
  if (validation == "Strict") {
    options.validation = FieldValidation::Strict;
  } else if (validation == "Ignore") {
    options.validation = FieldValidation::Ignore;
  } else if (!validation.empty() && validation != "Warn") {
    return invalid_options(
        "CreateOptions", "fieldValidation", "FieldValueNotSupported",
        fmt::format("Unsupported value: {}: supported values: \"\", \"Ignore\", \"Strict\", "
                    "\"Warn\"",
                    json::quoted(validation)));
  }
  constexpr std::size_t kMostManager = 128;
  if (options.field_manager.size() > kMostManager) {
    return invalid_options("CreateOptions", "fieldManager", "FieldValueTooLong",
                           "Too long: may not be more than 128 bytes");
  }
  if (const auto force = query.find("force")) {
    options.force = truth(*force);
  }
  return options;
}

Answer<RemoveOptions> remove_options(const Query& query, const json::Value* body) {
  RemoveOptions options;
  std::vector<std::string_view> dry = query.all("dryRun");
  std::string_view propagation = query.get("propagationPolicy");
  options.grace_period_seconds = TRY(number(query, "gracePeriodSeconds"));
  std::optional<bool> orphan;
  if (const auto text = query.find("orphanDependents")) {
    orphan = truth(*text);
  }
  if (body != nullptr && !body->is_null()) {
    if (!body->is_object()) {
      return bad_request("the body of a deletion must be a DeleteOptions object");
    }
    const auto wrong = [](std::string_view field) {
      return bad_request(fmt::format("DeleteOptions: {} has the wrong type", field));
    };
    if (const json::Value* seconds = body->find("gracePeriodSeconds");
        seconds != nullptr && !seconds->is_null()) {
      options.grace_period_seconds = seconds->is_number() ? seconds->to_int64() : std::nullopt;
      if (!options.grace_period_seconds) {
        return wrong("gracePeriodSeconds");
      }
    }
    if (const json::Value* policy = body->find("propagationPolicy");
        policy != nullptr && !policy->is_null()) {
      if (!policy->is_string()) {
        return wrong("propagationPolicy");
      }
      propagation = policy->as_string();
    }
    if (const json::Value* flag = body->find("orphanDependents");
        flag != nullptr && flag->is_bool()) {
      orphan = flag->as_bool();
    }
    if (const json::Value* list = body->find("dryRun"); list != nullptr && list->is_array()) {
      for (const json::Value& item : list->as_array()) {
        if (!item.is_string()) {
          return wrong("dryRun");
        }
        dry.push_back(item.as_string());
      }
    }
    if (const json::Value* conditions = body->find("preconditions")) {
      const auto text = [&](std::string_view name) {
        const json::Value* value = conditions->find(name);
        return value != nullptr && value->is_string() ? value->as_string() : std::string();
      };
      options.uid = text("uid");
      options.resource_version = text("resourceVersion");
    }
  }
  options.dry_run = TRY(dry_run_of("DeleteOptions", dry));
  options.propagation = TRY(propagation_of(propagation));
  if (orphan) {
    if (options.propagation != kube::Propagation::Unset) {
      return invalid_options("DeleteOptions", "propagationPolicy", "FieldValueInvalid",
                             fmt::format("Invalid value: {}: orphanDependents and "
                                         "deletionPropagation cannot be both set",
                                         json::quoted(propagation)));
    }
    options.propagation = *orphan ? kube::Propagation::Orphan : kube::Propagation::Background;
  }
  return options;
}

}  // namespace kthena::apiserver
