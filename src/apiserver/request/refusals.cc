#include "apiserver/request/refusals.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "json/print.h"

namespace kthena::apiserver {

namespace refusals {

namespace {

std::unexpected<kube::Status> failure(int code, std::string_view reason, std::string message,
                                      std::optional<kube::StatusDetails> details = {}) {
  return std::unexpected(kube::Status{.status = "Failure",
                                      .message = std::move(message),
                                      .reason = std::string(reason),
                                      .details = std::move(details),
                                      .code = code});
}

kube::StatusDetails details_of(const Kind& kind, std::string_view name) {
  return {.name = std::string(name), .group = kind.group, .kind = kind.plural};
}

std::string_view cause_of(json::Problem::Kind kind) {
  switch (kind) {
    case json::Problem::Kind::Required:
      return "FieldValueRequired";
    case json::Problem::Kind::WrongType:
      return "FieldValueTypeInvalid";
    case json::Problem::Kind::NotSupported:
      return "FieldValueNotSupported";
    case json::Problem::Kind::Duplicate:
      return "FieldValueDuplicate";
    case json::Problem::Kind::TooLong:
      return "FieldValueTooLong";
    case json::Problem::Kind::TooMany:
      return "FieldValueTooMany";
    case json::Problem::Kind::Forbidden:
      return "FieldValueForbidden";
    case json::Problem::Kind::NotFound:
      return "FieldValueNotFound";
    case json::Problem::Kind::Invalid:
    case json::Problem::Kind::UnknownField:
    case json::Problem::Kind::Deprecated:
      break;
  }
  return "FieldValueInvalid";
}

}  // namespace

std::unexpected<kube::Status> not_found(const Kind& kind, std::string_view name) {
  return failure(404, "NotFound", fmt::format("{} \"{}\" not found", kind.qualified(), name),
                 details_of(kind, name));
}

std::unexpected<kube::Status> not_found(std::string_view group, std::string_view plural,
                                        std::string_view name) {
  return failure(
      404, "NotFound",
      fmt::format("{}{}{} \"{}\" not found", plural, group.empty() ? "" : ".", group, name),
      kube::StatusDetails{
          .name = std::string(name), .group = std::string(group), .kind = std::string(plural)});
}

std::unexpected<kube::Status> already_exists(const Kind& kind, std::string_view name) {
  return failure(409, "AlreadyExists",
                 fmt::format("{} \"{}\" already exists", kind.qualified(), name),
                 details_of(kind, name));
}

std::unexpected<kube::Status> conflict(const Kind& kind, std::string_view name,
                                       std::string_view reason) {
  return failure(
      409, "Conflict",
      fmt::format("Operation cannot be fulfilled on {} \"{}\": {}", kind.qualified(), name, reason),
      details_of(kind, name));
}

std::unexpected<kube::Status> modified(const Kind& kind, std::string_view name) {
  return conflict(kind, name,
                  "the object has been modified; please apply your changes to the latest version "
                  "and try again");
}

std::unexpected<kube::Status> invalid(const Kind& kind, std::string_view name,
                                      std::span<const json::Problem> problems) {
  kube::StatusDetails details{.name = std::string(name), .group = kind.group, .kind = kind.kind};
  std::vector<std::string> texts;
  for (const json::Problem& problem : problems) {
    if (problem.severity != json::Severity::Error) {
      continue;
    }
    details.causes.push_back({.reason = std::string(cause_of(problem.kind)),
                              .message = problem.message,
                              .field = problem.path});
    std::string text = problem.to_string();
    if (std::ranges::find(texts, text) == texts.end()) {
      texts.push_back(std::move(text));
    }
  }
  const std::string all = fmt::format("{}", fmt::join(texts, ", "));
  return failure(
      422, "Invalid",
      fmt::format("{}{}{} \"{}\" is invalid: {}", kind.kind, kind.group.empty() ? "" : ".",
                  kind.group, name, texts.size() == 1 ? all : "[" + all + "]"),
      std::move(details));
}

std::unexpected<kube::Status> forbidden(const Kind& kind, std::string_view name,
                                        std::string_view reason) {
  return failure(403, "Forbidden",
                 name.empty()
                     ? fmt::format("{} is forbidden: {}", kind.qualified(), reason)
                     : fmt::format("{} \"{}\" is forbidden: {}", kind.qualified(), name, reason),
                 details_of(kind, name));
}

std::unexpected<kube::Status> method_not_allowed() {
  return failure(405, "MethodNotAllowed",
                 "the server does not allow this method on the requested resource",
                 kube::StatusDetails{});
}

std::unexpected<kube::Status> expired(std::string message) {
  return failure(410, "Expired", std::move(message));
}

std::unexpected<kube::Status> unsupported_media_type(std::string_view accepted) {
  return failure(
      415, "UnsupportedMediaType",
      fmt::format(
          "the body of the request was in an unknown format - accepted media types include: {}",
          accepted));
}

std::unexpected<kube::Status> not_acceptable(std::string_view accepted) {
  return failure(406, "NotAcceptable",
                 fmt::format("only the following media types are accepted: {}", accepted));
}

std::unexpected<kube::Status> internal(std::string_view reason) {
  auto refusal = failure(500, "InternalError", fmt::format("Internal error occurred: {}", reason));
  refusal.error().details =
      kube::StatusDetails{.causes = {{.reason = {}, .message = std::string(reason), .field = {}}}};
  return refusal;
}

std::unexpected<kube::Status> of(const Error& error) {
  if (error.code() == ErrorCode::Internal) {
    return internal(error.message());
  }
  kube::Status status = kube::to_status(error);
  if (error.code() == ErrorCode::RateLimited) {
    status.details = kube::StatusDetails{.retry_after_seconds = 1};
  }
  return std::unexpected(std::move(status));
}

}  // namespace refusals

namespace {

void set_text(json::Value& object, std::string_view name, const std::string& text) {
  if (!text.empty()) {
    object.set(name, text);
  }
}

json::Value details_value(const kube::StatusDetails& details) {
  json::Value value = json::Object();
  set_text(value, "name", details.name);
  set_text(value, "group", details.group);
  set_text(value, "kind", details.kind);
  set_text(value, "uid", details.uid);
  if (!details.causes.empty()) {
    json::Value causes = json::Array();
    for (const kube::StatusCause& cause : details.causes) {
      json::Value one = json::Object();
      set_text(one, "reason", cause.reason);
      set_text(one, "message", cause.message);
      set_text(one, "field", cause.field);
      causes.push_back(std::move(one));
    }
    value.set("causes", std::move(causes));
  }
  if (details.retry_after_seconds != 0) {
    value.set("retryAfterSeconds", details.retry_after_seconds);
  }
  return value;
}

}  // namespace

std::string print_status(const kube::Status& status) {
  json::Value value = json::Object();
  value.set("kind", "Status");
  value.set("apiVersion", "v1");
  value.set("metadata", json::Object());
  set_text(value, "status", status.status);
  set_text(value, "message", status.message);
  set_text(value, "reason", status.reason);
  if (status.details) {
    value.set("details", details_value(*status.details));
  }
  if (status.code != 0) {
    value.set("code", status.code);
  }
  return json::print(value);
}

kube::Status deleted_status(const Kind& kind, std::string_view name, std::string_view uid) {
  return {.status = "Success",
          .message = {},
          .reason = {},
          .details = kube::StatusDetails{.name = std::string(name),
                                         .group = kind.group,
                                         .kind = kind.plural,
                                         .uid = std::string(uid)},
          .code = 0};
}

}  // namespace kthena::apiserver
