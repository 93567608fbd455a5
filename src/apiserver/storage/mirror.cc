#include "apiserver/storage/mirror.h"

#include <utility>

#include "base/check.h"

namespace kthena::apiserver {

Mirror::Mirror(ObjectStore& store, std::string_view resource, Apply apply)
    : apply_(std::move(apply)) {
  const auto present = store.list({.resource = std::string(resource)});
  CHECK(present.has_value());  // the present can always be told
  for (const ObjectPtr& object : present->objects) {
    apply_(nullptr, object);
  }
  auto subscription = store.subscribe(resource, {}, store.version());
  CHECK(subscription.has_value());
  subscription_ = *std::move(subscription);
  subscription_->follow(*this);
}

void Mirror::on_news() noexcept {
  // Called at each change, so the log cannot have gone past it: an error is the store's stop.
  while (auto change = subscription_->try_next()) {
    if (*change == nullptr) {
      subscription_->follow(*this);
      return;
    }
    const bool gone = (*change)->type == ChangeType::Deleted;
    apply_((*change)->previous, gone ? nullptr : (*change)->object);
  }
}

}  // namespace kthena::apiserver
