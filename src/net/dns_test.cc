#include "net/dns.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <memory>
#include <optional>
#include <sstream>
#include <string>

#include "async/combine.h"
#include "async/time.h"
#include "net/testing/dns_server.h"
#include "net/testing/static_resolver.h"

namespace kthena::net {
namespace {

using namespace std::chrono_literals;
using async::Task;
using ::testing::ElementsAre;
using ::testing::UnorderedElementsAre;
using Addresses = Result<std::vector<IpAddress>>;

TEST(DnsCache, KnowsANameUntilItsTime) {
  ManualClock clock;
  DnsCache cache(10);
  EXPECT_EQ(cache.find("a", clock.now()), nullptr);
  cache.insert("a", std::vector{IpAddress::loopback()}, clock.now() + 30s);
  clock.advance(29s);
  ASSERT_NE(cache.find("a", clock.now()), nullptr);
  EXPECT_EQ(**cache.find("a", clock.now()), std::vector{IpAddress::loopback()});
  clock.advance(1s);
  EXPECT_EQ(cache.find("a", clock.now()), nullptr);
  EXPECT_EQ(cache.size(), 0U);
}

TEST(DnsCache, ForgetsTheLeastRecentlyUsed) {
  ManualClock clock;
  DnsCache cache(2);
  const Instant later = clock.now() + 1h;
  cache.insert("a", std::vector{IpAddress::v4(1)}, later);
  cache.insert("b", std::vector{IpAddress::v4(2)}, later);
  EXPECT_NE(cache.find("a", clock.now()), nullptr);
  cache.insert("c", std::vector{IpAddress::v4(3)}, later);
  EXPECT_EQ(cache.find("b", clock.now()), nullptr);
  EXPECT_NE(cache.find("a", clock.now()), nullptr);
  cache.insert("a", std::vector{IpAddress::v4(9)}, later);  // anew: nothing is forgotten
  EXPECT_NE(cache.find("c", clock.now()), nullptr);
  EXPECT_EQ(cache.size(), 2U);
}

/// A resolver that asks the test's server.
class Dns : public ::testing::Test {
 protected:
  ~Dns() override {
    resolver_.reset();
    run_until_done(*loop_, stop());
  }
  DnsResolver& resolver() {
    if (resolver_ == nullptr) {
      options_.servers = {server_->address()};
      options_.search = DnsOptions::Search::No;
      options_.clock = &clock_;
      resolver_ = *DnsResolver::create(*loop_, options_);
    }
    return *resolver_;
  }
  template <class T>
  T run(Task<T> task) {
    return run_until_done(*loop_, std::move(task));
  }
  Addresses resolve(std::string_view host, IpFamily family = IpFamily::Any) {
    return run(resolver().resolve(host, family));
  }
  Task<void> stop() { co_await server_->stop(); }

  ManualClock clock_;
  std::unique_ptr<async::EpollLoop> loop_ = *async::EpollLoop::create();
  std::unique_ptr<testing::DnsServer> server_ = std::make_unique<testing::DnsServer>(*loop_);
  DnsOptions options_;
  std::unique_ptr<DnsResolver> resolver_;
};

IpAddress ip(std::string_view text) { return *parse_ip(text); }

TEST_F(Dns, AnswersWithAllAddressesOfBothFamilies) {
  server_->add_address("model.test", "127.1.0.1", 60);
  server_->add_address("model.test", "127.1.0.2", 60);
  server_->add_address("model.test", "::1", 60);
  EXPECT_THAT(*resolve("model.test"),
              UnorderedElementsAre(ip("127.1.0.1"), ip("127.1.0.2"), ip("::1")));
  EXPECT_THAT(*resolve("model.test", IpFamily::V4),
              UnorderedElementsAre(ip("127.1.0.1"), ip("127.1.0.2")));
  EXPECT_THAT(*resolve("model.test", IpFamily::V6), ElementsAre(ip("::1")));
}

TEST_F(Dns, LiteralsStandForThemselves) {
  EXPECT_THAT(*resolve("10.1.2.3"), ElementsAre(ip("10.1.2.3")));
  EXPECT_THAT(*resolve("::1", IpFamily::V6), ElementsAre(ip("::1")));
  EXPECT_EQ(resolve("::1", IpFamily::V4).error(),
            Error(ErrorCode::NotFound, "resolving '::1': an address of the other family"));
  EXPECT_EQ(resolver().stats().started, 0U);
}

TEST_F(Dns, RefusesWhatIsNoHostName) {
  for (const std::string& host :
       {std::string(), std::string("."), std::string("a..b"), std::string(".a"), std::string("a b"),
        std::string("a\0b", 3), std::string("http://a"), std::string(254, 'a')}) {
    EXPECT_EQ(resolve(host).error().code(), ErrorCode::InvalidArgument) << host;
  }
  EXPECT_EQ(resolver().stats().started, 0U);
}

TEST_F(Dns, LocalhostComesFromTheHostsFile) {
  EXPECT_THAT(*resolve("localhost", IpFamily::V4), ElementsAre(ip("127.0.0.1")));
  EXPECT_EQ(server_->questions("localhost"), 0U);
}

TEST_F(Dns, NamesOfTheHostsFileAreNotAskedFor) {
  std::ifstream file("/etc/hosts");
  std::string line;
  while (std::getline(file, line)) {
    std::istringstream words(line.substr(0, line.find('#')));
    std::string address;
    std::string name;
    if (words >> address >> name && !name.starts_with("localhost") && parse_ip(address) &&
        parse_ip(address)->is_v4()) {
      EXPECT_THAT(*resolve(name, IpFamily::V4), ::testing::Contains(ip(address)));
      EXPECT_EQ(server_->questions(name), 0U);
      return;
    }
  }
  GTEST_SKIP() << "the hosts file of this machine has no other name";
}

TEST_F(Dns, AsksAgainWhenTheTtlIsOver) {
  server_->add_address("model.test", "127.1.0.1", 30);
  EXPECT_TRUE(resolve("model.test", IpFamily::V4));
  clock_.advance(29s);
  EXPECT_TRUE(resolve("MODEL.test", IpFamily::V4));
  EXPECT_EQ(server_->questions("model.test"), 1U);
  EXPECT_EQ(resolver().stats().cached, 1U);
  clock_.advance(1s);
  EXPECT_TRUE(resolve("model.test", IpFamily::V4));
  EXPECT_EQ(server_->questions("model.test"), 2U);
}

TEST_F(Dns, KeepsNoAddressLongerThanFiveMinutesOrLessThanASecond) {
  server_->add_address("long.test", "127.1.0.1", 86400);
  server_->add_address("short.test", "127.1.0.1", 0);
  EXPECT_TRUE(resolve("long.test", IpFamily::V4));
  EXPECT_TRUE(resolve("short.test", IpFamily::V4));
  clock_.advance(999ms);
  EXPECT_TRUE(resolve("short.test", IpFamily::V4));
  EXPECT_EQ(server_->questions("short.test"), 1U);
  clock_.advance(1ms);
  EXPECT_TRUE(resolve("short.test", IpFamily::V4));
  EXPECT_EQ(server_->questions("short.test"), 2U);
  clock_.advance(299s);
  EXPECT_TRUE(resolve("long.test", IpFamily::V4));
  EXPECT_EQ(server_->questions("long.test"), 2U);
}

TEST_F(Dns, FollowsAliasesAndTheirShorterTtl) {
  server_->add_alias("alias.test", "real.test", 10);
  server_->add_address("real.test", "127.1.0.7", 60);
  EXPECT_THAT(*resolve("alias.test", IpFamily::V4), ElementsAre(ip("127.1.0.7")));
  clock_.advance(10s);
  EXPECT_TRUE(resolve("alias.test", IpFamily::V4));
  EXPECT_EQ(server_->questions("alias.test"), 2U);
}

TEST_F(Dns, RemembersForFiveSecondsThatANameDoesNotExist) {
  EXPECT_EQ(resolve("none.test").error(),
            Error(ErrorCode::NotFound, "resolving 'none.test': Domain name not found"));
  const std::size_t asked = server_->questions("none.test");
  server_->add_address("none.test", "127.1.0.1", 60);
  EXPECT_FALSE(resolve("none.test"));
  EXPECT_EQ(server_->questions("none.test"), asked);
  clock_.advance(5s);
  EXPECT_TRUE(resolve("none.test"));
}

TEST_F(Dns, NameWithoutAnAddressOfThatFamilyIsNotFound) {
  server_->add_address("model.test", "127.1.0.1", 60);
  EXPECT_EQ(resolve("model.test", IpFamily::V6).error().code(), ErrorCode::NotFound);
}

TEST_F(Dns, SilentServerIsUnavailableAndAskedAgainNextTime) {
  server_->keep_silent_about("model.test");
  options_.timeout = 10ms;
  options_.tries = 2;
  EXPECT_EQ(resolve("model.test", IpFamily::V4).error(),
            Error(ErrorCode::Unavailable,
                  "resolving 'model.test': Timeout while contacting DNS servers"));
  EXPECT_EQ(server_->questions("model.test"), 2U);
  EXPECT_FALSE(resolve("model.test", IpFamily::V4));
  EXPECT_EQ(server_->questions("model.test"), 4U);
}

Task<std::vector<Addresses>> resolve_many(Resolver& resolver, int times) {
  std::vector<Task<Addresses>> tasks;
  for (int i = 0; i < times; ++i) {
    tasks.push_back(resolver.resolve("model.test", IpFamily::V4));
  }
  co_return co_await async::when_all(std::move(tasks));
}
TEST_F(Dns, LookUpsOfOneNameShareAQuestion) {
  server_->add_address("model.test", "127.1.0.1", 60);
  for (const Addresses& answer : run(resolve_many(resolver(), 50))) {
    EXPECT_THAT(*answer, ElementsAre(ip("127.1.0.1")));
  }
  EXPECT_EQ(server_->questions("model.test"), 1U);
  EXPECT_EQ(resolver().stats().joined, 49U);
}

Task<ErrorCode> resolve_within(Resolver& resolver, std::string_view host, Duration limit) {
  const async::DeadlineScope deadline(co_await async::this_task(), limit);
  co_return (co_await resolver.resolve(host, IpFamily::V4)).error().code();
}
TEST_F(Dns, DeadlineEndsTheWaitAndALateAnswerDoesNoHarm) {
  server_->keep_silent_about("model.test");
  options_.timeout = 300ms;
  options_.tries = 1;
  EXPECT_EQ(run(resolve_within(resolver(), "model.test", 1ms)), ErrorCode::DeadlineExceeded);
  // Joins the same look-up and sees it fail, after the first one who waited has gone.
  EXPECT_EQ(resolve("model.test", IpFamily::V4).error().code(), ErrorCode::Unavailable);
  EXPECT_EQ(resolver().stats().joined, 1U);
  EXPECT_EQ(server_->questions("model.test"), 1U);
}

Task<ErrorCode> destroy_while_waiting(std::unique_ptr<DnsResolver>& resolver, async::Loop& loop) {
  std::optional<Addresses> answer;
  async::TaskScope scope(loop);
  scope.spawn([](Resolver& asked, std::optional<Addresses>& into) -> Task<void> {
    into = co_await asked.resolve("model.test", IpFamily::V4);
  }(*resolver, answer));
  co_await async::sleep_for(1ms);
  resolver.reset();
  co_await scope.join();
  co_return answer->error().code();
}
TEST_F(Dns, DestroyingTheResolverAnswersWhoWaits) {
  server_->keep_silent_about("model.test");
  resolver();
  EXPECT_EQ(run(destroy_while_waiting(resolver_, *loop_)), ErrorCode::Cancelled);
}

TEST_F(Dns, LongAnswersComeOverTcp) {
  server_->truncate_udp();
  for (int i = 0; i < 60; ++i) {
    server_->add_address("model.test", "127.1.0." + std::to_string(i), 60);
  }
  EXPECT_EQ(resolve("model.test", IpFamily::V4)->size(), 60U);
  EXPECT_EQ(server_->tcp_questions(), 1U);
}

TEST_F(Dns, AnswersOfStrangersAreIgnored) {
  server_->send_strays();
  server_->add_address("model.test", "127.1.0.1", 60);
  EXPECT_THAT(*resolve("model.test", IpFamily::V4), ElementsAre(ip("127.1.0.1")));
}

Task<std::vector<Addresses>> resolve_numbered(Resolver& resolver, int count) {
  std::vector<std::string> names;
  for (int i = 0; i < count; ++i) {
    names.push_back("n" + std::to_string(i) + ".test");
  }
  std::vector<Task<Addresses>> tasks;
  for (const std::string& name : names) {
    tasks.push_back(resolver.resolve(name, IpFamily::V4));
  }
  co_return co_await async::when_all(std::move(tasks));
}
TEST_F(Dns, BoundsHowManyNamesAreLookedUpAtOnce) {
  options_.max_pending = 3;
  for (int i = 0; i < 5; ++i) {
    server_->add_address("n" + std::to_string(i) + ".test", "127.1.0.1", 60);
  }
  std::size_t refused = 0;
  for (const Addresses& answer : run(resolve_numbered(resolver(), 5))) {
    refused += !answer && answer.error().code() == ErrorCode::Unavailable ? 1 : 0;
  }
  EXPECT_EQ(refused, 2U);
}

TEST_F(Dns, HundredsOfNamesAtOnce) {
  for (int i = 0; i < 150; ++i) {
    server_->add_address("n" + std::to_string(i) + ".test", "127.1.1." + std::to_string(i % 256),
                         60);
  }
  const auto answers = run(resolve_numbered(resolver(), 150));
  for (int i = 0; i < 150; ++i) {
    ASSERT_TRUE(answers[static_cast<std::size_t>(i)]);
    EXPECT_THAT(*answers[static_cast<std::size_t>(i)],
                ElementsAre(ip("127.1.1." + std::to_string(i % 256))));
  }
}

}  // namespace
}  // namespace kthena::net
