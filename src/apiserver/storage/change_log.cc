#include "apiserver/storage/change_log.h"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "apiserver/storage/object.h"
#include "async/context.h"
#include "async/task.h"
#include "base/error.h"
#include "base/result.h"

namespace kthena::apiserver {

ResourceLog::Position ResourceLog::after(Version version) const noexcept {
  const auto place = std::ranges::upper_bound(
      changes_, version, {}, [](const ChangePtr& change) { return change->version(); });
  return first_ + static_cast<Position>(place - changes_.begin());
}

void ResourceLog::announce(Position from) {
  // Who is told may follow again at once, and is then not told of the same.
  List<Follower> told;
  while (!waiting_.empty()) {
    told.push_back(waiting_.pop_front());
  }
  while (!told.empty()) {
    Follower& follower = told.pop_front();
    Subscription& subscription = *follower.subscription_;
    bool concerned = false;
    for (Position position = from; position != end() && !concerned; ++position) {
      concerned = subscription.concerns(*at(position));
    }
    if (concerned) {
      follower.on_news();
    } else {
      subscription.position_ = end();
      waiting_.push_back(follower);
    }
  }
}

void ResourceLog::close() {
  closed_ = true;
  while (!waiting_.empty()) {
    waiting_.pop_front().on_news();
  }
}

Subscription::Subscription(std::shared_ptr<ResourceLog> log, std::shared_ptr<const Version> newest,
                           std::string namespace_name, Version from)
    : log_(std::move(log)),
      newest_(std::move(newest)),
      namespace_(std::move(namespace_name)),
      position_(log_->after(from)),
      given_(from) {}

Result<> Subscription::Wait::await_resume() const {
  if (outcome() != async::CancelReason::None) {
    return fail(async::cancel_error(outcome()));
  }
  return {};
}

Result<ChangePtr> Subscription::try_next() {
  if (log_->closed_) {
    return fail(ErrorCode::Unavailable, "the storage is stopped");
  }
  if (position_ < log_->first()) {
    return fail(ErrorCode::Expired,
                "the changes after version " + std::to_string(given_) + " are no longer kept");
  }
  while (position_ != log_->end()) {
    const ChangePtr& change = log_->at(position_++);
    if (concerns(*change)) {
      given_ = change->version();
      return change;
    }
  }
  return nullptr;
}

void Subscription::follow(Follower& follower) {
  follower.subscription_ = this;
  log_->waiting_.push_back(follower);
}

async::Task<Result<ChangePtr>> Subscription::next() {
  while (true) {
    if (ChangePtr change = CO_TRY(try_next())) {
      co_return change;
    }
    CO_TRY(co_await Wait(*this));
  }
}

Version Subscription::version() const noexcept {
  return position_ == log_->end() ? std::max(given_, *newest_) : given_;
}

}  // namespace kthena::apiserver
