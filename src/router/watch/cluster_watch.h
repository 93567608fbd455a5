// The objects of a cluster, followed: the other source of a Datastore beside a directory.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <utility>

#include "api/networking/v1alpha1/model_route.h"
#include "api/networking/v1alpha1/model_server.h"
#include "async/channel.h"
#include "async/loop.h"
#include "async/scope.h"
#include "kube/cache/informer.h"
#include "kube/cache/reflector_metrics.h"
#include "kube/client/client.h"
#include "kube/types/endpoint_slice.h"
#include "kube/types/pod.h"
#include "router/datastore/datastore.h"
#include "router/readiness.h"
#include "telemetry/metrics.h"

namespace kthena::router {

/// Of each pod only what the router reads is kept. EndpointSlices are followed where the router may
/// read them: roles made for other routers do not allow it, and nobody who only has pods needs it.
/// Control shard.
class ClusterWatch final : private async::Timer {
 public:
  /// How long events are collected before they become a snapshot: a rollout is not one each.
  static constexpr Duration kCollect = std::chrono::milliseconds(1);

  /// @param client, store, readiness  outlive it; `readiness` is told which kinds are known
  /// @param on_change  called when the store is to be updated, never before synced()
  ClusterWatch(kube::Client& client, Datastore& store, Readiness& readiness,
               telemetry::Registry& registry, std::function<void()> on_change);
  ~ClusterWatch() override;

  /// Until everything that was there at the beginning is in the store. Errors: Cancelled,
  /// DeadlineExceeded.
  async::Event::Wait wait_synced() noexcept { return synced_.wait(); }
  bool synced() const noexcept { return synced_.is_set(); }

  /// Ends what runs. Before the destructor.
  async::Task<void> stop();

 private:
  template <class T>
  struct Followed {
    Followed(kube::Client& client, kube::InformerOptions<T> options)
        : informer(client, std::move(options)) {}
    kube::Informer<T> informer;
    std::unique_ptr<typename kube::Informer<T>::Subscription> subscription;
  };

  template <class T>
  kube::InformerOptions<T> options_for() const;
  template <class T>
  void subscribe(Followed<T>& kind);
  template <class T>
  async::Task<void> settle(Followed<T>& kind);
  async::Task<void> run_slices();
  async::Task<void> settle_slices();
  void set_slices_settled();
  async::Task<void> sync();
  void on_event();
  void on_timer() noexcept override;

  kube::Client& client_;
  Datastore& store_;
  Readiness& readiness_;
  std::function<void()> on_change_;
  kube::ReflectorMetricFamilies metrics_;
  Followed<api::networking::ModelRoute> routes_;
  Followed<api::networking::ModelServer> servers_;
  Followed<kube::Pod> pods_;
  Followed<kube::EndpointSlice> slices_;
  async::Event slices_settled_;
  async::Event synced_;
  async::TaskScope tasks_;
};

}  // namespace kthena::router
