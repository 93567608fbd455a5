#include "kube/cache/reflector.h"

#include <chrono>
#include <utility>

#include "async/time.h"
#include "telemetry/log.h"

namespace kthena::kube {

using namespace std::chrono_literals;

Reflector::Reflector(Client& client, const ResourceType& type, ReflectorTarget& target,
                     ReflectorOptions options)
    : client_(client),
      type_(type),
      target_(target),
      options_(std::move(options)),
      random_(options_.seed != 0 ? options_.seed : random_seed()) {}

async::Task<void> Reflector::run() {
  async::PromiseBase& self = co_await async::this_task();
  while (!self.context->cancelled()) {
    const bool lists = std::holds_alternative<Listing>(state_);
    Result<> done = lists ? co_await list() : co_await watch();
    if (!done && !co_await recover(std::move(done).error())) {
      co_return;  // cancelled
    }
  }
}

/// After a failure: from where it goes on, and when. Errors: Cancelled.
async::Task<Result<>> Reflector::recover(Error error) {
  async::PromiseBase& self = co_await async::this_task();
  if (self.context->cancelled()) {
    co_return fail(std::move(error));
  }
  options_.metrics.failures.inc();
  if (error.code() == ErrorCode::Expired) {
    const bool watched = std::holds_alternative<Watching>(state_);
    state_ = Listing{};
    if (watched && fresh_lists_ < 2) {  // else a server forgets faster than we can list
      log::info("too much has happened since, lists again", kv("kind", type_.kind),
                kv("version", version_));
      co_return {};
    }
  }
  ++failures_;
  const Duration wait = options_.backoff.after(failures_, random_);
  if (last_failure_ != error.message()) {
    last_failure_ = error.message();
    log::warn("cannot follow objects, tries again", kv("kind", type_.kind), kv("error", error),
              kv("wait", wait));
  }
  co_return co_await async::sleep_for(wait);
}

async::Task<Result<>> Reflector::list() {
  options_.metrics.lists.inc();
  if (options_.initial == InitialList::Stream && can_stream_) {
    Result<> streamed = co_await stream();
    if (streamed || streamed.error().code() != ErrorCode::InvalidArgument) {
      co_return streamed;
    }
    can_stream_ = false;
    log::info("the server has no streaming lists, lists in pages", kv("kind", type_.kind));
  }
  co_return co_await list_pages();
}

/// Items of a page on their way to the target. One that cannot be read is left out, not the list.
class Reflector::PageItems final : public ItemSink {
 public:
  explicit PageItems(Reflector& reflector) : reflector_(reflector) {}
  Result<> on_item(std::string_view text) override {
    reflector_.note(reflector_.target_.on_listed(text));
    return {};
  }

 private:
  Reflector& reflector_;
};

async::Task<Result<>> Reflector::list_pages() {
  ListOptions page{.selection = options_.selection, .limit = options_.page_size};
  PageItems items(*this);
  target_.begin_list();
  while (true) {
    ListMeta meta = CO_TRY(co_await client_.list_each(type_, page, items));
    if (meta.continue_token.empty()) {
      finish_list(std::move(meta.resource_version));
      co_return {};
    }
    page.continue_token = std::move(meta.continue_token);
  }
}

void Reflector::finish_list(std::string version) {
  target_.end_list();
  version_ = std::move(version);
  state_ = Watching{};
  failures_ = 0;
  ++fresh_lists_;
  last_failure_.clear();
  synced_.set();
}

Duration Reflector::watch_time() {
  const auto more = options_.watch_for * random_.uniform_double();
  return std::chrono::ceil<std::chrono::seconds>(options_.watch_for + more);
}

/// A list by a watch, which then goes on.
async::Task<Result<>> Reflector::stream() {
  const WatchOptions watch{
      .selection = options_.selection, .send_initial_events = true, .timeout = watch_time()};
  async::DeadlineScope limit(co_await async::this_task(), watch.timeout + 1min);
  WatchStream events = CO_TRY(co_await client_.watch(type_, watch));
  target_.begin_list();
  listing_by_watch_ = true;
  Result<> followed = co_await follow(std::move(events));
  if (std::exchange(listing_by_watch_, false) && followed) {
    followed = fail(ErrorCode::Disconnected, "the server ended a streaming list too early");
  }
  co_return followed;
}

async::Task<Result<>> Reflector::watch() {
  options_.metrics.watches.inc();
  async::PromiseBase& self = co_await async::this_task();
  const WatchOptions watch{
      .selection = options_.selection, .resource_version = version_, .timeout = watch_time()};
  // A connection that died without a word: the server would have ended the watch by then.
  async::DeadlineScope limit(self, watch.timeout + 1min);
  const Instant began = self.context->loop().now();
  Result<> followed;
  Result<WatchStream> events = co_await client_.watch(type_, watch);
  if (events) {
    followed = co_await follow(*std::move(events));
  } else {
    followed = fail(std::move(events).error());
  }
  if (followed && events_ == 0 && self.context->loop().now() - began < options_.least_watch) {
    followed = fail(ErrorCode::Unavailable, "the server ended a watch at once");
  }
  if (!followed && limit.expired()) {
    followed = fail(ErrorCode::Disconnected, "the server did not end a watch in time");
  }
  co_return followed;
}

async::Task<Result<>> Reflector::follow(WatchStream stream) {
  events_ = 0;
  while (const auto event = CO_TRY(co_await stream.next())) {
    ++events_;
    failures_ = 0;
    fresh_lists_ = 0;
    on_event(*event);
  }
  co_return {};
}

void Reflector::on_event(const WatchEvent& event) {
  options_.metrics.events.inc();
  switch (event.type) {
    case WatchEventType::Added:
    case WatchEventType::Modified:
      note(listing_by_watch_ ? target_.on_listed(event.object) : target_.on_changed(event.object));
      return;
    case WatchEventType::Deleted:
      note(target_.on_deleted(event.object));
      return;
    case WatchEventType::Bookmark:
      if (listing_by_watch_ && event.initial_events_end) {
        listing_by_watch_ = false;
        finish_list(event.resource_version);
      } else if (!listing_by_watch_) {
        version_ = event.resource_version;
      }
      return;
    case WatchEventType::Error:  // WatchStream::next() answers those as errors
      return;
  }
}

/// What the target made of an object: how far the copy is, or why it was left out.
void Reflector::note(const Result<std::string>& version) {
  if (!version) {
    options_.metrics.unreadable.inc();
    log::error("object left out, it cannot be read", kv("kind", type_.kind),
               kv("error", version.error()));
  } else if (std::holds_alternative<Watching>(state_) && !version->empty()) {
    version_ = *version;
  }
}

}  // namespace kthena::kube
