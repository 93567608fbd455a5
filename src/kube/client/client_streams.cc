// Answers that are read while they arrive: lists, watches, logs.
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "async/task.h"
#include "async/time.h"
#include "base/error.h"
#include "base/result.h"
#include "http/body.h"
#include "http/client.h"
#include "json/read.h"
#include "kube/client/client.h"
#include "kube/client/list_decoder.h"
#include "kube/client/request.h"
#include "kube/client/watch_decoder.h"
#include "kube/meta/list.h"
#include "kube/meta/object.h"
#include "kube/meta/resource.h"
#include "kube/meta/status.h"

namespace kthena::kube {
namespace {

/// Bytes of a list between two yields to other tasks: less than a millisecond of decoding.
constexpr std::size_t kBytesPerTurn = 256 << 10;
constexpr std::size_t kMaxKept = 16 << 10;  // of a watch's memory, between two events

}  // namespace

async::Task<Result<ListMeta>> Client::list_each(const ResourceType& type, ListOptions options,
                                                ItemSink& sink) {
  const ApiRequest request = CO_TRY(requests::list(type, options));
  const http::ClientResponse response = CO_TRY(co_await open(request));
  async::DeadlineScope limit(co_await async::this_task(), options_.request_timeout);
  ListDecoder decoder({.max_item_bytes = options_.max_item_bytes});
  std::size_t since_yield = 0;
  while (true) {
    auto data = co_await http::next(*response.body);
    if (!data) {
      co_return fail(at_server(std::move(data).error()));
    }
    if (!*data) {
      co_return decoder.finish();
    }
    CO_TRY(decoder.feed(**data, sink));
    since_yield += (*data)->size();
    if (since_yield >= kBytesPerTurn) {
      since_yield = 0;
      co_await async::yield();
      limit.extend(loop().now() + options_.request_timeout);
    }
  }
}

async::Task<Result<WatchStream>> Client::watch(const ResourceType& type, WatchOptions options) {
  const ApiRequest request = CO_TRY(requests::watch(type, options));
  http::ClientResponse response = CO_TRY(co_await open(request));
  co_return WatchStream(std::move(response.body), options_.max_item_bytes);
}

async::Task<Result<std::optional<WatchEvent>>> WatchStream::next() {
  while (true) {
    std::optional<WatchEvent> event = CO_TRY(decoder_.next());
    if (event) {
      if (event->type != WatchEventType::Error) {
        co_return event;
      }
      const auto status = json::read_object<Status>(event->object);
      co_return fail(status ? to_error(*status) : error_of_answer(500, event->object));
    }
    const auto data = CO_TRY(co_await http::next(*body_));
    if (!data) {
      if (decoder_.within_event()) {
        co_return fail(ErrorCode::Disconnected, "the watch broke off within an event");
      }
      co_return std::nullopt;
    }
    if (bytes_.capacity() > kMaxKept) {
      bytes_ = std::vector<char>();
    }
    bytes_.assign(data->begin(), data->end());
    decoder_.feed({bytes_.data(), bytes_.size()});
  }
}

async::Task<Result<LogStream>> Client::logs(ObjectKey pod, LogOptions options) {
  const ApiRequest request = CO_TRY(requests::logs(pod, options));
  http::ClientResponse response = CO_TRY(co_await open(request));
  co_return LogStream(std::move(response.body));
}

async::Task<Result<std::optional<std::string_view>>> LogStream::next() {
  const auto data = CO_TRY(co_await http::next(*body_));
  if (!data) {
    co_return std::nullopt;
  }
  bytes_ = *data;
  co_return bytes_;
}

}  // namespace kthena::kube
