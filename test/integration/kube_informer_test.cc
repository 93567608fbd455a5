// Informers against a real API server that is restarted, killed and made to forget. Every write
// carries a number that grows with each write of its object, so that what is lost, doubled or out
// of order shows.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "async/channel.h"
#include "base/random.h"
#include "kube/cache/informer.h"
#include "relay.h"
#include "server_test.h"
#include "telemetry/metrics.h"

namespace kthena::kube {
namespace {

using namespace std::chrono_literals;
using async::Task;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

constexpr std::string_view kStep = "step";
constexpr std::string_view kLast = "last";  // the object that is written after all others

/// What the handlers of an informer heard.
class Journal {
 public:
  ChangeHandlers<ConfigMap> handlers() {
    return {.added =
                [this](const Pointer& now) {
                  expect(now, copy_.emplace(now->metadata.name, now).second, "added twice");
                  note("added", *now);
                  if (now->metadata.name == kLast) {
                    last_seen_.set();
                  }
                },
            .updated =
                [this](const Pointer& before, const Pointer& now) {
                  expect(now, copy_[now->metadata.name] == before, "updated from another state");
                  copy_[now->metadata.name] = now;
                  note("updated", *now);
                },
            .deleted =
                [this](const Pointer& last) {
                  expect(last, copy_[last->metadata.name] == last, "deleted in another state");
                  copy_.erase(last->metadata.name);
                  log_.push_back("deleted " + last->metadata.name);
                }};
  }

  /// What is there by the handlers alone.
  std::map<std::string, ConfigMap> copy() const {
    std::map<std::string, ConfigMap> copy;
    for (const auto& [name, object] : copy_) {
      copy.emplace(name, *object);
    }
    return copy;
  }
  /// Whatever must not be.
  const std::vector<std::string>& faults() const { return faults_; }
  const std::vector<std::string>& heard() const { return log_; }
  std::vector<std::string> take_log() { return std::exchange(log_, {}); }
  async::Event& last_seen() { return last_seen_; }

 private:
  using Pointer = std::shared_ptr<const ConfigMap>;
  void expect(const Pointer& object, bool good, std::string_view what) {
    if (!good) {
      faults_.push_back(object->metadata.name + ": " + std::string(what));
    }
  }
  void note(std::string_view what, const ConfigMap& object) {
    const std::string* step = object.find(kStep);
    if (step == nullptr) {
      return;  // not of a test
    }
    int& before = steps_[object.metadata.name];
    if (std::stoi(*step) <= before) {
      faults_.push_back(object.metadata.name + ": " + *step + " after " + std::to_string(before));
    }
    before = std::stoi(*step);
    log_.push_back(std::string(what) + " " + object.metadata.name + " " + *step);
  }

  std::map<std::string, Pointer> copy_;
  std::map<std::string, int> steps_;
  std::vector<std::string> log_;
  std::vector<std::string> faults_;
  async::Event last_seen_;
};

/// An informer of the namespace and what it told. stop() before it is destroyed.
struct Follower {
  Follower(Client& client, std::string space, InitialList initial)
      : informer(client, {.reflector = {.selection = {.namespace_name = std::move(space)},
                                        .initial = initial,
                                        .page_size = 20,
                                        .backoff = {.first = 100ms, .most = 1s, .jitter = 1.0},
                                        .metrics = {.lists = lists}}}),
        subscription(informer.subscribe(journal.handlers())),
        tasks(client.loop()) {
    tasks.spawn(informer.run());
  }
  std::map<std::string, ConfigMap> stored() const {
    std::map<std::string, ConfigMap> all;
    for (const auto& object : informer.store()) {
      all.emplace(object->metadata.name, *object);
    }
    return all;
  }

  telemetry::Registry registry;
  telemetry::Counter lists = registry.counter("lists_total", "Lists that were begun.");
  Journal journal;
  Informer<ConfigMap> informer;
  std::unique_ptr<Informer<ConfigMap>::Subscription> subscription;
  async::TaskScope tasks;
};

/// Writers that do not mind when the server is away.
struct Writers {
  Client& client;
  std::string space;
  bool stopping = false;
  std::size_t written = 0;

  Task<Result<>> put(std::string name, int step) {
    json::Value data;
    data.set(std::string(kStep), std::to_string(step));
    json::Value change;
    change.set("data", data);
    const auto patched = co_await client.patch<ConfigMap>({space, name}, PatchType::Merge, change);
    if (patched || patched.error().code() != ErrorCode::NotFound) {
      co_return patched ? Result<>() : fail(patched.error());
    }
    const auto created =
        co_await client.create(ConfigMap{.metadata = {.name = name, .namespace_name = space},
                                         .data = {{std::string(kStep), std::to_string(step)}}});
    co_return created ? Result<>() : fail(created.error());
  }

  Task<Result<>> remove(std::string name) {
    const auto removed = co_await client.remove<ConfigMap>({space, name});
    co_return removed || removed.error().code() == ErrorCode::NotFound ? Result<>()
                                                                       : fail(removed.error());
  }

  /// Writes objects of its own until `stopping`.
  Task<void> keep_writing(int number) {
    Random random(static_cast<std::uint64_t>(number) + 1);
    for (int step = 1; !stopping; ++step) {
      const std::string name =
          "w" + std::to_string(number) + "-" + std::to_string(random.uniform(15));
      const Result<> done =
          random.uniform(4) == 0 ? co_await remove(name) : co_await put(name, step);
      if (done) {
        ++written;
      } else {
        (void)co_await async::sleep_for(50ms);  // nobody is there
      }
    }
  }

  Task<Result<>> wait_written(std::size_t more) {
    const async::DeadlineScope limit(co_await async::this_task(), 60s);
    for (const std::size_t enough = written + more; written < enough;) {
      CO_TRY(co_await async::sleep_for(10ms));
    }
    co_return {};
  }
};

class KubeInformerTest : public testing::ServerTest {
 protected:
  /// A client whose connections pass through `relay_`.
  Client& relayed() {
    ClientConfig config = *this->config("admin");
    const ServerUrl url = *parse_server_url(config.server);
    relay_.emplace(network_, net::SocketAddress{.ip = *net::parse_ip(url.host), .port = url.port});
    config.server = std::string(url.secure ? "https" : "http") + "://" +
                    relay_->address().to_string() + url.path;
    relayed_ = connect(config);
    return *relayed_;
  }

  Task<Result<>> wait_synced(Follower& follower) {
    const async::DeadlineScope limit(co_await async::this_task(), 60s);
    co_return co_await follower.informer.wait_synced();
  }

  /// Until the follower has heard of all that was written before this.
  Task<Result<>> catch_up(Follower& follower) {
    const async::DeadlineScope limit(co_await async::this_task(), 60s);
    co_return co_await follower.journal.last_seen().wait();
  }
  template <class Condition>
  static Task<Result<>> wait_until(Condition is_so) {
    const async::DeadlineScope limit(co_await async::this_task(), 60s);
    while (!is_so()) {
      CO_TRY(co_await async::sleep_for(10ms));
    }
    co_return {};
  }
  void write_last() { ok(client().create(config_map(std::string(kLast)))); }

  void expect_equal_to_server(const Follower& follower) {
    std::map<std::string, ConfigMap> real;
    for (ConfigMap& object : ok(client().list_all<ConfigMap>({.selection = here()})).items) {
      real.emplace(object.metadata.name, std::move(object));
    }
    EXPECT_TRUE(follower.stored() == real);
    EXPECT_TRUE(follower.journal.copy() == real);
    EXPECT_THAT(follower.journal.faults(), IsEmpty());
  }

  void stop(Follower& follower) {
    run(join(follower.tasks));
    if (relay_) {
      run(relay_->stop());
    }
  }
  static Task<void> join(async::TaskScope& tasks) { co_await tasks.stop(); }

  std::optional<testing::Relay> relay_;
  std::unique_ptr<Client> relayed_;
};

TEST_F(KubeInformerTest, FollowTheServerOverRestartsAndCrashesWhileOthersWrite) {
  NEEDS_SERVER_COMMAND("KTHENA_TESTBED_RESTART");
  NEEDS_SERVER_COMMAND("KTHENA_TESTBED_CRASH");
  NEEDS_SERVER_COMMAND("KTHENA_TESTBED_COMPACT");
  Follower by_pages(client(), space_, InitialList::Pages);
  Follower by_stream(client(), space_, InitialList::Stream);
  Writers writers{.client = client(), .space = space_};
  async::TaskScope writing(*loop_);
  for (int number = 0; number < 4; ++number) {
    writing.spawn(writers.keep_writing(number));
  }
  for (const char* command :
       {"KTHENA_TESTBED_RESTART", "KTHENA_TESTBED_CRASH", "KTHENA_TESTBED_CRASH",
        "KTHENA_TESTBED_COMPACT", "KTHENA_TESTBED_CRASH"}) {
    ok(writers.wait_written(100));
    ok(testing::tell_server(commands_, command));
  }
  ok(writers.wait_written(100));
  writers.stopping = true;
  run([](async::TaskScope& tasks) -> Task<void> { co_await tasks.join(); }(writing));
  write_last();
  for (Follower* follower : {&by_pages, &by_stream}) {
    ok(catch_up(*follower));
    expect_equal_to_server(*follower);
    EXPECT_GT(follower->journal.take_log().size(), 300U);
    stop(*follower);
  }
}

TEST_F(KubeInformerTest, HearsEveryChangeOfAGapThatTheServerRemembers) {
  Follower follower(relayed(), space_, InitialList::Pages);
  ok(wait_synced(follower));
  Writers writers{.client = client(), .space = space_};
  ok(writers.put("kept", 1));
  ok(writers.put("kept", 2));
  ok(wait_until([&] { return follower.journal.heard().size() == 2; }));
  run(relay_->cut());
  for (int step = 3; step <= 5; ++step) {
    ok(writers.put("kept", step));
  }
  ok(writers.put("again", 1));
  ok(writers.remove("again"));
  ok(writers.put("again", 2));
  write_last();
  relay_->open();
  ok(catch_up(follower));
  EXPECT_THAT(follower.journal.take_log(),
              ElementsAre("added kept 1", "updated kept 2", "updated kept 3", "updated kept 4",
                          "updated kept 5", "added again 1", "deleted again", "added again 2"));
  EXPECT_EQ(follower.lists.value(), 1);
  expect_equal_to_server(follower);
  stop(follower);
}

class AfterACompaction : public KubeInformerTest,
                         public ::testing::WithParamInterface<InitialList> {};

TEST_P(AfterACompaction, HearsOnceOfEachObjectThatChangedMeanwhile) {
  NEEDS_SERVER_COMMAND("KTHENA_TESTBED_COMPACT");
  Writers writers{.client = client(), .space = space_};
  for (int i = 0; i < 30; ++i) {  // more than a page
    ok(writers.put("same" + std::to_string(i), 1));
  }
  for (const char* name : {"changed", "deleted", "replaced"}) {
    ok(writers.put(name, 1));
  }
  Follower follower(relayed(), space_, GetParam());
  ok(wait_synced(follower));
  follower.journal.take_log();
  run(relay_->cut());
  ok(writers.put("changed", 2));
  ok(writers.put("changed", 3));
  ok(writers.remove("deleted"));
  ok(writers.remove("replaced"));
  ok(writers.put("replaced", 2));
  ok(writers.put("passing", 1));
  ok(writers.remove("passing"));
  ok(writers.put("new", 1));
  ok(testing::tell_server(commands_, "KTHENA_TESTBED_COMPACT"));
  write_last();
  relay_->open();
  ok(catch_up(follower));
  // A list tells at its end what is gone.
  ok(wait_until([&] { return !follower.stored().contains("deleted"); }));
  EXPECT_THAT(follower.journal.take_log(),
              UnorderedElementsAre("updated changed 3", "deleted deleted", "deleted replaced",
                                   "added replaced 2", "added new 1"));
  EXPECT_EQ(follower.lists.value(), 2);  // it was told 410
  expect_equal_to_server(follower);
  stop(follower);
}

INSTANTIATE_TEST_SUITE_P(Lists, AfterACompaction,
                         ::testing::Values(InitialList::Pages, InitialList::Stream),
                         [](const auto& info) {
                           return info.param == InitialList::Pages ? "Pages" : "Stream";
                         });

}  // namespace
}  // namespace kthena::kube
