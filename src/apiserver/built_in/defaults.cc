#include "apiserver/built_in/defaults.h"

#include <array>
#include <cstddef>
#include <map>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "apiserver/built_in/conditional_defaults.h"
#include "apiserver/built_in/go_scalars.h"
#include "apiserver/built_in/structs.h"
#include "base/check.h"
#include "json/parse.h"
#include "json/value.h"

namespace kthena::apiserver {

namespace {

using json::Value;

struct Static {
  std::string_view type;
  std::string_view field;
  std::string_view value;  ///< JSON
};

// Beside those that the OpenAPI documents state, which StructField has.
constexpr std::array kStatic{
    Static{"Container", "terminationMessagePath", R"("/dev/termination-log")"},
    Static{"Container", "terminationMessagePolicy", R"("File")"},
    Static{"EphemeralContainer", "terminationMessagePath", R"("/dev/termination-log")"},
    Static{"EphemeralContainer", "terminationMessagePolicy", R"("File")"},
    Static{"PodSpec", "dnsPolicy", R"("ClusterFirst")"},
    Static{"PodSpec", "restartPolicy", R"("Always")"},
    Static{"PodSpec", "securityContext", "{}"},
    Static{"PodSpec", "terminationGracePeriodSeconds", "30"},
    Static{"PodSpec", "schedulerName", R"("default-scheduler")"},
    Static{"Probe", "timeoutSeconds", "1"},
    Static{"Probe", "periodSeconds", "10"},
    Static{"Probe", "successThreshold", "1"},
    Static{"Probe", "failureThreshold", "3"},
    Static{"HTTPGetAction", "path", R"("/")"},
    Static{"HTTPGetAction", "scheme", R"("HTTP")"},
    Static{"SecretVolumeSource", "defaultMode", "420"},
    Static{"ConfigMapVolumeSource", "defaultMode", "420"},
    Static{"DownwardAPIVolumeSource", "defaultMode", "420"},
    Static{"ProjectedVolumeSource", "defaultMode", "420"},
    Static{"ServiceAccountTokenProjection", "expirationSeconds", "3600"},
    Static{"HostPathVolumeSource", "type", R"("")"},
    Static{"ObjectFieldSelector", "apiVersion", R"("v1")"},
    Static{"Secret", "type", R"("Opaque")"},
    Static{"NamespaceStatus", "phase", R"("Active")"},
    Static{"PersistentVolumeStatus", "phase", R"("Pending")"},
    Static{"PersistentVolumeSpec", "persistentVolumeReclaimPolicy", R"("Retain")"},
    Static{"PersistentVolumeSpec", "volumeMode", R"("Filesystem")"},
    Static{"PersistentVolumeClaimStatus", "phase", R"("Pending")"},
    Static{"PersistentVolumeClaimSpec", "volumeMode", R"("Filesystem")"},
    Static{"ReplicationControllerSpec", "replicas", "1"},
    Static{"DeploymentSpec", "replicas", "1"},
    Static{"DeploymentSpec", "revisionHistoryLimit", "10"},
    Static{"DeploymentSpec", "progressDeadlineSeconds", "600"},
    Static{"DeploymentStrategy", "type", R"("RollingUpdate")"},
    Static{"DaemonSetSpec", "revisionHistoryLimit", "10"},
    Static{"DaemonSetUpdateStrategy", "type", R"("RollingUpdate")"},
    Static{"ReplicaSetSpec", "replicas", "1"},
    Static{"StatefulSetSpec", "podManagementPolicy", R"("OrderedReady")"},
    Static{"StatefulSetSpec", "persistentVolumeClaimRetentionPolicy", "{}"},
    Static{"StatefulSetSpec", "replicas", "1"},
    Static{"StatefulSetSpec", "revisionHistoryLimit", "10"},
    Static{"StatefulSetPersistentVolumeClaimRetentionPolicy", "whenDeleted", R"("Retain")"},
    Static{"StatefulSetPersistentVolumeClaimRetentionPolicy", "whenScaled", R"("Retain")"},
    Static{"PodFailurePolicyOnPodConditionsPattern", "status", R"("True")"},
    Static{"CronJobSpec", "concurrencyPolicy", R"("Allow")"},
    Static{"CronJobSpec", "suspend", "false"},
    Static{"CronJobSpec", "successfulJobsHistoryLimit", "3"},
    Static{"CronJobSpec", "failedJobsHistoryLimit", "1"},
    Static{"HorizontalPodAutoscalerSpec", "minReplicas", "1"},
    Static{"HorizontalPodAutoscalerSpec", "metrics",
           R"([{"type":"Resource","resource":{"name":"cpu","target":{"type":"Utilization",)"
           R"("averageUtilization":80}}}])"},
    Static{"ValidatingWebhook", "failurePolicy", R"("Fail")"},
    Static{"ValidatingWebhook", "matchPolicy", R"("Equivalent")"},
    Static{"ValidatingWebhook", "namespaceSelector", "{}"},
    Static{"ValidatingWebhook", "objectSelector", "{}"},
    Static{"ValidatingWebhook", "timeoutSeconds", "10"},
    Static{"MutatingWebhook", "failurePolicy", R"("Fail")"},
    Static{"MutatingWebhook", "matchPolicy", R"("Equivalent")"},
    Static{"MutatingWebhook", "namespaceSelector", "{}"},
    Static{"MutatingWebhook", "objectSelector", "{}"},
    Static{"MutatingWebhook", "timeoutSeconds", "10"},
    Static{"MutatingWebhook", "reinvocationPolicy", R"("Never")"},
    Static{"RuleWithOperations", "scope", R"("*")"},
    Static{"ServiceReference", "port", "443"},
    Static{"apiextensions.ServiceReference", "port", "443"},
    Static{"EndpointPort", "name", R"("")"},
    Static{"EndpointPort", "protocol", R"("TCP")"},
    Static{"core.EndpointPort", "protocol", R"("TCP")"},
    Static{"ServicePort", "protocol", R"("TCP")"},
    Static{"NetworkPolicyPort", "protocol", R"("TCP")"},
    Static{"RoleRef", "apiGroup", R"("rbac.authorization.k8s.io")"},
    Static{"PriorityClass", "preemptionPolicy", R"("PreemptLowerPriority")"},
    Static{"StorageClass", "reclaimPolicy", R"("Delete")"},
    Static{"StorageClass", "volumeBindingMode", R"("Immediate")"},
    Static{"TokenRequestSpec", "expirationSeconds", "3600"},
};

struct OfType {
  struct Default {
    std::size_t field;
    Value value;
  };
  std::vector<Default> values;
  ConditionalDefaults conditional = nullptr;
};

/// The defaults of each struct that has some.
class Table {
 public:
  Table() {
    for (const std::string_view text : struct_texts()) {
      const StructType& type = *find_struct(text.substr(0, text.find('\n')));
      for (std::size_t i = 0; i < type.fields.size(); ++i) {
        if (type.fields[i].default_value) {
          of_[&type].values.push_back({i, *type.fields[i].default_value});
        }
      }
    }
    for (const Static& row : kStatic) {
      const StructType* type = find_struct(row.type);
      CHECK(type != nullptr);
      const auto field = type->find(row.field);
      auto value = json::parse(row.value);
      CHECK(field.has_value() && value.has_value());
      of_[type].values.push_back({*field, *std::move(value)});
    }
    for (const auto& [name, conditional] : conditional_defaults()) {
      const StructType* type = find_struct(name);
      CHECK(type != nullptr);
      of_[type].conditional = conditional;
    }
  }

  const OfType* find(const StructType& type) const {
    const auto found = of_.find(&type);
    return found == of_.end() ? nullptr : &found->second;
  }

 private:
  std::map<const StructType*, OfType> of_;
};

const Table& table() {
  static const Table table;
  return table;
}

void default_value(const HeldType& type, Value& value);

void default_struct(const StructType& type, Value& value) {
  if (!value.is_object()) {
    return;
  }
  json::Object& object = value.as_object();
  if (const OfType* defaults = table().find(type)) {
    // The conditional ones of a whole object look at what was given, those of its parts come after.
    if (defaults->conditional != nullptr) {
      defaults->conditional(value);
    }
    for (const OfType::Default& each : defaults->values) {
      const StructField& field = type.fields[each.field];
      Value* given = object.find(field.name);
      if (given == nullptr) {
        object.append_new(std::string(field.name), each.value);
      } else if (is_empty(field, *given)) {
        *given = each.value;
      }
    }
  }
  for (json::Member& member : object) {
    if (const auto position = type.find(member.key)) {
      default_value(type.fields[*position].type, member.value);
    }
  }
}

void default_value(const HeldType& type, Value& value) {
  switch (type.as) {
    case HeldAs::Struct:
      return default_struct(*type.fields, value);
    case HeldAs::List:
      if (type.of->as == HeldAs::Struct && value.is_array()) {
        for (Value& item : value.as_array()) {
          default_struct(*type.of->fields, item);
        }
      }
      return;
    case HeldAs::Map:
      if (type.of->as == HeldAs::Quantity && value.is_object()) {
        for (json::Member& member : value.as_object()) {
          if (member.value.is_string()) {
            member.value = rounded_to_milli(member.value.as_string());
          }
        }
      }
      return;
    default:
      return;
  }
}

}  // namespace

void apply_built_in_defaults(const Kind& kind, Value& object) {
  default_struct(struct_of(*kind.shape), object);
}

}  // namespace kthena::apiserver
