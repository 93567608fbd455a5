// What belongs to the cluster and to no namespace: Namespaces and Nodes, as far as we read them.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "json/fields.h"
#include "json/type.h"
#include "kube/meta/object.h"
#include "kube/meta/quantity.h"
#include "kube/meta/resource.h"

namespace kthena::kube {

struct NamespaceStatus {
  std::string phase;  ///< "Active" or "Terminating"

  static constexpr bool kPartial = true;
  static constexpr auto fields() {
    return std::tuple{json::Field{"phase", &NamespaceStatus::phase}};
  }
  friend bool operator==(const NamespaceStatus&, const NamespaceStatus&) = default;
};

struct Namespace {
  ObjectMeta metadata;
  NamespaceStatus status;

  static constexpr ResourceType kResource{.api_version = "v1",
                                          .kind = "Namespace",
                                          .plural = "namespaces",
                                          .singular = "namespace",
                                          .scope = Scope::Cluster};
  static constexpr bool kPartial = true;
  static constexpr auto fields() {
    return std::tuple{json::Constant{"apiVersion", "v1"}, json::Constant{"kind", "Namespace"},
                      json::Field{"metadata", &Namespace::metadata},
                      json::Field{"status", &Namespace::status}};
  }
  friend bool operator==(const Namespace&, const Namespace&) = default;
};

struct NodeCondition {
  std::string type;
  std::string status;  ///< "True", "False" or "Unknown"

  static constexpr bool kPartial = true;
  static constexpr auto fields() {
    return std::tuple{json::Field{"type", &NodeCondition::type},
                      json::Field{"status", &NodeCondition::status}};
  }
  friend bool operator==(const NodeCondition&, const NodeCondition&) = default;
};

struct NodeSpec {
  bool unschedulable = false;

  static constexpr bool kPartial = true;
  static constexpr auto fields() {
    return std::tuple{json::Field{"unschedulable", &NodeSpec::unschedulable}};
  }
  friend bool operator==(const NodeSpec&, const NodeSpec&) = default;
};

struct NodeStatus {
  std::map<std::string, Quantity, std::less<>> allocatable;  ///< by resource
  std::vector<NodeCondition> conditions;

  static constexpr bool kPartial = true;
  static constexpr auto fields() {
    return std::tuple{json::Field{"allocatable", &NodeStatus::allocatable},
                      json::Field{"conditions", &NodeStatus::conditions}};
  }
  friend bool operator==(const NodeStatus&, const NodeStatus&) = default;
};

struct Node {
  ObjectMeta metadata;
  NodeSpec spec;
  NodeStatus status;

  /// Whether the node's condition Ready is True.
  bool is_ready() const;

  static constexpr ResourceType kResource{.api_version = "v1",
                                          .kind = "Node",
                                          .plural = "nodes",
                                          .singular = "node",
                                          .scope = Scope::Cluster};
  static constexpr bool kPartial = true;
  static constexpr auto fields() {
    return std::tuple{json::Constant{"apiVersion", "v1"}, json::Constant{"kind", "Node"},
                      json::Field{"metadata", &Node::metadata}, json::Field{"spec", &Node::spec},
                      json::Field{"status", &Node::status}};
  }
  friend bool operator==(const Node&, const Node&) = default;
};

}  // namespace kthena::kube

KTHENA_JSON_EXTERN_TYPE(kthena::kube::Namespace);
KTHENA_JSON_EXTERN_TYPE(kthena::kube::Node);
