#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "apiserver/kinds/catalog.h"
#include "base/check.h"
#include "base/strings.h"
#include "kube/shapes/shape.h"

namespace kthena::apiserver {

namespace {

// What a row says beside its names.
constexpr unsigned kCluster = 1;     ///< not in a namespace
constexpr unsigned kStatus = 2;      ///< has a status subresource
constexpr unsigned kScale = 4;       ///< has a scale subresource
constexpr unsigned kAsked = 8;       ///< created only: an answer and nothing stored
constexpr unsigned kAll = 16;        ///< shown by `kubectl get all`
constexpr unsigned kExtension = 64;  ///< of the category "api-extensions"
constexpr unsigned kNoBulk = 32;     ///< no deletecollection: namespaces, services before 1.34

struct Row {
  std::string_view api_version;
  std::string_view kind;
  std::string_view plural;
  unsigned flags = 0;
  std::string_view short_names = {};  ///< with commas between
};

// The groups in the order in which kube-apiserver 1.34 lists them.
constexpr Row kRows[] = {
    {"v1", "ConfigMap", "configmaps", 0, "cm"},
    {"v1", "Endpoints", "endpoints", 0, "ep"},
    {"v1", "Event", "events", 0, "ev"},
    {"v1", "LimitRange", "limitranges", 0, "limits"},
    {"v1", "Namespace", "namespaces", kCluster | kStatus | kNoBulk, "ns"},
    {"v1", "Node", "nodes", kCluster | kStatus, "no"},
    {"v1", "PersistentVolumeClaim", "persistentvolumeclaims", kStatus, "pvc"},
    {"v1", "PersistentVolume", "persistentvolumes", kCluster | kStatus, "pv"},
    {"v1", "Pod", "pods", kStatus | kAll, "po"},
    {"v1", "PodTemplate", "podtemplates"},
    {"v1", "ReplicationController", "replicationcontrollers", kStatus | kScale | kAll, "rc"},
    {"v1", "ResourceQuota", "resourcequotas", kStatus, "quota"},
    {"v1", "Secret", "secrets"},
    {"v1", "ServiceAccount", "serviceaccounts", 0, "sa"},
    {"v1", "Service", "services", kStatus | kAll, "svc"},
    {"apps/v1", "ControllerRevision", "controllerrevisions"},
    {"apps/v1", "DaemonSet", "daemonsets", kStatus | kAll, "ds"},
    {"apps/v1", "Deployment", "deployments", kStatus | kScale | kAll, "deploy"},
    {"apps/v1", "ReplicaSet", "replicasets", kStatus | kScale | kAll, "rs"},
    {"apps/v1", "StatefulSet", "statefulsets", kStatus | kScale | kAll, "sts"},
    {"events.k8s.io/v1", "Event", "events", 0, "ev"},
    {"authentication.k8s.io/v1", "SelfSubjectReview", "selfsubjectreviews", kCluster | kAsked},
    {"authentication.k8s.io/v1", "TokenReview", "tokenreviews", kCluster | kAsked},
    {"authorization.k8s.io/v1", "LocalSubjectAccessReview", "localsubjectaccessreviews", kAsked},
    {"authorization.k8s.io/v1", "SelfSubjectAccessReview", "selfsubjectaccessreviews",
     kCluster | kAsked},
    {"authorization.k8s.io/v1", "SelfSubjectRulesReview", "selfsubjectrulesreviews",
     kCluster | kAsked},
    {"authorization.k8s.io/v1", "SubjectAccessReview", "subjectaccessreviews", kCluster | kAsked},
    {"autoscaling/v2", "HorizontalPodAutoscaler", "horizontalpodautoscalers", kStatus | kAll,
     "hpa"},
    {"batch/v1", "CronJob", "cronjobs", kStatus | kAll, "cj"},
    {"batch/v1", "Job", "jobs", kStatus | kAll},
    {"networking.k8s.io/v1", "Ingress", "ingresses", kStatus, "ing"},
    {"networking.k8s.io/v1", "NetworkPolicy", "networkpolicies", 0, "netpol"},
    {"policy/v1", "PodDisruptionBudget", "poddisruptionbudgets", kStatus, "pdb"},
    {"rbac.authorization.k8s.io/v1", "ClusterRoleBinding", "clusterrolebindings", kCluster},
    {"rbac.authorization.k8s.io/v1", "ClusterRole", "clusterroles", kCluster},
    {"rbac.authorization.k8s.io/v1", "RoleBinding", "rolebindings"},
    {"rbac.authorization.k8s.io/v1", "Role", "roles"},
    {"storage.k8s.io/v1", "StorageClass", "storageclasses", kCluster, "sc"},
    {"admissionregistration.k8s.io/v1", "MutatingWebhookConfiguration",
     "mutatingwebhookconfigurations", kCluster | kExtension},
    {"admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration",
     "validatingwebhookconfigurations", kCluster | kExtension},
    {"apiextensions.k8s.io/v1", "CustomResourceDefinition", "customresourcedefinitions",
     kCluster | kStatus | kExtension, "crd,crds"},
    {"scheduling.k8s.io/v1", "PriorityClass", "priorityclasses", kCluster, "pc"},
    {"coordination.k8s.io/v1", "Lease", "leases"},
    {"node.k8s.io/v1", "RuntimeClass", "runtimeclasses", kCluster},
    {"discovery.k8s.io/v1", "EndpointSlice", "endpointslices"},
};

std::vector<std::string> words(std::string_view text) {
  std::vector<std::string> found;
  for (const std::string_view word : split(text, ',')) {
    if (!word.empty()) {
      found.emplace_back(word);
    }
  }
  return found;
}

Verbs verbs_of(const Row& row) {
  if ((row.flags & kAsked) != 0) {
    return Verbs::create_only();
  }
  return (row.flags & kNoBulk) != 0 ? Verbs::all().without(Verb::DeleteCollection) : Verbs::all();
}

std::string resource_name(std::string_view group, std::string_view plural) {
  // Events are one resource in two groups.
  return group.empty() || group == "events.k8s.io" ? std::string(plural)
                                                   : fmt::format("{}/{}", group, plural);
}

KindPtr kind_of(const Row& row) {
  const kube::shapes::Type* shape = kube::shapes::find_kind(row.api_version, row.kind);
  CHECK(shape != nullptr);  // the table of shapes has all of these
  const std::size_t slash = row.api_version.find('/');
  const bool core = slash == std::string_view::npos;
  const std::string_view group = core ? std::string_view{} : row.api_version.substr(0, slash);
  auto kind = std::make_shared<Kind>(Kind{
      .group = std::string(group),
      .version = std::string(core ? row.api_version : row.api_version.substr(slash + 1)),
      .kind = std::string(row.kind),
      .list_kind = fmt::format("{}List", row.kind),
      .plural = std::string(row.plural),
      .singular = to_lower(row.kind),
      .short_names = words(row.short_names),
      .categories = words((row.flags & kAll) != 0         ? "all"
                          : (row.flags & kExtension) != 0 ? "api-extensions"
                                                          : ""),
      .scope = (row.flags & kCluster) != 0 ? kube::Scope::Cluster : kube::Scope::Namespaced,
      .verbs = verbs_of(row),
      .origin = Origin::BuiltIn,
      .has_status = (row.flags & kStatus) != 0,
      .has_scale = (row.flags & kScale) != 0,
      .shape = shape,
      .api_versions = {std::string(row.api_version)},
      .api_version = std::string(row.api_version),
      .resource = resource_name(group, row.plural),
  });
  // Lives as long as the program.
  kind->schema = std::shared_ptr<const Schema>(std::shared_ptr<void>(), &built_in_schema(*shape));
  return kind;
}

}  // namespace

std::span<const KindPtr> built_in_kinds() {
  static const std::vector<KindPtr> kKinds = [] {
    std::vector<KindPtr> kinds;
    for (const Row& row : kRows) {
      kinds.push_back(kind_of(row));
    }
    return kinds;
  }();
  return kKinds;
}

}  // namespace kthena::apiserver
