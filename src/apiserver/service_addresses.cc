#include "apiserver/service_addresses.h"

namespace kthena::apiserver {

ServiceAddresses::ServiceAddresses(ObjectStore& store)
    : services_(store, "services", [this, &store](const ObjectPtr& before, const ObjectPtr& after) {
        if (const auto value = before ? store.value(before) : nullptr; value && *value) {
          pool_.release(**value);
        }
        if (const auto value = after ? store.value(after) : nullptr; value && *value) {
          pool_.take(**value);
        }
      }) {}

}  // namespace kthena::apiserver
