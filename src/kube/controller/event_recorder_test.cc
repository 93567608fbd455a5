#include "kube/controller/event_recorder.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "kube/testing/cluster.h"

namespace kthena::kube {
namespace {

using namespace std::chrono_literals;

Occurrence about(std::string name, std::string message) {
  return {.about = {.kind = "Pod", .name = std::move(name), .namespace_name = "ns", .uid = "u"},
          .type = EventType::Warning,
          .reason = "Restarted",
          .message = std::move(message)};
}

class Recorders : public ::testing::Test {
 protected:
  Recorders() { tasks_.spawn(recorder_.run()); }
  ~Recorders() override {
    tasks_.cancel();
    cluster_.loop.run_for(1s);
  }
  void record(std::string name, std::string message) {
    recorder_.record(about(std::move(name), std::move(message)));
  }
  void run(Duration time = 1s) { cluster_.loop.run_for(time); }

  /// On the server: count by message.
  std::map<std::string, std::int64_t> events() {
    std::map<std::string, std::int64_t> counts;
    for (const auto& [key, event] : cluster_.api.objects(Event::kResource)) {
      counts[event.find("message")->as_string()] += event.find("count")->to_int64().value_or(0);
    }
    return counts;
  }
  using Counts = std::map<std::string, std::int64_t>;

  testing::Cluster cluster_;
  std::unique_ptr<Client> client_ = cluster_.make_client();
  EventRecorder recorder_{*client_, {.log = {.component = "tests"}}};
  async::TaskScope tasks_{cluster_.loop};
};

TEST_F(Recorders, WriteWhatTheyAreTold) {
  record("p0", "engine restarted");
  run();
  ASSERT_EQ(events(), (Counts{{"engine restarted", 1}}));
  const json::Value event = cluster_.api.objects(Event::kResource).begin()->second;
  EXPECT_EQ(event.find("involvedObject")->find("name")->as_string(), "p0");
  EXPECT_EQ(event.find("metadata")->find("namespace")->as_string(), "ns");
  EXPECT_EQ(event.find("source")->find("component")->as_string(), "tests");
  EXPECT_EQ(event.find("type")->as_string(), "Warning");
}

TEST_F(Recorders, EqualOnesAreOneWithACount) {
  record("p0", "engine restarted");
  record("p0", "engine restarted");
  run();
  record("p0", "engine restarted");
  run();
  EXPECT_EQ(events(), (Counts{{"engine restarted", 3}}));
  EXPECT_EQ(cluster_.api.objects(Event::kResource).size(), 1U);
}

TEST_F(Recorders, TheSameOfAnotherObjectIsAnotherEvent) {
  record("p0", "engine restarted");
  record("p1", "engine restarted");
  run();
  EXPECT_EQ(cluster_.api.objects(Event::kResource).size(), 2U);
}

TEST_F(Recorders, ManySimilarOnesAreCombined) {
  for (int i = 0; i < 15; ++i) {
    record("p0", "exit code " + std::to_string(i));
    run();
  }
  EXPECT_EQ(cluster_.api.objects(Event::kResource).size(), 11U);
  EXPECT_EQ(events()["(combined from similar events): exit code 14"], 5);
}

TEST_F(Recorders, SimilarOnesAreToldApartAgainLater) {
  for (int i = 0; i < 11; ++i) {
    record("p0", "exit code " + std::to_string(i));
  }
  run(11min);
  record("p0", "exit code 99");
  run();
  EXPECT_EQ(events()["exit code 99"], 1);
}

TEST_F(Recorders, WhatIsTooMuchIsCountedAndToldOf) {
  for (int i = 0; i < 60; ++i) {
    record("p0", "engine restarted");
  }
  record("p1", "engine restarted");  // has a budget of its own
  run();
  EXPECT_EQ(events(), (Counts{{"engine restarted", 26}}));
  run(5min);
  EXPECT_EQ(events()["35 more events of this object were not recorded: too many in a short time"],
            1);
}

TEST_F(Recorders, CountsSurviveThatTheServerForgotTheEvent) {
  record("p0", "engine restarted");
  run();
  cluster_.api.remove(Event::kResource, cluster_.api.objects(Event::kResource).begin()->first);
  record("p0", "engine restarted");
  run();
  EXPECT_EQ(events(), (Counts{{"engine restarted", 2}}));
}

TEST_F(Recorders, NothingIsLostWhileTheServerIsAway) {
  const auto address = *net::parse_socket_address(testing::Cluster::kAddress);
  cluster_.network.refuse(address, true);
  record("p0", "engine restarted");
  record("p1", "engine restarted");
  run(30s);
  EXPECT_EQ(events(), Counts{});
  cluster_.network.refuse(address, false);
  run(30s);
  EXPECT_EQ(events(), (Counts{{"engine restarted", 2}}));
}

TEST_F(Recorders, AnAnswerThatWasLostMakesNoSecondEvent) {
  cluster_.api.faults = {.lose_answer = 500};
  for (int i = 0; i < 20; ++i) {
    record("p" + std::to_string(i), "engine restarted");
  }
  run(30min);
  EXPECT_EQ(cluster_.api.objects(Event::kResource).size(), 20U);
}

TEST_F(Recorders, TheQueueIsBoundedAndSaysSo) {
  const auto address = *net::parse_socket_address(testing::Cluster::kAddress);
  cluster_.network.refuse(address, true);
  for (int i = 0; i < 1500; ++i) {
    record("p" + std::to_string(i), "engine restarted");
  }
  EXPECT_EQ(recorder_.stats().omitted, 500U);
  EXPECT_EQ(recorder_.stats().recorded, 1500U);
  cluster_.network.refuse(address, false);
}

TEST(EventLog, LongMessagesAreCutBetweenCharacters) {
  EventLog log({.component = "tests"});
  std::string message(1023, 'a');
  message += "é";  // two bytes, of which one would fit
  const auto record = log.note(about("p0", message), {}, {});
  EXPECT_EQ(record->event.message, std::string(1023, 'a'));
}

TEST(EventLog, RemembersOnlySoMuch) {
  EventLog log({.component = "tests", .most_remembered = 100});
  for (int i = 0; i < 1000; ++i) {
    (void)log.note(about("p" + std::to_string(i), "engine restarted"), {}, {});
  }
  EXPECT_EQ(log.note(about("p999", "engine restarted"), {}, {})->event.count, 2);
  EXPECT_EQ(log.note(about("p0", "engine restarted"), {}, {})->event.count, 1);  // forgotten
}

}  // namespace
}  // namespace kthena::kube
