#include "kube/admission/certificate_keeper.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "async/scope.h"
#include "async/simulated_loop.h"
#include "async/time.h"
#include "base/error.h"
#include "http/memory.h"
#include "http/server.h"
#include "json/base64.h"
#include "json/parse.h"
#include "json/value.h"
#include "kube/admission/ca_bundle.h"
#include "kube/testing/api_server.h"
#include "net/certificate_authority.h"
#include "net/simulated_network.h"
#include "net/testing/static_resolver.h"

namespace kthena::kube {
namespace {

using namespace std::chrono_literals;
using async::Task;

const ObjectKey kSecret{.namespace_name = "kthena-system", .name = "certs"};
constexpr const char* kName = "hook.kthena-system.svc";
const std::string kConfiguration = "hooks";

class Files final : public FileReader {
 public:
  Result<std::string> read(const std::string& path) const override {
    const auto found = texts.find(path);
    if (found == texts.end()) {
      return fail(ErrorCode::NotFound, path + ": no such file");
    }
    return found->second;
  }
  std::map<std::string, std::string> texts;
};

struct World {
  explicit World(std::uint64_t seed = 0) : loop(seed) {
    address = *server.listen({.ip = net::IpAddress::loopback(), .port = 0});
  }

  void put_configuration() {
    api.put(kValidatingWebhooks,
            *json::parse(R"({"apiVersion":"admissionregistration.k8s.io/v1",)"
                         R"("kind":"ValidatingWebhookConfiguration","metadata":{"name":"hooks"},)"
                         R"("webhooks":[{"name":"a.test","clientConfig":{"url":"https://a"}},)"
                         R"({"name":"b.test","clientConfig":{"url":"https://b"}}]})"));
  }
  /// What the API server trusts for the webhook at `index`.
  std::string bundle(std::size_t index = 0) const {
    return json::decode_base64(encoded_bundle(index)).value();
  }
  std::string encoded_bundle(std::size_t index = 0) const {
    const auto found = api.find(kValidatingWebhooks, {"", kConfiguration});
    const json::Value& webhook = found->find("webhooks")->as_array()[index];
    const json::Value* text = webhook.find("clientConfig")->find("caBundle");
    return text == nullptr ? "" : text->as_string();
  }
  std::optional<ServingCertificate> stored() const {
    const auto found = api.find(Secret::kResource, kSecret);
    if (!found) {
      return std::nullopt;
    }
    return *read_certificate_secret(json::decode<Secret>(*found).value);
  }
  void store(const ServingCertificate& certificate, const Labels& annotations = {}) {
    Secret secret = certificate_secret(kSecret, certificate);
    secret.metadata.annotations = annotations;
    api.put(Secret::kResource, json::encode(secret));
  }
  ServingCertificate make(Duration validity = 1h) const {
    return *make_serving_certificate({kName}, loop.wall_now(), validity, {});
  }

  async::SimulatedLoop loop;
  net::SimulatedNetwork network{loop};
  testing::ApiServer api{loop};
  http::MemoryBudget budget{64 << 20};
  http::Server server{network, budget, api};
  net::testing::StaticResolver resolver;
  Files files;
  net::SocketAddress address;
};

/// A process that serves webhooks.
struct Replica {
  explicit Replica(World& world, CertificateMode mode = CertificateMode::Auto,
                   Duration validity = 1h)
      : client(*Client::create(world.network, world.resolver,
                               {.server = "http://" + world.address.to_string()})),
        keeper(client.get(), world.files,
               {.mode = mode,
                .secret = kSecret,
                .service = {.namespace_name = "kthena-system", .name = "hook"},
                .dns_names = {kName},
                .configurations = {{&kValidatingWebhooks, kConfiguration},
                                   {&kMutatingWebhooks, "there is none"}},
                .validity = validity,
                .certificate_file = "tls.crt",
                .key_file = "tls.key"},
               [this](const net::CertificatePair& pair) -> Result<> {
                 if (pair.private_key_pem == "bad") {
                   return fail(ErrorCode::InvalidArgument, "no key");
                 }
                 used.push_back(pair);
                 return {};
               }),
        tasks(world.loop) {
    tasks.spawn(keeper.run());
  }

  std::vector<net::CertificatePair> used;
  std::unique_ptr<Client> client;
  CertificateKeeper keeper;
  async::TaskScope tasks;
};

void stop(World& world, std::vector<std::unique_ptr<Replica>>& replicas) {
  async::run_until_done(world.loop, [](World& w, auto& all) -> Task<void> {
    for (const auto& replica : all) {
      co_await replica->tasks.stop();
    }
    co_await w.server.drain(w.loop.now() + 1s);
  }(world, replicas));
  replicas.clear();
}

/// Runs replicas for a while; `check` looks at them each second.
template <class Check>
void run(World& world, std::vector<std::unique_ptr<Replica>>& replicas, Duration duration,
         Check&& check) {
  for (Duration passed{}; passed < duration; passed += 1s) {
    world.loop.run_for(1s);
    check();
  }
  stop(world, replicas);
}

std::vector<std::unique_ptr<Replica>> replicas_of(World& world, int count) {
  std::vector<std::unique_ptr<Replica>> replicas;
  for (int i = 0; i < count; ++i) {
    replicas.push_back(std::make_unique<Replica>(world));
  }
  return replicas;
}

/// What the API server has against a server that shows this certificate; empty: nothing. Asked each
/// second, so that what was found five minutes ago and is the same is not looked at again.
class Trust {
 public:
  explicit Trust(const World& world) : world_(world) {}

  std::string problem(const net::CertificatePair& pair) {
    const WallTime now = world_.loop.wall_now();
    const std::string encoded = world_.encoded_bundle();
    WallTime& checked = checked_[encoded + pair.certificate_pem];
    if (now < checked + 5min) {
      return "";
    }
    const std::string bundle = json::decode_base64(encoded).value();
    const auto result = net::check_server_certificate(pair, bundle, kName, now);
    checked = now;
    return result ? "" : result.error().message();
  }

 private:
  const World& world_;
  std::map<std::string, WallTime> checked_;
};

std::string trust_problem(const World& world, const net::CertificatePair& pair) {
  return Trust(world).problem(pair);
}

TEST(CertificateKeeper, MakesACertificateAndMakesItKnown) {
  World world;
  world.put_configuration();
  auto replicas = replicas_of(world, 1);
  run(world, replicas, 5s, [] {});
  // stop() has taken the replicas away; what they did is in the cluster.
  ASSERT_TRUE(world.stored());
  EXPECT_EQ(world.bundle(0), world.stored()->ca_pem);
  EXPECT_EQ(world.bundle(1), world.stored()->ca_pem);
  EXPECT_EQ(trust_problem(world, world.stored()->pair), "");
}

TEST(CertificateKeeper, IsReadyWithoutAConfiguration) {
  World world;
  auto replicas = replicas_of(world, 1);
  bool ready = false;
  run(world, replicas, 3s, [&] { ready = replicas[0]->keeper.ready(); });
  EXPECT_TRUE(ready);
}

TEST(CertificateKeeper, UsesTheSecretThatIsThere) {
  World world;
  world.put_configuration();
  const ServingCertificate there = world.make();
  world.store(there);
  auto replicas = replicas_of(world, 2);
  const std::uint64_t version = world.api.version();
  run(world, replicas, 3s, [&] {
    for (const auto& replica : replicas) {
      EXPECT_THAT(replica->used, ::testing::ElementsAre(there.pair));
    }
  });
  EXPECT_EQ(world.stored(), there);
  EXPECT_EQ(world.api.version(), version + 1);  // the configuration, by one of the two
}

TEST(CertificateKeeper, WritesNothingWhenNothingDiffers) {
  World world;
  world.put_configuration();
  auto replicas = replicas_of(world, 1);
  world.loop.run_for(5s);
  const std::uint64_t version = world.api.version();
  run(world, replicas, 30min, [] {});
  EXPECT_EQ(world.api.version(), version);
}

TEST(CertificateKeeper, RepairsABundleThatSomebodyResets) {
  World world;
  world.put_configuration();
  auto replicas = replicas_of(world, 1);
  world.loop.run_for(5s);
  const std::string bundle = world.bundle();
  world.put_configuration();
  EXPECT_EQ(world.bundle(), "");
  run(world, replicas, 60s, [] {});
  EXPECT_EQ(world.bundle(), bundle);
}

TEST(CertificateKeeper, LeavesToCertManagerWhatItInjects) {
  World world;
  world.put_configuration();
  auto configuration = *world.api.find(kValidatingWebhooks, {"", kConfiguration});
  configuration.find("metadata")
      ->set("annotations", json::Object{{"cert-manager.io/inject-ca-from", "kthena-system/c"}});
  world.api.put(kValidatingWebhooks, configuration);
  auto replicas = replicas_of(world, 1);
  run(world, replicas, 5s, [] {});
  EXPECT_EQ(world.bundle(), "");
}

TEST(CertificateKeeper, DoesNotRenewWhatCertManagerLooksAfterButFollowsIt) {
  World world;
  world.put_configuration();
  const Labels theirs{{"cert-manager.io/certificate-name", "c"}};
  world.store(world.make(1h), theirs);
  auto replicas = replicas_of(world, 1);
  world.loop.run_for(55min);  // ours would have been renewed
  EXPECT_EQ(replicas[0]->used.size(), 1U);
  const ServingCertificate renewed = world.make(1h);
  world.store(renewed, theirs);
  run(world, replicas, 2min, [] {});
  EXPECT_EQ(world.bundle(), renewed.ca_pem);
}

TEST(CertificateKeeper, TakesFilesWhereThereIsNoSecretAndLeavesBundlesAlone) {
  World world;
  world.put_configuration();
  const ServingCertificate first = world.make();
  const ServingCertificate second = world.make();
  world.files.texts = {{"tls.crt", first.pair.certificate_pem},
                       {"tls.key", first.pair.private_key_pem}};
  auto replicas = replicas_of(world, 1);
  world.loop.run_for(5s);
  EXPECT_THAT(replicas[0]->used, ::testing::ElementsAre(first.pair));
  world.files.texts = {{"tls.crt", second.pair.certificate_pem},
                       {"tls.key", second.pair.private_key_pem}};
  std::vector<net::CertificatePair> used;
  run(world, replicas, 70s, [&] { used = replicas[0]->used; });
  EXPECT_THAT(used, ::testing::ElementsAre(first.pair, second.pair));
  EXPECT_FALSE(world.stored());
  EXPECT_EQ(world.bundle(), "");
}

TEST(CertificateKeeper, WaitsForFilesAndKeepsTheLastGoodOnes) {
  World world;
  std::vector<std::unique_ptr<Replica>> replicas;
  replicas.push_back(std::make_unique<Replica>(world, CertificateMode::Files));
  world.loop.run_for(10s);
  EXPECT_FALSE(replicas[0]->keeper.ready());
  const ServingCertificate good = world.make();
  world.files.texts = {{"tls.crt", good.pair.certificate_pem},
                       {"tls.key", good.pair.private_key_pem}};
  world.loop.run_for(40s);
  EXPECT_TRUE(replicas[0]->keeper.ready());
  world.files.texts["tls.key"] = "bad";  // half of a change
  world.loop.run_for(40s);
  EXPECT_THAT(replicas[0]->used, ::testing::ElementsAre(good.pair));
  EXPECT_TRUE(replicas[0]->keeper.ready());
  EXPECT_EQ(world.api.stats().requests, 0U);
  stop(world, replicas);
}

TEST(CertificateKeeper, RenewsBeforeExpiryWithBothAuthoritiesTrusted) {
  World world;
  world.put_configuration();
  auto replicas = replicas_of(world, 1);
  world.loop.run_for(5s);
  const ServingCertificate first = *world.stored();
  const WallTime first_expiry =
      net::read_certificate(first.pair.certificate_pem)->validity.not_after;
  Trust trust(world);
  std::size_t seen = 0;
  run(world, replicas, 3h, [&] {
    const Replica& replica = *replicas[0];
    seen = replica.used.size();
    EXPECT_EQ(trust.problem(replica.used.back()), "");
    if (world.loop.wall_now() < first_expiry) {
      EXPECT_EQ(trust.problem(first.pair), "");  // other replicas may still show it
    }
  });
  EXPECT_GE(seen, 4U);  // each 40 minutes
}

TEST(CertificateKeeper, MakesAnotherWhenTheServiceHasAnotherName) {
  World world;
  world.put_configuration();
  world.store(*make_serving_certificate({"old.svc"}, world.loop.wall_now(), 1h, {}));
  auto replicas = replicas_of(world, 1);
  run(world, replicas, 5s, [] {});
  EXPECT_EQ(trust_problem(world, world.stored()->pair), "");
}

/// Several replicas that start at the same time, a server that does not do what it is asked, and
/// several renewals: all end with the same certificate, and none ever shows one that the API server
/// does not trust.
void replicas_agree(std::uint64_t seed) {
  SCOPED_TRACE(seed);
  World world(seed);
  world.put_configuration();
  auto replicas = replicas_of(world, 3);
  world.api.faults = {
      .refuse = 100, .conflict = 100, .lose_request = 50, .lose_answer = 50, .slow = 300};
  Trust trust(world);
  std::size_t most = 0;
  for (Duration passed{}; passed < 100min; passed += 1s) {
    world.loop.run_for(1s);
    for (const auto& replica : replicas) {
      most = std::max(most, replica->used.size());
      if (passed > 2min && !replica->used.empty()) {
        ASSERT_EQ(trust.problem(replica->used.back()), "");
      }
    }
  }
  EXPECT_GE(most, 3U);
  world.api.faults = {};
  world.loop.run_for(2min);
  for (const auto& replica : replicas) {
    EXPECT_TRUE(replica->keeper.ready());
    EXPECT_EQ(replica->used.back(), world.stored()->pair);
  }
  stop(world, replicas);
}

TEST(CertificateKeeper, LetsReplicasAgreeWhateverFails) {
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    replicas_agree(seed);
  }
}

}  // namespace
}  // namespace kthena::kube
