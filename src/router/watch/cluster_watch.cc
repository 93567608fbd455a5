#include "router/watch/cluster_watch.h"

#include "async/time.h"
#include "kube/meta/list.h"
#include "telemetry/log.h"

namespace kthena::router {
namespace {

using api::networking::ModelRoute;
using api::networking::ModelServer;
using namespace std::chrono_literals;

// How soon it is asked again whether slices may be read: rights are given by hand.
constexpr Duration kAskAgain = 30s;

/// Objects are shown on the debug port without what is only for other programs.
void drop_unread(kube::ObjectMeta& metadata) {
  metadata.annotations.clear();
  metadata.owner_references.clear();
  metadata.finalizers.clear();
  metadata.generate_name.clear();
}

void drop_unread(ModelRoute& route) { drop_unread(route.metadata); }
void drop_unread(ModelServer& server) { drop_unread(server.metadata); }
void drop_unread(kube::EndpointSlice& slice) {
  drop_unread(slice.metadata);
  slice.ports.clear();
}
void drop_unread(kube::Pod& pod) {
  drop_unread(pod.metadata);
  pod.spec.containers.clear();
  std::erase_if(pod.status.conditions,
                [](const kube::PodCondition& condition) { return condition.type != "Ready"; });
}

/// A list of which only the answer counts.
class NoItems final : public kube::ItemSink {
 public:
  Result<> on_item(std::string_view /*text*/) override { return {}; }
};

}  // namespace

template <class T>
kube::InformerOptions<T> ClusterWatch::options_for() const {
  kube::InformerOptions<T> options;
  options.project = [](T& object) { drop_unread(object); };
  options.reflector.metrics = metrics_.of(T::kResource.kind);
  if constexpr (std::is_same_v<T, kube::Pod>) {
    // Pods that have ended stay for long where Jobs run, and never serve again.
    options.reflector.selection.field_selector = "status.phase!=Succeeded,status.phase!=Failed";
  }
  return options;
}

ClusterWatch::ClusterWatch(kube::Client& client, Datastore& store, Readiness& readiness,
                           telemetry::Registry& registry, std::function<void()> on_change)
    : Timer(client.loop()),
      client_(client),
      store_(store),
      readiness_(readiness),
      on_change_(std::move(on_change)),
      metrics_(registry),
      routes_(client, options_for<ModelRoute>()),
      servers_(client, options_for<ModelServer>()),
      pods_(client, options_for<kube::Pod>()),
      slices_(client, options_for<kube::EndpointSlice>()),
      tasks_(client.loop()) {
  subscribe(routes_);
  subscribe(servers_);
  subscribe(pods_);
  subscribe(slices_);
  tasks_.spawn(routes_.informer.run());
  tasks_.spawn(servers_.informer.run());
  tasks_.spawn(pods_.informer.run());
  tasks_.spawn(run_slices());
  tasks_.spawn(settle(routes_));
  tasks_.spawn(settle(servers_));
  tasks_.spawn(settle(pods_));
  tasks_.spawn(sync());
}

ClusterWatch::~ClusterWatch() = default;

async::Task<void> ClusterWatch::stop() {
  co_await tasks_.stop();
  cancel();  // the timer
}

template <class T>
void ClusterWatch::subscribe(Followed<T>& kind) {
  using Pointer = std::shared_ptr<const T>;
  readiness_.set_awaited(T::kResource.kind);
  const auto put = [this](const Pointer& now) {
    store_.put(now);
    on_event();
  };
  kind.subscription = kind.informer.subscribe(
      {.added = put,
       .updated = [put](const Pointer& /*before*/, const Pointer& now) { put(now); },
       .deleted =
           [this](const Pointer& last) {
             store_.remove(*last);
             on_event();
           }});
}

template <class T>
async::Task<void> ClusterWatch::settle(Followed<T>& kind) {
  if (co_await kind.informer.wait_synced()) {
    readiness_.set_known(T::kResource.kind);
  }
}

async::Task<void> ClusterWatch::run_slices() {
  bool told = false;
  while (true) {
    NoItems nothing;
    const auto answer =
        co_await client_.list_each(kube::EndpointSlice::kResource, {.limit = 1}, nothing);
    if (answer) {
      break;
    }
    if (answer.error().code() == ErrorCode::Cancelled) {
      co_return;
    }
    if (answer.error().code() == ErrorCode::PermissionDenied) {
      if (!std::exchange(told, true)) {
        log::warn("EndpointSlices are left out: this router may not read them",
                  kv("reason", answer.error()));
      }
      set_slices_settled();
    }
    if (!co_await async::sleep_for(slices_settled_.is_set() ? kAskAgain : 1s)) {
      co_return;
    }
  }
  async::TaskScope settling(client_.loop(), &tasks_.context());
  settling.spawn(settle_slices());
  co_await slices_.informer.run();
  co_await settling.stop();
}

async::Task<void> ClusterWatch::settle_slices() {
  if (co_await slices_.informer.wait_synced()) {
    set_slices_settled();
  }
}

void ClusterWatch::set_slices_settled() {
  readiness_.set_known(kube::EndpointSlice::kResource.kind);
  slices_settled_.set();
}

async::Task<void> ClusterWatch::sync() {
  if (co_await routes_.informer.wait_synced() && co_await servers_.informer.wait_synced() &&
      co_await pods_.informer.wait_synced() && co_await slices_settled_.wait()) {
    synced_.set();
    on_change_();
  }
}

void ClusterWatch::on_event() {
  if (synced() && !armed()) {
    set(client_.loop().now() + kCollect);
  }
}

void ClusterWatch::on_timer() noexcept {
  if (store_.dirty()) {
    on_change_();
  }
}

}  // namespace kthena::router
