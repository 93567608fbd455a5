// The one door through which objects pass, whoever lets them in: the webhook server, the embedded
// API server, readers of files.
//
//   const auto admitted = kube::admit<ModelServing>(value, AdmissionStage::Whole);
//   if (admitted.ok()) { … admitted.object … }
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "json/codec.h"
#include "json/problem.h"
#include "json/value.h"
#include "kube/meta/object.h"
#include "kube/meta/resource.h"
#include "kube/shapes/check.h"

namespace kthena::kube {

enum class AdmissionStage : std::uint8_t {
  /// All that happens to an object on its way into a cluster: schema, metadata, defaults, defaults
  /// of webhooks, rules.
  Whole,
  /// What is left to a webhook, to which the API server shows an object that passed its schema and
  /// has its defaults: rules.
  Webhook,
};

template <class Kind>
struct Admitted {
  Kind object;  ///< with its defaults, if it could be read
  std::vector<json::Problem> problems;
  bool readable = false;  ///< false: there is an error of type or schema
  /// Whether the rules may be asked; a webhook also asks them of an object that lacks a part or has
  /// a value that is not supported.
  bool rules_apply = false;

  bool ok() const { return !json::has_errors(problems); }
};

namespace detail {

/// The namespace of objects that state none, and what must hold for their names.
void complete_metadata(const ResourceType& resource, ObjectMeta& metadata,
                       std::vector<json::Problem>& problems);

/// Warns of fields that a built-in kind, of which our struct has a part, does not have at all.
void add_unknown_fields(const ResourceType& resource, const json::Value& value,
                        std::vector<json::Problem>& problems);

/// What the API server says of numbers of replicas below zero, for kinds that can be scaled.
void check_scale(const ResourceType& resource, const json::Value& object,
                 std::vector<json::Problem>& problems);

inline void add_problems(std::vector<json::Problem> found, std::vector<json::Problem>& problems) {
  for (json::Problem& problem : found) {
    problems.push_back(std::move(problem));
  }
}

/// Whether a webhook asks the rules in spite of these: the object could be read, but for values
/// that are not among the supported ones, and for what is absent.
bool may_ask_rules(const std::vector<json::Problem>& problems);

/// Findings of the schema, and of the rules, which a webhook names together: what is absent is the
/// rules' business where they speak of it.
std::vector<json::Problem> merge_findings(std::vector<json::Problem> schema,
                                          std::vector<json::Problem> rules);

constexpr json::DecodeOptions decode_options(AdmissionStage stage) {
  // Defaults come after the checks that tell what was written from what was not.
  return stage == AdmissionStage::Whole
             ? json::DecodeOptions{.defaults = false, .shapes = &shapes::check_named}
             : json::DecodeOptions{
                   .unknown = json::UnknownFields::Ignore, .checks = false, .defaults = false};
}

}  // namespace detail

namespace detail {

/// A webhook of the reference cannot read an object with a text that is no duration, and refuses
/// it.
inline void refuse_unreadable(std::vector<json::Problem>& problems) {
  for (json::Problem& problem : problems) {
    if (problem.kind == json::Problem::Kind::Invalid) {
      problem.severity = json::Severity::Error;
    }
  }
}

template <class Kind>
Admitted<Kind> read_at(AdmissionStage stage, const json::Value& value) {
  json::Decoded<Kind> decoded = json::decode<Kind>(value, decode_options(stage));
  bool rules_apply = true;
  if (stage == AdmissionStage::Webhook) {
    refuse_unreadable(decoded.problems);
    rules_apply = may_ask_rules(decoded.problems);
    if constexpr (requires { check_value(value, decoded.value); }) {
      if (auto found = check_value(value, decoded.value); !found.empty()) {
        decoded.problems = std::move(found);
        rules_apply = false;
      }
    }
  }
  const bool readable = !json::has_errors(decoded.problems);
  if constexpr (requires { Kind::kPartial; }) {
    if (stage == AdmissionStage::Whole) {
      add_unknown_fields(Kind::kResource, value, decoded.problems);
    }
  }
  return {.object = std::move(decoded.value),
          .problems = std::move(decoded.problems),
          .readable = readable,
          .rules_apply = rules_apply && (readable || stage == AdmissionStage::Webhook)};
}

}  // namespace detail

/// Gives absent fields their defaults: those of the schema, then those of the kind's webhook.
template <class Kind>
void apply_all_defaults(Kind& object) {
  json::apply_defaults(object);
  if constexpr (requires { apply_admission_defaults(object); }) {
    apply_admission_defaults(object);
  }
}

/// Reads an object, fills in defaults and asks the rules of its kind, which are
/// `check_as_written(object)` and `validate(object)`, where there are such.
template <class Kind>
Admitted<Kind> admit(const json::Value& value, AdmissionStage stage) {
  Admitted<Kind> admitted = detail::read_at<Kind>(stage, value);
  Kind& object = admitted.object;
  if (stage == AdmissionStage::Whole) {
    detail::complete_metadata(Kind::kResource, object.metadata, admitted.problems);
    if (admitted.readable) {
      detail::check_scale(Kind::kResource, value, admitted.problems);
      if constexpr (requires { check_as_written(object); }) {
        detail::add_problems(check_as_written(object), admitted.problems);
      }
      apply_all_defaults(object);
    }
  }
  if constexpr (requires { validate(object); }) {
    if (admitted.readable) {
      detail::add_problems(validate(object), admitted.problems);
    } else if (admitted.rules_apply) {
      admitted.problems = detail::merge_findings(std::move(admitted.problems), validate(object));
    }
  }
  return admitted;
}

/// The same for a change: what must not change is an error, and the rules are
/// `validate_update(before, object)`, where there is such.
/// @param before  the object as it is stored
template <class Kind>
Admitted<Kind> admit_update(const json::Value& before, const json::Value& value,
                            AdmissionStage stage) {
  if constexpr (!requires(const Kind& object) { validate_update(object, object); }) {
    Admitted<Kind> admitted = admit<Kind>(value, stage);
    if (admitted.readable && stage == AdmissionStage::Whole) {
      const auto old = json::decode<Kind>(before, json::DecodeOptions::trusted());
      detail::add_problems(json::check_update(old.value, admitted.object), admitted.problems);
    }
    return admitted;
  } else {
    Admitted<Kind> admitted = detail::read_at<Kind>(stage, value);
    Kind& object = admitted.object;
    const bool whole = stage == AdmissionStage::Whole;
    if (whole) {
      detail::complete_metadata(Kind::kResource, object.metadata, admitted.problems);
    }
    if (!admitted.readable) {
      return admitted;
    }
    Kind old = json::decode<Kind>(before, json::DecodeOptions::trusted()).value;
    if (whole) {
      detail::check_scale(Kind::kResource, value, admitted.problems);
      apply_all_defaults(object);
      apply_all_defaults(old);
      detail::add_problems(json::check_update(old, object), admitted.problems);
    }
    detail::add_problems(validate_update(old, object), admitted.problems);
    return admitted;
  }
}

/// What a webhook answers when it refuses: one line an error.
/// "validation failed:\n  - spec.replicas: Invalid value: …"
std::string denial_text(const std::vector<json::Problem>& problems);

/// What it tells whoever it does not refuse.
std::vector<std::string> warning_texts(const std::vector<json::Problem>& problems);

}  // namespace kthena::kube
