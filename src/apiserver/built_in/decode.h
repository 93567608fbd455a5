// An object of a built-in kind as kube-apiserver reads it: as Go's JSON decoder fills a struct.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "apiserver/kinds/field_validation.h"
#include "apiserver/patch/failure.h"
#include "json/value.h"
#include "kube/shapes/shape.h"

namespace kthena::apiserver {

/// Reads `object` in place: unknown fields and nulls go, times, quantities and bytes get their
/// normal form, fields come in the order in which the server prints them and what is always printed
/// is there; a Secret's stringData becomes data, and aliases (serviceAccount, podIP) agree.
///  - @return  the unknown fields as messages name them, `unknown field "spec.foo"`, in the order
///  of
///    the document and at most 100
///  - Error: what Go says of the first value of a wrong type.
/// Duplicate fields are the parser's to find.
std::expected<std::vector<std::string>, std::string> decode_built_in(const kube::shapes::Type& type,
                                                                     json::Value& object);

/// The same for the body of a create or an update.
/// @param strict    findings of the parser (`duplicate field "spec.replicas"`) to go with ours
/// @param warnings  gets the findings with FieldValidation::Warn
/// Errors: 400 BadRequest.
Answer<void> read_built_in(const kube::shapes::Type& type, json::Value& object,
                           FieldValidation validation, std::vector<std::string> strict,
                           std::vector<std::string>& warnings);

/// `Pod in version "v1" cannot be handled as a Pod: WHY`. The 400 of read_built_in().
std::string cannot_be_handled(const kube::shapes::Type& type, std::string_view why);
/// `strict decoding error: A, B`.
std::string strict_decoding_error(const std::vector<std::string>& findings);

}  // namespace kthena::apiserver
