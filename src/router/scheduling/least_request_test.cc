#include "router/scheduling/least_request.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

namespace kthena::router::scheduling {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;

class LeastRequest : public ::testing::Test {
 protected:
  void make(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      auto endpoint = std::make_shared<Endpoint>();
      endpoint->pod_name = std::to_string(i);
      server_.endpoints.push_back(std::move(endpoint));
    }
    call_.server = &server_;
  }
  Endpoint& endpoint(std::size_t index) { return *server_.endpoints[index]; }
  /// The candidates' names, best first.
  std::vector<std::string> place() {
    EXPECT_TRUE(scheduling::place(call_, now_));
    std::vector<std::string> names;
    for (const auto& candidate : call_.candidates) {
      names.push_back(candidate->pod_name);
    }
    return names;
  }
  /// A call that is chosen for the best and ends at once.
  std::string pass() {
    place();
    note_chosen(*call_.candidates[0]);
    return call_.candidates[0]->pod_name;
  }
  void fail(std::size_t index, int times) {
    for (int i = 0; i < times; ++i) {
      note_failure(endpoint(index), now_);
    }
  }

  Instant now_ = Instant{} + 1h;
  Server server_;
  http::Request request_;
  Call call_{request_};
};

TEST_F(LeastRequest, EqualEndpointsTakeTurnsExactly) {
  for (const std::size_t count : {2U, 4U}) {
    server_.endpoints.clear();
    make(count);
    std::map<std::string, int> calls;
    for (std::size_t i = 0; i < 100 * count; ++i) {
      ++calls[pass()];
    }
    for (const auto& [name, number] : calls) {
      EXPECT_EQ(number, 100) << name;
    }
  }
}

TEST_F(LeastRequest, FewerCallsInFlightComeFirst) {
  make(3);
  endpoint(0).in_flight = 2;
  endpoint(1).in_flight = 0;
  endpoint(2).in_flight = 1;
  EXPECT_THAT(place(), ElementsAre("1", "2", "0"));
}

TEST_F(LeastRequest, OfManyTheBestFiveAreCandidates) {
  make(20);
  for (int i = 0; i < 20; ++i) {
    endpoint(static_cast<std::size_t>(i)).in_flight = (i * 7) % 20;
  }
  EXPECT_THAT(place(), ElementsAre("0", "3", "6", "9", "12"));
}

TEST_F(LeastRequest, CallsThatRunAreSpread) {
  make(4);
  std::vector<InFlight> running;
  for (int i = 0; i < 40; ++i) {
    place();
    note_chosen(*call_.candidates[0]);
    running.emplace_back(call_.candidates[0]);
  }
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(endpoint(i).in_flight, 10);
  }
  running.clear();
  EXPECT_EQ(endpoint(0).in_flight, 0);
}

TEST_F(LeastRequest, ThreeFailuresInARowHoldAnEndpointBackForASecond) {
  make(2);
  fail(0, 2);
  EXPECT_EQ(place()[0], "0");
  fail(0, 1);
  EXPECT_THAT(place(), ElementsAre("1", "0")) << "the last resort";
  endpoint(1).in_flight = 100;
  EXPECT_THAT(place(), ElementsAre("1", "0"));
  now_ += 999ms;
  EXPECT_EQ(place()[0], "1");
  now_ += 1ms;
  EXPECT_EQ(place()[0], "0");
}

TEST_F(LeastRequest, ASuccessInBetweenStartsTheCountAnew) {
  make(2);
  fail(0, 2);
  note_success(endpoint(0));
  fail(0, 2);
  EXPECT_EQ(place()[0], "0");
}

TEST_F(LeastRequest, EjectionsDoubleUpToHalfAMinuteAndASuccessForgets) {
  make(2);
  endpoint(1).in_flight = 1;
  fail(0, 3);
  for (const auto length : {1s, 2s, 4s, 8s, 16s, 30s, 30s}) {
    EXPECT_EQ(place()[0], "1");
    now_ += length - 1ms;
    EXPECT_EQ(place()[0], "1") << length.count();
    now_ += 1ms;
    EXPECT_EQ(place()[0], "0") << length.count();
    fail(0, 1);
  }
  note_success(endpoint(0));
  EXPECT_EQ(place()[0], "0");
  fail(0, 3);
  now_ += 1s;
  EXPECT_EQ(place()[0], "0") << "a second again";
}

TEST_F(LeastRequest, FailuresOfCallsThatWereUnderWayDoNotProlongAnEjection) {
  make(2);
  fail(0, 100);
  now_ += 1s;
  EXPECT_EQ(place()[0], "0");
}

TEST_F(LeastRequest, NeverMoreThanHalfAreHeldBack) {
  for (std::size_t count = 1; count <= 5; ++count) {
    server_.endpoints.clear();
    make(count);
    for (std::size_t i = 0; i < count; ++i) {
      fail(i, 3);
    }
    std::map<std::string, int> calls;
    for (int i = 0; i < 100; ++i) {
      ++calls[pass()];
    }
    EXPECT_EQ(calls.size(), count - count / 2) << count;
  }
}

}  // namespace
}  // namespace kthena::router::scheduling
