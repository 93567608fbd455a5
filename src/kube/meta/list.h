// Lists of objects, and objects of which only what all have is known.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <tuple>

#include "json/fields.h"
#include "json/type.h"
#include "kube/meta/object.h"

namespace kthena::kube {

/// What a list says of itself. Source: Kubernetes API, metav1.ListMeta.
struct ListMeta {
  std::string resource_version;  ///< the state of the whole collection; a watch goes on from here
  std::string continue_token;    ///< asks for the next page; empty: this was the last one
  std::optional<std::int64_t> remaining_item_count;

  static constexpr bool kPartial = true;
  static constexpr auto fields() {
    using M = ListMeta;
    return std::tuple{json::Field{"resourceVersion", &M::resource_version},
                      json::Field{"continue", &M::continue_token},
                      json::Field{"remainingItemCount", &M::remaining_item_count}};
  }
  friend bool operator==(const ListMeta&, const ListMeta&) = default;
};

/// Any object, without what makes its kind.
struct PartialObject {
  std::string api_version;  ///< empty in the items of typed lists
  std::string kind;
  ObjectMeta metadata;

  static constexpr bool kPartial = true;
  static constexpr auto fields() {
    using P = PartialObject;
    return std::tuple{json::Field{"apiVersion", &P::api_version}, json::Field{"kind", &P::kind},
                      json::Field{"metadata", &P::metadata}};
  }
  friend bool operator==(const PartialObject&, const PartialObject&) = default;
};

}  // namespace kthena::kube

KTHENA_JSON_EXTERN_TYPE(kthena::kube::ListMeta);
KTHENA_JSON_EXTERN_TYPE(kthena::kube::PartialObject);
