#include "kube/shapes/shape.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "json/fields.h"
#include "json/print.h"

namespace kthena::kube::shapes {
namespace {

const Field& field(std::string_view type_name, std::string_view field_name) {
  const Type* type = find_type(type_name);
  EXPECT_NE(type, nullptr) << type_name;
  const Field* found = type == nullptr ? nullptr : type->find_field(field_name);
  EXPECT_NE(found, nullptr) << type_name << "." << field_name;
  static const Field kNone;
  return found == nullptr ? kNone : *found;
}

TEST(Shapes, AreFoundByNameAndByKind) {
  const Type* pod = find_kind("v1", "Pod");
  ASSERT_NE(pod, nullptr);
  EXPECT_EQ(pod, find_type("Pod"));
  EXPECT_EQ(pod, find_type("io.k8s.api.core.v1.Pod"));
  EXPECT_EQ(find_kind("apps/v1", "Deployment"), find_type("Deployment"));
  EXPECT_EQ(find_kind("events.k8s.io/v1", "Event"), find_type("events.Event"));
  EXPECT_NE(find_kind("v1", "Event"), find_type("events.Event"));
  EXPECT_EQ(find_kind("apps/v1", "Pod"), nullptr);
  EXPECT_EQ(find_kind("", ""), nullptr);
  EXPECT_EQ(find_type("PodSpecs"), nullptr);
}

TEST(Shapes, HaveTypesAndFormats) {
  EXPECT_EQ(field("PodTemplateSpec", "spec").object, find_type("PodSpec"));
  EXPECT_EQ(field("PodSpec", "priority").kind, ValueKind::Integer);
  EXPECT_EQ(field("PodSpec", "priority").format, "int32");
  EXPECT_EQ(field("PodSpec", "hostNetwork").kind, ValueKind::Boolean);
  EXPECT_EQ(field("ObjectMeta", "creationTimestamp").format, "date-time");
  EXPECT_EQ(field("HTTPGetAction", "port").kind, ValueKind::IntOrString);
  EXPECT_EQ(field("ResourceRequirements", "limits").container, Container::Map);
  EXPECT_EQ(field("ResourceRequirements", "limits").kind, ValueKind::Quantity);
  EXPECT_EQ(field("ControllerRevision", "data").kind, ValueKind::Any);
  EXPECT_EQ(field("Secret", "data").format, "byte");
}

TEST(Shapes, SayHowListsAndMapsMerge) {
  const Field& containers = field("PodSpec", "containers");
  EXPECT_EQ(containers.container, Container::List);
  EXPECT_TRUE(containers.required);
  EXPECT_EQ(containers.list_type, json::ListType::Map);
  EXPECT_EQ(containers.list_keys[0], "name");
  EXPECT_EQ(containers.patch_strategy, "merge");
  EXPECT_EQ(containers.patch_key, "name");
  EXPECT_EQ(field("PodSpec", "volumes").patch_strategy, "merge,retainKeys");
  EXPECT_EQ(field("Container", "ports").list_keys[1], "protocol");
  EXPECT_EQ(field("Container", "command").list_type, json::ListType::Atomic);
  EXPECT_EQ(field("ObjectMeta", "finalizers").list_type, json::ListType::Set);
  EXPECT_EQ(field("PodSpec", "nodeSelector").map_type, json::MapType::Atomic);
  EXPECT_EQ(find_type("LabelSelector")->map_type, json::MapType::Atomic);
  EXPECT_TRUE(find_type("ConfigMapEnvSource")->atomic_in_crds);
  EXPECT_TRUE(field("PodSpec", "hostAliases").may_repeat);
}

TEST(Shapes, HaveDefaultsThatMeanSomething) {
  EXPECT_EQ(json::print(*field("ContainerPort", "protocol").default_value), R"("TCP")");
  EXPECT_EQ(json::print(*field("LocalObjectReference", "name").default_value), R"("")");
  EXPECT_FALSE(field("ContainerPort", "containerPort").default_value.has_value());
  EXPECT_FALSE(field("PodTemplateSpec", "spec").default_value.has_value());
}

TEST(Shapes, NameTheKnownValues) {
  EXPECT_EQ(field("PodSpec", "restartPolicy").enum_values,
            (std::vector<std::string_view>{"Always", "Never", "OnFailure"}));
}

TEST(Shapes, HaveFieldsSortedByName) {
  for (const Type& type : types()) {
    EXPECT_TRUE(std::ranges::is_sorted(type.fields, {}, &Field::name)) << type.name;
  }
}

TEST(Shapes, HaveEveryKindThatIsDealtWith) {
  using Kind = std::array<std::string_view, 2>;
  for (const Kind& kind : std::array<Kind, 19>{{
           {"v1", "Service"},
           {"v1", "ConfigMap"},
           {"v1", "Secret"},
           {"v1", "Namespace"},
           {"v1", "Node"},
           {"v1", "ServiceAccount"},
           {"v1", "PersistentVolumeClaim"},
           {"apps/v1", "ReplicaSet"},
           {"apps/v1", "StatefulSet"},
           {"apps/v1", "ControllerRevision"},
           {"batch/v1", "Job"},
           {"coordination.k8s.io/v1", "Lease"},
           {"discovery.k8s.io/v1", "EndpointSlice"},
           {"policy/v1", "PodDisruptionBudget"},
           {"rbac.authorization.k8s.io/v1", "ClusterRole"},
           {"rbac.authorization.k8s.io/v1", "RoleBinding"},
           {"admissionregistration.k8s.io/v1", "MutatingWebhookConfiguration"},
           {"admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration"},
           {"autoscaling/v1", "Scale"},
       }}) {
    const Type* type = find_kind(kind[0], kind[1]);
    ASSERT_NE(type, nullptr) << kind[0] << " " << kind[1];
    EXPECT_EQ(type->find_field("metadata")->object, find_type("ObjectMeta"));
  }
}

TEST(Shapes, KeepLabelsAndAnnotationsOfTheMetadataOfTemplates) {
  const Type& metadata = template_metadata();
  ASSERT_EQ(metadata.fields.size(), 2U);
  EXPECT_EQ(metadata.fields[0].name, "annotations");
  EXPECT_EQ(metadata.fields[1].name, "labels");
}

}  // namespace
}  // namespace kthena::kube::shapes
