// Whatever happens in whatever order, a store says what one would that was given all at once.
#include <gtest/gtest.h>

#include <algorithm>
#include <initializer_list>
#include <map>
#include <utility>

#include "base/random.h"
#include "router/datastore/datastore.h"

namespace kthena::router {
namespace {

/// All that a snapshot says, as text.
std::string describe(const Snapshot& snapshot) {
  std::string text;
  for (const auto& [key, server] : snapshot.servers) {
    text += key + " " + server->upstream_model + ":";
    for (const auto& endpoint : server->endpoints) {
      text += " " + endpoint->pod_name + "@" + endpoint->ip.to_string();
    }
    text += "\n";
  }
  for (const auto& [key, route] : snapshot.routes) {
    text += key + " " + route->model_name + "\n";
  }
  for (const auto* names : {&snapshot.by_model, &snapshot.by_adapter}) {
    for (const auto& [name, routes] : *names) {
      text += name + ":";
      for (const auto& route : routes) {
        text += " " + route->key;
      }
      text += "\n";
    }
  }
  for (const auto& [key, pod] : snapshot.pods) {
    text += key + " " + pod->spec.node_name + "\n";
  }
  return text;
}

/// Draws objects of few names and few labels, so that they meet often.
class RandomObjects {
 public:
  explicit RandomObjects(std::uint64_t seed) : random_(seed) {}

  Random& random() { return random_; }
  kube::ObjectMeta metadata(std::string_view prefix) {
    kube::ObjectMeta metadata;
    metadata.namespace_name = pick({"one", "two"});
    metadata.name = std::string(prefix) + std::to_string(random_.uniform(6));
    for (const char* name : {"app", "tier", "zone"}) {
      if (random_.uniform(2) == 0) {
        metadata.labels[name] = pick({"a", "b"});
      }
    }
    return metadata;
  }
  kube::Pod pod() {
    kube::Pod pod;
    pod.metadata = metadata("p");
    pod.spec.node_name = pick({"n1", "n2"});
    pod.status.phase = pick({"Running", "Running", "Pending"});
    pod.status.pod_ip = pick({"10.0.0.1", "10.0.0.2", "10.0.0.3", "nonsense"});
    pod.status.conditions.push_back({.type = "Ready", .status = pick({"True", "True", "False"})});
    return pod;
  }
  kube::EndpointSlice slice() {
    kube::EndpointSlice slice;
    slice.metadata = metadata("e");
    for (std::uint64_t i = random_.uniform(3); i > 0; --i) {
      slice.endpoints.push_back({.addresses = {pick({"10.0.0.1", "10.0.0.9"})}});
    }
    return slice;
  }
  api::networking::ModelServer server() {
    api::networking::ModelServer server;
    server.metadata = metadata("s");
    server.spec.model = pick({"", "base", "other"});
    server.spec.workload_selector.match_labels = std::exchange(server.metadata.labels, {});
    server.spec.workload_port.port = 8000;
    return server;
  }
  api::networking::ModelRoute route() {
    api::networking::ModelRoute route;
    route.metadata = metadata("r");
    route.metadata.resource_version = std::to_string(random_.uniform(20));
    route.spec.model_name = pick({"", "m", "n"});
    for (std::uint64_t i = random_.uniform(3); i > 0; --i) {
      route.spec.lora_adapters.push_back(pick({"m", "k", "l"}));
    }
    api::networking::Rule rule;
    rule.target_models.push_back({.model_server_name = "s" + std::to_string(random_.uniform(6))});
    route.spec.rules.push_back(rule);
    return route;
  }

 private:
  std::string pick(std::initializer_list<const char*> texts) {
    return *(texts.begin() + random_.uniform(texts.size()));
  }
  Random random_;
};

/// What a store should hold, kept in the simplest way.
template <class T>
using Model = std::map<kube::ObjectKey, T>;

template <class T>
void step(Model<T>& model, Datastore& store, T object, Random& random) {
  const kube::ObjectKey key = object.metadata.key();
  if (random.uniform(4) == 0) {
    model.erase(key);
    store.remove(object);
  } else {
    model.insert_or_assign(key, object);
    store.put(std::make_shared<const T>(std::move(object)));
  }
}

template <class T>
std::vector<T> values(const Model<T>& model) {
  std::vector<T> all;
  for (const auto& [key, object] : model) {
    all.push_back(object);
  }
  return all;
}

TEST(Datastore, EventsInAnyOrderGiveWhatAllObjectsAtOnceGive) {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    RandomObjects draw(seed);
    Random& random = draw.random();
    Datastore store(kube::PodSource::Cluster);
    Model<kube::Pod> pods;
    Model<kube::EndpointSlice> slices;
    Model<api::networking::ModelServer> servers;
    Model<api::networking::ModelRoute> routes;
    for (int i = 0; i < 150; ++i) {
      switch (random.uniform(5)) {
        case 0:
          step(servers, store, draw.server(), random);
          break;
        case 1:
          step(routes, store, draw.route(), random);
          break;
        case 2:
          step(slices, store, draw.slice(), random);
          break;
        default:
          step(pods, store, draw.pod(), random);
      }
      if (random.uniform(6) != 0) {
        continue;
      }
      const auto before = store.current();
      const Change change = store.update();
      Datastore fresh(kube::PodSource::Cluster);
      fresh.replace({.routes = values(routes),
                     .servers = values(servers),
                     .pods = values(pods),
                     .slices = values(slices)});
      ASSERT_EQ(describe(*change.after), describe(*fresh.update().after)) << "seed " << seed;
      ASSERT_EQ(store.problems().list(), fresh.problems().list()) << "seed " << seed;
      for (const std::string_view name : before->model_names()) {
        ASSERT_EQ(!change.after->knows_model(name),
                  std::ranges::find(change.gone.models, name) != change.gone.models.end())
            << "seed " << seed << " " << name;
      }
    }
  }
}

}  // namespace
}  // namespace kthena::router
