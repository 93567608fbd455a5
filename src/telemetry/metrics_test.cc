#include "telemetry/metrics.h"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <cstdlib>
#include <fstream>
#include <initializer_list>
#include <limits>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "telemetry/exposition.h"
#include "telemetry/metrics_parse.h"
#include "telemetry/process_metrics.h"

namespace kthena::telemetry {
namespace {

constexpr std::array kBounds = {0.005, 0.1, 1.0, 2.5};

std::string text_of(Registry& registry, Exposition format = Exposition::Text) {
  std::string out;
  registry.print(out, format);
  return out;
}

/// Compares with a file of testdata/, or rewrites it if UPDATE_GOLDEN is set.
void expect_golden(const std::string& name, const std::string& text) {
  const std::string path = std::string(KTHENA_TESTDATA) + "/" + name;
  if (std::getenv("UPDATE_GOLDEN") != nullptr) {
    std::ofstream(path) << text;
    return;
  }
  std::ifstream file(path);
  std::stringstream expected;
  expected << file.rdbuf();
  EXPECT_EQ(text, expected.str()) << path;
}

/// Every kind, and what needs care: escapes, the form of numbers, the order.
void fill(Registry& registry) {
  const auto requests =
      registry.counters("test_requests_total", "Requests by \"model\"\nand C:\\path.",
                        {"path", "model", "status_code"});
  requests.add({"/v1/chat/completions", "b", "200"}, 1027);
  requests.add({"/v1/chat/completions", "a", "404"}, 3);
  requests.add({"/v1/chat/completions", "a", "200"}, 1'000'000);
  requests.inc({"/v1/completions", "a", "200"});
  requests.inc({"quote\" back\\slash\nline", "\u00fc", ""});
  registry.counter("test_seconds_total", "Seconds.").add(12.75);
  registry.counter("test_none_total", "Nothing yet.");
  const auto gauges = registry.gauges("test_number", "Numbers in all forms.", {"n"});
  for (const double number :
       {0.0, 1.0, -1.0, 0.005, 123456.0, 1234567.0, 123456789.0, 1e21, 0.0001, 0.00001, 1.0 / 3,
        -2.5e-7, 100000.5, 1e100, std::numeric_limits<double>::infinity(),
        -std::numeric_limits<double>::infinity(), std::numeric_limits<double>::quiet_NaN(),
        std::numeric_limits<double>::max(), std::numeric_limits<double>::denorm_min()}) {
    gauges.with({std::to_string(gauges.size() + 10)}).set(number);
  }
  const auto durations =
      registry.histograms("test_duration_seconds", "Durations.", {"model"}, kBounds);
  for (const double value : {0.001, 0.005, 0.0051, 0.5, 1.0, 99.0}) {
    durations.observe({"m"}, value);
  }
  durations.with({"idle"});
  registry.histogram("test_plain", "A histogram without labels.", std::array{1.0}).observe(0.25);
}

// The same families were printed by Prometheus' Go client (client_golang 1.19.1) for comparison.
TEST(Metrics, ArePrintedAsPrometheusClientsDo) {
  Registry registry;
  fill(registry);
  expect_golden("metrics.txt", text_of(registry));
}

TEST(Metrics, ArePrintedAsOpenMetrics) {
  Registry registry;
  fill(registry);
  expect_golden("metrics.openmetrics.txt", text_of(registry, Exposition::OpenMetrics));
}

TEST(Metrics, AreReadBackByOurParser) {
  Registry registry;
  fill(registry);
  std::size_t samples = 0;
  const std::string text = text_of(registry);
  EXPECT_EQ(read_metrics(text,
                         [&](const MetricSample& sample) {
                           ++samples;
                           if (sample.label("model") == "\u00fc") {
                             EXPECT_EQ(sample.label("path"), "quote\" back\\slash\nline");
                           }
                         }),
            0U);
  EXPECT_EQ(samples, 7U + 19U + 2U * 7U + 4U);
}

TEST(Counter, IgnoresWhatIsNotAboveZero) {
  Registry registry;
  const Counter counter = registry.counter("test_total", "Test.");
  counter.add(-5);
  counter.add(std::numeric_limits<double>::quiet_NaN());
  counter.add(2);
  EXPECT_EQ(counter.value(), 2);
}

TEST(Counter, EmptyHandlesCountNothing) {
  Counter().inc();
  Gauge().set(1);
  Histogram().observe(1);
  EXPECT_EQ(Counter().value(), 0);
}

TEST(Gauge, GoesUpAndDownOnDifferentThreads) {
  Registry registry;
  const Gauge gauge = registry.gauge("test_active", "Test.");
  gauge.add(5);
  std::thread([&] { gauge.dec(); }).join();
  EXPECT_EQ(gauge.value(), 4);
}

TEST(Gauge, IsSetByTheLastCaller) {
  Registry registry;
  const Gauge gauge = registry.gauge("test_size", "Test.");
  gauge.set(5);
  std::thread([&] { gauge.set(7); }).join();
  EXPECT_EQ(gauge.value(), 7);
}

TEST(Histogram, PutsAValueOnABoundBelowIt) {
  Registry registry;
  const Histogram histogram = registry.histogram("test_seconds", "Test.", kBounds);
  histogram.observe(0.1);
  histogram.observe(0.10001);
  histogram.observe(std::numeric_limits<double>::quiet_NaN());
  const std::string text = text_of(registry);
  EXPECT_NE(text.find("test_seconds_bucket{le=\"0.1\"} 1\n"), std::string::npos) << text;
  EXPECT_NE(text.find("test_seconds_bucket{le=\"1\"} 2\n"), std::string::npos) << text;
  EXPECT_EQ(histogram.count(), 2);
}

TEST(Family, GivesTheSameSeriesForTheSameLabels) {
  Registry registry;
  const CounterFamily<2> family = registry.counters("test_total", "Test.", {"a", "b"});
  family.with({"x", "y"}).inc();
  family.inc({"x", "y"});
  family.inc({"xy", ""});
  EXPECT_EQ(family.with({"x", "y"}).value(), 2);
  EXPECT_EQ(family.size(), 2U);
}

TEST(Family, CountsInOneSeriesWhatHasNoRoom) {
  Registry registry;
  const auto family = registry.counters("test_total", "Test.", {"a", "b"}, 2);
  for (const std::string_view value : {"1", "2", "3", "4", "1"}) {
    family.inc({value, "x"});
  }
  const std::string text = text_of(registry);
  EXPECT_NE(text.find("test_total{a=\"1\",b=\"x\"} 2\n"
                      "test_total{a=\"2\",b=\"x\"} 1\n"
                      "test_total{a=\"other\",b=\"other\"} 2\n"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("kthena_metrics_overflow_total{family=\"test_total\"} 2\n"),
            std::string::npos)
      << text;
}

TEST(Family, UsesARealSeriesNamedOtherForWhatHasNoRoom) {
  Registry registry;
  const auto family = registry.counters("test_total", "Test.", {"a"}, 1);
  family.inc({"other"});
  family.inc({"more"});
  EXPECT_EQ(family.size(), 1U);
  EXPECT_EQ(family.with({"other"}).value(), 2);
}

TEST(Family, HasRoomAgainAfterARemoval) {
  Registry registry;
  const auto family = registry.counters("test_total", "Test.", {"a"}, 1);
  family.inc({"old"});
  EXPECT_TRUE(family.remove({"old"}));
  EXPECT_FALSE(family.remove({"old"}));
  family.inc({"new"});
  EXPECT_NE(text_of(registry).find("test_total{a=\"new\"} 1\n"), std::string::npos);
  EXPECT_EQ(text_of(registry).find("old"), std::string::npos);
}

TEST(Family, StartsFromZeroAfterARemoval) {
  Registry registry;
  const auto family = registry.histograms("test_seconds", "Test.", {"a"}, kBounds);
  family.observe({"x"}, 1);
  std::thread([&] { family.observe({"x"}, 1); }).join();
  family.remove({"x"});
  EXPECT_EQ(family.with({"x"}).count(), 0);
  EXPECT_EQ(family.with({"x"}).sum(), 0);
}

TEST(Family, KeepsARemovedSeriesForWhoHoldsIt) {
  Registry registry;
  const auto family = registry.counters("test_total", "Test.", {"a"});
  const Counter held = family.with({"x"});
  family.remove({"x"});
  held.inc();
  EXPECT_EQ(held.value(), 1);
  EXPECT_EQ(family.with({"x"}).value(), 0);
}

TEST(Registry, RemovesTheSeriesOfALabelFromAllFamilies) {
  Registry registry;
  const auto requests = registry.counters("test_total", "Test.", {"route", "code"});
  const auto active = registry.gauges("test_active", "Test.", {"route"});
  const auto unrelated = registry.gauges("test_other", "Test.", {"model"});
  requests.inc({"default/r", "200"});
  requests.inc({"default/r", "404"});
  requests.inc({"default/s", "200"});
  active.with({"default/r"}).inc();
  unrelated.with({"default/r"}).inc();
  EXPECT_EQ(registry.remove_where("route", "default/r"), 3U);
  EXPECT_EQ(requests.size(), 1U);
  EXPECT_EQ(unrelated.size(), 1U);
}

TEST(Family, KeepsLabelValuesValidAndShort) {
  Registry registry;
  const auto family = registry.counters("test_total", "Test.", {"a"});
  const std::string large(1000, 'x');
  family.inc({large});
  family.inc({large + "y"});
  family.inc({"a\xff"});
  family.inc({"a\xfe"});
  const std::string text = text_of(registry);
  EXPECT_NE(text.find("test_total{a=\"" + std::string(256, 'x') + "\"} 2\n"), std::string::npos);
  EXPECT_NE(text.find("test_total{a=\"a\ufffd\"} 2\n"), std::string::npos);
  EXPECT_EQ(family.size(), 2U);
}

TEST(Registry, AsksCollectorsWhenItPrints) {
  Registry registry;
  double depth = 3;
  Registration registration =
      registry.gauge_read_by("test_depth", "Depth.", [&depth] { return depth; });
  EXPECT_EQ(text_of(registry), "# HELP test_depth Depth.\n# TYPE test_depth gauge\ntest_depth 3\n");
  depth = 4;
  EXPECT_NE(text_of(registry).find("test_depth 4\n"), std::string::npos);
  registration.remove();
  EXPECT_EQ(text_of(registry), "");
}

TEST(Registry, SortsDeclaredAndCollectedFamiliesTogether) {
  Registry registry;
  registry.gauge("test_b", "Test.");
  registry
      .add_collector([](Scrape& scrape) {
        const std::array labels = {Scrape::Label{"z", "1"}, Scrape::Label{"a", "2"}};
        scrape.gauge("test_c", "Test.", 2, labels);
        scrape.counter("test_a_total", "Test.", 1);
      })
      .keep();
  const std::string text = text_of(registry);
  EXPECT_LT(text.find("test_a_total 1\n"), text.find("test_b 0\n"));
  EXPECT_LT(text.find("test_b 0\n"), text.find("test_c{a=\"2\",z=\"1\"} 2\n"));
  EXPECT_NE(text.find("test_c{"), std::string::npos);
}

TEST(Metrics, LoseNothingWhileThreadsCountAndOneReads) {
  constexpr int kThreads = 4;
  constexpr int kRounds = 2'000;
  Registry registry;
  const auto requests = registry.counters("test_total", "Test.", {"model"}, 20);
  const auto durations = registry.histograms("test_seconds", "Test.", {"model"}, kBounds);
  const Gauge active = registry.gauge("test_active", "Test.");
  std::atomic<int> running = kThreads;
  std::vector<std::jthread> threads;
  for (int thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&, thread] {
      const Counter kept = requests.with({"kept"});
      for (int i = 0; i < kRounds; ++i) {
        active.inc();
        kept.inc();
        requests.inc({std::to_string(i % 30)});
        durations.observe({i % 2 == 0 ? "even" : "odd"}, i % 3);
        if (i % 100 == thread) {
          durations.remove({"odd"});
        }
        active.dec();
      }
      running.fetch_sub(1);
    });
  }
  double last = 0;
  while (running.load() > 0) {
    read_metrics(text_of(registry), [&](const MetricSample& sample) {
      if (sample.name == "test_total" && sample.label("model") == "kept") {
        EXPECT_GE(sample.value, last);
        last = sample.value;
      }
    });
  }
  threads.clear();
  EXPECT_EQ(requests.with({"kept"}).value(), kThreads * kRounds);
  EXPECT_EQ(durations.with({"even"}).count(), kThreads * kRounds / 2);
  EXPECT_EQ(active.value(), 0);
  double total = 0;
  read_metrics(text_of(registry), [&](const MetricSample& sample) {
    total += sample.name == "test_total" ? sample.value : 0;
  });
  EXPECT_EQ(total, 2 * kThreads * kRounds);
}

TEST(Metrics, CountOnMoreThreadsThanHaveCellsOfTheirOwn) {
  Registry registry;
  const Counter counter = registry.counter("test_total", "Test.");
  constexpr int kThreads = 100;
  std::atomic<int> arrived = 0;
  std::vector<std::jthread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      counter.inc();
      arrived.fetch_add(1);
      while (arrived.load() < kThreads) {  // all live at the same time
        std::this_thread::yield();
      }
      counter.inc();
    });
  }
  threads.clear();
  EXPECT_EQ(counter.value(), 2 * kThreads);
}

TEST(ProcessMetrics, AreThere) {
  Registry registry;
  add_process_metrics(registry);
  std::vector<std::string> names;
  EXPECT_EQ(read_metrics(text_of(registry),
                         [&](const MetricSample& sample) {
                           names.emplace_back(sample.name);
                           EXPECT_GE(sample.value, 0) << sample.name;
                         }),
            0U);
  EXPECT_EQ(names, (std::vector<std::string>{
                       "process_cpu_seconds_total", "process_max_fds", "process_open_fds",
                       "process_resident_memory_bytes", "process_start_time_seconds",
                       "process_virtual_memory_bytes", "process_virtual_memory_max_bytes"}));
}

TEST(ProcessMetrics, ReadNamesWithBlanksAndParentheses) {
  const auto stat = parse_process_stat(
      "42 (a) b (c) S 1 42 42 0 -1 4194560 100 0 0 0 150 25 0 0 20 0 3 0 7000 1048576 256 "
      "18446744073709551615 1 1 0\n");
  ASSERT_TRUE(stat) << stat.error().message();
  EXPECT_EQ(stat->user_ticks, 150U);
  EXPECT_EQ(stat->system_ticks, 25U);
  EXPECT_EQ(stat->start_ticks, 7000U);
  EXPECT_EQ(stat->virtual_bytes, 1048576U);
  EXPECT_EQ(stat->resident_pages, 256U);
  EXPECT_FALSE(parse_process_stat(""));
  EXPECT_FALSE(parse_process_stat("42 (a) S 1"));
}

struct AcceptCase {
  const char* accept;
  Exposition format;
};

TEST(Exposition, IsChosenByTheAcceptHeader) {
  for (const auto& [accept, format] : std::initializer_list<AcceptCase>{
           {"", Exposition::Text},
           {"*/*", Exposition::Text},
           {"text/plain", Exposition::Text},
           {"application/openmetrics-text", Exposition::OpenMetrics},
           {"application/openmetrics-text; version=1.0.0; charset=utf-8", Exposition::OpenMetrics},
           {"application/openmetrics-text; version=2.0.0", Exposition::Text},
           {"application/openmetrics-text;q=0", Exposition::Text},
           {"application/openmetrics-text;q=0.2,text/plain;q=0.5", Exposition::Text},
           {"application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,"
            "application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;q=0.4,"
            "text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
            Exposition::OpenMetrics}}) {
    EXPECT_EQ(choose_exposition(accept), format) << accept;
  }
}

TEST(MetricsDeathTest, WrongDeclarationsEndTheProgram) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  Registry registry;
  registry.gauge("test_twice", "Test.");
  EXPECT_DEATH(registry.gauge("test_twice", "Test."), "is_new");
  EXPECT_DEATH(registry.counter("test_requests", "Test."), "_total");
  EXPECT_DEATH(registry.gauge("test-name", "Test."), "is_valid_name");
  EXPECT_DEATH(registry.gauges("test_labels", "Test.", {"a", "a"}), "CHECK failed");
}

}  // namespace
}  // namespace kthena::telemetry
