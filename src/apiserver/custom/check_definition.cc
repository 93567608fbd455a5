// What is wrong with a CustomResourceDefinition.
// Source: apiextensions-apiserver v0.34, package apis/apiextensions/validation.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <initializer_list>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "api/registry.h"
#include "apiserver/built_in/access.h"
#include "apiserver/custom/custom_kinds.h"
#include "apiserver/custom/definition.h"
#include "apiserver/custom/format_texts.h"
#include "apiserver/custom/formats.h"
#include "apiserver/patch/go_text.h"
#include "json/problem.h"
#include "json/value.h"
#include "kube/meta/names.h"

namespace kthena::apiserver {

namespace {

using json::FieldPath;
using Texts = std::span<const std::string_view>;

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return out;
}

bool contains(Texts texts, std::string_view text) {
  return std::ranges::find(texts, text) != texts.end();
}

/// Whether the kind is one whose rules are code here.
bool is_ours(std::string_view group, std::string_view version, std::string_view kind) {
  return api::find_kind(fmt::format("{}/{}", group, version), kind) != nullptr;
}

bool has_default(const json::Value& openapi) {
  bool found = at(&openapi, "default") != nullptr;
  for_each_schema_below(openapi,
                        [&](const json::Value& below) { found = found || has_default(below); });
  return found;
}

class DefinitionCheck {
 public:
  DefinitionCheck(const json::Value& crd, std::vector<json::Problem>& problems)
      : crd_(crd), view_(crd), problems_(problems) {}

  void check_name() {
    const std::string_view name = text_at(crd_, {"metadata", "name"});
    if (name != fmt::format("{}.{}", name_of("plural"), view_.group)) {
      add_invalid(FieldPath("metadata.name"), name, R"(must be spec.names.plural+"."+spec.group)");
    }
  }

  void check_spec() {
    const FieldPath spec("spec");
    check_group(spec.child("group"));
    check_enum(spec.child("scope"), text_at(crd_, {"spec", "scope"}),
               std::array<std::string_view, 2>{"Cluster", "Namespaced"});
    check_schemas_are_there(spec);
    if (is_true(at(crd_, {"spec", "preserveUnknownFields"})) && any_default()) {
      problems_.push_back(
          json::invalid_value(spec.child("preserveUnknownFields"), "true",
                              "must be false in order to use defaults in the schema"));
    }
    for (std::size_t i = 0; i < view_.versions.size(); ++i) {
      check_version(view_.versions[i], spec.child("versions").index(i));
    }
    check_version_list(spec.child("versions"));
    check_first_version(spec.child("version"));
    for (const std::string_view name : {"plural", "singular", "kind", "listKind"}) {
      if (name_of(name).empty()) {
        add_required(spec.child("names").child(name), "");
      }
    }
    check_names(at(crd_, {"spec", "names"}), spec.child("names"));
    const bool any_status =
        std::ranges::any_of(view_.versions, [](const DefinitionVersion& version) {
          return at(version.whole.subresources, "status") != nullptr;
        });
    check_schema(view_.common.schema, any_status, any_is_ours(), spec.child("validation"));
    check_subresources(view_.common.subresources, spec.child("subresources"));
    check_columns(view_.common.columns, spec.child("additionalPrinterColumns"));
    check_conversion(spec.child("conversion"));
  }

  void check_unchanged(const json::Value& before) {
    const auto check = [&](std::initializer_list<std::string_view> path) {
      const std::string_view now = text_at(crd_, path);
      if (now != text_at(before, path)) {
        add_invalid(FieldPath(fmt::format("{}", fmt::join(path, "."))), now, "field is immutable");
      }
    };
    if (is_established(before)) {
      check({"spec", "scope"});
      check({"spec", "names", "kind"});
    }
    check({"spec", "group"});
    check({"spec", "names", "plural"});
  }

  void check_status() {
    const FieldPath status("status");
    check_names(at(crd_, {"status", "acceptedNames"}), status.child("acceptedNames"));
    const FieldPath path = status.child("storedVersions");
    const json::Value* stored = at(crd_, {"status", "storedVersions"});
    const std::string shown = stored == nullptr ? "null" : go_json(*stored);
    if (items_of(stored).empty()) {
      problems_.push_back(
          json::invalid_value(path, shown, "must have at least one stored version"));
      return;
    }
    const json::Array& names = items_of(stored);
    for (const DefinitionVersion& version : view_.versions) {
      const std::string_view name = text_at(*version.value, {"name"});
      if (is_true(at(version.value, "storage")) &&
          std::ranges::find(names, json::Value(name)) == names.end()) {
        problems_.push_back(json::invalid_value(
            path, shown, fmt::format("must have the storage version {}", name)));
      }
    }
    for (std::size_t i = 0; i < names.size(); ++i) {
      const std::string_view name = text_of(&names[i]);
      if (std::ranges::none_of(view_.versions, [&](const DefinitionVersion& version) {
            return text_at(*version.value, {"name"}) == name;
          })) {
        add_invalid(
            path.index(i), name,
            fmt::format("missing from spec.versions; {0} was previously a storage version, and "
                        "must remain in spec.versions until a storage migration ensures no data "
                        "remains persisted in {0} and removes {0} from status.storedVersions",
                        name));
      }
    }
  }

  void check_preserve_unknown_fields(const json::Value* before) {
    if (is_true(at(crd_, {"spec", "preserveUnknownFields"})) &&
        (before == nullptr || !is_true(at(*before, {"spec", "preserveUnknownFields"})))) {
      problems_.push_back(json::invalid_value(
          FieldPath("spec.preserveUnknownFields"), "true",
          "cannot set to true, set x-kubernetes-preserve-unknown-fields to true in "
          "spec.versions[*].schema instead"));
    }
  }

 private:
  std::string_view name_of(std::string_view which) const {
    return text_at(crd_, {"spec", "names", which});
  }

  void add_required(const FieldPath& path, std::string_view why) {
    problems_.push_back(json::required_value(path, why));
  }
  void add_invalid(const FieldPath& path, std::string_view text, std::string_view why) {
    problems_.push_back(json::invalid_value(path, json::quoted(text), why));
  }

  void check_enum(const FieldPath& path, std::string_view value, Texts known) {
    if (value.empty()) {
      add_required(path, "");
    } else if (!contains(known, value)) {
      problems_.push_back(json::unsupported_value(path, json::quoted(value), known));
    }
  }

  void check_group(const FieldPath& path) {
    if (view_.group.empty()) {
      add_required(path, "");
    } else if (const auto wrong = kube::dns_subdomain_problems(view_.group); !wrong.empty()) {
      add_invalid(path, view_.group, fmt::format("{}", fmt::join(wrong, ",")));
    } else if (!view_.group.contains('.')) {
      add_invalid(path, view_.group, "should be a domain with at least one dot");
    }
  }

  void check_schemas_are_there(const FieldPath& spec) {
    for (std::size_t i = 0; i < view_.versions.size(); ++i) {
      if (openapi_of(view_.versions[i].whole.schema) == nullptr) {
        add_required(spec.child("versions").index(i).child("schema").child("openAPIV3Schema"), "");
      }
    }
  }

  void check_version(const DefinitionVersion& version, const FieldPath& path) {
    const std::string_view name = text_at(*version.value, {"name"});
    if (const auto wrong = kube::dns_1035_label_problems(name); !wrong.empty()) {
      add_invalid(path.child("name"), name, fmt::format("{}", fmt::join(wrong, ",")));
    }
    check_deprecation(*version.value, path.child("deprecationWarning"));
    check_schema(version.own.schema, at(version.whole.subresources, "status") != nullptr,
                 is_ours(view_.group, name, name_of("kind")), path.child("schema"));
    check_subresources(version.own.subresources, path.child("subresources"));
    check_columns(version.own.columns, path.child("additionalPrinterColumns"));
  }

  void check_deprecation(const json::Value& version, const FieldPath& path) {
    const json::Value* warning = at(&version, "deprecationWarning");
    if (warning == nullptr) {
      return;
    }
    const std::string_view text = text_of(warning);
    const auto add = [&](std::string_view why) {
      problems_.push_back(json::invalid_value(path, go_json(*warning), why));
    };
    if (!is_true(at(&version, "deprecated"))) {
      add("can only be set for deprecated versions");
      return;
    }
    if (text.size() > 256) {
      add("must be <= 256 characters long");
    }
    if (text.empty()) {
      add("must not be an empty string");
    }
    const auto control = std::ranges::find_if(
        text, [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 0x7f; });
    if (control != text.end()) {
      add(
          fmt::format("must only contain printable UTF-8 characters; non-printable character found "
                      "at index {}",
                      control - text.begin()));
    }
  }

  void check_version_list(const FieldPath& path) {
    std::set<std::string_view> names;
    std::size_t stored = 0;
    for (const DefinitionVersion& version : view_.versions) {
      names.insert(text_at(*version.value, {"name"}));
      stored += is_true(at(version.value, "storage")) ? 1 : 0;
    }
    if (names.size() != view_.versions.size()) {
      problems_.push_back(json::invalid_value(path, internal_versions_text(view_),
                                              "must contain unique version names"));
    }
    if (stored != 1) {
      problems_.push_back(
          json::invalid_value(path, internal_versions_text(view_),
                              "must have exactly one version marked as storage version"));
    }
  }

  /// kube-apiserver holds the name of the first version a second time.
  void check_first_version(const FieldPath& path) {
    const std::string_view name =
        view_.versions.empty() ? "" : text_at(*view_.versions.front().value, {"name"});
    const auto wrong = kube::dns_1035_label_problems(name);
    if (!name.empty() && !wrong.empty()) {
      add_invalid(path, name, fmt::format("{}", fmt::join(wrong, ",")));
    }
  }

  bool any_default() const {
    return std::ranges::any_of(view_.versions, [](const DefinitionVersion& version) {
      const json::Value* openapi = openapi_of(version.whole.schema);
      return openapi != nullptr && has_default(*openapi);
    });
  }

  bool any_is_ours() const {
    return std::ranges::any_of(view_.versions, [&](const DefinitionVersion& version) {
      return is_ours(view_.group, text_at(*version.value, {"name"}), name_of("kind"));
    });
  }

  void check_names(const json::Value* names, const FieldPath& path) {
    const auto check = [&](std::string_view text, const FieldPath& where) {
      const auto wrong = kube::dns_1035_label_problems(text);
      if (!wrong.empty()) {
        add_invalid(where, text, fmt::format("{}", fmt::join(wrong, ",")));
      }
    };
    const auto check_kind = [&](std::string_view text, const FieldPath& where) {
      const auto wrong = kube::dns_1035_label_problems(lower(text));
      if (!wrong.empty()) {
        add_invalid(where, text,
                    fmt::format("may have mixed case, but should otherwise match: {}",
                                fmt::join(wrong, ",")));
      }
    };
    for (const std::string_view name : {"plural", "singular", "kind", "listKind"}) {
      const std::string_view text = text_of(at(names, name));
      if (!text.empty()) {
        name == "kind" || name == "listKind" ? check_kind(text, path.child(name))
                                             : check(text, path.child(name));
      }
    }
    const json::Array& short_names = items_of(at(names, "shortNames"));
    for (std::size_t i = 0; i < short_names.size(); ++i) {
      check(text_of(&short_names[i]), path.child("shortNames").index(i));
    }
    const std::string_view kind = text_of(at(names, "kind"));
    if (!kind.empty() && kind == text_of(at(names, "listKind"))) {
      add_invalid(path.child("listKind"), kind, "kind and listKind may not be the same");
    }
    const json::Array& categories = items_of(at(names, "categories"));
    for (std::size_t i = 0; i < categories.size(); ++i) {
      check(text_of(&categories[i]), path.child("categories").index(i));
    }
  }

  /// @param is_ours  rules in CEL are code here
  void check_schema(const json::Value* schema, bool has_status, bool is_ours,
                    const FieldPath& path) {
    const json::Value* openapi = openapi_of(schema);
    if (openapi == nullptr) {
      return;
    }
    const FieldPath here = path.child("openAPIV3Schema");
    const std::size_t known = problems_.size();
    if (has_status) {
      check_root(*openapi, here);
    }
    if (is_true(at(openapi, "nullable"))) {
      problems_.push_back(
          json::forbidden(here.child("nullable"), "nullable cannot be true at the root"));
    }
    const std::string unsupported = unsupported_field(*openapi);
    if (unsupported.empty()) {
      const std::size_t before = problems_.size();
      check_structural(*openapi, here, problems_);
      if (problems_.size() == before) {
        check_defaults(*openapi, here, problems_);
      }
    }
    check_openapi(*openapi, here, problems_);
    if (problems_.size() == known && !unsupported.empty()) {
      problems_.push_back(json::invalid_value(here, "\"\"", unsupported));
    }
    if (!is_ours) {
      check_rules(*openapi, here, problems_);
    }
  }

  /// With a status of its own, its schema is a property of the root, which may not say much else.
  void check_root(const json::Value& openapi, const FieldPath& path) {
    const std::string_view type = text_at(openapi, {"type"});
    for (const std::string_view name : {"id", "$schema", "$ref"}) {
      if (at(&openapi, name) != nullptr) {
        add_not_at_root(openapi, path);
        return;
      }
    }
    if (!type.empty() && type != "object") {
      add_invalid(path.child("type"), type,
                  "only \"object\" is allowed as the type at the root of the schema if the status "
                  "subresource is enabled");
      return;
    }
    for (const std::string_view name :
         {"nullable", "default", "enum", "maxProperties", "minProperties", "allOf", "oneOf",
          "anyOf", "not", "additionalProperties", "patternProperties", "dependencies",
          "additionalItems", "definitions", "x-kubernetes-embedded-resource",
          "x-kubernetes-int-or-string", "x-kubernetes-list-map-keys", "x-kubernetes-list-type",
          "x-kubernetes-map-type"}) {
      const json::Value* value = at(&openapi, name);
      if (value != nullptr &&
          (*value != json::Value(false) || name == "additionalProperties" || name == "default")) {
        add_not_at_root(openapi, path);
        return;
      }
    }
  }

  void add_not_at_root(const json::Value& openapi, const FieldPath& path) {
    problems_.push_back(json::invalid_value(
        path, internal_schema_text(openapi),
        "only [Description Type Format Title Maximum ExclusiveMaximum Minimum ExclusiveMinimum "
        "MaxLength MinLength Pattern MaxItems MinItems UniqueItems MultipleOf Required Items "
        "Properties ExternalDocs Example XPreserveUnknownFields XValidations] fields are allowed "
        "at the root of the schema if the status subresource is enabled"));
  }

  /// Whether it is a path that the rest can be asked of.
  bool check_path(std::string_view text, const FieldPath& path) {
    if (text.empty()) {
      add_required(path, "");
      return false;
    }
    if (!text.starts_with('.')) {
      add_invalid(path, text, "must be a simple json path starting with .");
      return false;
    }
    return true;
  }

  void check_subresources(const json::Value* subresources, const FieldPath& path) {
    const json::Value* scale = at(subresources, "scale");
    if (scale == nullptr) {
      return;
    }
    const FieldPath here = path.child("scale");
    const std::string_view spec = text_of(at(scale, "specReplicasPath"));
    if (check_path(spec, here.child("specReplicasPath")) && !spec.starts_with(".spec.")) {
      add_invalid(here.child("specReplicasPath"), spec, "should be a json path under .spec");
    }
    const std::string_view status = text_of(at(scale, "statusReplicasPath"));
    if (check_path(status, here.child("statusReplicasPath")) && !status.starts_with(".status.")) {
      add_invalid(here.child("statusReplicasPath"), status, "should be a json path under .status");
    }
    const std::string_view selector = text_of(at(scale, "labelSelectorPath"));
    if (!selector.empty() && check_path(selector, here.child("labelSelectorPath")) &&
        !selector.starts_with(".spec.") && !selector.starts_with(".status.")) {
      add_invalid(here.child("labelSelectorPath"), selector,
                  "should be a json path under either .spec or .status");
    }
  }

  void check_columns(const json::Value* columns, const FieldPath& path) {
    constexpr std::array<std::string_view, 5> kTypes = {"boolean", "date", "integer", "number",
                                                        "string"};
    constexpr std::array<std::string_view, 8> kFormats = {
        "byte", "date", "date-time", "double", "float", "int32", "int64", "password"};
    const json::Array& list = items_of(columns);
    for (std::size_t i = 0; i < list.size(); ++i) {
      const FieldPath here = path.index(i);
      const std::string_view type = text_at(list[i], {"type"});
      const std::string_view format = text_at(list[i], {"format"});
      if (text_at(list[i], {"name"}).empty()) {
        add_required(here.child("name"), "");
      }
      const std::string one_of = fmt::format("must be one of {}", fmt::join(kTypes, ","));
      if (type.empty()) {
        add_required(here.child("type"), one_of);
      } else if (!contains(kTypes, type)) {
        add_invalid(here.child("type"), type, one_of);
      }
      if (!format.empty() && !contains(kFormats, format)) {
        add_invalid(here.child("format"), format,
                    fmt::format("must be one of {}", fmt::join(kFormats, ",")));
      }
      check_path(text_at(list[i], {"jsonPath"}), here.child("JSONPath"));
    }
  }

  void check_conversion(const FieldPath& path) {
    const json::Value* conversion = at(crd_, {"spec", "conversion"});
    if (conversion == nullptr) {
      return;
    }
    const std::string_view strategy = text_of(at(conversion, "strategy"));
    check_enum(path.child("strategy"), strategy,
               std::array<std::string_view, 2>{"None", "Webhook"});
    const json::Value* webhook = at(conversion, "webhook");
    if (strategy == "Webhook") {
      problems_.push_back(json::forbidden(path.child("strategy"),
                                          "this API server does not call webhooks for conversion: "
                                          "only None is supported"));
      return;
    }
    if (at(webhook, "clientConfig") != nullptr) {
      problems_.push_back(json::forbidden(path.child("webhookClientConfig"),
                                          "should not be set when strategy is not set to Webhook"));
    }
    if (!items_of(at(webhook, "conversionReviewVersions")).empty()) {
      problems_.push_back(json::forbidden(path.child("conversionReviewVersions"),
                                          "should not be set when strategy is not set to Webhook"));
    }
  }

  const json::Value& crd_;
  const DefinitionView view_;
  std::vector<json::Problem>& problems_;
};

/// Groups of the Kubernetes community need a word of who approved them.
void check_approval(const json::Value& crd, const json::Value* before,
                    std::vector<json::Problem>& problems) {
  const Approval approval = approval_of(crd);
  if (approval.state == Approval::State::NotNeeded || approval.state == Approval::State::Approved ||
      approval.state == Approval::State::Bypassed ||
      (before != nullptr && approval_of(*before).state == approval.state)) {
    return;
  }
  const FieldPath path = FieldPath("metadata.annotations").key(kApprovalAnnotation);
  if (approval.state == Approval::State::Missing) {
    problems.push_back(json::required_value(path, approval.why));
  } else {
    problems.push_back(json::invalid_value(
        path, json::quoted(text_at(crd, {"metadata", "annotations", kApprovalAnnotation})),
        approval.why));
  }
}

void add_formats(const json::Value& openapi, std::vector<std::string>& out) {
  const std::string_view format = text_at(openapi, {"format"});
  if (!format.empty() && text_at(openapi, {"type"}) == "string" &&
      find_format(format) == StringFormat::None) {
    out.emplace_back(format);
  }
  for_each_schema_below(openapi, [&](const json::Value& below) { add_formats(below, out); });
}

std::vector<std::string> unknown_formats(const json::Value& crd) {
  const DefinitionView view(crd);
  std::vector<std::string> out;
  if (const json::Value* openapi = openapi_of(view.common.schema)) {
    add_formats(*openapi, out);
  }
  for (const DefinitionVersion& version : view.versions) {
    if (const json::Value* openapi = openapi_of(version.own.schema)) {
      add_formats(*openapi, out);
    }
  }
  return out;
}

}  // namespace

Approval approval_of(const json::Value& crd) {
  const std::string_view group = text_at(crd, {"spec", "group"});
  if (group != "k8s.io" && !group.ends_with(".k8s.io") && group != "kubernetes.io" &&
      !group.ends_with(".kubernetes.io")) {
    return {};
  }
  const std::string_view said = text_at(crd, {"metadata", "annotations", kApprovalAnnotation});
  constexpr std::string_view kNeeded = "protected groups must have approval annotation";
  constexpr std::string_view kSee = "see https://github.com/kubernetes/enhancements/pull/1111";
  if (said.empty()) {
    return {.state = Approval::State::Missing,
            .why = fmt::format("{} \"{}\", {}", kNeeded, kApprovalAnnotation, kSee)};
  }
  if (said.starts_with("unapproved")) {
    return {.state = Approval::State::Bypassed,
            .why = fmt::format("not approved: {}", json::quoted(said))};
  }
  if (is_request_uri(said) && said.contains("://") && !said.starts_with('/')) {
    return {.state = Approval::State::Approved, .why = fmt::format("approved in {}", said)};
  }
  return {.state = Approval::State::Invalid,
          .why = fmt::format("{} \"{}\" with either a URL or a reason starting with "
                             "\"unapproved\", {}",
                             kNeeded, kApprovalAnnotation, kSee)};
}

std::vector<json::Problem> validate_definition(const json::Value& crd, const json::Value* before) {
  std::vector<json::Problem> problems;
  DefinitionCheck check(crd, problems);
  if (before == nullptr) {
    check.check_name();
  }
  check.check_spec();
  if (before != nullptr) {
    check.check_unchanged(*before);
  }
  check.check_status();
  check_approval(crd, before, problems);
  check.check_preserve_unknown_fields(before);
  return problems;
}

std::vector<std::string> definition_warnings(const json::Value& crd, const json::Value* before) {
  const std::vector<std::string> old =
      before == nullptr ? std::vector<std::string>{} : unknown_formats(*before);
  std::vector<std::string> warnings;
  for (const std::string& format : unknown_formats(crd)) {
    if (std::ranges::find(old, format) == old.end()) {
      warnings.push_back(fmt::format("unrecognized format {}", json::quoted(format)));
    }
  }
  return warnings;
}

}  // namespace kthena::apiserver
