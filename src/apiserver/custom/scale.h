// The scale subresource: how many replicas an object asks for, has, and by which labels they are
// found, whatever its kind.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "apiserver/kinds/kind.h"
#include "apiserver/patch/failure.h"
#include "json/problem.h"
#include "json/value.h"

namespace kthena::apiserver {

/// The Scale (autoscaling/v1) of an object of a kind that has one: a custom resource, or
/// Deployment, ReplicaSet, StatefulSet, ReplicationController. No managedFields: which paths of the
/// object those of a scale are, the caller knows by scale_replicas_path().
/// Errors: 500 if a custom resource has no number there.
Answer<json::Value> scale_of(const Kind& kind, const json::Value& object);

/// The same as what a patch of the scale starts from: it need not have a number yet.
Answer<json::Value> scale_to_patch(const Kind& kind, const json::Value& object);

/// Gives the object what a client wrote as its scale: the number, and the resourceVersion that it
/// expects.
/// Errors: 400 without a number, 409 if it is of another object, 422 of a negative number (of a
/// custom resource its validation says so).
Answer<void> set_scale(const Kind& kind, json::Value& object, const json::Value& scale);

/// ".spec.replicas": where the number is in objects of that kind.
std::string_view scale_replicas_path(const Kind& kind);

/// What is wrong with the numbers of a custom resource's scale.
enum class ScalePart : std::uint8_t { SpecAndStatus, StatusOnly };
std::vector<json::Problem> check_scale(const CustomScale& scale, const json::Value& object,
                                       ScalePart part);

}  // namespace kthena::apiserver
