// Lists of 10,000 objects from a real API server: pages, items as they come, informers, and tokens
// of pages that the server has forgotten.
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "async/channel.h"
#include "async/combine.h"
#include "kube/cache/informer.h"
#include "kube/client/credentials.h"
#include "kube/meta/list.h"
#include "server_test.h"
#include "telemetry/metrics.h"

namespace kthena::kube {
namespace {

using namespace std::chrono_literals;
using async::Task;

constexpr int kObjects = 10'000;
constexpr std::uint32_t kPage = 500;

std::string name_of(int index) {
  std::string digits = std::to_string(index);
  return "c" + std::string(5 - digits.size(), '0') + digits;
}

ConfigMap object_of(const std::string& space, int index) {
  return {.metadata = {.name = name_of(index),
                       .namespace_name = space,
                       .labels = {{"app", "engine"}, {"index", std::to_string(index)}}},
          .data = {{"config", std::string(1500, 'x')}, {"index", std::to_string(index)}}};
}

/// Every `stride`-th object from `first` on.
Task<Result<>> create_some(Client& client, std::string space, int first, int stride) {
  for (int index = first; index < kObjects; index += stride) {
    CO_TRY(co_await client.create(object_of(space, index)));
  }
  co_return {};
}

/// The objects are made once, by the first test, left as they were by each, and never deleted.
class KubeListTest : public testing::ServerTest {
 protected:
  KubeListTest() {
    ClientOptions options;
    options.rate_limit = {.per_second = 1e6, .burst = 1'000'000};
    fast_ = connect(*config("admin"), std::move(options));
    if (many_.empty()) {
      fill();
    }
  }

  Selection all() const { return {.namespace_name = many_}; }
  ObjectKey key_of(int index) const { return {many_, name_of(index)}; }

  Task<Result<>> wait_synced(Informer<ConfigMap>& informer) {
    const async::DeadlineScope limit(co_await async::this_task(), 60s);
    co_return co_await informer.wait_synced();
  }
  static Task<Result<>> wait(async::Event& event) {
    const async::DeadlineScope limit(co_await async::this_task(), 60s);
    co_return co_await event.wait();
  }
  static Task<void> join(async::TaskScope& tasks) { co_await tasks.stop(); }

  std::unique_ptr<Client> fast_;

 private:
  void fill() {
    constexpr int kWriters = 32;
    many_ =
        ok(client().create(testing::kNamespace,
                           testing::value_of(
                               R"({"kind":"Namespace","metadata":{"generateName":"list-test-"}})")))
            .find("metadata")
            ->find("name")
            ->as_string();
    std::vector<Task<Result<>>> tasks;
    for (int writer = 0; writer < kWriters; ++writer) {
      tasks.push_back(create_some(*fast_, many_, writer, kWriters));
    }
    for (const auto& done : run(async::when_all(std::move(tasks)))) {
      ASSERT_TRUE(done.has_value()) << done.error().to_string();
    }
  }

  static inline std::string many_;  // the namespace
};

class Names final : public ItemSink {
 public:
  Result<> on_item(std::string_view text) override {
    names.push_back(TRY(json::read_object<PartialObject>(text)).metadata.name);
    return {};
  }
  std::vector<std::string> names;
};

bool are_all(const std::vector<std::string>& names) {
  bool equal = names.size() == kObjects;
  for (int index = 0; equal && index < kObjects; ++index) {
    equal = names[static_cast<std::size_t>(index)] == name_of(index);
  }
  return equal;
}

TEST_F(KubeListTest, PagesShowOneStateWhateverHappensMeanwhile) {
  Names names;
  ListOptions options{.selection = all(), .limit = kPage};
  std::set<std::string> versions;
  for (std::int64_t left = kObjects - kPage; left >= 0; left -= kPage) {
    const ListMeta page = ok(fast_->list_each(ConfigMap::kResource, options, names));
    versions.insert(page.resource_version);
    EXPECT_EQ(page.remaining_item_count.value_or(0), left);
    EXPECT_EQ(page.continue_token.empty(), left == 0);
    options.continue_token = page.continue_token;
    if (names.names.size() == kPage) {
      ok(client().remove<ConfigMap>(key_of(kObjects - 1)));
      ConfigMap added = object_of(key_of(0).namespace_name, 700);
      added.metadata.name += "-added";
      ok(client().create(added));
    }
  }
  EXPECT_TRUE(are_all(names.names)) << names.names.size();
  EXPECT_EQ(versions.size(), 1U);

  const auto now = ok(fast_->list_all<ConfigMap>({.selection = all()}, kPage));
  EXPECT_EQ(now.items.size(), kObjects);
  EXPECT_EQ(now.items[701].metadata.name, name_of(700) + "-added");
  EXPECT_EQ(now.items.back().metadata.name, name_of(kObjects - 2));
  ok(client().remove<ConfigMap>({key_of(0).namespace_name, name_of(700) + "-added"}));
  ok(client().create(object_of(key_of(0).namespace_name, kObjects - 1)));
}

TEST_F(KubeListTest, OneAnswerOfAllIsHandedOutItemByItem) {
  Names names;
  const ListMeta list = ok(fast_->list_each(ConfigMap::kResource, {.selection = all()}, names));
  EXPECT_TRUE(are_all(names.names)) << names.names.size();
  EXPECT_TRUE(list.continue_token.empty());
}

TEST_F(KubeListTest, AnInformerHasAllAndHearsOfTheNextChange) {
  for (const InitialList initial : {InitialList::Pages, InitialList::Stream}) {
    Informer<ConfigMap> informer(*fast_, {.reflector = {.selection = all(), .initial = initial}});
    std::size_t added = 0;
    std::vector<std::string> updated;
    async::Event heard;
    const auto subscription = informer.subscribe({.added = [&](const auto&) { ++added; },
                                                  .updated =
                                                      [&](const auto&, const auto& now) {
                                                        updated.push_back(now->metadata.name);
                                                        heard.set();
                                                      }});
    async::TaskScope tasks(*loop_);
    tasks.spawn(informer.run());
    ok(wait_synced(informer));
    EXPECT_EQ(informer.store().size(), kObjects);
    EXPECT_EQ(added, kObjects);
    const std::string value = initial == InitialList::Pages ? "pages" : "stream";
    ok(fast_->patch<ConfigMap>(key_of(4321), PatchType::Merge,
                               testing::value_of(R"({"data":{"by":")" + value + R"("}})")));
    ok(wait(heard));
    EXPECT_EQ(updated, std::vector<std::string>{name_of(4321)});
    EXPECT_EQ(*informer.store().find(key_of(4321))->find("by"), value);
    run(join(tasks));
  }
}

TEST_F(KubeListTest, APageOfAStateThatIsForgottenIsExpiredAndANewListIsWhole) {
  NEEDS_SERVER_COMMAND("KTHENA_TESTBED_COMPACT");
  const auto first = ok(fast_->list<ConfigMap>({.selection = all(), .limit = kPage}));
  ok(testing::tell_server(commands_, "KTHENA_TESTBED_COMPACT"));
  EXPECT_EQ(
      code(fast_->list<ConfigMap>(
          {.selection = all(), .limit = kPage, .continue_token = first.metadata.continue_token})),
      ErrorCode::Expired);
  EXPECT_EQ(ok(fast_->list_all<ConfigMap>({.selection = all()}, kPage)).items.size(), kObjects);
}

/// A token that can be kept back, and the request with it.
class HeldToken final : public CredentialSource {
 public:
  HeldToken(std::string token, async::Event& released)
      : token_(std::move(token)), released_(released) {}
  Task<Result<Credential>> current() override {
    CO_TRY(co_await released_.wait());
    co_return Credential{.authorization = "Bearer " + token_};
  }

 private:
  std::string token_;
  async::Event& released_;
};

TEST_F(KubeListTest, AnInformerBeginsItsListAnewWhenTheServerForgetsBetweenTwoPages) {
  NEEDS_SERVER_COMMAND("KTHENA_TESTBED_COMPACT");
  const ClientConfig admin = *config("admin");
  async::Event released;
  released.set();
  const auto client = *Client::create(network_, resolver_, admin, {},
                                      std::make_unique<HeldToken>(admin.token, released));
  telemetry::Registry registry;
  const auto lists = registry.counter("lists_total", "Lists that were begun.");
  const auto failures = registry.counter("failures_total", "Lists and watches that failed.");
  Informer<ConfigMap> informer(*client,
                               {.reflector = {.selection = all(),
                                              .page_size = kPage,
                                              .backoff = {.first = 100ms, .most = 1s},
                                              .metrics = {.lists = lists, .failures = failures}}});
  std::size_t added = 0;
  async::Event page_read;
  const auto subscription = informer.subscribe({.added = [&](const auto&) {
    if (++added == kPage) {
      released.reset();  // the next page is asked for after the compaction
      page_read.set();
    }
  }});
  async::TaskScope tasks(*loop_);
  tasks.spawn(informer.run());
  ok(wait(page_read));
  ok(testing::tell_server(commands_, "KTHENA_TESTBED_COMPACT"));
  released.set();
  ok(wait_synced(informer));
  EXPECT_EQ(informer.store().size(), kObjects);
  EXPECT_EQ(added, kObjects);  // those of the first page were not told of again
  EXPECT_EQ(lists.value(), 2);
  EXPECT_EQ(failures.value(), 1);
  run(join(tasks));
}

}  // namespace
}  // namespace kthena::kube
