#include "apiserver/built_in/aliases.h"

#include <string>
#include <string_view>

#include "apiserver/built_in/access.h"
#include "json/base64.h"
#include "json/value.h"

namespace kthena::apiserver {

namespace {

using json::Value;

void settle_secret(json::Object& secret) {
  Value* written = secret.find("stringData");
  if (written != nullptr && written->is_object() && !written->as_object().empty()) {
    Value* data = secret.find("data");
    if (data == nullptr || !data->is_object()) {
      data = &secret.set("data", json::Object{});
      written = secret.find("stringData");
    }
    for (const json::Member& member : written->as_object()) {
      data->set(member.key, json::encode_base64(text_of(&member.value)));
    }
  }
  secret.erase("stringData");
}

void settle_service_account(json::Object& spec) {
  std::string name(text_of(spec.find("serviceAccountName")));
  if (name.empty()) {
    name = text_of(spec.find("serviceAccount"));
  }
  if (!name.empty()) {
    spec.set("serviceAccountName", name);
    spec.set("serviceAccount", std::move(name));
  }
}

/// One of these given: the other follows. `inner` is the name within the list's items, if they
/// are objects.
void settle_first(json::Object& object, std::string_view one, std::string_view list,
                  std::string_view inner) {
  const std::string text(text_of(object.find(one)));
  const auto as_item = [&]() -> Value {
    if (inner.empty()) {
      return text;
    }
    json::Object item;
    item.append_new(std::string(inner), text);
    return item;
  };
  Value* items = object.find(list);
  const bool has_items = items != nullptr && items->is_array() && !items->as_array().empty();
  if (!has_items) {
    if (!text.empty()) {
      object.set(list, json::Array{as_item()});
    }
    return;
  }
  Value& first = items->as_array().front();
  const std::string of_first(text_of(inner.empty() ? &first : first.find(inner)));
  if (text.empty()) {
    object.set(one, of_first);
  } else if (text != of_first) {
    *items = json::Array{as_item()};
  }
}

/// Claims within a StatefulSet look like those read on their own.
void settle_claim_templates(json::Object& spec) {
  Value* templates = spec.find("volumeClaimTemplates");
  if (templates == nullptr || !templates->is_array()) {
    return;
  }
  for (Value& claim : templates->as_array()) {
    if (claim.is_object()) {
      claim.set("kind", "PersistentVolumeClaim");
      claim.set("apiVersion", "v1");
    }
  }
}

}  // namespace

void settle_aliases(const StructType& type, json::Object& object) {
  if (type.name == "Secret") {
    settle_secret(object);
  } else if (type.name == "PodSpec") {
    settle_service_account(object);
  } else if (type.name == "StatefulSetSpec") {
    settle_claim_templates(object);
  } else if (type.name == "PodStatus") {
    settle_first(object, "podIP", "podIPs", "ip");
  } else if (type.name == "NodeSpec") {
    settle_first(object, "podCIDR", "podCIDRs", "");
  }
}

}  // namespace kthena::apiserver
