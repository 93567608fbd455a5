#include "apiserver/discovery/openapi_paths.h"

#include <fmt/format.h>

#include <array>
#include <cctype>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "apiserver/discovery/openapi_schemas.h"
#include "apiserver/discovery/subresources.h"
#include "apiserver/kinds/kind.h"
#include "base/check.h"
#include "json/value.h"
#include "kube/shapes/shape.h"

namespace kthena::apiserver {

namespace {

using json::Array;
using json::Object;
using json::Value;

struct Parameter {
  std::string_view name;
  std::string_view type = "string";
  std::string_view in = "query";
};

constexpr std::array kListParameters{Parameter{"allowWatchBookmarks", "boolean"},
                                     Parameter{"continue"},
                                     Parameter{"fieldSelector"},
                                     Parameter{"labelSelector"},
                                     Parameter{"limit", "integer"},
                                     Parameter{"resourceVersion"},
                                     Parameter{"resourceVersionMatch"},
                                     Parameter{"sendInitialEvents", "boolean"},
                                     Parameter{"timeoutSeconds", "integer"},
                                     Parameter{"watch", "boolean"}};
constexpr std::array kDeleteParameters{
    Parameter{"dryRun"}, Parameter{"gracePeriodSeconds", "integer"},
    Parameter{"orphanDependents", "boolean"}, Parameter{"propagationPolicy"}};
constexpr std::array kDeleteManyParameters{Parameter{"continue"},
                                           Parameter{"dryRun"},
                                           Parameter{"fieldSelector"},
                                           Parameter{"gracePeriodSeconds", "integer"},
                                           Parameter{"labelSelector"},
                                           Parameter{"limit", "integer"},
                                           Parameter{"orphanDependents", "boolean"},
                                           Parameter{"propagationPolicy"},
                                           Parameter{"resourceVersion"},
                                           Parameter{"resourceVersionMatch"},
                                           Parameter{"sendInitialEvents", "boolean"},
                                           Parameter{"timeoutSeconds", "integer"}};
constexpr std::array kWriteParameters{Parameter{"dryRun"}, Parameter{"fieldManager"},
                                      Parameter{"fieldValidation"}};
constexpr std::array kPatchParameters{Parameter{"dryRun"}, Parameter{"fieldManager"},
                                      Parameter{"fieldValidation"}, Parameter{"force", "boolean"}};
constexpr std::array kLogParameters{Parameter{"container"},
                                    Parameter{"follow", "boolean"},
                                    Parameter{"limitBytes", "integer"},
                                    Parameter{"previous", "boolean"},
                                    Parameter{"sinceSeconds", "integer"},
                                    Parameter{"tailLines", "integer"},
                                    Parameter{"timestamps", "boolean"}};
constexpr std::array kExecParameters{Parameter{"command"},           Parameter{"container"},
                                     Parameter{"stderr", "boolean"}, Parameter{"stdin", "boolean"},
                                     Parameter{"stdout", "boolean"}, Parameter{"tty", "boolean"}};
constexpr std::array kForwardParameters{Parameter{"ports", "integer"}};

constexpr std::array<std::string_view, 4> kPatchTypes{
    "application/apply-patch+yaml", "application/json-patch+json", "application/merge-patch+json",
    "application/strategic-merge-patch+json"};
constexpr std::array<std::string_view, 3> kCustomPatchTypes{
    "application/apply-patch+yaml", "application/json-patch+json", "application/merge-patch+json"};
constexpr std::array<std::string_view, 2> kObjectTypes{"application/json", "application/yaml"};
constexpr std::array<std::string_view, 1> kAnyType{"*/*"};
constexpr std::array<std::string_view, 1> kPlainType{"text/plain"};

constexpr std::string_view kStatusType = "io.k8s.apimachinery.pkg.apis.meta.v1.Status";
constexpr std::string_view kDeleteOptionsType =
    "io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions";
constexpr std::string_view kScaleType = "io.k8s.api.autoscaling.v1.Scale";

/// What one method does on one path.
struct Operation {
  std::string_view method;  ///< "get"
  std::string_view action;  ///< "list", as Kubernetes calls it
  std::string id;           ///< "listAppsV1NamespacedDeployment"
  std::span<const Parameter> parameters{};
  std::string sent{};  ///< the full name of the body's type; empty if there is none
  bool must_send = true;
  std::span<const std::string_view> consumes = kAnyType;
  std::string answered{};  ///< the full name of the answer's type; empty is text
  std::span<const std::string_view> produces = kObjectTypes;
  std::span<const int> statuses{};
  Object kind{};  ///< group, version and kind
};

constexpr std::array kOk{200};
constexpr std::array kOkCreated{200, 201};
constexpr std::array kOkCreatedAccepted{200, 201, 202};
constexpr std::array kOkAccepted{200, 202};

std::string_view phrase(int status) {
  return status == 200 ? "OK" : status == 201 ? "Created" : "Accepted";
}

Array names(std::span<const std::string_view> of) { return {of.begin(), of.end()}; }

Value parameter_value(OpenApiVersion version, const Parameter& parameter) {
  Object value{{"name", parameter.name}, {"in", parameter.in}};
  if (parameter.in == "path") {
    value.append_new("required", true);
  }
  if (version == OpenApiVersion::V2) {
    value.append_new("type", parameter.type);
    value.append_new("uniqueItems", true);
  } else {
    value.append_new("schema", Object{{"type", parameter.type}, {"uniqueItems", true}});
  }
  return value;
}

Value schema_of(OpenApiVersion version, const std::string& type) {
  return type.empty() ? Value(Object{{"type", "string"}}) : type_reference(version, type);
}

Value contents(std::span<const std::string_view> media_types, const std::string& type) {
  Object content;
  for (const std::string_view media_type : media_types) {
    content.append_new(std::string(media_type),
                       Object{{"schema", schema_of(OpenApiVersion::V3, type)}});
  }
  return content;
}

Value responses(OpenApiVersion version, const Operation& operation) {
  Object all;
  for (const int status : operation.statuses) {
    Object response{{"description", phrase(status)}};
    if (version == OpenApiVersion::V2) {
      response.append_new("schema", schema_of(version, operation.answered));
    } else {
      response.append_new("content", contents(operation.produces, operation.answered));
    }
    all.append_new(std::to_string(status), std::move(response));
  }
  all.append_new("401", Object{{"description", "Unauthorized"}});
  return all;
}

Value operation_value(OpenApiVersion version, std::string_view tag, const Operation& operation) {
  const bool old = version == OpenApiVersion::V2;
  Object value;
  if (old) {
    value.append_new("consumes", names(operation.consumes));
    value.append_new("produces", names(operation.produces));
    value.append_new("schemes", Array{"https"});
  }
  value.append_new("tags", Array{tag});
  value.append_new("operationId", operation.id);
  Array parameters;
  if (old && !operation.sent.empty()) {
    Object body{{"name", "body"}, {"in", "body"}};
    if (operation.must_send) {
      body.append_new("required", true);
    }
    body.append_new("schema", schema_of(version, operation.sent));
    parameters.emplace_back(std::move(body));
  }
  for (const Parameter& parameter : operation.parameters) {
    parameters.push_back(parameter_value(version, parameter));
  }
  if (!parameters.empty()) {
    value.append_new("parameters", std::move(parameters));
  }
  if (!old && !operation.sent.empty()) {
    Object body{{"content", contents(operation.consumes, operation.sent)}};
    if (operation.must_send) {
      body.append_new("required", true);
    }
    value.append_new("requestBody", std::move(body));
  }
  value.append_new("responses", responses(version, operation));
  value.append_new("x-kubernetes-action", operation.action);
  value.append_new("x-kubernetes-group-version-kind", operation.kind);
  return value;
}

/// "rbac.authorization.k8s.io" is "RbacAuthorization", the core group "Core".
std::string title_of(std::string_view group) {
  if (group.empty()) {
    return "Core";
  }
  if (group.ends_with(".k8s.io")) {
    group.remove_suffix(std::string_view(".k8s.io").size());
  }
  std::string title;
  bool first = true;
  for (const char c : group) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) != 0) {
      title += first ? static_cast<char>(std::toupper(byte)) : c;
    }
    first = std::isalnum(byte) == 0;
  }
  return title;
}

std::string capital(std::string_view text) {
  std::string result(text);
  if (!result.empty()) {
    result[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(result[0])));
  }
  return result;
}

/// Writes the paths of one kind.
class PathWriter {
 public:
  PathWriter(OpenApiVersion version, const Kind& kind, std::map<std::string, Value>& paths)
      : version_(version), kind_(kind), paths_(paths), title_(title_of(kind.group)) {
    tag_ = fmt::format("{}_{}", title_, kind.version);
    tag_[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(tag_[0])));
    title_ += capital(kind.version);
    root_ = kind.group.empty() ? fmt::format("/api/{}", kind.version)
                               : fmt::format("/apis/{}", kind.api_version);
    own_kind_ = names_of(kind.group, kind.version, kind.kind);
    type_ = type_name(kind);
    scope_ = kind.is_namespaced() ? "Namespaced" : "";
  }

  void write() {
    const std::string all = fmt::format("{}/{}", root_, kind_.plural);
    const std::string some =
        kind_.is_namespaced() ? fmt::format("{}/namespaces/{{namespace}}/{}", root_, kind_.plural)
                              : all;
    if (kind_.is_namespaced() && kind_.verbs.has(Verb::List)) {
      add(all, {list(fmt::format("list{}{}ForAllNamespaces", title_, kind_.kind))});
    }
    add(some, of_many());
    add(some + "/{name}", of_one());
    for (const Subresource& subresource : subresources_of(kind_)) {
      add(fmt::format("{}/{{name}}/{}", some, subresource.name), of_subresource(subresource));
    }
  }

 private:
  static Object names_of(std::string_view group, std::string_view version, std::string_view kind) {
    return {{"group", group}, {"version", version}, {"kind", kind}};
  }

  void add(const std::string& path, const std::vector<Operation>& operations) {
    if (operations.empty()) {
      return;
    }
    Object item;
    for (const Operation& operation : operations) {
      item.append_new(std::string(operation.method), operation_value(version_, tag_, operation));
    }
    Array parameters;
    if (path.contains("{name}")) {
      parameters.push_back(parameter_value(version_, {"name", "string", "path"}));
    }
    if (path.contains("{namespace}")) {
      parameters.push_back(parameter_value(version_, {"namespace", "string", "path"}));
    }
    parameters.push_back(parameter_value(version_, {"pretty"}));
    item.append_new("parameters", std::move(parameters));
    paths_.emplace(path, std::move(item));
  }

  std::string id(std::string_view verb, std::string_view below = {}) const {
    return fmt::format("{}{}{}{}{}", verb, title_, scope_, kind_.kind, capital(below));
  }

  Operation list(std::string name) const {
    return {.method = "get",
            .action = "list",
            .id = std::move(name),
            .parameters = kListParameters,
            .answered = list_type_name(kind_),
            .statuses = kOk,
            .kind = own_kind_};
  }

  Operation read(const std::string& type, Object kind, std::string_view below = {}) const {
    return {.method = "get",
            .action = "get",
            .id = id("read", below),
            .answered = type,
            .statuses = kOk,
            .kind = std::move(kind)};
  }

  Operation replace(const std::string& type, Object kind, std::string_view below = {}) const {
    return {.method = "put",
            .action = "put",
            .id = id("replace", below),
            .parameters = kWriteParameters,
            .sent = type,
            .answered = type,
            .statuses = kOkCreated,
            .kind = std::move(kind)};
  }

  Operation patch(const std::string& type, Object kind, std::string_view below = {}) const {
    return {.method = "patch",
            .action = "patch",
            .id = id("patch", below),
            .parameters = kPatchParameters,
            .sent = std::string(kPatchType),
            .consumes = kind_.is_custom() ? std::span<const std::string_view>(kCustomPatchTypes)
                                          : std::span<const std::string_view>(kPatchTypes),
            .answered = type,
            .statuses = kOkCreated,
            .kind = std::move(kind)};
  }

  Operation create(const std::string& type, Object kind, std::string_view below = {}) const {
    return {.method = "post",
            .action = "post",
            .id = id("create", below),
            .parameters = kWriteParameters,
            .sent = type,
            .answered = type,
            .statuses = kOkCreatedAccepted,
            .kind = std::move(kind)};
  }

  std::vector<Operation> of_many() const {
    std::vector<Operation> operations;
    if (kind_.verbs.has(Verb::List)) {
      operations.push_back(list(id("list")));
    }
    if (kind_.verbs.has(Verb::Create)) {
      operations.push_back(create(type_, own_kind_));
    }
    if (kind_.verbs.has(Verb::DeleteCollection)) {
      operations.push_back({.method = "delete",
                            .action = "deletecollection",
                            .id = fmt::format("delete{}Collection{}{}", title_, scope_, kind_.kind),
                            .parameters = kDeleteManyParameters,
                            .sent = std::string(kDeleteOptionsType),
                            .must_send = false,
                            .answered = std::string(kStatusType),
                            .statuses = kOk,
                            .kind = own_kind_});
    }
    return operations;
  }

  std::vector<Operation> of_one() const {
    std::vector<Operation> operations;
    if (kind_.verbs.has(Verb::Get)) {
      operations.push_back(read(type_, own_kind_));
    }
    if (kind_.verbs.has(Verb::Update)) {
      operations.push_back(replace(type_, own_kind_));
    }
    if (kind_.verbs.has(Verb::Delete)) {
      operations.push_back({.method = "delete",
                            .action = "delete",
                            .id = id("delete"),
                            .parameters = kDeleteParameters,
                            .sent = std::string(kDeleteOptionsType),
                            .must_send = false,
                            .answered = std::string(kStatusType),
                            .statuses = kOkAccepted,
                            .kind = own_kind_});
    }
    if (kind_.verbs.has(Verb::Patch)) {
      operations.push_back(patch(type_, own_kind_));
    }
    return operations;
  }

  /// A stream: no objects are sent or answered.
  Operation connect(const Subresource& subresource, std::string_view method, Object kind) const {
    return {.method = method,
            .action = "connect",
            .id = fmt::format("connect{}{}{}{}{}", title_, capital(method), scope_, kind_.kind,
                              capital(subresource.name)),
            .parameters = subresource.name == "exec"
                              ? std::span<const Parameter>(kExecParameters)
                              : std::span<const Parameter>(kForwardParameters),
            .produces = kAnyType,
            .statuses = kOk,
            .kind = std::move(kind)};
  }

  std::vector<Operation> of_subresource(const Subresource& subresource) const {
    const bool own = subresource.version.empty();
    const Object kind = own ? names_of(kind_.group, kind_.version, subresource.kind)
                            : names_of(subresource.group, subresource.version, subresource.kind);
    if (subresource.verbs.has(Verb::Create) && subresource.verbs.has(Verb::Get)) {
      return {connect(subresource, "get", kind), connect(subresource, "post", kind)};
    }
    if (subresource.name == "log") {
      Operation log = read({}, kind, subresource.name);
      log.parameters = kLogParameters;
      log.produces = kPlainType;
      return {log};
    }
    std::string type = type_;
    if (subresource.kind == "Scale") {
      type = kScaleType;
    } else if (!subresource.shape.empty()) {
      const kube::shapes::Type* shape = kube::shapes::find_type(subresource.shape);
      CHECK(shape != nullptr);
      type = shape->full_name;
    }
    if (subresource.verbs.has(Verb::Create)) {
      return {create(type, kind, subresource.name)};
    }
    std::vector<Operation> operations;
    if (subresource.verbs.has(Verb::Get)) {
      operations.push_back(read(type, kind, subresource.name));
    }
    if (subresource.verbs.has(Verb::Update)) {
      operations.push_back(replace(type, kind, subresource.name));
    }
    if (subresource.verbs.has(Verb::Patch)) {
      operations.push_back(patch(type, kind, subresource.name));
    }
    return operations;
  }

  OpenApiVersion version_;
  const Kind& kind_;
  std::map<std::string, Value>& paths_;
  std::string title_;  ///< "AppsV1", in the ids of operations
  std::string tag_;    ///< "apps_v1"
  std::string root_;   ///< "/apis/apps/v1"
  std::string type_;
  std::string_view scope_;
  Object own_kind_;
};

}  // namespace

void add_paths(OpenApiVersion version, const Kind& kind, std::map<std::string, Value>& paths) {
  PathWriter(version, kind, paths).write();
}

}  // namespace kthena::apiserver
