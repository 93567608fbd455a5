#include "apiserver/service_addresses.h"

#include "base/check.h"

namespace kthena::apiserver {

ServiceAddresses::ServiceAddresses(ObjectStore& store) : store_(store) {
  const auto present = store_.list({.resource = "services"});
  CHECK(present.has_value());  // of the present
  for (const ObjectPtr& service : present->objects) {
    count(service, true);
  }
  auto subscription = store_.subscribe("services", {}, store_.version());
  CHECK(subscription.has_value());
  subscription_ = *std::move(subscription);
  subscription_->follow(*this);
}

void ServiceAddresses::count(const ObjectPtr& object, bool taken) {
  const auto value = store_.value(object);
  if (!value) {
    return;
  }
  if (taken) {
    pool_.take(**value);
  } else {
    pool_.release(**value);
  }
}

void ServiceAddresses::on_news() noexcept {
  // Told at once of each change, so the log is never ahead of it.
  while (true) {
    const auto change = subscription_->try_next();
    if (!change) {
      return;  // the store is stopped
    }
    if (*change == nullptr) {
      break;
    }
    if ((*change)->previous != nullptr) {
      count((*change)->previous, false);
    }
    if ((*change)->type != ChangeType::Deleted) {
      count((*change)->object, true);
    }
  }
  subscription_->follow(*this);
}

}  // namespace kthena::apiserver
