// What a kind is called, in every form the API uses.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace kthena::kube {

/// A column of `kubectl get`.
struct PrinterColumn {
  std::string_view name;
  std::string_view type;  ///< "string", "integer", "date"
  std::string_view json_path;
  std::int32_t priority = 0;  ///< above 0: with -o wide only
};

/// The `scale` subresource: where the number of replicas stands in the object.
struct ScalePaths {
  std::string_view spec_replicas;    ///< ".spec.replicas"
  std::string_view status_replicas;  ///< ".status.replicas"
  std::string_view label_selector;   ///< ".status.labelSelector", a selector as text
};

enum class Scope : std::uint8_t { Namespaced, Cluster };

/// A kind. Its struct states it as `static constexpr kube::ResourceType kResource`.
struct ResourceType {
  std::string_view api_version;  ///< "networking.serving.volcano.sh/v1alpha1", or "v1"
  std::string_view kind;         ///< "ModelRoute"
  std::string_view plural;       ///< "modelroutes"
  std::string_view singular;     ///< "modelroute"
  Scope scope = Scope::Namespaced;
  bool has_status = true;  ///< status is a subresource of its own
  std::span<const PrinterColumn> columns = {};
  std::span<const std::string_view> short_names = {};
  std::span<const std::string_view> categories = {};  ///< "all": listed by `kubectl get all`
  std::optional<ScalePaths> scale = {};
  std::string_view help = {};  ///< what the kind is for: the first words of `kubectl explain`
  std::string_view deprecation = {};  ///< what to use instead, told to whoever still uses the kind

  /// Empty for the core group.
  constexpr std::string_view group() const {
    const std::size_t slash = api_version.find('/');
    return slash == std::string_view::npos ? std::string_view{} : api_version.substr(0, slash);
  }
  constexpr std::string_view version() const {
    const std::size_t slash = api_version.find('/');
    return slash == std::string_view::npos ? api_version : api_version.substr(slash + 1);
  }
};

}  // namespace kthena::kube
