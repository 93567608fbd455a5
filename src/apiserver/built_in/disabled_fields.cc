#include "apiserver/built_in/disabled_fields.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "apiserver/built_in/access.h"
#include "base/strings.h"
#include "json/value.h"

namespace kthena::apiserver {

namespace {

using json::Value;

struct Place {
  std::string_view kind;
  std::string_view pod_spec;  ///< the way to it
};

constexpr std::array kPodSpecs{
    Place{"Pod", "spec"},
    Place{"PodTemplate", "template.spec"},
    Place{"Deployment", "spec.template.spec"},
    Place{"ReplicaSet", "spec.template.spec"},
    Place{"StatefulSet", "spec.template.spec"},
    Place{"DaemonSet", "spec.template.spec"},
    Place{"ReplicationController", "spec.template.spec"},
    Place{"Job", "spec.template.spec"},
    Place{"CronJob", "spec.jobTemplate.spec.template.spec"},
};

void drop_of_container(Value& container, bool may_be_sidecar) {
  if (!may_be_sidecar || text_at(container, {"restartPolicy"}) != "Always") {
    container.erase("restartPolicy");
  }
  container.erase("restartPolicyRules");
  if (Value* lifecycle = at(container, {"lifecycle"})) {
    lifecycle->erase("stopSignal");
  }
  if (Value* env = at(container, {"env"})) {
    for (Value& variable : env->as_array()) {
      if (Value* from = at(variable, {"valueFrom"})) {
        from->erase("fileKeyRef");
      }
    }
  }
}

void drop_of_pod_spec(Value& spec) {
  spec.erase("hostnameOverride");
  for (const std::string_view list : {"containers", "initContainers", "ephemeralContainers"}) {
    if (Value* containers = at(spec, {list})) {
      for (Value& container : containers->as_array()) {
        drop_of_container(container, list == "initContainers");
      }
    }
  }
  Value* volumes = at(spec, {"volumes"});
  if (volumes == nullptr) {
    return;
  }
  for (Value& volume : volumes->as_array()) {
    volume.erase("image");
    if (Value* sources = at(volume, {"projected", "sources"})) {
      for (Value& source : sources->as_array()) {
        source.erase("clusterTrustBundle");
        source.erase("podCertificate");
      }
    }
  }
}

}  // namespace

void drop_disabled_fields(const Kind& kind, Value& object) {
  const auto place = std::ranges::find(kPodSpecs, kind.kind, &Place::kind);
  if (place != kPodSpecs.end()) {
    Value* here = &object;
    for (const std::string_view name : split(place->pod_spec, '.')) {
      here = here == nullptr ? nullptr : at(*here, {name});
    }
    if (here != nullptr) {
      drop_of_pod_spec(*here);
    }
  }
  if (kind.kind == "StatefulSet") {
    if (Value* rolling = at(object, {"spec", "updateStrategy", "rollingUpdate"})) {
      rolling->erase("maxUnavailable");
    }
  } else if (kind.kind == "HorizontalPodAutoscaler") {
    for (const std::string_view side : {"scaleUp", "scaleDown"}) {
      if (Value* rules = at(object, {"spec", "behavior", side})) {
        rules->erase("tolerance");
      }
    }
  }
}

}  // namespace kthena::apiserver
